import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

/// Contacts of further kinds, subscriptions, and what Telegram sends.
struct ReachAPITests {
    private static let base = "/api/users/current/contacts"

    @Test(arguments: [
        ("ntfy", "https://ntfy.sh/my-secret-topic"), ("gotify", "https://gotify.example"),
        ("pushover", "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"),
    ])
    func `given a contact of another kind, when it is made, read, replaced and deleted, then no token is shown`(
        kind: String, target: String
    ) async throws {
        try await APIServer.run { server in
            let path = "\(Self.base)/\(kind)"
            let created = try await server.post(
                path, .object(["target": .string(target), "token": .string("tk_secret")]))
            #expect(created.status == 201)
            let id = try #require(created.json?["id"]?.integer)
            #expect(created.headers[.location] == "/api/users/\(server.carol.id)/contacts/\(kind)/\(id)")
            let read = try await server.get("\(path)/\(id)")
            #expect(read.json == created.json)
            #expect(read.json?["hasToken"] == .bool(true) && read.json?["status"] == .string("LOCKED"))
            #expect(!read.text.contains("tk_secret"))

            #expect(try await server.post(path, .object(["target": .string(target)])).status == 409)
            #expect(try await server.post(path, .object(["target": .string("nonsense")])).status == 400)
            let replaced = try await server.put(
                "\(path)/\(id)", .object(["target": .string(target), "primary": .bool(true)]))
            #expect(replaced.json?["primary"] == .bool(true) && replaced.json?["hasToken"] == .bool(true))
            #expect(try await server.get(path).json?.array?.count == 1)

            let bob = try await server.user("Bob")
            let carols = "/api/users/\(server.carol.id)/contacts/\(kind)/\(id)"
            #expect(try await server.get(carols, key: bob.key).status == 403)
            #expect(try await server.delete("\(path)/\(id)").status == 204)
            #expect(try await server.get("\(path)/\(id)").status == 404)
        }
    }

    @Test func `given a browser's subscription, then it is kept locked, and neither its address nor keys are shown`()
        async throws
    {
        try await APIServer.run { server in
            let body = try JSONValue.parse(
                #"""
                {"endpoint": "https://push.example/abc", "expirationTime": null, "label": "Phone", "keys": {
                "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}
                """#)
            let created = try await server.post("\(Self.base)/push", body)
            #expect(created.status == 201)
            #expect(created.json?["status"] == .string("LOCKED"))
            #expect(!created.text.contains("push.example") && !created.text.contains("BCVx"))
            #expect(try await server.post("\(Self.base)/push", body).status == 409)
            #expect(
                try await server.post("\(Self.base)/push", .object(["endpoint": .string("https://x.example")])).status
                    == 400)
            #expect(try await server.post("\(Self.base)/telegram", .object([:])).status == 405)
        }
    }

    @Test func `given a code by API, then the contact is verified, and only by the right one`() async throws {
        try await APIServer.run { server in
            let created = try await server.post(
                "\(Self.base)/emails", .object(["target": .string("second@example.com")]))
            let id = try #require(created.json?["id"]?.integer)
            try await server.engine.store.write { change in
                try change.transaction.execute(
                    "UPDATE contacts SET verified_at_ms = NULL WHERE id = :id", ["id": .integer(id)])
            }
            #expect(try await server.post("\(Self.base)/emails/\(id)/code", .object([:])).status == 204)
            #expect(try await server.post("\(Self.base)/emails/\(id)/code", .object([:])).status == 409)
            try await server.settle()
            let code = try #require(server.sender.messages.last).text.split(separator: ".")[0].filter(\.isNumber)
            let wrong = try await server.post(
                "\(Self.base)/emails/\(id)/verification", .object(["code": .string("x")]))
            #expect(wrong.status == 400)
            let right = try await server.post(
                "\(Self.base)/emails/\(id)/verification", .object(["code": .string(code)]))
            #expect(right.json?["status"] == .string("OK"))
            #expect(try await server.post("\(Self.base)/emails/\(id)/test", .object([:])).status == 204)
            #expect(try await server.post("\(Self.base)/phone-numbers/\(id)/test", .object([:])).status == 404)
        }
    }

    @Test func `given subscriptions by API, then they are on, off, and refused for what is not there`() async throws {
        try await APIServer.run { server in
            let policy = try await server.policy([server.carol.id])
            let source = try await server.source(policy: policy.id)
            let alert = try #require(try await server.event(source))
            for path in ["/api/alert-sources/\(source.id)/subscription", "/api/alerts/\(alert)/subscription"] {
                #expect(try await server.get(path).json == .object(["subscribed": .bool(false)]))
                #expect(try await server.put(path).json == .object(["subscribed": .bool(true)]))
                #expect(try await server.put(path).status == 200)
                #expect(try await server.get(path).json == .object(["subscribed": .bool(true)]))
                #expect(try await server.delete(path).status == 204)
                #expect(try await server.get(path).json == .object(["subscribed": .bool(false)]))
            }
            #expect(try await server.put("/api/alerts/99999/subscription").status == 404)
        }
    }

    // MARK: - Telegram's webhook

    private static let header = HTTPField.Name("X-Telegram-Bot-Api-Secret-Token")!
    private static let settings = WebSettings(
        publicURL: "https://bell.example", version: "1", instance: "me", telegramSecret: "right")

    @Test func `given an update without the secret, with a wrong one or none set, then it is refused`() async throws {
        let update = Array(#"{"update_id": 1, "message": {"chat": {"id": 5}, "text": "1a"}}"#.utf8)
        try await APIServer.run(settings: Self.settings) { server in
            let path = "/telegram/updates"
            #expect(try await server.send(.post, path, update).status == 403)
            #expect(try await server.send(.post, path, update, headers: [Self.header: "wrong"]).status == 403)
            let right = try await server.send(.post, path, update, headers: [Self.header: "right"])
            #expect(right.status == 200 && right.json == .object([:]))
            let broken = try await server.send(.post, path, Array("{".utf8), headers: [Self.header: "right"])
            #expect(broken.status == 400)
        }
        try await APIServer.run { server in
            let answer = try await server.send(.post, "/telegram/updates", update)
            #expect(answer.status == 404)
        }
    }

    @Test func `given a pressed button, then the alert is accepted and the answer is the method to be called`()
        async throws
    {
        try await APIServer.run(settings: Self.settings) { server in
            let policy = try await server.policy([server.carol.id])
            let alert = try #require(try await server.event(try await server.source(policy: policy.id)))
            try await server.settle()
            let token = try #require(server.sender.messages.last?.token)
            let update = #"{"update_id": 2, "callback_query": {"id": "q7", "data": "a:\#(token)"}}"#

            let answer = try await server.send(
                .post, "/telegram/updates", Array(update.utf8), headers: [Self.header: "right"])

            #expect(answer.json?["method"]?.string == "answerCallbackQuery")
            #expect(answer.json?["callback_query_id"]?.string == "q7")
            #expect(answer.json?["text"]?.string == "You have accepted this alert.")
            #expect(try await server.get("/api/alerts/\(alert)").json?["status"]?.string == "ACCEPTED")
        }
    }
}
