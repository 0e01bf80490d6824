import Alerting
import Engine
import Foundation
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

struct StatusPagesTests {
    private static func shop(_ server: PageServer) async throws -> MonitorRecord {
        let monitor = try await server.administration.monitors.create(
            MonitorDraft(name: "Cart <b>", subject: .http(HTTPCheck(url: "https://shop.example.com/cart"))),
            by: server.caller)
        let now = server.engine.store.clock.now
        try await server.engine.store.write { change in
            var failing = monitor
            failing.watch = MonitorWatch(state: .failing, failingSince: now, changedAt: now)
            failing.last = .init(at: now, total: .zero, reason: "secret inside", validUntil: nil)
            #expect(try Monitors.finish(failing, in: change.transaction))
            for (age, state): (Int, MonitorWatch.State) in [(30, .failing), (20, .passing), (0, .failing)] {
                try MonitorHistory.insert(
                    MonitorEvent(
                        id: change.newID(), monitor: monitor.id, at: now - .minutes(age), state: state,
                        reason: "secret inside"), in: change.transaction)
            }
        }
        return monitor
    }

    @Test func `given a status page, when strangers look at it, then they see services and incidents, and no reasons`()
        async throws
    {
        let server = try await PageServer()
        let monitor = try await Self.shop(server)
        try await server.browse { visitor in
            let made = try await visitor.signIn().post(
                "/status-pages",
                [
                    ("name", "The shop"), ("slug", "shop"), ("colour", "#aa3377"), ("intro", "Welcome & hello"),
                    ("isPublic", "true"), ("monitor", "\(monitor.id)"),
                ])
            let stranger = visitor.another()
            let page = try await stranger.get("/status/shop")
            let feed = try await stranger.get("/status/shop/feed.atom")
            let list = try await visitor.get("/status-pages")

            #expect(made.status == .seeOther && list.text.contains("/status/shop"))
            #expect(page.status == .ok && page.text.contains("The shop") && page.text.contains("#aa3377"))
            #expect(page.text.contains("Cart &lt;b&gt;") && page.text.contains("Nothing works"))
            #expect(page.text.contains("10 min") && page.text.contains("Welcome &amp; hello"))
            #expect(!page.text.contains("secret inside") && !feed.text.contains("secret inside"))
            #expect(feed.text.contains("<title>Cart &lt;b&gt; does not work</title>"))
            #expect(feed.text.contains("works again") && feed.headers[.contentType]?.contains("atom") == true)
            #expect(try await stranger.get("/status/other").status == .notFound)
            #expect(try await stranger.get("/status-pages").status == .seeOther)
        }
    }

    @Test func `given a page for the account only, when it is asked for, then only people who signed in see it`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            _ = try await visitor.signIn().post("/status-pages", [("name", "Inside"), ("slug", "inside")])

