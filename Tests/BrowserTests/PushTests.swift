import Foundation
import TestSupport
import Testing

/// The service worker in a real browser: a push message is shown, and a tap on it leads to the alert or answers it.
@Suite(.serialized, .timeLimit(.minutes(3))) struct PushTests {
    /// What the browser made of it.
    private struct Seen: Decodable {
        struct Notification: Decodable {
            var title: String
            var body: String
            var tag: String
            var isKept: Bool
            var actions: [String]
        }

        var name: String
        var manifestErrors: [String]
        var notifications: [Notification]
        var opened: [String]
        var left: [String]
    }

    /// A server with a pending alert, and the link that its mail has for answers.
    private func shop(_ sink: MailSink) async throws -> (shop: Shop, link: String) {
        let shop = try await Shop.open(environment: ["NIGHTBELL_SMTP_URL": sink.url])
        #expect(try await shop.rapidSpike("failing").status == 202)
        let text = try #require(try await sink.waitForMail(count: 1).first?.text)
        let found = text.split(whereSeparator: \.isWhitespace).first { $0.hasSuffix("?do=accept") }
        return (shop, String(try #require(found).dropLast("?do=accept".count)))
    }

    /// - Parameter tap: `open`, `accept` or `resolve`.
    private func deliver(_ link: String?, tap: String, to shop: Shop) async throws -> Seen {
        var push: [String: Any] = [
            "title": "[HIGH] Shop is down", "body": "Source: Shop – ü", "tag": "alert-1", "isUrgent": true,
            "open": "\(shop.server.url)/alerts/1",
        ]
        if let link {
            push["answer"] = link
            push["mayResolve"] = true
        }
        let result = try await ChildProcess.run(
            TestTools.python(),
            [TestTools.script("push_in_browser.py"), shop.server.url, "/usr/bin/chromium", tap],
            input: JSONSerialization.data(withJSONObject: push))
        let line = try #require(result.output.first, "\(result.error)")
        return try JSONDecoder().decode(Seen.self, from: Data(line.utf8))
    }

    @Test func `given a push, then it is shown with its buttons, and a tap opens what answers it`() async throws {
        let sink = try await MailSink.start()
        let (shop, link) = try await shop(sink)
        let seen = try await deliver(link, tap: "open", to: shop)

        #expect(seen.name == "Nightbell" && seen.manifestErrors.isEmpty)
        #expect(seen.notifications.map(\.title) == ["[HIGH] Shop is down"])
        #expect(seen.notifications.map(\.body) == ["Source: Shop – ü"])
        #expect(seen.notifications.map(\.tag) == ["alert-1"])
        #expect(seen.notifications[0].actions == ["accept", "resolve"] && seen.notifications[0].isKept)
        #expect(seen.opened == [link] && seen.left.isEmpty)
        try await shop.waitForAlerts(["PENDING"])
    }

    @Test func `given a push without an answer, then it has no buttons, and a tap opens the alert`() async throws {
        let sink = try await MailSink.start()
        let (shop, _) = try await shop(sink)
        let seen = try await deliver(nil, tap: "open", to: shop)

        #expect(seen.notifications[0].actions.isEmpty)
        #expect(seen.opened == ["\(shop.server.url)/alerts/1"])
    }

    @Test func `given a browser that changes its subscription, then the worker tells the server and keeps the new one`()
        async throws
    {
        let sink = try await MailSink.start()
        let (shop, _) = try await shop(sink)
        let body = #"""
            {"endpoint": "https://push.example/old", "label": "Phone", "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}
            """#
        #expect(try await shop.api.post("/api/users/current/contacts/push", json: body).status == 201)

        let first = try await deliver(nil, tap: "change", to: shop)
        let again = try await deliver(nil, tap: "change", to: shop)

        #expect(first.opened == ["/push/changed 204"] && first.left == ["https://push.example/new"])
        // The server knows the old one no more.
        #expect(again.opened == ["/push/changed 404"])
    }

    @Test(arguments: [("accept", "ACCEPTED", "Accepted"), ("resolve", "RESOLVED", "Resolved")])
    func `given a pressed button, then the worker answers the alert and says so, without a page`(
        tap: String, status: String, said: String
    ) async throws {
        let sink = try await MailSink.start()
        let (shop, link) = try await shop(sink)
        let seen = try await deliver(link, tap: tap, to: shop)

        #expect(seen.left == [said] && seen.opened.isEmpty)
        try await shop.waitForAlerts([status])
    }
}
