import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

/// A browser that changes its subscription by itself: its service worker says so, with nobody signed in.
struct PushChangeTests {
    private static let key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    private static let (old, new) = ("https://push.example/old", "https://push.example/new")
    private static let (oldAuth, newAuth) = ("BTBZMqHH6r4Tts7J_aSIgg", "AAAAAAAAAAAAAAAAAAAAAA")

    private static func fields(
        from endpoint: String = old, _ auth: String = oldAuth, to target: String = new
    ) -> [(String, String)] {
        [
            ("oldEndpoint", endpoint), ("oldAuth", auth), ("endpoint", target), ("p256dh", key), ("auth", newAuth),
        ]
    }

    /// Subscribes a browser of Alice's.
    private static func subscribe(_ server: PageServer, _ endpoint: String) async throws {
        let contacts = server.administration.contacts
        let link = try await contacts.link(.push, of: server.alice.id, by: server.caller)
        try await contacts.subscribe(
            PushSubscription(endpoint: endpoint, publicKey: key, authSecret: oldAuth), label: "Phone", link: link)
    }

    private static func contacts(_ server: PageServer) async throws -> [ContactRecord] {
        try await server.administration.contacts.list(of: server.alice.id, kind: .push, by: server.caller)
    }

    @Test func `given the old address and its secret, then the same contact has the new one, and is on again`()
        async throws
    {
        let server = try await PageServer()
        try await Self.subscribe(server, Self.old)
        let before = try #require(try await Self.contacts(server).first)
        let now = server.clock.now
        try await server.engine.store.write { change in
            var contact = before
            contact.stoppedAt = now
            try Contacts.update(contact, in: change.transaction)
        }
        try await server.browse { visitor in
            let answer = try await visitor.post("/push/changed", Self.fields())
            #expect(answer.status == .noContent)
        }

        let after = try await Self.contacts(server)
        #expect(after.map(\.id) == [before.id] && after.map(\.target) == [Self.new])
        #expect(after[0].secret == "\(Self.key) \(Self.newAuth)")
        #expect(after[0].verifiedAt == before.verifiedAt && after[0].stoppedAt == nil && after[0].label == "Phone")
    }

    @Test func `given a wrong secret, an unknown address or no subscription, then nothing changes`() async throws {
        let server = try await PageServer()
        try await Self.subscribe(server, Self.old)
        try await server.browse { visitor in
            let wrong = try await visitor.post("/push/changed", Self.fields(from: Self.old, Self.newAuth))
            let empty = try await visitor.post("/push/changed", Self.fields(from: Self.old, ""))
            let unknown = try await visitor.post("/push/changed", Self.fields(from: "https://push.example/other"))
            let none = try await visitor.post("/push/changed", Self.fields(to: "ftp://x"))
            #expect([wrong, empty, unknown].map(\.status) == Array(repeating: .notFound, count: 3))
            #expect(none.status == .unprocessableContent)
        }
        #expect(try await Self.contacts(server).map(\.target) == [Self.old])
    }

    @Test func `given a device that was set up anew meanwhile, then there are not two contacts of one address`()
        async throws
    {
        let server = try await PageServer()
        try await Self.subscribe(server, Self.old)
        try await Self.subscribe(server, Self.new)
        try await server.browse { visitor in
            let answer = try await visitor.post("/push/changed", Self.fields())
            #expect(answer.status == .noContent)
        }
        #expect(try await Self.contacts(server).map(\.target) == [Self.old, Self.new])
    }
}
