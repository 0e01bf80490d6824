import Alerting
import Engine
import Foundation
import HTTPTypes
import Storage
import Testing

@testable import Web

@Suite struct AuthenticationTests {
    private static func basic(_ name: String, _ password: String) -> HTTPFields {
        [.authorization: "Basic " + Data("\(name):\(password)".utf8).base64EncodedString()]
    }

    @Test func `given no credentials, when the API is asked, then the answer is 401`() async throws {
        try await APIServer.run { server in
            for headers: HTTPFields in [[:], [.authorization: "Bearer"], [.authorization: "Digest x"]] {
                let answer = try await server.get("/api/alerts", key: "", headers: headers)

                #expect(answer.status == 401)
                #expect(answer.json?["status"]?.integer == 401)
                #expect(answer.headers[.wwwAuthenticate] == "Bearer")
            }
        }
    }

    @Test func `given an unknown key, when the API is asked, then the answer is 403 with KEY_ERROR`() async throws {
        try await APIServer.run { server in
            for key in ["nope", String(repeating: "x", count: 5000)] {
                let answer = try await server.get("/api/alerts", key: key)

                #expect(answer.status == 403)
                #expect(answer.json?["code"]?.string == "KEY_ERROR")
            }
        }
    }

    @Test func `given a username with organization and a password, when they are right, then the caller is known`()
        async throws
    {
        try await APIServer.run { server in
            for name in ["carol@example", "carol", "carol@example.com", "carol@example.com@example"] {
                let answer = try await server.get(
                    "/api/users/current", key: "", headers: Self.basic(name, APIServer.password))

                #expect(answer.status == 200, "\(name): \(answer.text)")
                #expect(answer.json?["id"]?.integer == server.carol.id.rawValue)
            }
        }
    }

    @Test
    func `given a wrong password, when it is tried again and again, then it is refused, later even the right one`()
        async throws
    {
        try await APIServer.run { server in
            for _ in 1...10 {
                let answer = try await server.get("/api/users/current", key: "", headers: Self.basic("carol", "wrong"))
                #expect(answer.status == 403)
                #expect(answer.json?["code"]?.string == "KEY_ERROR")
            }

            let right = try await server.get(
                "/api/users/current", key: "", headers: Self.basic("carol", APIServer.password))

            #expect(right.status == 429)
            #expect(right.headers[.retryAfter] != nil)
        }
    }

    @Test(arguments: ["Basic %%%", "Basic " + Data("carol".utf8).base64EncodedString(), "Basic /w=="])
    func `given broken basic credentials, when the API is asked, then the answer is 403`(header: String) async throws {
        try await APIServer.run { server in
            let answer = try await server.get("/api/alerts", key: "", headers: [.authorization: header])

            #expect(answer.status == 403)
        }
    }

    @Test func `given a password that was just checked, when it is changed, then the old one no longer counts`()
        async throws
    {
        try await APIServer.run { server in
            let alice = try await server.user("Alice").record
            let old = Self.basic("alice", APIServer.password)
            #expect(try await server.get("/api/users/current", key: "", headers: old).status == 200)
            #expect(try await server.get("/api/users/current", key: "", headers: old).status == 200)

            try await server.services.administration.users.setPassword(
                "another long password", of: alice.id, by: .init(server.carol))

            #expect(try await server.get("/api/users/current", key: "", headers: old).status == 403)
        }
    }

    @Test func `given a weaker role, when it changes what it may not, then the answer is 403`() async throws {
        try await APIServer.run { server in
            let alice = try await server.user("Alice", role: .responder)

            let answer = try await server.post("/api/teams", .object(["name": .string("Shop")]), key: alice.key)

            #expect(answer.status == 403)
            #expect(answer.json?["code"]?.string == "FORBIDDEN")
        }
    }

    @Test func `given anything unknown below the API, when it is asked for, then the answer is an envelope`()
        async throws
    {
        try await APIServer.run { server in
            let missing = try await server.get("/api/nothing/here")
            let legacy = try await server.post("/api/v1/nothing", .object([:]))
            let method = try await server.send(.patch, "/api/alerts")

            #expect(missing.status == 404)
            #expect(missing.json?["code"]?.string == "NOT_FOUND")
            #expect(legacy.json?["status"]?.integer == 404)
            #expect(method.status == 405)
            #expect(method.json?["status"]?.integer == 405)
            #expect(method.headers[.allow]?.contains("GET") == true)
            #expect(missing.headers[.xContentTypeOptions] == "nosniff")
        }
    }
}
