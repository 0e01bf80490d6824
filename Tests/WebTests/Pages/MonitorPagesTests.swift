import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

struct MonitorPagesTests {
    @Test func `given a URL that is pasted, when it is saved and checked, then its pages tell`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let empty = try await visitor.signIn().get("/monitors")
            let saved = try await visitor.post(
                "/monitors",
                [
                    ("target", "shop.example.com/<cart>"), ("name", ""), ("kind", ""), ("interval", "30"),
                    ("retests", "0"),
                    ("source", "\(shop.id)"),
                ])
            let wrong = try await visitor.post(
                "/monitors", [("target", "https://a b"), ("interval", "30"), ("retests", "0")])
            let plain = try await visitor.post(
                "/monitors", [("target", "https://shop.example.com/cart/"), ("interval", "30"), ("retests", "0")])
            let page = try await visitor.follow(plain)
            let list = try await visitor.get("/monitors")
            let edit = try await visitor.get(plain.location + "/edit")

            #expect(empty.text.contains("No monitors yet"))
            #expect(saved.status == .seeOther)
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("without blanks"))
            #expect(page.text.contains("shop.example.com/cart") && page.text.contains("Pending"))
            #expect(list.text.contains("2 monitors, 0 failing") && list.text.contains("&lt;cart&gt;"))
            #expect(edit.text.contains("value=\"https://shop.example.com/cart/\""))
        }
    }

    @Test func `given the integrations page, when a webhook and a group are added, then they are shown`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let empty = try await visitor.signIn().get("/integrations")
            let hook = try await visitor.post(
                "/integrations/webhooks",
                [
                    ("label", "Other"), ("url", "https://other.example/hook"), ("requestType", "post"),
                    ("headers", "X-Token: abc\nX-Site: shop"),
                ])
            let id = try #require(try await server.administration.webhooks.list(by: server.caller).first?.id)
            let group = try await visitor.post(
                "/integrations/groups",
                [
                    ("groupLabel", "Ops"), ("sensitivity", "5"), ("webhook", "\(id)"), ("area", "website"),
                    ("emails", "ops@example.com"),
                ])
            _ = try await visitor.post("/integrations/webhooks/\(id)/test", [])
            let page = try await visitor.get("/integrations")
            let wrong = try await visitor.post("/integrations/webhooks", [("label", "x"), ("url", "file:///etc")])

            #expect(empty.text.contains("No integration configured to display"))
            #expect(hook.status == .seeOther && group.status == .seeOther)
            #expect(page.text.contains("POST https://other.example/hook") && page.text.contains("After 5 minutes"))
            #expect(page.text.contains("Other, ops@example.com") && page.text.contains("All of: websites"))
            #expect(page.text.contains("On its way"))
            #expect(wrong.status == .unprocessableContent)
        }
    }

    @Test
    func `given hours with and without failures, when bars are made, then each has its colour and the sum is right`() {
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let hour = Timestamp(milliseconds: now.milliseconds / 3_600_000 * 3_600_000)
        let sums = [(3, 0), (2, 60), (1, 1), (0, 0)].map { back, failures in
            MonitorSum(
                start: hour - .hours(back), checks: 60, failures: failures, total: .seconds(6), slowest: .seconds(1))
        }

        let bars = UptimeBars("24 hours", sums, count: 24, hours: 1, moments: Moments(zoneName: "UTC", now: now))

        #expect(bars.bars.count == 24)
        #expect(bars.bars.suffix(4).map(\.style) == ["up", "down", "partly", "up"])
        #expect(bars.bars[0].style == "none")
        #expect(bars.uptime == "74.58 %")
    }
}
