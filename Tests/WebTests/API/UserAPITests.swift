import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite struct UserAPITests {
    private static let alice = """
        {"id":0,"firstName":"Alice","lastName":"Example","email":"alice@example.com","username":"alice.e",
         "timezone":"America/New_York","position":"Engineer","department":"Web","language":"de","region":"US",
         "role":"RESPONDER","shiftColor":"#ff0000","mutedUntil":"2026-02-01T00:00:00.000Z"}
        """

    @Test func `given every field, when a user is created, read, replaced and read, then all is echoed`() async throws {
        try await APIServer.run { server in
            let body = try JSONValue.parse(Self.alice)

            let created = try await server.post("/api/users?send-no-invitation=true", body)
            #expect(created.status == 201)
            let location = try #require(created.headers[.location])
            let answers = try await [
                created, server.get(location), server.put(location, body), server.get(location),
                server.get("/api/users/alice.e"), server.get("/api/v1/users/alice@example.com"),
            ]

            for answer in answers {
                for (name, value) in try #require(body.object) where name != "id" {
                    #expect(answer.json?[name] == value, "\(name)")
                }
            }
        }
    }

    @Test func `given a user, when a client leaves out what it does not know, then only what it clears is cleared`()
        async throws
    {
        try await APIServer.run { server in
            let location = try #require(
                try await server.post("/api/users", JSONValue.parse(Self.alice)).headers[.location])

            let answer = try await server.put(
                location,
                .object(
                    ["firstName": "Alice", "lastName": "Example", "email": "alice@example.com"]
                        .mapValues(JSONValue.string)))

            #expect(answer.json?["role"]?.string == "RESPONDER")
            #expect(answer.json?["mutedUntil"]?.string == "2026-02-01T00:00:00.000Z")
            #expect(answer.json?["timezone"]?.string == "America/New_York")
            #expect(answer.json?["position"]?.string == "")
        }
    }

    @Test func `given oneself, when current is read and changed, then it is oneself`() async throws {
        try await APIServer.run { server in
            let bob = try await server.user("Bob")

            let read = try await server.get("/api/users/current", key: bob.key)
            let changed = try await server.put(
                "/api/users/current",
                .object(["firstName": .string("Robert"), "lastName": .string("E"), "email": .string("bob@example.com")]
                ),
                key: bob.key)

            #expect(read.json?["id"]?.integer == bob.record.id.rawValue)
            #expect(read.json?["role"]?.string == "USER")
            #expect(changed.json?["firstName"]?.string == "Robert")
        }
    }

    @Test func `given users, when they are searched by email or listed, then they are found`() async throws {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record

            let found = try await server.post(
                "/api/users/search-email", .object(["email": .string("ALICE@example.com")]))
            let missing = try await server.post(
                "/api/users/search-email", .object(["email": .string("x@example.com")]))
            let empty = try await server.post("/api/users/search-email", .object([:]))
            let list = try await server.get("/api/users?start-index=0&max-results=100")

            #expect(found.json?["id"]?.integer == alice.id.rawValue)
            #expect(missing.status == 404)
            #expect(empty.status == 400)
            #expect(list.json?.array?.map { $0["firstName"]?.string } == ["Alice", "Carol"])
        }
    }

    @Test(arguments: [
        ("firstName", JSONValue.string(""), "firstName"), ("lastName", .null, "lastName"),
        ("email", .string("alice"), "email"), ("email", .integer(1), "email"), ("role", .string("BOSS"), "role"),
        ("timezone", .string("Mars/Base"), "timezone"), ("language", .string("fr"), "language"),
        ("region", .string("DEU"), "region"), ("mutedUntil", .string("tomorrow"), "mutedUntil"),
        ("username", .string("a b"), "username"),
    ])
    func `given a wrong field, when a user is created, then the answer is 400 and names it`(
        name: String, value: JSONValue, field: String
    ) async throws {
        try await APIServer.run { server in
            var members = try #require(try JSONValue.parse(Self.alice).object)
            members[name] = value

            let answer = try await server.post("/api/users", .object(members))

            #expect(answer.status == 400)
            #expect(answer.json?["details"]?["field"]?.string == field, "\(answer.text)")
        }
    }

    @Test func `given an email address in use, when another user takes it, then the answer is 409`() async throws {
        try await APIServer.run { server in
            _ = try await server.post("/api/users", JSONValue.parse(Self.alice))
            let second = try await server.post("/api/users", JSONValue.parse(Self.alice))

            #expect(second.status == 409)
        }
    }

    @Test func `given a user, when they are deleted, then they are gone and their key with them`() async throws {
        try await APIServer.run { server in
            let bob = try await server.user("Bob")
            #expect(try await server.get("/api/users/current", key: bob.key).status == 200)

            #expect(try await server.delete("/api/users/\(bob.record.id)").status == 204)

            #expect(try await server.get("/api/users/\(bob.record.id)").status == 404)
            #expect(try await server.get("/api/users/current", key: bob.key).status == 403)
        }
    }

    @Test(arguments: [
        ("emails", #"{"target":"a@example.com"}"#, #"{"target":"b@example.com","primary":true}"#, "OK"),
        (
            "phone-numbers", #"{"target":"+4930123456","regionCode":"DE"}"#,
            #"{"target":"+4930123457","regionCode":"DE"}"#, "LOCKED"
        ),
    ])
    func `given contacts, when one is created, found, changed and deleted, then each answers as clients expect`(
        segment: String, first: String, second: String, status: String
    ) async throws {
        try await APIServer.run { server in
            let base = "/api/users/\(server.carol.id)/contacts/\(segment)"
            let body = try JSONValue.parse(first)

            let created = try await server.post(base, body)
            let location = try #require(created.headers[.location])
            let read = try await server.get(location)
            let found = try await server.post("\(base)/search-target", .object(["target": body["target"] ?? .null]))
            let twice = try await server.post(base, body)
            let changed = try await server.put(location, JSONValue.parse(second))
            let listed = try await server.get(base)
            let deleted = try await server.delete(location)

            #expect(created.status == 201)
            for answer in [created, read, found] {
                #expect(answer.json?["target"] == body["target"])
                #expect(answer.json?["regionCode"] == body["regionCode"])
                #expect(answer.json?["status"]?.string == status)
            }
            #expect(twice.status == 409)
            #expect(try changed.json?["target"] == JSONValue.parse(second)["target"])
            #expect(listed.json?.array?.last?["id"] == created.json?["id"])
            #expect(deleted.status == 204)
            #expect(try await server.get(location).status == 404)
            #expect(try await server.post(base, .object(["target": .string("nothing")])).status == 400)
            #expect(try await server.get("/api/users/424242/contacts/\(segment)").status == 404)
        }
    }

    @Test(arguments: [
        ("alerts", #"{"method":"EMAIL","contact":{"id":CONTACT,"target":""},"delayMin":5,"type":"HIGH_PRIORITY"}"#),
        ("duties", #"{"method":"EMAIL","contact":{"id":CONTACT},"beforeMin":30,"type":"ON_CALL"}"#),
        ("updates", #"{"method":"EMAIL","contact":{"id":CONTACT},"type":"ALERT_ACCEPTED"}"#),
        ("subscriptions", #"{"method":"EMAIL","contact":{"id":CONTACT}}"#),
    ])
    func `given an area, when a preference is created, read, changed and deleted, then it is echoed`(
        area: String, body: String
    ) async throws {
        try await APIServer.run { server in
            let user = "/api/users/\(server.carol.id)"
            let contact = try #require(
                try await server.get("\(user)/contacts/emails").json?[0]?["id"]?.integer)
            let body = try JSONValue.parse(body.replacing("CONTACT", with: "\(contact)"))
            let base = "\(user)/notification-preferences/\(area)"
            // A new user may have preferences already; an equal one would be refused.
            for old in try await server.get(base).json?.array ?? [] {
                _ = try await server.delete("\(base)/\(old["id"]?.integer ?? 0)")
            }

            let created = try await server.post(base, body)
            let location = try #require(created.headers[.location], "\(created.text)")
            let answers = try await [created, server.get(location), server.put(location, body)]
            let list = try await server.get(base)
            let deleted = try await server.delete(location)

            for answer in answers {
                for name in ["method", "delayMin", "beforeMin", "type"] {
                    #expect(answer.json?[name] == body[name], "\(name)")
                }
                #expect(answer.json?["contact"]?["id"]?.integer == contact)
                #expect(answer.json?["contact"]?["target"]?.string == "carol@example.com")
            }
            #expect(list.json?.array?.count == 1)
            #expect(deleted.status == 204)
            #expect(try await server.get(location).status == 404)
        }
    }

    @Test(arguments: [
        ("alerts", #"{"type":"HIGH_PRIORITY"}"#), ("alerts", #"{"method":"PIGEON","type":"HIGH_PRIORITY"}"#),
        ("alerts", #"{"method":"EMAIL","type":"HIGH_PRIORITY"}"#),
        ("alerts", #"{"method":"EMAIL","contact":{"id":424242},"type":"HIGH_PRIORITY"}"#),
        ("alerts", #"{"method":"EMAIL","contact":{"id":CONTACT},"delayMin":121,"type":"HIGH_PRIORITY"}"#),
        ("alerts", #"{"method":"EMAIL","contact":{"id":CONTACT},"type":"MEDIUM"}"#),
        ("duties", #"{"method":"VOICE","contact":{"id":CONTACT},"type":"ON_CALL"}"#),
        ("duties", #"{"method":"EMAIL","contact":{"id":CONTACT},"beforeMin":7,"type":"ON_CALL"}"#),
    ])
    func `given a wrong preference, when it is created, then the answer is 400`(area: String, body: String) async throws
    {
        try await APIServer.run { server in
            let contact = try #require(
                try await server.get("/api/users/carol/contacts/emails").json?[0]?["id"]?.integer)

            let answer = try await server.send(
                .post, "/api/users/current/notification-preferences/\(area)",
                Array(body.replacing("CONTACT", with: "\(contact)").utf8))

            #expect(answer.status == 400, "\(answer.text)")
        }
    }

    @Test func `given somebody else, when their contacts are read without being an administrator, then it is refused`()
        async throws
    {
        try await APIServer.run { server in
            let bob = try await server.user("Bob")

            let others = try await server.get("/api/users/\(server.carol.id)/contacts/emails", key: bob.key)
            let own = try await server.get("/api/users/current/contacts/emails", key: bob.key)
            let area = try await server.get("/api/users/current/notification-preferences/nothing")

            #expect(others.status == 403)
            #expect(own.json?[0]?["target"]?.string == "bob@example.com")
            #expect(area.status == 404)
        }
    }
}
