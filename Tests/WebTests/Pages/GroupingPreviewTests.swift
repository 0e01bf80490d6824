import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

struct GroupingPreviewTests {
    private static func post(_ visitor: PageVisitor, _ shop: AlertSourceRecord, _ key: String, _ summary: String)
        async throws
    {
        _ = try await visitor.postRaw(
            "/api/v1/events/api/\(shop.integrationKey)",
            #"{"eventType":"ALERT","alertKey":"\#(key)","summary":"\#(summary)"}"#,
            headers: [.contentType: "application/json"])
    }

    @Test func `given the last 60 days, when a way of grouping is tried, then it says which alerts would be one`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop(type: "API")
        try await server.browse { visitor in
            try await Self.post(visitor, shop, "old", "Disk full on web0")
            server.clock.advance(by: .days(61))
            _ = try await visitor.signIn()
            for number in 1...3 { try await Self.post(visitor, shop, "disk-\(number)", "Disk full on web\(number)") }
            try await Self.post(visitor, shop, "cart", "Cart is slow")
            let link = "/alert-sources/\(shop.id)/grouping"

            let asItIs = try await visitor.get(link).text
            let similar = try await visitor.get(link + "?grouping=similar&threshold=0.9").text
            let summary = try await visitor.get(link + "?grouping=summary").text
            let resolved = try await visitor.get(link + "?grouping=untilResolved").text

            #expect(asItIs.contains("It would have been 4 alerts"))
            #expect(asItIs.contains("of 4 requests in the last 60 days; as the source is set now: 4."))
            #expect(similar.contains("It would have been 2 alerts"))
            #expect(similar.contains("disk-1, disk-2, disk-3") && similar.contains("Disk full on web1"))
            #expect(summary.contains("It would have been 4 alerts"))
            #expect(resolved.contains("It would have been 1 alert<"))
            let source = try await server.administration.sources.find(shop.id, by: server.caller)
            #expect(source.alertCreation == "ONE_ALERT_PER_EMAIL")
        }
    }

    @Test func `given a window, then what came later than it is an alert of its own in the preview too`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop(type: "API")
        try await server.browse { visitor in
            _ = try await visitor.signIn()
            try await Self.post(visitor, shop, "a", "Down")
            server.clock.advance(by: .minutes(4))
            try await Self.post(visitor, shop, "b", "Down")
            server.clock.advance(by: .minutes(1))
            try await Self.post(visitor, shop, "c", "Down")

            let query = "grouping=window&window=5"
            let page = try await visitor.get("/alert-sources/\(shop.id)/grouping?\(query)").text
            let edit = try await visitor.get("/alert-sources/\(shop.id)/edit?\(query)").text

            #expect(page.contains("It would have been 2 alerts"))
            #expect(page.contains("formaction=\"/alert-sources/\(shop.id)/edit\""))
            #expect(edit.contains("value=\"window\" checked") && edit.contains("<option value=\"5\" selected>"))
        }
    }

    @Test func `given a source without requests, or of somebody else, then the preview says so or is not there`()
        async throws
    {
        let server = try await PageServer()
        let team = try await server.administration.teams.create(
            TeamDraft(name: "Secret", visibility: .closed), by: server.caller)
        let shop = try await server.addShop(teams: [team.id])
        _ = try await server.addUser("Bob", role: .user)
        try await server.browse { visitor in
            let link = "/alert-sources/\(shop.id)/grouping?grouping=similar&threshold=nonsense&window=-5"
            let page = try await visitor.signIn().get(link)
            let others = try await visitor.another().signIn("bob@example.com").get(link)

            #expect(page.status == .ok && page.text.contains("Nothing has come in the last 60 days."))
            #expect(others.status == .notFound)
        }
    }
}
