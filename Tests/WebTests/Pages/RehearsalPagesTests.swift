import Alerting
import Engine
import Foundation
import HTTPTypes
import Storage
import Testing

@testable import Web

struct RehearsalPagesTests {
    private static func fields(_ source: AlertSourceRecord, _ more: [(String, String)] = []) -> [(String, String)] {
        let usual = [
            ("source", "\(source.id)"), ("at", "2026-10-25T02:30"), ("zone", "Europe/Berlin"), ("hours", "1"),
            ("accept", ""), ("payload", #"{"status":"failing","message":"Shop is down","monitor":{"uuid":"1"}}"#),
            ("do", "play"),
        ]
        return usual.filter { field in !more.contains { $0.0 == field.0 } } + more
    }

    @Test func `given a source, when its example is tried out, then the page says who is paged and stores nothing`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let form = try await visitor.signIn().get("/who-gets-paged?source=\(shop.id)").text
            let played = try await visitor.post("/who-gets-paged", Self.fields(shop))

            #expect(form.contains("Test event") && !form.contains(shop.integrationKey))
            #expect(played.status == .ok)
            #expect(played.text.contains("<strong>Alice Archer</strong>"))
            #expect(played.text.contains("Level 1 is Alice Archer."))
            #expect(played.text.contains("25 Oct 2026, 02:30:00"))
            #expect(!played.text.contains("alice@example.com to"))
            let alerts = try await server.engine.store.read { try AlertList.openCounts(in: $0) }
            #expect(alerts.isEmpty)
        }
    }

    @Test func `given an acceptance, when it is tried out, then the alert is accepted at the end`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let played = try await visitor.signIn().post("/who-gets-paged", Self.fields(shop, [("accept", "12")]))

            #expect(played.text.contains("at the end it is accepted."))
        }
    }

    @Test(arguments: [
        ("at", "tomorrow", "Enter when it happens."), ("zone", "Mars/Base", "Choose a time zone."),
        ("hours", "1000", "Choose how long is watched."), ("accept", "61", "within what is watched"),
        ("source", "424242", "Choose an alert source."),
    ])
    func `given a wrong field, when it is tried out, then the form comes back with what was typed and says what`(
        field: String, value: String, sentence: String
    ) async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let answer = try await visitor.signIn().post("/who-gets-paged", Self.fields(shop, [(field, value)]))

            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains(sentence) && answer.text.contains("Shop is down"))
        }
    }

    @Test func `given a source of another team, when a stranger tries it out, then it is not there`() async throws {
        let server = try await PageServer()
        let team = try await server.administration.teams.create(
            TeamDraft(name: "Closed", visibility: .closed), by: server.caller)
        let shop = try await server.addShop(teams: [team.id])
        _ = try await server.addUser("Bob", role: .responder)
        try await server.browse { visitor in
            let answer = try await visitor.signIn("bob@example.com").post("/who-gets-paged", Self.fields(shop))

            #expect(answer.status == .unprocessableContent)
            #expect(!answer.text.contains("Alice Archer is"))
        }
    }
}
