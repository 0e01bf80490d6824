import Alerting
import Integrations
import Testing

@Suite struct EventsAPITests {
    @Test func `given every field, when read, then the event has them all`() throws {
        let submission = try EventsAPI.submission(
            from: Fixture.json(
                #"""
                {"integrationKey": "nb1api", "eventType": "ALERT", "summary": "Shop is down", "details": "**why**",
                 "alertKey": " k-1 ", "priority": "LOW", "severity": 2,
                 "images": [{"src": "https://i.example.com/a", "href": "https://x.example.com", "alt": "graph"}],
                 "links": [{"href": "https://l.example.com", "text": "Runbook"}, {"href": "https://m.example.com"}],
                 "comments": [{"creator": "Alice", "content": "Looking"}],
                 "labels": {"team": "web", "n": 1}, "services": [{"alias": "shop"}, {"id": 7}],
                 "customDetails": {"a": {"b": 1}}, "routingKey": "web, ops ,,db",
                 "logs": [{"timestamp": 1, "level": "INFO", "body": "x"}]}
                """#))

        let event = try submission.event.get()
        #expect(submission.integrationKey == "nb1api")
        #expect(event.kind == .alert)
        #expect(event.summary == "Shop is down")
        #expect(event.details == "**why**")
        #expect(event.alertKey == "k-1")
        #expect(event.priority == .low)
        #expect(event.severity == 2)
        #expect(
            event.images == [
                AlertImage(source: "https://i.example.com/a", href: "https://x.example.com", alternative: "graph")
            ])
        #expect(
            event.links == [
                AlertLink(href: "https://l.example.com", text: "Runbook"), AlertLink(href: "https://m.example.com"),
            ])
        #expect(event.comments == [AlertComment(creator: "Alice", content: "Looking")])
        #expect(event.labels == ["team": "web", "n": "1"])
        #expect(event.services == ["shop", "7"])
        #expect(event.customDetails?["a"]?["b"] == .integer(1))
        #expect(event.customDetails?["logs"]?[0]?["body"] == .string("x"))
        #expect(event.routingKeys == ["web", "ops", "db"])
        #expect(event.occurredAt == nil)
    }

    @Test(arguments: ["integrationKey", "apiKey"])
    func `given either name of the key, when read, then it names the alert source`(name: String) throws {
        let body = #"{"\#(name)":"k","eventType":"RESOLVE"}"#

        #expect(try EventsAPI.submission(from: Fixture.json(body)).integrationKey == "k")
    }

    @Test(arguments: [
        ("ALERT", AlertEvent.Kind.alert), ("ACCEPT", .accept), ("RESOLVE", .resolve), ("resolve", .resolve),
    ])
    func `given an event type, when read, then it is known`(type: String, kind: AlertEvent.Kind) throws {
        #expect(try event(#"{"eventType":"\#(type)","summary":"x","incidentKey":"k"}"#).kind == kind)
        #expect(try event(#"{"eventType":"\#(type)","summary":"x","incidentKey":"k"}"#).alertKey == "k")
    }

    @Test(arguments: ["ACCEPT", "RESOLVE"])
    func `given no summary, when it is no alert, then it is read`(type: String) throws {
        #expect(try event(#"{"eventType":"\#(type)","alertKey":"k"}"#).summary == "")
        #expect(try event(#"{"eventType":"\#(type)","alertKey":"k","summary":null}"#).summary == "")
        #expect(try event(#"{"eventType":"\#(type)","alertKey":"k","summary":""}"#).summary == "")
    }

    @Test func `given nulls for everything optional, when read, then they count as absent`() throws {
        let names = [
            "details", "alertKey", "incidentKey", "priority", "severity", "images", "links", "comments", "labels",
            "services", "customDetails", "routingKey", "logs", "apiKey",
        ]
        let nulls = names.map { "\"\($0)\":null" }.joined(separator: ",")

        let event = try event(#"{"eventType":"ALERT","summary":"x",\#(nulls)}"#)

        #expect(event == AlertEvent(kind: .alert, summary: "x"))
    }

    @Test func `given a comment, when read, then its text comes from the comments`() throws {
        let body = #"{"eventType":"COMMENT","alertKey":"k","summary":"","comments":[{"creator":"Bob","content":"Hi"}]}"#

        #expect(try event(body).comments == [AlertComment(creator: "Bob", content: "Hi")])
    }

    @Test func `given a comment without comments, when it has details, then these are the text`() throws {
        #expect(try event(#"{"eventType":"COMMENT","details":"Hi"}"#).comments.first?.content == "Hi")
        #expect(throws: IntegrationError.missing(field: "comments")) { try event(#"{"eventType":"COMMENT"}"#) }
    }

    @Test func `given a routing key, when it is no alert, then it does not matter`() throws {
        #expect(try event(#"{"eventType":"RESOLVE","routingKey":"web"}"#).routingKeys == [])
    }

    @Test func `given numbers for texts, when read, then they are texts with all digits`() throws {
        let event = try event(#"{"eventType":"ALERT","summary":503,"alertKey":12345678901234567890}"#)

        #expect(event.summary == "503")
        #expect(event.alertKey == "12345678901234567890")
    }

    @Test func `given items that say nothing, when read, then they are left out`() throws {
        let event = try event(
            #"{"eventType":"ALERT","summary":"x","links":[{},null,{"href":""}],"images":[{"alt":"a"}],"comments":[{}]}"#
        )

        #expect(event.links.isEmpty)
        #expect(event.images.isEmpty)
        #expect(event.comments.isEmpty)
    }

    @Test(arguments: [
        (#"{"summary":"x"}"#, IntegrationError.missing(field: "eventType")),
        (#"{"eventType":null,"summary":"x"}"#, .missing(field: "eventType")),
        (#"{"eventType":"ALERT"}"#, .missing(field: "summary")),
        (#"{"eventType":"ALERT","summary":"  "}"#, .missing(field: "summary")),
        (#"{"eventType":"TRIGGER","summary":"x"}"#, .unsupported(field: "eventType", value: "\"TRIGGER\"")),
        (#"{"eventType":"ALERT","summary":"x","severity":"2"}"#, .unsupported(field: "severity", value: "\"2\"")),
        (#"{"eventType":"ALERT","summary":"x","severity":0}"#, .unsupported(field: "severity", value: "0")),
        (#"{"eventType":"ALERT","summary":"x","severity":6}"#, .unsupported(field: "severity", value: "6")),
        (#"{"eventType":"ALERT","summary":"x","severity":1.5}"#, .unsupported(field: "severity", value: "1.5")),
        (
            #"{"eventType":"ALERT","summary":"x","priority":"URGENT"}"#,
            .unsupported(field: "priority", value: "\"URGENT\"")
        ),
        (#"{"eventType":"ALERT","summary":{}}"#, .unsupported(field: "summary", value: "{}")),
        (#"{"eventType":"ALERT","summary":"x","links":"l"}"#, .unsupported(field: "links", value: "\"l\"")),
        (#"{"eventType":"ALERT","summary":"x","images":{}}"#, .unsupported(field: "images", value: "{}")),
        (#"{"eventType":"ALERT","summary":"x","labels":[]}"#, .unsupported(field: "labels", value: "[]")),
        (#"{"eventType":"ALERT","summary":"x","services":"s"}"#, .unsupported(field: "services", value: "\"s\"")),
        (#"{"eventType":"ALERT","summary":"x","alertKey":[1]}"#, .unsupported(field: "alertKey", value: "[1]")),
    ])
    func `given a fault, when read, then the error names the field, and the key is there all the same`(
        body: String, error: IntegrationError
    ) throws {
        let keyed = #"{"apiKey":"k","# + body.dropFirst()

        let submission = try EventsAPI.submission(from: Fixture.json(keyed))

        #expect(submission.integrationKey == "k")
        #expect(submission.event == .failure(error))
        #expect(error.field != nil)
        #expect(error.message.hasSuffix("."))
    }

    @Test(arguments: ["", "{", "[]", "\"x\"", "null", "<event/>", "eventType=ALERT"])
    func `given a body that is no JSON object, when read, then it is malformed`(body: String) {
        #expect {
            try EventsAPI.submission(from: Fixture.json(body))
        } throws: { error in
            guard case .malformed(let reason) = error as? IntegrationError else { return false }
            return reason.hasSuffix(".")
        }
    }

    @Test func `given texts beyond their limits, when read, then they are cut`() throws {
        let long = String(repeating: "ä", count: 100_000)
        let links = (0..<80).map { #"{"href":"https://x.example.com/\#($0)"}"# }.joined(separator: ",")

        let event = try event(
            #"{"eventType":"ALERT","summary":"a\n\#(long)","details":"\#(long)","alertKey":"\#(long)","#
                + #""links":[\#(links)]}"#)

        #expect(event.summary.count == Limits.summary)
        #expect(event.summary.hasPrefix("a ä"))
        #expect(event.details.count == Limits.details)
        #expect(event.alertKey?.count == Limits.alertKey)
        #expect(event.links.count == Limits.links)
    }

    @Test func `given two long keys that differ at the end, when cut, then they stay different`() throws {
        let long = String(repeating: "k", count: 300)

        let one = try event(#"{"eventType":"RESOLVE","alertKey":"\#(long)1"}"#).alertKey
        let two = try event(#"{"eventType":"RESOLVE","alertKey":"\#(long)2"}"#).alertKey
        let again = try event(#"{"eventType":"RESOLVE","alertKey":"\#(long.uppercased())1"}"#).alertKey

        #expect(one != two)
        #expect(one?.lowercased() == again?.lowercased())
        #expect(one?.count == Limits.alertKey)
    }

    private func event(_ body: String) throws -> AlertEvent {
        try EventsAPI.submission(from: Fixture.json(body)).event.get()
    }
}
