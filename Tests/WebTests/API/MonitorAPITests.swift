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
        ("name", JSONValue.string(""), "name:"), ("kind", .string("JOURNEY"), "kind:"),
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
                    "rules": .array([.string("WEBSITE")]), "webhooks": .array([.object(["id": id])]),
                ]))
            let test = try await server.post(place + "/test", .object([:]))
            let deliveries = try await server.get(place + "/deliveries")

            #expect(made.status == 201 && group.status == 201 && test.status == 202)
            for name in ["label", "url", "requestType", "headers"] { #expect(made.json?[name] == hook[name]) }
            #expect(group.json?["webhooks"] == .array([.object(["id": id])]))
            #expect(group.json?["rules"] == .array([.string("WEBSITE")]))
            #expect(deliveries.json?.array?.map { $0["state"]?.string } == ["WAITING"])
            let wrong = try await server.post(
                "/api/webhook-integrations", .object(["label": .string("x"), "url": .string("ftp://x")]))
            #expect(wrong.status == 400 && wrong.json?["message"]?.string?.hasPrefix("url:") == true)
        }
    }
}
