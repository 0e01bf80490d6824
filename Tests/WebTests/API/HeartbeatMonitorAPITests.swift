import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

@Suite struct HeartbeatMonitorAPITests {
    private static func body(_ source: AlertSourceRecord?, name: String = "Backup / night") -> [String: JSONValue] {
        [
            "id": .integer(0), "name": .string(name), "intervalSec": .integer(300),
            "alertSummary": .string("Backup is late"),
            "alertSource": source.map { .object(["id": .integer($0.id.rawValue), "name": .string("")]) } ?? .null,
        ]
    }

    @Test func `given a body, when a monitor is created, read, replaced and read, then all is echoed`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let body = JSONValue.object(Self.body(source))
            let created = try await server.post("/api/heartbeat-monitors?include=integrationUrl", body)
            let location = try #require(created.headers[.location])
            let answers = try await [
                created, server.get(location), server.put(location, body),
                server.get("/api/heartbeat-monitors/name/Backup%20/%20night?include=integrationUrl"),
            ]

            #expect(created.status == 201)
            let key = try #require(created.json?["integrationKey"]?.string)
            #expect(created.json?["integrationUrl"]?.string == "https://bell.example/api/pings/\(key)")
            for answer in answers {
                for name in ["name", "intervalSec", "alertSummary"] { #expect(answer.json?[name] == body[name]) }
                #expect(answer.json?["state"]?.string == "UNKNOWN")
                #expect(answer.json?["alertSource"]?["name"]?.string == "Shop")
                #expect(answer.json?["integrationKey"]?.string == key)
            }
            #expect(answers[1].json?["integrationUrl"] == nil)
            #expect(try await server.delete(location).status == 204)
            #expect(try await server.get(location).status == 404)
        }
    }

    @Test func `given a known name, when it is created again, then the answer is 409 with the monitor as its body`()
        async throws
    {
        try await APIServer.run { server in
            let first = try await server.post("/api/heartbeat-monitors", .object(Self.body(nil)))

            let second = try await server.post("/api/heartbeat-monitors", .object(Self.body(nil)))

            #expect(second.status == 409)
            #expect(second.json?["id"] == first.json?["id"])
            #expect(second.json?["integrationKey"] == first.json?["integrationKey"])
        }
    }

    @Test func `given another interval, when it is replaced, then the key is another one`() async throws {
        try await APIServer.run { server in
            var body = Self.body(nil)
            let created = try await server.post("/api/heartbeat-monitors", .object(body))
            body["intervalSec"] = .integer(60)

            let changed = try await server.put(try #require(created.headers[.location]), .object(body))

            #expect(changed.json?["integrationKey"]?.string?.hasPrefix("nb1h:60:") == true)
            #expect(changed.json?["integrationKey"] != created.json?["integrationKey"])
        }
    }

    @Test func `given five monitors, when they are listed by two, then the header leads to the next page`() async throws
    {
        try await APIServer.run { server in
            for number in 0..<5 {
                _ = try await server.post("/api/heartbeat-monitors", .object(Self.body(nil, name: "Job \(number)")))
            }
            let header = try #require(HTTPField.Name("next-cursor"))
            var names: [String] = []
            var cursor: String? = ""
            while let current = cursor {
                let extra = current.isEmpty ? "" : "&cursor=\(current)"
                let page = try await server.get("/api/heartbeat-monitors?max-results=2\(extra)")
                names += (page.json?.array ?? []).compactMap { $0["name"]?.string }
                cursor = page.headers[header]
            }

            #expect(names == (0..<5).map { "Job \($0)" })
            #expect(try await server.get("/api/heartbeat-monitors?max-results=201").status == 400)
            #expect(try await server.get("/api/heartbeat-monitors?cursor=x").status == 400)
            #expect(try await server.get("/api/heartbeat-monitors?start-index=4").json?.array?.count == 1)
        }
    }

    @Test(arguments: [
        ("name", JSONValue.string("")), ("intervalSec", .integer(24)), ("intervalSec", .integer(2_678_401)),
        ("intervalSec", .null), ("alertSource", .object(["id": .integer(424_242)])),
        ("teams", .array([.object(["id": .integer(424_242)])])),
    ])
    func `given a wrong field, when a monitor is created, then the answer is 400 and names it`(
        name: String, value: JSONValue
    ) async throws {
        try await APIServer.run { server in
            var members = Self.body(nil)
            members[name] = value

            let answer = try await server.post("/api/heartbeat-monitors", .object(members))

            #expect(answer.status == 400)
            #expect(answer.json?["details"]?["field"]?.string == name)
        }
    }

    @Test func `given a key, when it is pinged in every way, then each is taken, and more than five a minute are not`()
        async throws
    {
        try await APIServer.run { server in
            let created = try await server.post("/api/heartbeat-monitors", .object(Self.body(nil)))
            let key = try #require(created.json?["integrationKey"]?.string)
            let answers = try await [
                server.send(.head, "/api/pings/\(key)", key: ""), server.send(.get, "/api/heartbeats/\(key)?", key: ""),
                server.send(.get, "/api/v1/heartbeats/\(key)/start", key: ""),
                server.send(.post, "/api/pings/\(key)/0", Array("all well".utf8), key: ""),
                server.send(.get, "/api/pings/\(key.replacing(":", with: "%3A"))", key: ""),
                server.send(.get, "/api/pings/\(key)", key: ""),
            ]

            #expect(answers.map(\.status) == [202, 202, 202, 202, 202, 429])
            #expect(answers.last?.headers[.retryAfter] == nil)
            #expect(answers[1].text == "{}")
            let location = try #require(created.headers[.location])
            #expect(try await server.get(location).json?["state"]?.string == "HEALTHY")
        }
    }

    @Test func `given wrong addresses, when they are pinged, then the status says what is wrong`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let created = try await server.post("/api/heartbeat-monitors", .object(Self.body(source)))
            let key = try #require(created.json?["integrationKey"]?.string)

            #expect(try await server.send(.get, "/api/pings/nb1h:60:unknownunknownunknown", key: "").status == 404)
            #expect(try await server.send(.get, "/api/pings/\(source.integrationKey)", key: "").status == 400)
            #expect(try await server.send(.get, "/api/pings/\(key)/256", key: "").status == 404)
            #expect(try await server.send(.put, "/api/pings/\(key)", key: "").status == 405)
        }
    }

    @Test func `given an alert source of the type HEARTBEAT2, when it is read, then its heartbeat tells its state`()
        async throws
    {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id])
            let body = try JSONValue.parse(
                """
                {"name":"Cron","integrationType":"HEARTBEAT2","escalationPolicy":{"id":\(policy.id)},
                 "heartbeat":{"summary":"Cron is dead","intervalSec":60}}
                """)
            let created = try await server.post("/api/alert-sources", body)
            let key = try #require(created.json?["integrationKey"]?.string)
            let location = try #require(created.headers[.location])

            #expect(created.json?["integrationUrl"]?.string == "https://bell.example/api/heartbeats/\(key)")
            #expect(created.json?["heartbeat"]?["status"]?.string == "UNKNOWN")
            #expect(try await server.send(.get, "/api/heartbeats/\(key)", key: "").status == 202)
            #expect(try await server.get(location).json?["heartbeat"]?["status"]?.string == "HEALTHY")
            server.clock.advance(by: .minutes(1))
            // The first round of a server gives jobs their time again.
            while try await server.engine.heartbeatLoop.runOnce() {}
            server.clock.advance(by: .minutes(1))
            while try await server.engine.heartbeatLoop.runOnce() {}
            let read = try await server.get(location)
            #expect(read.json?["heartbeat"]?["status"]?.string == "OVERDUE")
            #expect(read.json?["heartbeat"]?["summary"]?.string == "Cron is dead")
            #expect(read.json?["status"]?.string == "PENDING")
            let wrong = try JSONValue.parse(
                """
                {"name":"Cron","integrationType":"HEARTBEAT2","escalationPolicy":{"id":\(policy.id)},
                 "heartbeat":{"intervalSec":5}}
                """)
            let answer = try await server.post("/api/alert-sources", wrong)
            #expect(answer.json?["details"]?["field"]?.string == "heartbeat.intervalSec")
        }
    }
}