            #expect(try await visitor.another().get("/status/inside").status == .notFound)
            #expect(try await visitor.get("/status/inside").text.contains("Nothing is watched here yet"))
        }
    }

    @Test func `given a stranger, when they subscribe, confirm and end it by links, then each is told`() async throws {
        let server = try await PageServer()
        _ = try await server.administration.statusPages.create(.init(slug: "shop", name: "The shop"), by: server.caller)
        try await server.browse { visitor in
            let asked = try await visitor.post("/status/shop/subscription", [("email", "dora@example.com")])
            let wrong = try await visitor.post("/status/shop/subscription", [("email", "dora")])
            let token = try await server.engine.store.read { transaction in
                try transaction.query(
                    "SELECT token FROM status_subscribers ORDER BY id LIMIT 1", [:]
                ).first?.text("token")
            }
            let link = "/status/subscriptions/\(try #require(token))"
            let offer = try await visitor.get(link)
            let again = try await visitor.get(link)
            let confirmed = try await visitor.post(link, [("do", "confirm")])
            let ended = try await visitor.post(link, [("do", "end")])

            #expect(asked.text.contains("We have sent you a mail"))
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("email address"))
            #expect(offer.text.contains("Confirm the subscription") && again.text.contains("Confirm the subscription"))
            #expect(confirmed.text.contains("Confirmed:") && ended.text.contains("your address is forgotten"))
            #expect(try await visitor.get(link).status == .notFound)
        }
    }

    private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0xFF, 0x00, 0x0D, 0x0A]

    @Test func `given a page with services, when strangers look, then they see how each is and was, and no words why`()
        async throws
    {
        let server = try await PageServer()
        let services = server.administration.services
        let cart = try await services.create(ServiceDraft(name: "Cart <b>"), by: server.caller)
        let search = try await services.create(
            ServiceDraft(name: "Search", details: "Finds & sorts", showsUptimeHistory: false), by: server.caller)
        try await server.browse { visitor in
            let made = try await visitor.signIn().post(
                "/status-pages",
                [
                    ("name", "The shop"), ("slug", "shop"), ("isPublic", "true"), ("service", "\(cart.id)"),
                    ("service", "\(search.id)"),
                ])
            let stranger = visitor.another()
            let well = try await stranger.get("/status/shop")
            server.clock.advance(by: .minutes(30))
            _ = try await services.setStatus(.degraded, of: cart.id, text: "secret words", by: server.caller)
            let slow = try await stranger.get("/status/shop")
            server.clock.advance(by: .minutes(30))
            _ = try await services.setStatus(.majorOutage, of: cart.id, text: "", by: server.caller)
            let down = try await stranger.get("/status/shop")
            let feed = try await stranger.get("/status/shop/feed.atom")

            #expect(made.status == .seeOther && well.text.contains("Everything works"))
            #expect(well.text.contains("Finds &amp; sorts") && well.text.contains("Nothing in 90 days"))
            // One of the two shows how it was.
            #expect(well.text.components(separatedBy: "in 90 days</small>").count == 2)
            #expect(slow.text.contains("Some things are degraded") && slow.text.contains("is degraded since"))
            #expect(down.text.contains("Some things do not work") && down.text.contains("has a major outage since"))
            #expect(down.text.contains("was degraded for 30 min"))
            #expect(feed.text.contains("<title>Cart &lt;b&gt; has a major outage</title>"))
            #expect(feed.text.contains("<title>Cart &lt;b&gt; is degraded no longer</title>"))
            #expect(!down.text.contains("secret words") && !feed.text.contains("secret words"))
        }
    }

    @Test func `given a picture, when it is uploaded as the logo, then it is drawn and served as nothing else`()
        async throws
    {
        let server = try await PageServer()
        let page = try await server.administration.statusPages.create(
            .init(slug: "shop", name: "The shop"), by: server.caller)
        let link = "/status-pages/\(page.id)"
        try await server.browse { visitor in
            try await visitor.signIn()
            let taken = try await visitor.upload(link + "/logo", name: "logo", Self.png)
            let seen = try await visitor.another().get("/status/shop").text
            let address = try #require(seen.firstMatch(of: /\/status\/shop\/logo\/[0-9a-f]{16}/)).0
            let logo = try await visitor.another().get(String(address))

            #expect(taken.status == .seeOther && logo.status == .ok)
            #expect(logo.headers[.contentType] == "image/png" && logo.headers[.xContentTypeOptions] == "nosniff")
            #expect(logo.headers[.contentSecurityPolicy] == "default-src 'none'; sandbox")
            let kept = try await server.engine.status.logo("shop", tag: String(address.suffix(16)), for: nil)
            #expect(kept.image == Self.png)
            #expect(try await visitor.another().get("/status/shop/logo/0000000000000000").status == .notFound)
            #expect(try await visitor.get(link).text.contains(address))

            for wrong in [Array("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".utf8), []] {
                let refused = try await visitor.follow(visitor.upload(link + "/logo", name: "logo", wrong))
                #expect(refused.text.contains("notice-problem"))
            }
            let large = Self.png + [UInt8](repeating: 7, count: 256 * 1024)
            let refused = try await visitor.follow(visitor.upload(link + "/logo", name: "logo", large))
            #expect(refused.text.contains("at most 256 KiB"))
            #expect(try await visitor.another().get(String(address)).status == .ok)

            _ = try await visitor.post(link + "/logo", [("do", "remove")])
            #expect(try await visitor.another().get(String(address)).status == .notFound)
            #expect(try await visitor.another().get("/status/shop").text.contains("status-logo") == false)
        }
    }
}
