import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

@Suite struct MonitorAPITests {
    private static func body(_ source: AlertSourceRecord?, name: String = "Home") -> JSONValue {
        .object([
            "id": .integer(0), "name": .string(name), "kind": .string("HTTP"),
            "target": .string("https://shop.example.com/"), "intervalSec": .integer(30), "timeoutSec": .integer(5),
            "retests": .integer(2), "paused": .bool(false),
            "http": .object(["method": .string("GET"), "contains": .string("Shop"), "expectedCodes": .string("200")]),
            "alertSource": source.map { .object(["id": .integer($0.id.rawValue), "name": .string("")]) } ?? .null,
        ])
    }

    @Test func `given a body, when a monitor is created, read, replaced and deleted, then all is echoed`() async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let body = Self.body(source)
            let created = try await server.post("/api/monitors", body)
            let location = try #require(created.headers[.location])
            let answers = try await [created, server.get(location), server.put(location, body)]

            #expect(created.status == 201)
            for answer in answers {
                for name in ["name", "kind", "target", "intervalSec", "timeoutSec", "retests", "paused"] {
                    #expect(answer.json?[name] == body[name])
                }
                #expect(answer.json?["http"]?["contains"]?.string == "Shop")
                #expect(answer.json?["state"]?.string == "PENDING")
                #expect(answer.json?["alertSource"]?["name"]?.string == "Shop")
            }
            #expect(try await server.post(location + "/check-now", .object([:])).status == 202)
            #expect(try await server.get(location + "/results").json?.array == [])
            #expect(try await server.get(location + "/events").json?.array == [])
            #expect(try await server.get("/api/monitors").json?.array?.count == 1)
            #expect(try await server.delete(location).status == 204)
            #expect(try await server.get(location).status == 404)
        }
    }

    @Test(arguments: [
        ("name", JSONValue.string(""), "name:"), ("kind", .string("SMOKE"), "kind:"),
        ("regions", .array([.string("a b")]), "regions:"), ("agree", .integer(2), "agree:"),
        ("target", .string(""), "target:"),
        ("intervalSec", .integer(9), "intervalSec:"), ("timeoutSec", .integer(61), "timeoutSec:"),
        ("retests", .integer(11), "retests:"), ("http", .object(["method": .string("FETCH")]), "http.method:"),
        ("alertSource", .object(["id": .integer(999)]), "alertSource:"),
        ("deliveryGroups", .array([.object(["id": .integer(999)])]), "deliveryGroups:"),
    ])
    func `given a wrong field, when a monitor is created, then the answer names it`(
        _ field: String, _ value: JSONValue, _ message: String
    ) async throws {
        try await APIServer.run { server in
            var members = Self.body(nil).object ?? [:]
            members[field] = value

            let answer = try await server.post("/api/monitors", .object(members))

            #expect(answer.status == 400)
            #expect(answer.json?["message"]?.string?.hasPrefix(message) == true)
        }
    }

    @Test func `given a webhook and a group, when they are made and tested, then they are echoed and a test waits`()
        async throws
    {
        try await APIServer.run { server in
            let hook: JSONValue = .object([
                "label": .string("Other"), "url": .string("https://other.example/hook"), "requestType": .string("GET"),
                "headers": .array([.object(["key": .string("X-Token"), "value": .string("abc")])]),
            ])
            let made = try await server.post("/api/webhook-integrations", hook)
            let place = try #require(made.headers[.location])
            let id = try #require(made.json?["id"])
            let group = try await server.post(
                "/api/delivery-groups",
                .object([
                    "label": .string("Ops"), "sensitivityMin": .integer(5),
                    "emails": .array([.string("ops@example.com")]),
                    "webhooks": .array([.object(["id": id])]),
                ]))
            let test = try await server.post(place + "/test", .object([:]))
            let deliveries = try await server.get(place + "/deliveries")

            #expect(made.status == 201 && group.status == 201 && test.status == 202)
            for name in ["label", "url", "requestType", "headers"] { #expect(made.json?[name] == hook[name]) }
            #expect(group.json?["webhooks"] == .array([.object(["id": id])]))
            #expect(deliveries.json?.array?.map { $0["state"]?.string } == ["WAITING"])
            let wrong = try await server.post(
                "/api/webhook-integrations", .object(["label": .string("x"), "url": .string("ftp://x")]))
            #expect(wrong.status == 400 && wrong.json?["message"]?.string?.hasPrefix("url:") == true)
        }
    }

    @Test func `given a rule, when it is made, read, replaced and deleted, then all is echoed`() async throws {
        try await APIServer.run { server in
            let group = try await server.post("/api/delivery-groups", .object(["label": .string("Ops")]))
            let reference: JSONValue = .array([.object(["id": try #require(group.json?["id"])])])
            let body: JSONValue = .object([
                "label": .string("All sites"), "area": .string("WEBSITE"), "active": .bool(true),
                "monitors": .array([]), "deliveryGroups": reference,
            ])
            let made = try await server.post("/api/monitor-rules", body)
            let place = try #require(made.headers[.location])
            let answers = try await [made, server.get(place), server.put(place, body)]

            #expect(made.status == 201)
            for answer in answers {
                for name in ["label", "area", "active", "monitors", "deliveryGroups"] {
                    #expect(answer.json?[name] == body[name])
                }
            }
            #expect(try await server.get("/api/monitor-rules").json?.array?.count == 1)
            #expect(try await server.delete(place).status == 204)
            #expect(try await server.get(place).status == 404)
            for (name, value): (String, JSONValue) in [
                ("label", .string("")), ("area", .string("MOON")), ("deliveryGroups", .array([])),
                ("monitors", .array([.object(["id": .integer(999)])])),
            ] {
                var members = body.object ?? [:]
                members[name] = value
                let wrong = try await server.post("/api/monitor-rules", .object(members))
                #expect(wrong.status == 400 && wrong.json?["message"]?.string?.hasPrefix(name + ":") == true)
            }
        }
    }

    @Test func `given a probe, when it is made, then its token is shown once, and with it work is fetched`()
        async throws
    {
        try await APIServer.run { server in
            let made = try await server.post(
                "/api/monitor-probes", .object(["name": .string("Office"), "region": .string("office")]))
            let token = try #require(made.json?["token"]?.string)
            var body = Self.body(nil).object ?? [:]
            body["regions"] = .array([.string("office")])
            let monitor = try await server.post("/api/monitors", .object(body))
            let list = try await server.get("/api/monitor-probes")
            let orders = try await server.post(
                "/api/probe/checks", .object(["version": .string("9")]), key: token)
            let id = try #require(monitor.json?["id"])
            let order = try #require(orders.json?["checks"]?[0])
            let results = try await server.post(
                "/api/probe/results",
                .object([
                    "results": .array([
                        .object([
                            "id": id, "version": order["version"] ?? .null, "totalMs": .integer(7),
                            "reason": .string("the connection was refused"),
                        ])
                    ])
                ]), key: token)

            #expect(made.status == 201 && token.hasPrefix("nbp_"))
            #expect(list.json?[0]?["token"] == nil && list.json?[0]?["region"]?.string == "office")
            #expect(monitor.json?["regions"] == .array([.string("office")]))
            #expect(order["id"] == id && order["target"]?.string == "https://shop.example.com/")
            #expect(results.status == 200 && results.json?["taken"]?.integer == 1)
            let shown = try await server.get("/api/monitors/\(id.scalarText ?? "")/results")
            #expect(shown.json?[0]?["region"]?.string == "office" && shown.json?[0]?["state"]?.string == "FAILING")
            #expect(try await server.post("/api/probe/checks", .object([:]), key: "nbp_no").status == 403)
        }
    }

    @Test func `given a window for a monitor, when it is planned by API, then it is echoed`() async throws {
        try await APIServer.run { server in
            let monitor = try await server.post("/api/monitors", Self.body(nil))
            let reference: JSONValue = .array([.object(["id": try #require(monitor.json?["id"])])])
            let made = try await server.post(
                "/api/maintenance-windows",
                .object([
                    "summary": .string("Deploy"), "start": .string("2099-01-01T00:00:00Z"),
                    "end": .string("2099-01-01T01:00:00Z"), "monitors": reference,
                ]))

            #expect(made.status == 201 && made.json?["monitors"] == reference)
        }
    }
}
