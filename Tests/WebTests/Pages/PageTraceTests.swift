import Alerting
import Engine
import HTTPTypes
import Integrations
import Simulation
import Storage
import Testing

@testable import Web

struct PageTraceTests {
    /// Raises an alert by an event; half a second later the level is entered, half a second later the mail is gone.
    private static func page(_ server: PageServer) async throws -> Alert.ID {
        let shop = try await server.addShop()
        let body = #"{"status":"failing","message":"Shop is down","monitor":{"uuid":"1"}}"#
        let request = WebhookRequest(
            path: "/api/v1/events/rapidspike", headers: [.init("Content-Type", "application/json")],
            body: Array(body.utf8))
        let answer = try await server.engine.reception.receive(request, key: shop.integrationKey)
        server.clock.advance(by: .milliseconds(500))
        try await server.engine.escalation.runOnce()
        server.clock.advance(by: .milliseconds(500))
        for loop in server.engine.notifications { try await loop.runOnce() }
        return try #require(answer.alert)
    }

    @Test func `given a page, when its alert is looked at, then the trace shows each stretch and why who was paged`()
        async throws
    {
        let server = try await PageServer()
        let alert = try await Self.page(server)
        server.clock.advance(by: .minutes(5) + .seconds(2))
        try await server.engine.desk.accept(alert, by: server.caller)
        try await server.browse { visitor in
            let page = try await visitor.signIn().get("/alerts/\(alert)").text

            #expect(page.contains("id=\"trace\""))
            #expect(page.contains("First level called 500 ms"))
            #expect(page.contains("Email: Alice Archer 500 ms"))
            #expect(page.contains("Accepted 5 min 2 s"))
            #expect(page.contains("Paged on level 1: Email at 1 Jan 2026"))
        }
    }

    @Test func `given pages of different ages, then the page of times counts each in its periods`() async throws {
        let server = try await PageServer()
        _ = try await Self.page(server)
        server.clock.advance(by: .days(2))
        try await server.browse { visitor in
            let page = try await visitor.signIn().get("/paging-times").text

            #expect(page.contains("<th scope=\"row\">The last day</th><td>0</td><td>–</td>"))
            #expect(page.contains("<th scope=\"row\">The last week</th><td>1</td><td>1.0 s</td><td>1.0 s</td>"))
        }
    }

    @Test(
        arguments: [
            (0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (9_940, "9.9 s"), (10_000, "10 s"), (60_000, "1 min"),
            (61_000, "1 min 1 s"), (3_600_000, "1 h"), (172_799_999, "47 h 59 min"), (172_800_000, "2 d"),
        ] as [(Int64, String)])
    func `given a stretch, then it is written in units that fit`(milliseconds: Int64, words: String) {
        #expect(TraceScale.words(milliseconds) == words)
    }

    @Test func `given a scale, then it begins at the left, ends at the right and never goes back`() {
        let scale = TraceScale(total: 3_600_000, start: 210, width: 400)
        let places = [0, 1, 10, 1000, 60_000, 3_600_000, 99_999_999].map { scale.x($0) }

        #expect(places.first == 210 && places.last == 610)
        #expect(places == places.sorted())
        #expect(scale.ticks.map(\.label) == ["10 ms", "0.1 s", "1 s", "10 s", "1 min", "10 min", "1 h"])
    }
}
