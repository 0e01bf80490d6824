import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

/// Create, read, update and read again, as an infrastructure tool does it: every field comes back as it was sent.
@Suite struct AlertSourceCyclesAPITests {
    /// As many as a Terraform provider asks for at once.
    private static let includes =
        [
            "summaryTemplate", "detailsTemplate", "routingTemplate", "alertKeyTemplate", "textTemplate",
            "linkTemplates", "priorityTemplate", "severityTemplate", "servicesTemplate", "eventFilter",
            "eventTypeFilterAccept", "eventTypeFilterCreate", "eventTypeFilterResolve",
        ].map { "include=\($0)" }.joined(separator: "&")

    /// Both forms of a template, with what is read for each.
    private static let fields: [(name: String, first: String, second: String)] = [
        ("alertCreation", #""ONE_ALERT_GROUPED_PER_WINDOW""#, #""INTELLIGENT_GROUPING""#),
        ("alertGroupingWindow", #""PT4H""#, #""PT30M""#),
        ("autoResolutionTimeout", #""PT90M""#, #""P1D""#),
        ("active", "false", "true"),
        ("alertPriorityRule", #""HIGH_DURING_SUPPORT_HOURS""#, #""LOW""#),
        ("autoRaiseAlerts", "true", "false"),
        ("scoreThreshold", "0.25", "1"),
        ("severity", "1", "5"),
        ("iconUrl", #""https://shop.example/a.png""#, #""https://shop.example/b.png""#),
        ("lightIconUrl", #""https://shop.example/light.png""#, "null"),
        ("darkIconUrl", "null", #""https://shop.example/dark.png""#),
        ("services", #"[{"id":3,"name":""},{"id":4}]"#, "[]"),
        ("autoCreateServices", "true", "false"),
        ("setupStatus", #""FINISHED""#, #""CREATED_ADVANCED""#),
        ("summaryTemplate", #"{"textTemplate":"{{ event.summary }}"}"#, #"{"textTemplate":"{{#a}}x{{/a}}"}"#),
        ("detailsTemplate", #"{"textTemplate":"a\n{{ b }}"}"#, #"{"textTemplate":"{{ c.join() }}"}"#),
        ("routingTemplate", #"{"textTemplate":"{{ team }}"}"#, #"{"textTemplate":"web"}"#),
        ("alertKeyTemplate", #"{"textTemplate":"{{ a }}-{{ b }}"}"#, #"{"textTemplate":"{{ id }}"}"#),
        (
            "linkTemplates", #"[{"text":"Open","hrefTemplate":{"textTemplate":"{{ url }}"}}]"#,
            #"[{"linkTextTemplate":{"textTemplate":"{{ t }}"},"hrefTemplate":{"textTemplate":"https://x.example"}}]"#
        ),
        (
            "priorityTemplate",
            #"{"valueTemplate":{"textTemplate":"{{ p }}"},"mappings":[{"value":"a","priority":"HIGH"}]}"#,
            #"{"valueTemplate":{"textTemplate":"{{ q }}"},"mappings":[]}"#
        ),
        (
            "severityTemplate",
            #"{"valueTemplate":{"textTemplate":"{{ s }}"},"mappings":[{"value":"a","severity":3}]}"#, "null"
        ),
        (
            "servicesTemplate", #"[{"textTemplate":"{{ a }}"},{"textTemplate":"b, c"}]"#,
            #"[{"textTemplate":"{{ d }}"}]"#
        ),
        ("eventFilter", #""event.severity <= 2""#, #""event.labels.team in ['a', \"b\"]""#),
        ("eventTypeFilterCreate", #""event.customDetails.state == down""#, #""true""#),
        ("eventTypeFilterAccept", #""event.customDetails.state == seen""#, #""false""#),
        ("eventTypeFilterResolve", #""event.customDetails.state == up""#, #""trigger_count.10m >= 3""#),
        ("emailFiltered", "true", "false"), ("emailResolveFiltered", "false", "true"),
        ("filterOperator", #""AND""#, #""OR""#), ("resolveFilterOperator", #""OR""#, #""AND""#),
        ("emailPredicates", #"[{"field":"EMAIL_FROM","criteria":"CONTAINS_ANY_WORDS","value":"shop"}]"#, "[]"),
        ("emailResolvePredicates", "[]", #"[{"field":"EMAIL_BODY","criteria":"IS_STRING","value":"ok"}]"#),
        (
            "resolveKeyExtractor", #"{"field":"EMAIL_SUBJECT","criteria":"ALL_TEXT_AFTER","value":"id "}"#,
            #"{"field":"EMAIL_BODY","criteria":"MATCHES_REGEX","value":"id=(\\d+)"}"#
        ),
        ("metadata", #"{"a":"b"}"#, "{}"),
        ("autotaskMetadata", #"{"userName":"u","secret":"s","webServer":"w"}"#, "null"),
        ("somethingNew", #"{"deep":[1,2.5,12345678901234567890]}"#, #""text""#),
    ]

    private static func body(
        _ policy: EscalationPolicy.ID, name: String = "Shop", hours: Int64? = nil, _ fields: [(String, String)]
    ) throws -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .integer(0), "name": .string(name), "integrationType": .string("API"),
            // Whole structs with empty members: only the id counts.
            "escalationPolicy": try JSONValue.parse(
                #"{"id":\#(policy),"name":"","escalationRules":null,"repeating":false}"#),
        ]
        if let hours { members["supportHours"] = .object(["id": .integer(hours)]) }
        for (name, text) in fields { members[name] = try JSONValue.parse(text) }
        return .object(members)
    }

    private static func hours(_ server: APIServer) async throws -> Int64 {
        let body = try JSONValue.parse(
            #"{"name":"Office","timezone":"UTC","supportDays":{"MONDAY":{"start":"08:00","end":"17:00"}}}"#)
        return try #require(try await server.post("/api/support-hours", body).json?["id"]?.integer)
    }

    @Test func `given every field, when it is created, read, updated and read, then each comes back as it was sent`()
        async throws
    {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id]).id
            let other = try await server.policy([server.carol.id], name: "Other").id
            let hours = try await Self.hours(server)
            let first = try Self.body(policy, hours: hours, Self.fields.map { ($0.name, $0.first) })
            let second = try Self.body(other, name: "Shop 2", hours: hours, Self.fields.map { ($0.name, $0.second) })

            let created = try await server.post("/api/alert-sources?\(Self.includes)", first)
            let path = try #require(created.headers[.location])
            let read = try await server.get("\(path)?\(Self.includes)")
            let updated = try await server.put("\(path)?\(Self.includes)", second)
            let again = try await server.get("\(path)?\(Self.includes)")

            #expect([created, read, updated, again].map(\.status) == [201, 200, 200, 200], "\(created.text)")
            for (answer, sent) in [(created, first), (read, first), (updated, second), (again, second)] {
                let json = try #require(answer.json)
                for (name, value) in try #require(sent.object) where !["id", "escalationPolicy"].contains(name) {
                    #expect(json[name] == value, "\(name)")
                }
                #expect(json["escalationPolicy"]?["id"] == sent["escalationPolicy"]?["id"])
                #expect(json["escalationPolicy"]?["name"]?.string?.isEmpty == false)
            }
            #expect(created.json?["integrationKey"] == again.json?["integrationKey"])
            #expect(created.json?["id"] == again.json?["id"])
        }
    }

    @Test func `given a source with everything, when it is replaced by the least, then all else is as on creation`()
        async throws
    {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id]).id
            let hours = try await Self.hours(server)
            let whole = try Self.body(policy, hours: hours, Self.fields.map { ($0.name, $0.first) })
            let path = try #require(try await server.post("/api/alert-sources", whole).headers[.location])
            let least = try Self.body(policy, [])

            _ = try await server.put(path, least)
            let replaced = try #require(try await server.get("\(path)?\(Self.includes)").json?.object)
            let fresh = try #require(
                try await server.post("/api/alert-sources?\(Self.includes)", least).json?.object)

            let own: Set = ["id", "integrationKey", "integrationUrl", "createdAt", "updatedAt"]
            #expect(replaced.filter { !own.contains($0.key) } == fresh.filter { !own.contains($0.key) })
            #expect(fresh["active"] == .bool(true) && fresh["alertPriorityRule"] == .string("HIGH"))
            #expect(fresh["alertCreation"] == .string("ONE_ALERT_PER_EMAIL"))
        }
    }

    @Test func `given templates as elements, then they are kept so, and text is told beside them to who asks for it`()
        async throws
    {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id]).id
            let elements = """
                {"elements":[{"type":"TEXT","val":"On "},
                 {"type":"VAR","val":"event.customDetails.host","func":"substring","args":[{"N":0},{"N":2}]},
                 {"type":"VAR","val":"event.summary","func":"replaceAll","args":[{"S":"a\\"b"},{"S":""}]},
                 {"type":"RAW","val":"{{#up}}!{{/up}}"}]}
                """
            let names = ["summaryTemplate", "detailsTemplate", "routingTemplate", "alertKeyTemplate"]
            let body = try Self.body(
                policy,
                names.map { ($0, elements) } + [
                    ("linkTemplates", #"[{"linkTextTemplate":\#(elements),"hrefTemplate":\#(elements)}]"#),
                    ("servicesTemplate", "[\(elements)]"),
                    ("priorityTemplate", #"{"valueTemplate":\#(elements),"mappings":[]}"#),
                ])
            let path = try #require(try await server.post("/api/alert-sources", body).headers[.location])

            let plain = try await server.get(
                "\(path)?" + Self.includes.replacing("include=textTemplate&", with: "")
            ).json
            let text = try await server.get("\(path)?\(Self.includes)").json

            let sent = try JSONValue.parse(elements)
            let words =
                #"On {{ event.customDetails.host.substring(0, 2) }}{{ event.summary.replaceAll("a\"b", "") }}"#
                + "{{#up}}!{{/up}}"
            for name in names {
                #expect(plain?[name] == sent, "\(name)")
                #expect(text?[name]?["textTemplate"]?.string == words, "\(name)")
                #expect(text?[name]?["elements"] == sent["elements"])
            }
            #expect(plain?["linkTemplates"]?[0]?["hrefTemplate"] == sent)
            #expect(text?["linkTemplates"]?[0]?["hrefTemplate"]?["textTemplate"]?.string == words)
            #expect(text?["linkTemplates"]?[0]?["linkTextTemplate"]?["textTemplate"]?.string == words)
            #expect(text?["servicesTemplate"]?[0]?["textTemplate"]?.string == words)
            #expect(text?["priorityTemplate"]?["valueTemplate"]?["textTemplate"]?.string == words)
        }
    }

    @Test func `given templates as elements, when an event comes, then they are followed`() async throws {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id]).id
            let body = try Self.body(
                policy,
                [
                    (
                        "summaryTemplate",
                        #"{"elements":[{"type":"TEXT","val":"On {{"},{"type":"VAR","val":"event.alertKey"}]}"#
                    )
                ])
            let created = try #require(try await server.post("/api/alert-sources", body).json)
            let key = try #require(created["integrationKey"])

            let event = try JSONValue.parse(#"{"eventType":"ALERT","alertKey":"disk","summary":"Full"}"#)
            var members = try #require(event.object)
            members["integrationKey"] = key
            _ = try await server.post("/api/events", .object(members))

            let alerts = try await server.get("/api/alerts").json
            #expect(alerts?[0]?["summary"]?.string == "On {{disk")
        }
    }

    @Test func `given the names of older clients, then they count and come back beside the new ones`() async throws {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id]).id
            let body = try Self.body(
                policy,
                [
                    ("incidentCreation", #""ONE_PENDING_INCIDENT_ALLOWED""#),
                    ("incidentPriorityRule", #""LOW""#),
                ])

            let created = try #require(try await server.post("/api/alert-sources", body).json)

            #expect(created["incidentCreation"]?.string == "ONE_PENDING_INCIDENT_ALLOWED")
            #expect(created["alertCreation"]?.string == "ONE_PENDING_INCIDENT_ALLOWED")
            #expect(created["alertPriorityRule"]?.string == "LOW" && created["incidentPriorityRule"]?.string == "LOW")
        }
    }

    @Test(arguments: [
        (#"{"eventFilter":"event.summary ="}"#, "eventFilter: is no condition. Line 1, column 15"),
        (#"{"eventFilter":"a ==\n  b c"}"#, "Line 2, column 5"),
        (#"{"eventTypeFilterResolve":7}"#, "eventTypeFilterResolve: must be a text."),
        (
            #"{"summaryTemplate":{"textTemplate":"{{ a.nope() }}"}}"#,
            "summaryTemplate: is no template. Line 1, column 6"
        ),
        (#"{"summaryTemplate":"x"}"#, "summaryTemplate: must be an object"),
        (#"{"detailsTemplate":{"elements":[{"type":"TEXT","val":"a"},{"type":"LOOP"}]}}"#, "elements[1]"),
        (#"{"linkTemplates":[{"text":"a"}]}"#, "linkTemplates[0].hrefTemplate"),
        (#"{"linkTemplates":[{"hrefTemplate":{"textTemplate":"x"}}]}"#, "linkTemplates[0].text"),
        (
            #"{"priorityTemplate":{"valueTemplate":{"textTemplate":"x"},"mappings":[{"value":"a","priority":"MAYBE"}]}}"#,
            "priorityTemplate.mappings[0]"
        ),
        (
            #"{"severityTemplate":{"valueTemplate":{"textTemplate":"x"},"mappings":[{"value":"a","severity":9}]}}"#,
            "severityTemplate.mappings[0]"
        ),
        (#"{"servicesTemplate":[{"textTemplate":"{{"}]}"#, "servicesTemplate[0]"),
        (#"{"scoreThreshold":1.5}"#, "scoreThreshold"), (#"{"autoRaiseAlerts":"yes"}"#, "autoRaiseAlerts"),
        (#"{"alertCreation":"ONE_ALERT_GROUPED_PER_WINDOW"}"#, "alertGroupingWindow"),
        (#"{"alertCreation":"SOMETIMES"}"#, "alertCreation"),
        (#"{"alertGroupingWindow":"5 minutes"}"#, "alertGroupingWindow"),
        (#"{"supportHours":{"id":99999}}"#, "supportHours"), (#"{"alertPriorityRule":"URGENT"}"#, "alertPriorityRule"),
    ])
    func
        `given rules that are not understood, when they are sent, then the answer names the field and nothing is saved`(
            fields: String, words: String
        ) async throws
    {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id]).id
            var members = try #require(try Self.body(policy, []).object)
            let source = try await server.source(policy: policy)
            for (name, value) in try #require(try JSONValue.parse(fields).object) { members[name] = value }

            for answer in [
                try await server.post("/api/alert-sources", .object(members)),
                try await server.put("/api/alert-sources/\(source.id)", .object(members)),
            ] {
                #expect(answer.status == 400)
                #expect(answer.json?["message"]?.string?.contains(words) == true, "\(answer.text)")
                #expect(answer.json?["status"]?.integer == 400)
            }
            #expect(try await server.get("/api/alert-sources").json?.array?.count == 1)
            #expect(try await server.get("/api/alert-sources/\(source.id)").json?["name"]?.string == "Shop")
        }
    }
}
