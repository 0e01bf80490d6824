import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

@Suite struct OnCallAPITests {
    /// A policy whose first level calls a schedule of Alice and Bob and whose second calls Carol, on a Monday.
    private struct Scene {
        var alice: User.ID
        var bob: User.ID
        var schedule: Int64
        var policy: Int64
    }

    private func scene(_ server: APIServer) async throws -> Scene {
        let alice = try await server.user("Alice").record.id
        let bob = try await server.user("Bob").record.id
        let body = ScheduleAPITests.body(
            [alice, bob],
            [
                "scheduleLayers": .array([
                    .object([
                        "startsOn": .string("2026-01-05T09:00"), "rotation": .string("P1D"),
                        "users": .array([alice, bob].map { .object(["id": .integer($0.rawValue)]) }),
                    ])
                ])
            ])
        let schedule = try #require(try await server.post("/api/schedules", body).json?["id"]?.integer)
        let rules: [JSONValue] = [
            .object([
                "escalationTimeout": .integer(5), "schedules": .array([.object(["id": .integer(schedule)])]),
            ]),
            .object([
                "escalationTimeout": .integer(5),
                "users": .array([.object(["id": .integer(server.carol.id.rawValue)])]),
            ]),
        ]
        let created = try await server.post(
            "/api/escalation-policies", .object(["name": .string("Shop"), "escalationRules": .array(rules)]))
        #expect(created.status == 201)
        #expect(
            created.json?["escalationRules"]?[0]?["schedules"]?[0]
                == .object([
                    "id": .integer(schedule), "name": .string("Shop rota"), "type": .string("RECURRING"),
                ]))
        // Tuesday, 10:30 in Berlin.
        server.clock.advance(by: .days(5) + .minutes(570))
        return Scene(
            alice: alice, bob: bob, schedule: schedule, policy: try #require(created.json?["id"]?.integer))
    }

    private func users(_ answer: APIServer.Answer) -> [Int64?] {
        answer.json?.array?.map { $0["user"]?["id"]?.integer } ?? []
    }

    @Test func `given a policy with a schedule, when it is asked who is on call, then each level answers`() async throws
    {
        try await APIServer.run { server in
            let scene = try await scene(server)
            let (a, b, c) = (scene.alice.rawValue, scene.bob.rawValue, server.carol.id.rawValue)

            let now = try await server.get("/api/on-calls?policies=\(scene.policy)")

            #expect(users(now) == [b, c])
            let first = try #require(now.json?[0])
            #expect(first["escalationLevel"]?.integer == 1)
            #expect(first["escalationPolicy"]?["name"]?.string == "Shop")
            #expect(first["escalationPolicy"]?["escalationRules"] == nil)
            #expect(first["schedule"]?["id"]?.integer == scene.schedule)
            #expect(first["start"]?.string == "2026-01-06T09:00")
            #expect(first["end"]?.string == "2026-01-07T09:00")
            #expect(now.json?[1]?["start"] == nil)
            let week = "from=2026-01-05T08:00:00Z&until=2026-01-08T08:00:00Z"
            #expect(try await users(server.get("/api/on-calls?\(week)&schedules=\(scene.schedule)")) == [a, b, a])
            #expect(try await users(server.get("/api/on-calls?\(week)&users=\(a)")) == [a, a])
            #expect(try await users(server.get("/api/on-calls?users=nobody")) == [])
        }
    }

    @Test func `given filters by level, zone and expansion, then they hold`() async throws {
        try await APIServer.run { server in
            let scene = try await scene(server)
            let level = "%7B%22id%22%3A\(scene.policy)%2C%22level%22%3A2%7D"

            let second = try await server.get("/api/on-calls?policy-levels=\(level)")
            let expanded = try await server.get("/api/on-calls?expand=policy&expand=user&timezone=UTC")

            #expect(users(second) == [server.carol.id.rawValue])
            #expect(expanded.json?[0]?["escalationPolicy"]?["escalationRules"]?.array?.count == 2)
            #expect(expanded.json?[0]?["user"]?["role"]?.string == "USER")
            #expect(expanded.json?[0]?["start"]?.string == "2026-01-06T08:00")
            for query in ["policy-levels=1", "timezone=Mars", "from=2026-01-01&until=2026-08-01", "max-results=251"] {
                #expect(try await server.get("/api/on-calls?\(query)").status == 400, "\(query)")
            }
            let paged = try await server.get("/api/on-calls?start-index=1&max-results=1")
            #expect(users(paged) == [server.carol.id.rawValue])
        }
    }

    @Test func `given an alert, when its policy calls a schedule, then whoever is on call is paged, by override too`()
        async throws
    {
        try await APIServer.run { server in
            let scene = try await scene(server)
            let source = try await server.source(policy: .init(scene.policy))

            try await server.event(source, key: "one")
            try await server.settle()
            _ = try await server.put(
                "/api/schedules/\(scene.schedule)/overrides",
                ScheduleAPITests.shift(scene.alice, "2026-01-06T10:25", "2026-01-06T12:00"))
            try await server.event(source, key: "two")
            try await server.settle()

            #expect(server.sender.messages.map(\.address) == ["bob@example.com", "alice@example.com"])
        }
    }

    @Test func `given a schedule in use, when it is deleted, then the answer is 409 and names the policy`() async throws
    {
        try await APIServer.run { server in
            let scene = try await scene(server)

            let used = try await server.delete("/api/schedules/\(scene.schedule)")
            _ = try await server.delete("/api/escalation-policies/\(scene.policy)")
            let unused = try await server.delete("/api/schedules/\(scene.schedule)")

            #expect(used.status == 409)
            #expect(used.json?["message"]?.string?.contains("Shop") == true)
            #expect(unused.status == 204)
        }
    }

    @Test func `given a schedule nobody knows, when a policy names it, then the answer is 400 and names the field`()
        async throws
    {
        try await APIServer.run { server in
            let rule: JSONValue = .object([
                "escalationTimeout": .integer(5), "schedules": .array([.object(["id": .integer(424_242)])]),
            ])

            let answer = try await server.post(
                "/api/escalation-policies", .object(["name": .string("Shop"), "escalationRules": .array([rule])]))

            #expect(answer.status == 400)
            #expect(answer.json?["details"]?["field"]?.string == "escalationRules[0].schedules")
        }
    }
}
