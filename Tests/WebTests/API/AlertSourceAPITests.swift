import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

@Suite struct AlertSourceAPITests {
    /// As a Terraform provider sends it: whole structs with empty members, and every field that has a place.
    private static func body(policy: EscalationPolicy.ID, name: String = "Shop / web") throws -> JSONValue {
        try JSONValue.parse(
            """
            {"id":0,"name":"\(name)","integrationType":"RAPIDSPIKE","active":true,"severity":2,
             "escalationPolicy":{"id":\(policy),"name":"","escalationRules":null},"teams":null,
             "alertCreation":"ONE_ALERT_GROUPED_PER_WINDOW","alertGroupingWindow":"PT120M",
             "autoResolutionTimeout":"PT60M","alertPriorityRule":"LOW","autoRaiseAlerts":true,"scoreThreshold":0.75,
             "iconUrl":"https://shop.example/icon.png","setupStatus":"FINISHED",
             "supportHours":{"timezone":"UTC","autoRaiseAlerts":true,"supportDays":{"MONDAY":{"start":"8:00","end":"17:00"}}},
             "services":[{"id":3,"name":""}],"autoCreateServices":true,"filterOperator":"AND",
             "emailPredicates":[{"field":"EMAIL_FROM","criteria":"CONTAINS_ANY_WORDS","value":"shop"}],
             "metadata":{"a":"b"},"somethingNew":{"deep":[1,2.5,12345678901234567890]},
             "summaryTemplate":{"textTemplate":"{{summary}}","elements":[{"type":"VAR","val":"summary"}]},
             "linkTemplates":[{"text":"Open","hrefTemplate":{"textTemplate":"{{url}}"}}],
             "priorityTemplate":{"valueTemplate":{"textTemplate":"{{p}}"},"mappings":[{"value":"x","priority":"LOW"}]},
             "eventFilter":"event.customDetails.a == 'b'","eventTypeFilterCreate":"true"}
            """)
    }

    @Test func `given every field, when a source is created, read, replaced and read, then all is echoed as sent`()
        async throws
    {
        try await APIServer.run { server in
            let body = try await Self.body(policy: server.policy([server.carol.id]).id)
            let include =
                "include=summaryTemplate&include=linkTemplates&include=priorityTemplate&include=eventFilter"
                + "&include=eventTypeFilterCreate"

            let created = try await server.post("/api/alert-sources?\(include)", body)
            #expect(created.status == 201)
            let location = try #require(created.headers[.location])
            let read = try await server.get("\(location)?\(include)")
            let replaced = try await server.put("\(location)?\(include)", body)
            let again = try await server.get("\(location)?\(include)")

            for answer in [created, read, replaced, again] {
                let json = try #require(answer.json)
                for (name, value) in try #require(body.object)
                where !["id", "teams", "escalationPolicy"].contains(name) {
                    #expect(json[name] == value, "\(name)")
                }
                #expect(json["escalationPolicy"]?["id"] == body["escalationPolicy"]?["id"])
                #expect(json["teams"] == .array([]))
                #expect(json["id"]?.integer ?? 0 > 0)
                #expect(answer.headers[.contentType] == "application/json")
            }
        }
    }

    @Test func `given templates, when no include asks for them, then they are not answered, in lists never`()
        async throws
    {
        try await APIServer.run { server in
            let body = try await Self.body(policy: server.policy([server.carol.id]).id)
            let location = try #require(try await server.post("/api/alert-sources", body).headers[.location])

            let plain = try await server.get("\(location)?")
            let list = try await server.get("/api/alert-sources?include=summaryTemplate&start-index=0&max-results=50")

            #expect(plain.json?["summaryTemplate"] == nil)
            #expect(plain.json?["eventFilter"] == nil)
            #expect(list.json?[0]?["summaryTemplate"] == nil)
            #expect(list.json?.array?.count == 1)
        }
    }

