import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

@Suite struct MaintenanceWindowAPITests {
    private static func body(_ source: AlertSourceRecord) -> [String: JSONValue] {
        [
            "id": .integer(0), "summary": .string("New database"), "description": .string("So"),
            "timezone": .string("Europe/Berlin"), "start": .string("2026-01-01T01:00:00.000Z"),
            "end": .string("2026-01-01T03:00:00.000Z"),
            "alertSources": .array([.object(["id": .integer(source.id.rawValue), "name": .string("")])]),
            "services": .array([.object(["id": .integer(7)])]),
            "notifications": .object(["atCreation": .bool(false), "atStart": .bool(true), "atEnd": .bool(false)]),
        ]
    }

    @Test func `given a body, when a window is created, read, replaced and read, then all is echoed`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let body = JSONValue.object(Self.body(source))

            let created = try await server.post("/api/maintenance-windows", body)
            let location = try #require(created.headers[.location])
            let answers = try await [created, server.get(location), server.put(location, body), server.get(location)]

            #expect(created.status == 201)
            for answer in answers {
                for name in ["summary", "description", "timezone", "start", "end", "services", "notifications"] {
                    #expect(answer.json?[name] == body[name], "\(name)")
                }
                #expect(answer.json?["alertSources"]?[0]?["name"]?.string == "Shop")
                #expect(answer.json?["createdBy"]?["id"]?.integer == server.carol.id.rawValue)
                #expect(answer.json?["mode"]?.string == "HOLD")
            }
            #expect(try await server.delete(location).status == 204)
            #expect(try await server.get(location).status == 404)
        }
    }

    @Test func `given a running window, when lists and sources are read, then they say so until it is over`()
        async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            _ = try await server.post("/api/maintenance-windows", .object(Self.body(source)))
            func state() async throws -> [String?] {
                let one = try await server.get("/api/alert-sources/\(source.id)").json?["status"]?.string
                let all = try await server.get("/api/alert-sources").json?[0]?["status"]?.string
                return [one, all]
            }
            func count(_ query: String) async throws -> Int? {
                try await server.get("/api/maintenance-windows?\(query)").json?.array?.count
            }

            #expect(try await state() == ["ALL_RESOLVED", "ALL_RESOLVED"])
            server.clock.advance(by: .hours(1))
            #expect(try await state() == ["IN_MAINTENANCE", "IN_MAINTENANCE"])
            #expect(
                try await [count("state=OPEN"), count("state=CLOSED"), count("sources=\(source.id)")] == [1, 0, 1])
            #expect(
                try await [count("services=7"), count("services=8"), count("until=2026-01-01T01:00:00Z")] == [1, 0, 0])
            server.clock.advance(by: .hours(2))
            #expect(try await state() == ["ALL_RESOLVED", "ALL_RESOLVED"])
            #expect(try await [count("state=OPEN"), count("state=CLOSED")] == [0, 1])
            #expect(try await server.get("/api/maintenance-windows?state=SOME").status == 400)
        }
    }

    @Test func `given a time without an offset, when created, then it is on a wall in the window's zone`() async throws
    {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            var body = Self.body(source)
            body["start"] = .string("2026-07-01T12:00")
            body["end"] = .string("2026-07-01T14:00:00+02:00")

            let created = try await server.post("/api/maintenance-windows", .object(body))

            #expect(created.json?["start"]?.string == "2026-07-01T10:00:00.000Z")
            #expect(created.json?["end"]?.string == "2026-07-01T12:00:00.000Z")
        }
    }

    @Test(arguments: [
        ("summary", JSONValue.string("")), ("start", .string("tomorrow")), ("start", .null),
        ("end", .string("2025-01-01T00:00:00Z")), ("timezone", .string("Mars/Base")),
        ("alertSources", .array([.object(["id": .integer(424_242)])])), ("mode", .string("KEEP")),
        ("services", .string("all")),
    ])
    func `given a wrong field, when a window is created, then the answer is 400 and names it`(
        name: String, value: JSONValue
    ) async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            var members = Self.body(source)
            members[name] = value

            let answer = try await server.post("/api/maintenance-windows", .object(members))

            #expect(answer.status == 400)
            #expect(answer.json?["details"]?["field"]?.string == name)
        }
    }
}
