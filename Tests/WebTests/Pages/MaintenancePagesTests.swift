import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

struct MaintenancePagesTests {
    private static func fields(_ shop: AlertSourceRecord) -> [(String, String)] {
        [
            ("summary", "New database"), ("details", ""), ("start", "2026-01-01T10:00"), ("end", "2026-01-01T12:00"),
            ("zone", "UTC"), ("source", "\(shop.id)"), ("mode", "hold"), ("notify", "start"),
        ]
    }

    @Test func `given the form, when a window is planned, then calendar, list and page show it`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let empty = try await visitor.signIn().get("/maintenance-windows")
            let form = try await visitor.get("/maintenance-windows/new?source=\(shop.id)")
            let saved = try await visitor.post("/maintenance-windows", Self.fields(shop))
            let page = try await visitor.follow(saved)
            let list = try await visitor.get("/maintenance-windows?month=2026-01")
            let other = try await visitor.get("/maintenance-windows?month=2026-03")
            let edit = try await visitor.get(saved.location + "/edit")

            #expect(empty.text.contains("No maintenance is planned"))
            #expect(form.text.contains("value=\"\(shop.id)\" checked"))
            #expect(page.text.contains("Planned") && page.text.contains("Shop") && page.text.contains("at its start"))
            #expect(list.text.contains("January 2026") && list.text.contains("calendar-entry"))
            #expect(!other.text.contains("calendar-entry"))
            #expect(edit.text.contains("value=\"2026-01-01T10:00\""))
        }
    }

    @Test func `given an end before the start, when saved, then the form comes back with what was typed`() async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            var fields = Self.fields(shop)
            fields[3].1 = "2026-01-01T09:00"
            let answer = try await visitor.signIn().post("/maintenance-windows", fields)

            #expect(answer.status == .unprocessableContent)
            #expect(
                answer.text.contains("End: must be after the start.") && answer.text.contains("value=\"New database\""))
        }
    }

    @Test func `given an alert source's page, when maintenance is begun and ended there, then its status follows`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let link = "/alert-sources/\(shop.id)"
            let before = try await visitor.signIn().get(link)
            let begun = try await visitor.follow(try await visitor.post(link + "/maintenance", [("minutes", "60")]))
            let request = SimulatedWorld.rapidSpikeRequest("failing", monitor: "Home", at: server.clock.now)
            let answer = try await server.engine.reception.receive(request, key: shop.integrationKey)
            let during = try await visitor.get(link)
            let list = try await visitor.get("/alert-sources?status=IN_MAINTENANCE")
            let window = try #require(
                try await server.administration.maintenance.list(page: Page(limit: 1), by: server.caller).first)
            let ended = try await visitor.post("/maintenance-windows/\(window.id)/end")
            server.clock.advance(by: .seconds(1))
            while try await server.engine.maintenance.runOnce() {}
            let after = try await visitor.get(link)

            #expect(before.text.contains("Begin maintenance") && !before.text.contains("In maintenance until"))
            #expect(begun.text.contains("In maintenance until"))
            #expect(answer.reason == .heldInMaintenance)
            #expect(during.text.contains("Held back and failing"))
            #expect(list.text.contains("status-maintenance"))
            #expect(ended.status == .seeOther)
            #expect(after.text.contains("Pending") && !after.text.contains("In maintenance until"))
        }
    }

    @Test
    func `given an end on the wall, when maintenance is begun, then it lasts until then, and nonsense is refused`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let link = "/alert-sources/\(shop.id)/maintenance"
            let wrong = try await visitor.follow(try await visitor.signIn().post(link, [("minutes", "0")]))
            _ = try await visitor.post(link, [("minutes", "60"), ("until", "2026-01-02T12:00")])
            let window = try await server.administration.maintenance.list(page: Page(limit: 1), by: server.caller).first

            #expect(wrong.text.contains("Choose how long"))
            let zone = try #require(Zone(server.alice.timeZone))
            #expect(window?.span.end == zone.first(try #require(WallTime("2026-01-02T12:00"))))
        }
    }

    @Test func `given a responder, when they look, then they see windows and change nothing`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        _ = try await server.addUser("Bob", role: .responder)
        try await server.browse { visitor in
            let link = try await visitor.signIn().post("/maintenance-windows", Self.fields(shop)).location
            let bob = try await visitor.another().signIn("bob@example.com")

            #expect(try await !bob.get(link).text.contains("/edit"))
            #expect(try await bob.post(link, Self.fields(shop)).status == .forbidden)
            #expect(try await bob.post(link + "/end").status == .forbidden)
            #expect(try await bob.post(link + "/deletion", [("name", "New database")]).status == .forbidden)
            #expect(
                try await bob.post("/alert-sources/\(shop.id)/maintenance", [("minutes", "60")]).status == .forbidden)
            let wrong = try await visitor.post(link + "/deletion", [("name", "x")])
            #expect(wrong.status == .unprocessableContent)
            #expect(try await visitor.post(link + "/deletion", [("name", "New database")]).status == .seeOther)
            #expect(try await visitor.get(link).status == .notFound)
        }
    }
}
