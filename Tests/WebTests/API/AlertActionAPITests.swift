import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite struct AlertActionAPITests {
    private static func body(_ more: [String: JSONValue] = [:]) -> JSONValue {
        let usual: [String: JSONValue] = [
            "name": .string("Tell ops / now"), "connectorType": .string("webhook"),
            "params": .object(["webhookUrl": .string("https://hook.example/x")]),
        ]
        return .object(usual.merging(more) { $1 })
    }

    @Test func `given a connector, when created, read, replaced and read, then it is echoed and its id is a text`()
        async throws
    {
        try await APIServer.run { server in
            let body = JSONValue.object([
                "name": .string("Our Jira"), "type": .string("jira"),
                "params": .object([
                    "url": .string("https://x.atlassian.net"), "email": .string("a@example.com"),
                    "password": .string("t"),
                ]),
            ])
            let created = try await server.post("/api/connectors", body)
            let location = try #require(created.headers[.location])
            let read = try await server.get(location)
            let replaced = try await server.put(location, read.json ?? .null)
            let named = try await server.get("/api/connectors/name/Our%20Jira")

            #expect(created.status == 201 && created.json?["id"]?.string?.isEmpty == false)
            for answer in [created, read, replaced, named] {
                for field in ["name", "type", "params"] { #expect(answer.json?[field] == body[field], "\(field)") }
            }
            #expect(try await server.get("/api/connectors").json?.array?.count == 1)
            let action = try await server.post(
                "/api/alert-actions",
                Self.body([
                    "connectorType": .string("jira"), "connectorId": created.json?["id"] ?? .null,
                    "params": .object(["project": .string("OPS")]),
                ]))
            #expect(action.status == 201 && action.json?["connectorId"] == created.json?["id"])
            #expect(try await server.delete(location).status == 409)
            _ = try await server.delete(try #require(action.headers[.location]))
            #expect(try await server.delete(location).status == 204)
            let bob = try await server.user("Bob", role: .responder)
            #expect(try await server.get("/api/connectors", key: bob.key).status == 403)
        }
    }

    @Test func `given all fields, when created, read, replaced and read, then each is echoed as it was sent`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let body = Self.body([
                "alertSources": .array([.object(["id": .integer(source.id.rawValue), "name": .string("")])]),
                "triggerMode": .string("AUTOMATIC"), "notResolvedDelaySec": .integer(900),
                "escalationEndedDelaySec": .integer(60),
                "triggerTypes": .texts(["alert-created", "v-alert-not-resolved", "alert-escalation-ended"]),
                "conditions": .string("alert.priority == HIGH"),
                "alertFilter": .object([
                    "operator": .string("OR"),
                    "predicates": .array([
                        .object([
                            "field": .string("ALERT_SUMMARY"), "criteria": .string("CONTAINS_STRING"),
                            "value": .string("x"),
                        ])
                    ]),
                ]),
            ])
            let created = try await server.post("/api/alert-actions", body)
            let location = try #require(created.headers[.location])
            let read = try await server.get(location + "?version=2&include=conditions")
            let replaced = try await server.put(location, read.json ?? .null)
            let named = try await server.get("/api/alert-actions/name/Tell%20ops%20/%20now")

            for answer in [created, read, replaced, named] {
                for field in [
                    "name", "connectorType", "params", "triggerMode", "notResolvedDelaySec", "escalationEndedDelaySec",
                    "triggerTypes", "conditions", "alertFilter",
                ] {
                    #expect(answer.json?[field] == body[field], "\(field)")
                }
                #expect(answer.json?["alertSources"]?[0]?["id"]?.integer == source.id.rawValue)
            }
            #expect(read.json?["alertSourceIds"] == nil)
            #expect(try await server.get("/api/alert-actions?source=\(source.id)").json?.array?.count == 1)
            #expect(try await server.get("/api/alert-actions?source=\(source.id.rawValue + 99)").json == .array([]))
            #expect(try await server.delete(location).status == 204)
        }
    }

    @Test func `given the older form, when it is sent and read by version 1, then the ids of sources come back`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let ids = JSONValue.array([.integer(source.id.rawValue)])
            let created = try await server.post(
                "/api/alert-actions",
                Self.body(["alertSourceIds": ids, "triggerTypes": .texts(["incident-created"])]))
            let read = try await server.get(try #require(created.headers[.location]) + "?version=1")

            #expect(created.status == 201)
            #expect(read.json?["alertSourceIds"] == ids && read.json?["alertSources"] == nil)
            #expect(read.json?["triggerTypes"] == .texts(["alert-created"]))
        }
    }

    @Test(arguments: [
        (["name": JSONValue.string("")], "name"), (["connectorType": .string("fax")], "connectorType"),
        (["connectorType": .string("jira"), "params": .object(["project": .string("A")])], "connectorId"),
        (["params": .object([:])], "params.webhookUrl"),
        (["params": .object(["webhookUrl": .string("ftp://x")])], "params.webhookUrl"),
        (
            ["params": .object(["webhookUrl": .string("https://x.example"), "bodyTemplate": .string("{{#a}}")])],
            "params.bodyTemplate"
        ), (["triggerTypes": .texts(["alert-gone"])], "triggerTypes"),
        (["triggerMode": .string("NEVER")], "triggerMode"),
        (["conditions": .string("alert.summary ==")], "conditions"),
        (["notResolvedDelaySec": .integer(172_801)], "notResolvedDelaySec"),
        (["escalationEndedDelaySec": .integer(7201)], "escalationEndedDelaySec"),
        (["alertSources": .array([.object(["id": .integer(99_999)])])], "alertSources"),
        (
            ["connectorType": .string("reroute"), "params": .object(["escalationPolicyId": .integer(9)])],
            "params.escalationPolicyId"
        ),
    ])
    func `given a body with a fault, when it is sent, then the field is named`(
        more: [String: JSONValue], field: String
    ) async throws {
        try await APIServer.run { server in
            let answer = try await server.post("/api/alert-actions", Self.body(more))

            #expect(answer.status == 400)
            #expect(answer.json?["message"]?.string?.hasPrefix(field + ":") == true, "\(answer.text)")
        }
    }

    @Test func `given a manual action, when an alert is asked and told, then it is listed and done`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let created = try await server.post(
                "/api/alert-actions",
                Self.body([
                    "triggerMode": .string("MANUAL"), "connectorType": .string("email"),
                    "params": .object(["recipients": .texts(["ops@example.com"])]),
                ]))
            let alert = try #require(try await server.event(source))
            let listed = try await server.get("/api/alerts/\(alert)/actions")
            let done = try await server.post("/api/alerts/\(alert)/actions", listed.json?[0] ?? .null)
            let after = try await server.get("/api/alerts/\(alert)/actions")
            let log = try await server.get("/api/alerts/\(alert)/log-entries?filter-types=CONNECTOR_EVENTS")

            #expect(listed.json?[0]?["alertActionId"] == created.json?["id"])
            #expect(listed.json?[0]?["history"] == .array([]))
            #expect(done.status == 201 && done.json?["success"]?.bool == true)
            #expect(after.json?[0]?["history"]?[0]?["success"]?.bool == true)
            #expect(log.json?[0]?["logEntryType"]?.string == "AlertActionSuccessLogEntry")
            let unknown = try await server.post(
                "/api/alerts/\(alert)/actions", .object(["alertActionId": .string("999999")]))
            #expect(unknown.status == 404)
        }
    }

    @Test func `given an action of a closed team, when somebody else looks, then it is not there`() async throws {
        try await APIServer.run { server in
            let team = try await server.services.administration.teams.create(
                TeamDraft(name: "Web", visibility: .closed), by: Caller(server.carol))
            let made = try await server.post(
                "/api/alert-actions", Self.body(["teams": .array([.object(["id": .integer(team.id.rawValue)])])]))
            let bob = try await server.user("Bob")

            #expect(made.status == 201)
            #expect(try await server.get(try #require(made.headers[.location]), key: bob.key).status == 404)
            #expect(try await server.get("/api/alert-actions", key: bob.key).json == .array([]))
        }
    }
}