    @Test func `given a source, when it is looked up by id, key or name, also in the older place, then it is found`()
        async throws
    {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id]).id
            let source = try await server.source("Shop / web", type: "RAPIDSPIKE", policy: policy)

            for path in [
                "/api/alert-sources/\(source.id)", "/api/alert-sources/\(source.integrationKey)",
                "/api/alert-sources/name/Shop%20/%20web", "/api/alert-sources/name/Shop%20%2F%20web",
                "/api/v1/alert-sources/\(source.id)?",
            ] {
                let answer = try await server.get(path)
                #expect(answer.json?["id"]?.integer == source.id.rawValue, "\(path) \(answer.text)")
            }
            let json = try #require(try await server.get("/api/alert-sources/\(source.id)").json)
            #expect(
                json["integrationUrl"]?.string
                    == "https://bell.example/api/v1/events/rapidspike/\(source.integrationKey)")
            #expect(json["status"]?.string == "ALL_RESOLVED")
            for path in ["/api/alert-sources/name/Nope", "/api/alert-sources/99999", "/api/alert-sources/x"] {
                #expect(try await server.get(path).status == 404)
            }
        }
    }

    @Test func `given open alerts, when a source is read, then its status says what is worst`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            func status() async throws -> String? {
                try await server.get("/api/alert-sources/\(source.id)").json?["status"]?.string
            }

            try await server.event(source)
            #expect(try await status() == "PENDING")
            try await server.event(source, type: "ACCEPT")
            #expect(try await status() == "ALL_ACCEPTED")
            try await server.event(source, type: "RESOLVE")
            #expect(try await status() == "ALL_RESOLVED")
        }
    }

    @Test func `given teams, when they are left out, null or empty, then they stay, stay or are cleared`() async throws
    {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id]).id
            func team(_ name: String) async throws -> JSONValue {
                try #require(try await server.post("/api/teams", .object(["name": .string(name)])).json?["id"])
            }
            let (first, second) = try await (team("Web"), team("Apps"))
            func put(_ teams: JSONValue?, _ path: String) async throws -> JSONValue? {
                var members = try #require(Self.body(policy: policy).object)
                members["teams"] = teams
                let answer = try await server.put(path, .object(members))
                return answer.json?["teams"]
            }
            let source = try await server.source(policy: policy)
            let path = "/api/alert-sources/\(source.id)"

            let set = try await put(
                .array([.object(["id": second]), .object(["id": first, "name": .string("")])]), path)
            #expect(set?.array?.map { $0["id"] } == [first, second])
            #expect(set?[0]?["name"]?.string == "Web")
            #expect(try await put(nil, path) == set)
            #expect(try await put(.null, path) == set)
            #expect(try await put(.array([]), path) == .array([]))
        }
    }

    @Test(arguments: [
        (#"{"name":""}"#, "name"), (#"{"name":5}"#, "name"), (#"{"integrationType":"NOPE"}"#, "integrationType"),
        (#"{"integrationType":null}"#, "integrationType"), (#"{"escalationPolicy":null}"#, "escalationPolicy"),
        (#"{"escalationPolicy":{"id":424242}}"#, "escalationPolicy"), (#"{"escalationPolicy":7}"#, "escalationPolicy"),
        (#"{"escalationPolicy":{"id":-1}}"#, "escalationPolicy.id"), (#"{"severity":9}"#, "severity"),
        (#"{"severity":"1"}"#, "severity"), (#"{"alertCreation":"SOMETIMES"}"#, "alertCreation"),
        (#"{"alertGroupingWindow":"soon"}"#, "alertGroupingWindow"),
        (#"{"alertGroupingWindow":null}"#, "alertGroupingWindow"),
        (#"{"autoResolutionTimeout":"P9999D"}"#, "autoResolutionTimeout"), (#"{"active":"yes"}"#, "active"),
        (#"{"alertPriorityRule":"MEDIUM"}"#, "alertPriorityRule"), (#"{"teams":[{"id":424242}]}"#, "teams"),
        (#"{"teams":{"id":1}}"#, "teams"), (#"{"teams":[{}]}"#, "teams[0].id"),
    ])
    func `given a wrong field, when a source is created, then the answer is 400 and names it`(
        change: String, field: String
    ) async throws {
        try await APIServer.run { server in
            let sent = try await Self.body(policy: server.policy([server.carol.id]).id).object
            let changed = try #require(try JSONValue.parse(change).object)
            let body = sent?.merging(changed) { $1 }

            let answer = try await server.post("/api/alert-sources", .object(try #require(body)))

            #expect(answer.status == 400)
            #expect(answer.json?["code"]?.string == "ERROR")
            #expect(answer.json?["details"]?["field"]?.string == field, "\(answer.text)")
        }
    }

    @Test func `given a source, when it is deleted, then it is gone with its key`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            try await server.event(source)

            let deleted = try await server.delete("/api/alert-sources/\(source.id)")
            let event = try await server.post("/api/v1/events/api/\(source.integrationKey)", .object([:]), key: "")

            #expect(deleted.status == 204)
            #expect(deleted.body.isEmpty)
            #expect(try await server.get("/api/alert-sources/\(source.id)").status == 404)
            #expect(event.status == 404)
        }
    }

    @Test func `given the page maximum, when more is asked for, then the answer is 400 and no clamp`() async throws {
        try await APIServer.run { server in
            for (query, status) in [
                ("alert-sources?max-results=50", 200), ("alert-sources?max-results=51", 400),
                ("alert-sources?max-results=0", 400), ("alert-sources?max-results=x", 400),
                ("alert-sources?start-index=-1", 400), ("alert-sources?start-index=1.5", 400),
                ("alerts?max-results=100", 200), ("alerts?max-results=101", 400),
            ] {
                let answer = try await server.get("/api/\(query)")
                #expect(answer.status == status, "\(query)")
            }
        }
    }

    @Test func `given several sources, when pages are asked for, then they follow each other`() async throws {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id]).id
            for name in ["C", "A", "B"] { _ = try await server.source(name, policy: policy) }

            let first = try await server.get("/api/alert-sources?max-results=2")
            let rest = try await server.get("/api/alert-sources?max-results=2&start-index=2")

            #expect(first.json?.array?.map { $0["name"]?.string } == ["A", "B"])
            #expect(rest.json?.array?.map { $0["name"]?.string } == ["C"])
        }
    }
}
