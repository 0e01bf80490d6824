import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite struct TeamAPITests {
    private static func body(_ name: String, _ members: [User.ID], _ visibility: String = "PUBLIC") -> JSONValue {
        .object([
            "id": .integer(0), "name": .string(name), "visibility": .string(visibility),
            "members": .array(
                members.map { user in
                    .object([
                        "user": .object(["id": .integer(user.rawValue), "firstName": .string("")]),
                        "role": .string("RESPONDER"),
                    ])
                }),
        ])
    }

    @Test func `given a body, when a team is created, read, replaced and read, then all is echoed`() async throws {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record
            let body = Self.body("Web / Shop", [alice.id], "PRIVATE")

            let created = try await server.post("/api/teams", body)
            let location = try #require(created.headers[.location])
            let answers = try await [
                created, server.get(location), server.put(location, body),
                server.get("/api/teams/name/Web%20/%20Shop"), server.get("/api/v1\(location.dropFirst(4))"),
            ]

            #expect(created.status == 201)
            for answer in answers {
                #expect(answer.json?["name"] == body["name"])
                #expect(answer.json?["visibility"]?.string == "PRIVATE")
                #expect(answer.json?["members"]?[0]?["user"]?["email"]?.string == "alice@example.com")
                #expect(answer.json?["members"]?[0]?["role"]?.string == "RESPONDER")
            }
            #expect(try await server.get("/api/teams?members=\(alice.id)").json?.array?.count == 1)
            #expect(try await server.get("/api/teams?members=\(server.carol.id)").json?.array?.count == 0)
            #expect(try await server.delete(location).status == 204)
            #expect(try await server.get(location).status == 404)
        }
    }

    @Test func `given a team, when members come and go, then it is answered as clients expect`() async throws {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record
            let location = try #require(try await server.post("/api/teams", Self.body("Web", [])).headers[.location])
            let member: JSONValue = .object([
                "user": .object(["id": .integer(alice.id.rawValue)]), "role": .string("ADMIN"),
            ])

            let added = try await server.post("\(location)/members", member)
            let removed = try await server.delete("\(location)/members/\(alice.id)")
            let again = try await server.delete("\(location)/members/\(alice.id)")

            #expect(added.status == 200)
            #expect(added.json?["members"]?[0]?["role"]?.string == "ADMIN")
            #expect(removed.status == 204)
            #expect(again.status == 404)
            for wrong in [
                #"{}"#, #"{"user":{"id":424242}}"#, #"{"user":{"id":0}}"#, #"{"user":{"id":1},"role":"BOSS"}"#,
            ] {
                let answer = try await server.post("\(location)/members", JSONValue.parse(wrong))
                #expect(answer.status == 400, "\(wrong)")
            }
        }
    }

    @Test(arguments: [("name", JSONValue.string("")), ("visibility", .string("SECRET")), ("members", .string("all"))])
    func `given a wrong field, when a team is created, then the answer is 400 and names it`(
        name: String, value: JSONValue
    ) async throws {
        try await APIServer.run { server in
            var members = try #require(Self.body("Web", []).object)
            members[name] = value

            let answer = try await server.post("/api/teams", .object(members))

            #expect(answer.status == 400)
            #expect(answer.json?["details"]?["field"]?.string == name)
        }
    }

    @Test func `given another team's private things, when somebody asks for them, then they are not there`()
        async throws
    {
        try await APIServer.run { server in
            let (alice, bob) = try await (server.user("Alice"), server.user("Bob"))
            let teamID = try #require(
                try await server.post("/api/teams", Self.body("Web", [alice.record.id], "PRIVATE")).json?["id"]?.integer
            )
            let team = Team.ID(teamID)
            let policy = try await server.policy([alice.record.id], routingKey: "web", teams: [team])
            let source = try await server.source(policy: policy.id, teams: [team])
            let alert = try #require(try await server.event(source))
            func status(_ path: String, _ key: String) async throws -> Int {
                try await server.get("/api/\(path)", key: key).status
            }

            for path in [
                "alert-sources/\(source.id)", "alert-sources/\(source.integrationKey)", "alert-sources/name/Shop",
                "escalation-policies/\(policy.id)", "escalation-policies/name/Shop%20on%20call", "teams/\(team)",
                "teams/name/Web", "alerts/\(alert)", "alerts/\(alert)/log-entries", "alerts/\(alert)/notifications",
            ] {
                #expect(try await status(path, alice.key) == 200, "\(path)")
                #expect(try await status(path, bob.key) == 404, "\(path)")
            }
            for path in ["alert-sources", "escalation-policies", "teams", "alerts"] {
                #expect(try await server.get("/api/\(path)", key: bob.key).json == .array([]), "\(path)")
                #expect(try await server.get("/api/\(path)", key: alice.key).json?.array?.count == 1, "\(path)")
            }
            #expect(try await server.get("/api/alerts/count", key: bob.key).json?["count"]?.integer == 0)
            for path in ["accept", "resolve", "assign?user=bob"] {
                #expect(try await server.put("/api/alerts/\(alert)/\(path)", key: bob.key).status == 404)
            }
            #expect(try await server.delete("/api/alert-sources/\(source.id)", key: bob.key).status == 404)
            #expect(try await status("escalation-policies/resolve?routing-key=web", bob.key) == 403)
        }
    }

    @Test func `given a team context, when lists are read, then they hold only what belongs to it`() async throws {
        try await APIServer.run { server in
            let team = Team.ID(
                try #require(try await server.post("/api/teams", Self.body("Web", [])).json?["id"]?.integer))
            let policy = try await server.policy([server.carol.id])
            _ = try await server.source("Everybody's", policy: policy.id)
            _ = try await server.source("Web's", policy: policy.id, teams: [team])
            func names(_ headers: HTTPFields) async throws -> [String?]? {
                try await server.get("/api/alert-sources", headers: headers).json?.array?.map { $0["name"]?.string }
            }
            let (name, older) = (HTTPField.Name("team-context")!, HTTPField.Name("x-team-context")!)

            #expect(try await names([name: "0"]) == ["Everybody's", "Web's"])
            #expect(try await names([name: "\(team)"]) == ["Web's"])
            #expect(try await names([older: "\(team)"]) == ["Web's"])
            #expect(try await names([name: "-1"]) == [])
            #expect(try await server.get("/api/alerts", headers: [name: "mine"]).status == 400)
        }
    }
}
