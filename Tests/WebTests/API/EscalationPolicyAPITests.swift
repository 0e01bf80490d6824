import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite struct EscalationPolicyAPITests {
    private static func body(_ users: [User.ID], _ extra: [String: JSONValue] = [:]) -> JSONValue {
        let rules = users.map { user in
            JSONValue.object([
                "escalationTimeout": .integer(5),
                "users": .array([.object(["id": .integer(user.rawValue), "firstName": .string("")])]),
                "schedules": .null, "user": .object(["id": .integer(0)]),
            ])
        }
        return .object(
            ["name": .string("Shop on call"), "escalationRules": .array(rules), "frequency": .integer(1)]
                .merging(extra) { $1 })
    }

    @Test func `given every field, when a policy is created, read, replaced and read, then all is echoed`() async throws
    {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record
            let team = try #require(
                try await server.post("/api/teams", .object(["name": .string("Web")])).json?["id"])
            let body = Self.body(
                [alice.id, server.carol.id],
                [
                    "repeating": .bool(true), "frequency": .integer(3), "delayMin": .integer(2),
                    "routingKey": .string("shop"), "teams": .array([.object(["id": team])]),
                ])

            let created = try await server.post("/api/escalation-policies", body)
            #expect(created.status == 201)
            let location = try #require(created.headers[.location])
            let read = try await server.get("\(location)?")
            let replaced = try await server.put(location, body)
            let again = try await server.get(location)

            for answer in [created, read, replaced, again] {
                for name in ["name", "repeating", "frequency", "delayMin", "routingKey"] {
                    #expect(answer.json?[name] == body[name], "\(name)")
                }
                #expect(answer.json?["teams"]?[0]?["id"] == team)
                let rules = try #require(answer.json?["escalationRules"]?.array)
                #expect(rules.map { $0["escalationTimeout"]?.integer } == [5, 5])
                #expect(rules.map { $0["users"]?[0]?["id"]?.integer } == [alice.id.rawValue, server.carol.id.rawValue])
                #expect(rules[0]["users"]?[0]?["firstName"]?.string == "Alice")
                #expect(rules[0]["schedules"] == .array([]))
            }
        }
    }

    @Test func `given routing keys, when they are resolved, then the first that exists counts`() async throws {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id], routingKey: "shop")
            func resolve(_ query: String) async throws -> APIServer.Answer {
                try await server.get("/api/escalation-policies/resolve\(query)")
            }

            #expect(try await resolve("?routing-key=none,shop").json?["id"]?.integer == policy.id.rawValue)
            #expect(try await resolve("?routing-key=none").status == 404)
            #expect(try await resolve("").status == 400)
            let byName = try await server.get("/api/escalation-policies/name/Shop%20on%20call")
            #expect(byName.json?["id"]?.integer == policy.id.rawValue)
            #expect(try await server.get("/api/v1/escalation-policies/name/None").status == 404)
        }
    }

    @Test func `given a level, when it is replaced, then it is answered and the others stay`() async throws {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record
            let policy = try await server.policy([server.carol.id, server.carol.id])
            let path = "/api/escalation-policies/\(policy.id)"
            let rule = try #require(Self.body([alice.id])["escalationRules"]?[0])

            let answer = try await server.put("\(path)/levels/1", rule)

            #expect(answer.status == 200)
            #expect(answer.json?["escalationTimeout"]?.integer == 5)
            let rules = try await server.get(path).json?["escalationRules"]
            #expect(rules?[0]?["users"]?[0]?["id"]?.integer == server.carol.id.rawValue)
            #expect(rules?[1]?["users"]?[0]?["id"]?.integer == alice.id.rawValue)
            #expect(try await server.put("\(path)/levels/2", rule).status == 404)
            #expect(try await server.put("\(path)/levels/x", rule).status == 404)
        }
    }

    @Test func `given older clients, when a level names one user in the singular, then it is understood`() async throws
    {
        try await APIServer.run { server in
            let rule: JSONValue = .object([
                "escalationTimeout": .integer(10),
                "user": .object(["id": .integer(server.carol.id.rawValue), "username": .string("")]),
            ])

            let answer = try await server.post(
                "/api/v1/escalation-policies",
                .object(["name": .string("Old"), "escalationRules": .array([rule])]))

            #expect(answer.status == 201)
            #expect(answer.json?["escalationRules"]?[0]?["users"]?[0]?["id"]?.integer == server.carol.id.rawValue)
        }
    }

    @Test(arguments: [
        ("name", JSONValue.string(""), "name"), ("escalationRules", .null, "escalationRules"),
        ("escalationRules", .array([]), "escalationRules"),
        ("escalationRules", .array([.object(["escalationTimeout": .integer(5)])]), "escalationRules[0]"),
        (
            "escalationRules", .array([.object(["users": .array([.object(["id": .integer(1)])])])]),
            "escalationRules[0].escalationTimeout"
        ),
        (
            "escalationRules",
            .array([
                .object([
                    "escalationTimeout": .integer(5), "users": .array([.object(["id": .integer(424_242)])]),
                ])
            ]), "escalationRules[0].users"
        ),
        ("frequency", .integer(10), "frequency"), ("delayMin", .integer(61), "delayMin"),
        ("delayMin", .number(1.5), "delayMin"), ("repeating", .string("yes"), "repeating"),
        ("routingKey", .string("a,b"), "routingKey"), ("teams", .array([.object(["id": .integer(424_242)])]), "teams"),
    ])
    func `given a wrong field, when a policy is created, then the answer is 400 and names it`(
        name: String, value: JSONValue, field: String
    ) async throws {
        try await APIServer.run { server in
            let answer = try await server.post(
                "/api/escalation-policies", Self.body([server.carol.id], [name: value]))

            #expect(answer.status == 400)
            #expect(answer.json?["details"]?["field"]?.string == field, "\(answer.text)")
        }
    }

    @Test func `given a policy in use, when it is deleted, then the answer is 409, unused 204`() async throws {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id])
            let source = try await server.source(policy: policy.id)

            let used = try await server.delete("/api/escalation-policies/\(policy.id)")
            _ = try await server.delete("/api/alert-sources/\(source.id)")
            let unused = try await server.delete("/api/escalation-policies/\(policy.id)")

            #expect(used.status == 409)
            #expect(used.json?["message"]?.string?.contains("Shop") == true)
            #expect(unused.status == 204)
        }
    }
}
