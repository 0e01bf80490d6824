import Alerting
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite struct PagerDutyDoorTests {
    private static func event(
        _ source: AlertSourceRecord, _ action: String, key: String? = "shop/checkout", severity: String = "critical"
    ) -> JSONValue {
        .members([
            "routing_key": .string(source.integrationKey), "event_action": .string(action),
            "dedup_key": key.map(JSONValue.string),
            "payload": .object([
                "summary": .string("Checkout answers with 503"), "source": .string("web-1"),
                "severity": .string(severity),
            ]),
        ])
    }

    @Test(arguments: ["PAGERDUTY", "API"])
    func `given a source, when its key is the routing key, then an alert is triggered, acknowledged and resolved`(
        type: String
    ) async throws {
        try await APIServer.run { server in
            let source = try await server.source(type: type, policy: server.policy([server.carol.id]).id)

            let triggered = try await server.post("/v2/enqueue", Self.event(source, "trigger"), key: "")
            #expect(triggered.status == 202)
            #expect(triggered.headers[.contentType] == "application/json")
            #expect(
                triggered.json
                    == .object([
                        "status": .string("success"), "message": .string("Event processed"),
                        "dedup_key": .string("shop/checkout"),
                    ]))
            let raised = try await server.get("/api/alerts").json?.array?.first
            #expect(raised?["status"]?.string == "PENDING")
            #expect(raised?["summary"]?.string == "Checkout answers with 503")

            let acknowledged = try await server.post("/v2/enqueue", Self.event(source, "acknowledge"), key: "")
            #expect(acknowledged.status == 202)
            #expect(try await server.get("/api/alerts").json?.array?.first?["status"]?.string == "ACCEPTED")

            let resolved = try await server.post("/v2/enqueue", Self.event(source, "resolve"), key: "")
            #expect(resolved.json?["dedup_key"]?.string == "shop/checkout")
            #expect(try await server.get("/api/alerts").json?.array?.map { $0["status"]?.string } == ["RESOLVED"])

            // Resolving again is no fault, as with PagerDuty.
            #expect(try await server.post("/v2/enqueue", Self.event(source, "resolve"), key: "").status == 202)
        }
    }

    @Test func `given a trigger without a key, when it is taken, then the answer has one that resolves it`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(type: "PAGERDUTY", policy: server.policy([server.carol.id]).id)

            let triggered = try await server.post("/v2/enqueue", Self.event(source, "trigger", key: nil), key: "")
            let key = try #require(triggered.json?["dedup_key"]?.string)
            _ = try await server.post("/v2/enqueue", Self.event(source, "resolve", key: key), key: "")

            #expect(try await server.get("/api/alerts").json?.array?.first?["status"]?.string == "RESOLVED")
        }
    }

    @Test(arguments: [
        "", "[]", "{", "{}", #"{"routing_key": 7}"#, #"{"routing_key": "unknown-key-unknown-key"}"#,
        #"{"routing_key": "KEY"}"#, #"{"routing_key": "KEY", "event_action": "explode"}"#,
        #"{"routing_key": "KEY", "event_action": "trigger"}"#,
        #"{"routing_key": "KEY", "event_action": "resolve"}"#,
        #"{"routing_key": "KEY", "event_action": "trigger", "payload": {"summary": "x", "severity": "awful"}}"#,
    ])
    func `given an event with a fault, when it is posted, then the answer is PagerDuty's 400 and nothing is raised`(
        body: String
    ) async throws {
        try await APIServer.run { server in
            let source = try await server.source(type: "PAGERDUTY", policy: server.policy([server.carol.id]).id)

            let answer = try await server.send(
                .post, "/v2/enqueue", Array(body.replacing("KEY", with: source.integrationKey).utf8), key: "")

            #expect(answer.status == 400)
            #expect(answer.json?["status"]?.string == "invalid event")
            #expect(answer.json?["message"]?.string == "Event object is invalid")
            #expect(answer.json?["errors"]?.array?.count == 1)
            #expect(try await server.get("/api/alerts").json?.array?.isEmpty == true)
        }
    }

    @Test func `given a change event, when it is posted, then it is kept and pages nobody`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(type: "PAGERDUTY", policy: server.policy([server.carol.id]).id)
            let change = JSONValue.object([
                "routing_key": .string(source.integrationKey),
                "payload": .object(["summary": .string("Build 31 was deployed"), "source": .string("ci")]),
            ])

            let answer = try await server.post("/v2/change/enqueue", change, key: "")

            #expect(answer.status == 202)
            #expect(answer.json?["status"]?.string == "success")
            #expect(try await server.get("/api/alerts").json?.array?.isEmpty == true)
        }
    }

    @Test func `given a webhook secret, when an event does not prove it, then the answer is 403`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(
                type: "PAGERDUTY", policy: server.policy([server.carol.id]).id, webhookSecret: "s3cret")

            #expect(try await server.post("/v2/enqueue", Self.event(source, "trigger"), key: "").status == 403)
            #expect(try await server.post("/v2/enqueue", Self.event(source, "trigger"), key: "s3cret").status == 202)
        }
    }

    @Test func `given another method or a body above the limit, when it is sent, then the answer says so`() async throws
    {
        try await APIServer.run { server in
            #expect(try await server.get("/v2/enqueue", key: "").status == 405)
            let large = Array(repeating: UInt8(ascii: " "), count: Limits.ingestBody + 1)
            let answer = try await server.send(.post, "/v2/enqueue", large, key: "")
            #expect(answer.status == 413)
        }
    }
}
