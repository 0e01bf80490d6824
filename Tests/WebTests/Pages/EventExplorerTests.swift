import Alerting
import Engine
import Foundation
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

struct EventExplorerTests {
    @discardableResult
    private static func post(
        _ visitor: PageVisitor, _ shop: AlertSourceRecord, _ body: String
    ) async throws -> PageVisitor.Answer {
        try await visitor.postRaw(
            "/api/v1/events/api/\(shop.integrationKey)?via=test", body,
            headers: [.contentType: "application/json", .authorization: "Bearer hunter2"])
    }

    private static func alert(_ key: String, _ summary: String, host: String) -> String {
        #"{"eventType":"ALERT","alertKey":"\#(key)","summary":"\#(summary)","customDetails":{"host":"\#(host)"}}"#
    }

    @Test func `given events, when text, outcome and times are chosen, then only what fits all is listed`() async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop(type: "API")
        try await server.browse { visitor in
            _ = try await visitor.signIn()
            try await Self.post(visitor, shop, Self.alert("a", "Disk full", host: "Web-Köln"))
            try await Self.post(visitor, shop, Self.alert("a", "Disk fuller", host: "web2"))
            server.clock.advance(by: .days(1))
            try await Self.post(visitor, shop, Self.alert("b", "Cart slow", host: "web3"))
            let link = "/alert-sources/\(shop.id)/events"
            func list(_ query: String) async throws -> [Bool] {
                let text = try await visitor.get(link + "?" + query).text
                return ["Disk full<", "Disk fuller<", "Cart slow<"].map(text.contains)
            }

            #expect(try await list("") == [true, true, true])
            #expect(try await list("text=web-k%C3%B6ln") == [true, false, false])
            #expect(try await list("text=DISK") == [true, true, false])
            #expect(try await list("text=disk&outcome=key_open") == [false, true, false])
            #expect(try await list("outcome=nonsense") == [true, true, true])
            let day = server.clock.now.iso8601.prefix(10)
            #expect(try await list("from=\(day)T00:00&until=") == [false, false, true])
            #expect(try await list("until=\(day)T00:00") == [true, true, false])
            let none = try await visitor.get(link + "?text=%3Cb%3E").text
            #expect(none.contains("Nothing matches") && none.contains("value=\"&lt;b&gt;\""))
        }
    }

    @Test func `given more events than a page, then Older goes on with the filter kept`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop(type: "API")
        try await server.browse { visitor in
            _ = try await visitor.signIn()
            for number in 0..<55 {
                try await Self.post(visitor, shop, Self.alert("k\(number)", "Disk \(number)!", host: "web"))
            }
            let first = try await visitor.get("/alert-sources/\(shop.id)/events?text=disk").text
            let older = String(try #require(first.firstMatch(of: /rel="next" href="([^"]+)"/)).output.1)
            let second = try await visitor.get(older.replacing("&amp;", with: "&")).text

            #expect(first.contains("Disk 5!") && !first.contains("Disk 4!"))
            #expect(second.contains("Disk 4!") && !second.contains("Disk 5!") && second.contains(">Newest<"))
            #expect(second.contains("value=\"disk\""))
        }
    }

    @Test func `given an event, then its page tells each stage of the decision and a command that sends it again`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop(type: "API")
        var draft = AlertSourceDraft(shop)
        draft.alertCreation = "ONE_OPEN_ALERT_ALLOWED"
        draft.priorityRule = "LOW"
        draft.fields = try JSONValue.parse(
            """
            {"eventFilter": "event.summary != nil", "alertKeyTemplate": {"textTemplate": "{{ host }}"},
             "summaryTemplate": {"textTemplate": "{{ nothing }}"}}
            """)
        _ = try await server.administration.sources.update(shop.id, with: draft, by: server.caller)
        let bob = try await server.addUser("Bob", role: .responder)
        try await server.browse { visitor in
            try await Self.post(visitor, shop, Self.alert("a", "It's full", host: "web1"))
            try await Self.post(visitor, shop, Self.alert("a", "It's full", host: "web2"))
            let events = try await server.engine.store.read { try EventLog.list(source: shop.id, limit: 9, in: $0) }
            let links = events.map { "/alert-sources/\(shop.id)/events/\($0.id)" }
            let raised = try await visitor.signIn().get(links[1]).text
            let joined = try await visitor.get(links[0]).text
            let bobs = try await visitor.another().signIn(bob.email).get(links[1]).text

            for words in [
                "The event filter let it pass.", "ALERT. As the integration says.", "No maintenance window is open.",
                "“web1”. Made by the alert key template.", "Raised a new alert.", "LOW. By the source&#39;s rule.",
                "The alert source&#39;s own.",
                "summaryTemplate was not used: its text is blank; the event&#39;s own text was used.",
            ] {
                #expect(raised.contains(words), "\(words)")
            }
            #expect(joined.contains("Added to the source&#39;s open alert."))
            let url = "https://nightbell.example.com/api/v1/events/api/\(shop.integrationKey)"
            #expect(raised.contains("curl -i &#39;\(url)"))
            #expect(raised.contains("?via=test") && raised.contains("It&#39;\\&#39;&#39;s full"))
            #expect(!raised.contains("hunter2") && raised.contains("data-copy=\"curl\""))
            #expect(!bobs.contains(shop.integrationKey) && bobs.contains("INTEGRATION-KEY"))
        }
    }

    @Test func `given a key within a request, when somebody looks who may not change the source, then it is masked`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop(type: "API")
        let bob = try await server.addUser("Bob", role: .responder)
        try await server.browse { visitor in
            let key = shop.integrationKey
            let body = #"{"integrationKey":"\#(key)","eventType":"ALERT","summary":"Down"}"#
            _ = try await visitor.postRaw(
                "/api/events?key=\(key)", body, headers: [.contentType: "application/json"])
            let event = try #require(
                try await server.engine.store.read { try EventLog.list(source: shop.id, limit: 1, in: $0) }.first)
            let link = "/alert-sources/\(shop.id)/events/\(event.id)"
            let alices = try await visitor.signIn().get(link).text
            let bobs = try await visitor.another().signIn(bob.email).get(link).text

            #expect(alices.contains("&quot;integrationKey&quot;: &quot;\(key)&quot;"))
            #expect(bobs.contains("&quot;integrationKey&quot;: &quot;INTEGRATION-KEY&quot;"))
            #expect(bobs.contains("curl -i") && !bobs.contains(key))
        }
    }

    @Test func `given a rule that was mended, when the stored request is replayed, then it follows the new rule`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop(type: "API")
        _ = try await server.addUser("Carol", role: .stakeholder)
        try await server.browse { visitor in
            let rules = "/alert-sources/\(shop.id)/rules"
            _ = try await visitor.signIn().post(rules, [("eventFilter", "event.summary == nothing"), ("do", "save")])
            try await Self.post(visitor, shop, Self.alert("a", "Disk full", host: "web1"))
            let event = try #require(
                try await server.engine.store.read { try EventLog.list(source: shop.id, limit: 1, in: $0) }.first)
            #expect(event.reason == .filtered)
            _ = try await visitor.post(rules, [("eventFilter", "event.summary starts_with disk"), ("do", "save")])

            let link = "/alert-sources/\(shop.id)/events/\(event.id)"
            let refused = try await visitor.another().signIn("carol@example.com").post(link + "/replay")
            let page = try await visitor.follow(try await visitor.post(link + "/replay")).text

            #expect(refused.status == .forbidden)
            #expect(page.contains("Raised a new alert."))
        }
    }

    @Test func `given an event of another source, or none, then there is no such page`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop(type: "API")
        try await server.browse { visitor in
            try await Self.post(visitor, shop, Self.alert("a", "Disk full", host: "web1"))
            let event = try #require(
                try await server.engine.store.read { try EventLog.list(source: shop.id, limit: 1, in: $0) }.first)
            _ = try await visitor.signIn()

            for path in ["\(shop.id)/events/999999999", "999999/events/\(event.id)", "\(shop.id)/events/x"] {
                #expect(try await visitor.get("/alert-sources/\(path)").status == .notFound, "\(path)")
            }
        }
    }

    @Test(arguments: [
        ("POST", "{}", "application/json", "'https://x/k?a=b' -H 'Content-Type: application/json' --data-binary '{}'"),
        (
            "PUT", "it's", "text/plain",
            "-X 'PUT' 'https://x/k?a=b' -H 'Content-Type: text/plain' --data-binary 'it'\\''s'"
        ), ("GET", "", "", "'https://x/k?a=b'"),
    ])
    func `given a stored request, then the command says method, address, type and body`(
        method: String, body: String, type: String, expected: String
    ) throws {
        let headers = type.isEmpty ? "{}" : #"{"content-type":"\#(type)","x-other":"no"}"#
        let event = StoredEvent(
            id: .init(1), request: .init(1), source: .init(1), receivedAt: Timestamp(milliseconds: 0), method: method,
            query: "a=b", headers: headers, body: Array(body.utf8), reason: .newAlert)

        let command = try #require(CurlCommand.text(event, url: "https://x/k"))
        #expect(command.replacing(" \\\n  ", with: " ") == "curl -i " + expected)
    }

    @Test(arguments: [[UInt8]([0xFF, 0xFE]), [0x41, 0x00]])
    func `given a body that is no text, then there is no command`(body: [UInt8]) {
        let event = StoredEvent(
            id: .init(1), request: .init(1), source: .init(1), receivedAt: Timestamp(milliseconds: 0), method: "POST",
            body: body, reason: .unreadable)

        #expect(CurlCommand.text(event, url: "https://x/k") == nil)
    }
}
