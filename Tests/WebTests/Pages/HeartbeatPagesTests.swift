import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

struct HeartbeatPagesTests {
    private static func fields(_ shop: AlertSourceRecord) -> [(String, String)] {
        [
            ("name", "Backup"), ("interval", "5"), ("unit", "60"), ("source", "\(shop.id)"), ("alertSummary", ""),
        ]
    }

    @Test func `given the form, when a monitor is made and pinged, then its pages tell`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let empty = try await visitor.signIn().get("/heartbeat-monitors")
            let saved = try await visitor.post("/heartbeat-monitors", Self.fields(shop))
            let fresh = try await visitor.follow(saved)
            let monitor = try #require(
                try await server.administration.heartbeats.list(page: Page(limit: 1), by: server.caller).first)
            for (signal, body) in [(Heartbeat.Signal.start, ""), (.exit(2), "no <room>")] {
                _ = try await server.engine.heartbeats.receive(signal, key: monitor.integrationKey, body: body)
                server.clock.advance(by: .seconds(90))
            }
            let page = try await visitor.get(saved.location)
            let list = try await visitor.get("/heartbeat-monitors")
            let edit = try await visitor.get(saved.location + "/edit")

            #expect(empty.text.contains("No heartbeat monitors yet"))
            #expect(fresh.text.contains("No heartbeat yet") && fresh.text.contains("/api/pings/nb1h:300:"))
            #expect(page.text.contains("Exit status 2") && page.text.contains("no &lt;room&gt;"))
            #expect(page.text.contains("1 minute 30 seconds") && page.text.contains("Overdue"))
            #expect(list.text.contains("Backup") && list.text.contains("status-pending"))
            #expect(edit.text.contains("value=\"5\""))
        }
    }

    @Test func `given a wrong interval or a known name, when saved, then the form comes back and says why`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            var fields = Self.fields(shop)
            fields[2].1 = "1"
            let short = try await visitor.signIn().post("/heartbeat-monitors", fields)
            fields[2].1 = "60"
            _ = try await visitor.post("/heartbeat-monitors", fields)
            let twice = try await visitor.post("/heartbeat-monitors", fields)

            #expect(short.status == .unprocessableContent && short.text.contains("25 seconds to 31 days"))
            #expect(twice.status == .unprocessableContent && twice.text.contains("of this name"))
        }
    }

    @Test func `given a responder, when they look, then the secret is not shown and nothing can be changed`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        _ = try await server.addUser("Bob", role: .responder)
        try await server.browse { visitor in
            let link = try await visitor.signIn().post("/heartbeat-monitors", Self.fields(shop)).location
            let bob = try await visitor.another().signIn("bob@example.com")
            let page = try await bob.get(link)

            #expect(page.status == .ok && !page.text.contains("nb1h:"))
            #expect(try await bob.post(link, Self.fields(shop)).status == .forbidden)
            #expect(try await bob.post(link + "/deletion", [("name", "Backup")]).status == .forbidden)
            #expect(try await visitor.post(link + "/deletion", [("name", "x")]).status == .unprocessableContent)
            #expect(try await visitor.post(link + "/deletion", [("name", "Backup")]).status == .seeOther)
            #expect(try await visitor.get(link).status == .notFound)
        }
    }
}
