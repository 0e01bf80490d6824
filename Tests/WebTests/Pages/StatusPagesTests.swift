import Alerting
import Engine
import HTTPTypes
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
}
