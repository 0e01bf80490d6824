import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite struct EventFlowAPITests {
    private static func body(_ source: AlertSourceRecord, _ more: String = "") throws -> JSONValue {
        try JSONValue.parse(
            """
            {"name":"Front / door"\(more),"root":{"nodeType":"ROOT","name":"in","branches":[{"branchType":"CATCH_ALL",
             "target":{"nodeType":"DEFINE_BRANCHES","name":"which","metadata":{"definitions":[
               {"branchName":"Shop","conditions":"context.event.summary contains shop"}]},
              "branches":[{"branchType":"BRANCH","condition":"Shop","target":{"nodeType":"ROUTE_EVENT","name":"r",
               "metadata":{"alertSourceId":\(source.id),"overwritePriority":"LOW",
                 "escalationPolicyId":\(source.policy)}}},
               {"branchType":"CATCH_ALL"}]}}]}}
            """)
    }

    @Test func `given a tree, when created, read, replaced and read, then it is echoed with its numbers`() async throws
    {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id])
            let source = try await server.source(policy: policy.id)
            let created = try await server.post("/api/event-flows", Self.body(source))
            let location = try #require(created.headers[.location])
            let read = try await server.get(location)
            let replaced = try await server.put(location, read.json ?? .null)
            let named = try await server.get("/api/event-flows/name/Front%20/%20door")
            let list = try await server.get("/api/event-flows")

            #expect(created.status == 201)
            #expect(created.json == read.json && read.json == replaced.json && replaced.json == named.json)
            let root = try #require(read.json?["root"])
            #expect(root["id"]?.integer == 1 && root["nodeType"]?.string == "ROOT" && root["name"]?.string == "in")
            let node = root["branches"]?[0]?["target"]
            let sent = try Self.body(source)
            #expect(node?["metadata"] == sent["root"]?["branches"]?[0]?["target"]?["metadata"])
            #expect(node?["branches"]?[0]?["target"]?["metadata"]?["overwritePriority"]?.string == "LOW")
            #expect(list.json?[0]?["root"] == nil && list.json?[0]?["name"]?.string == "Front / door")
            #expect(try await server.delete(location).status == 204)
            #expect(try await server.get(location).status == 404)
        }
    }

    @Test func `given teams, when they are left out they stay, and null and an empty list clear them`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let team = try await server.services.administration.teams.create(
                TeamDraft(name: "Web"), by: Caller(server.carol))
            let made = try await server.post(
                "/api/event-flows", Self.body(source, #","teams":[{"id":\#(team.id)}]"#))
            let location = try #require(made.headers[.location])

            let kept = try await server.put(location, Self.body(source))
            let cleared = try await server.put(location, Self.body(source, #","teams":null"#))

            #expect(made.json?["teams"]?[0]?["id"]?.integer == team.id.rawValue)
            #expect(kept.json?["teams"] == made.json?["teams"])
            #expect(cleared.json?["teams"] == .array([]))
        }
    }

    @Test func `given the keys of a flow, when a tool posts to one, then it is a drop-in for an alert source's`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let flow = try await server.post("/api/event-flows", Self.body(source))
            let id = try #require(flow.json?["id"]?.integer)
            let added = try await server.post(
                "/api/event-flow-integrations",
                .object(["integrationType": .string("PROMETHEUS"), "eventFlowId": .integer(id)]))
            let keys = try await server.get("/api/event-flow-integrations?event-flow=\(id)")
            let url = try #require(keys.json?[0]?["integrationUrl"]?.string).replacing("https://bell.example", with: "")
            let key = try #require(keys.json?[0]?["integrationKey"]?.string)
            let event: [String: JSONValue] = [
                "eventType": .string("ALERT"), "summary": .string("Shop is down"), "alertKey": .string("a"),
            ]

            let posted = try await server.post(url, .object(event), key: "")
            let keyed = try await server.post(
                "/api/events", .object(event.merging(["integrationKey": .string(key)]) { $1 }), key: "")
            let flowStyle = try await server.post(
                "/api/v1/events/flow/\(key)", .object(event.merging(["summary": .string("Sun")]) { $1 }), key: "")
            let prometheus = try await server.post(
                "/api/v1/events/prometheus/\(added.json?["integrationKey"]?.string ?? "")",
                .object([
                    "version": .string("4"), "status": .string("firing"),
                    "alerts": .array([
                        .object([
                            "status": .string("firing"), "fingerprint": .string("f1"),
                            "labels": .object(["alertname": .string("ShopDown")]),
                            "annotations": .object(["summary": .string("The shop is slow")]),
                        ])
                    ]),
                ]), key: "")

            #expect(added.status == 201 && keys.json?.array?.count == 2)
            #expect(posted.status == 202 && posted.json?["responseCode"]?.string == "NEW_ALERT")
            #expect(keyed.json?["responseCode"]?.string == "KEY_OPEN")
            #expect(flowStyle.json?["responseCode"]?.string == "DROPPED_BY_FLOW")
            #expect(prometheus.json?["responseCode"]?.string == "NEW_ALERT")
            let alerts = try await server.get("/api/alerts")
            #expect(alerts.json?.array?.allSatisfy { $0["priority"]?.string == "LOW" } == true)
            let removed = try await server.delete("/api/event-flow-integrations/\(added.json?["id"]?.integer ?? 0)")
            #expect(removed.status == 204)
            #expect(try await server.get("/api/event-flow-integrations").json?.array?.count == 1)
        }
    }

    @Test func `given what a flow names, when it is deleted, then it is refused while the flow is there`() async throws
    {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id])
            let source = try await server.source(policy: policy.id)
            let flow = try await server.post("/api/event-flows", Self.body(source))

            let refused = try await server.delete("/api/alert-sources/\(source.id)")
            _ = try await server.delete(try #require(flow.headers[.location]))
            let done = try await server.delete("/api/alert-sources/\(source.id)")

            #expect(refused.status == 409 && refused.text.contains("Front / door"))
            #expect(done.status == 204)
        }
    }

    @Test(arguments: [
        (#"{"name":"x"}"#, "root"), (#"{"name":"","root":{"nodeType":"ROOT"}}"#, "name"),
        (#"{"name":"x","root":{"nodeType":"WAIT"}}"#, "root.nodeType"),
        (
            #"{"name":"x","root":{"nodeType":"ROOT","branches":[{"branchType":"CATCH_ALL","target":"#
                + #"{"nodeType":"ROUTE_EVENT","metadata":{"alertSourceId":99999}}}]}}"#,
            "alertSourceId"
        ),
        (
            #"{"name":"x","root":{"nodeType":"ROOT","branches":[{"branchType":"CATCH_ALL","target":"#
                + #"{"nodeType":"SUPPORT_HOURS","metadata":{"supportHoursId":99999}}}]}}"#,
            "supportHoursId"
        ),
    ])
    func `given a body with a fault, when it is sent, then the field is named`(body: String, field: String)
        async throws
    {
        try await APIServer.run { server in
            let answer = try await server.post("/api/event-flows", JSONValue.parse(body))

            #expect(answer.status == 400)
            #expect(answer.json?["message"]?.string?.hasPrefix(field + ":") == true, "\(answer.text)")
        }
    }

    @Test func `given a flow of a private team, when somebody else looks, then it is not there`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let team = try await server.services.administration.teams.create(
                TeamDraft(name: "Web", visibility: .closed), by: Caller(server.carol))
            let made = try await server.post(
                "/api/event-flows", Self.body(source, #","teams":[{"id":\#(team.id)}]"#))
            let bob = try await server.user("Bob")

            #expect(try await server.get(try #require(made.headers[.location]), key: bob.key).status == 404)
            #expect(try await server.get("/api/event-flows", key: bob.key).json == .array([]))
            #expect(try await server.get("/api/event-flow-integrations", key: bob.key).json == .array([]))
        }
    }
}
