import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite(.serialized) struct RapidSpikeStoryTests {
        @Test func `given a mail server, when a monitor fails and passes, then it is paged, accepted and resolved`()
            async throws
        {
            let sink = try await MailSink.start()
            let shop = try await Shop.open(environment: ["NIGHTBELL_SMTP_URL": sink.url])

            #expect(try await shop.rapidSpike("failing").status == 202)
            let mail = try #require(try await sink.waitForMail(count: 1).first)
            #expect(mail.to == [RunningServer.email])
            #expect(mail.subject.contains("Home"))
            let link = try Self.link("accept", in: mail)

            // A mail scanner opens the link: nothing changes.
            let page = try await shop.server.client.get(link)
            #expect(page.status == 200)
            #expect(try await shop.alerts().map { $0["status"]?.string } == ["PENDING"])

            // Its reader presses the button.
            let pressed = try await shop.server.client.post(link, form: [("do", "accept")])
            #expect((200...303).contains(pressed.status))
            #expect(try await shop.alerts().map { $0["status"]?.string } == ["ACCEPTED"])

            #expect(try await shop.rapidSpike("passing").status == 202)
            #expect(try await shop.alerts().map { $0["status"]?.string } == ["RESOLVED"])

            // Passing again has nothing to say.
            #expect(try await shop.rapidSpike("passing").status == 202)
            #expect(try await shop.alerts().count == 1)
            #expect(try await shop.server.stop() == .status(0))
            #expect(try await sink.mails().count == 1)
        }

        @Test func `given two connections, when both say failing at once, then one alert counts two events`()
            async throws
        {
            let shop = try await Shop.open()

            async let first = shop.rapidSpike("failing")
            async let second = shop.rapidSpike("failing")
            #expect(try await [first.status, second.status] == [202, 202])

            let alerts = try await shop.alerts()
            #expect(alerts.count == 1)
            let log = try await shop.log(of: try #require(alerts.first))
            #expect(log.filter { $0.hasPrefix("Another event") }.count == 1)
            #expect(log.filter { $0.hasPrefix("Raised by") }.count == 1)
        }

        @Test func `given a body that nobody can read, when it is posted, then an alert is about it`() async throws {
            let sink = try await MailSink.start()
            let shop = try await Shop.open(environment: ["NIGHTBELL_SMTP_URL": sink.url])

            let answer = try await shop.server.client.send(
                "POST", shop.path, body: "\u{1}\u{2} who can read this?", type: "application/octet-stream")

            #expect(answer.status == 202)
            let alert = try #require(try await shop.alerts().first)
            #expect(alert["summary"]?.string?.contains("unreadable notification") == true)
            #expect(alert["details"]?.string?.contains("who can read this?") == true)
            #expect(try await sink.waitForMail(count: 1).first?.subject.contains("unreadable notification") == true)
        }

        @Test func `given a mapping for an unknown payload, when the request is replayed, then the alert is right`()
            async throws
        {
            let shop = try await Shop.open()
            let body = #"{"zustand": "kaputt", "geraet": "Home"}"#
            #expect(try await shop.server.client.post(shop.path, json: body).status == 202)
            #expect(try await shop.alerts().first?["summary"]?.string?.contains("unreadable") == true)

            let browser = try await Browser.signIn(to: shop.server)
            try await browser.saveMapping(
                of: shop.source, state: "zustand", key: "geraet", summary: "geraet", failing: "kaputt")
            try await browser.replayNewestRequest(of: shop.source)

            let alert = try #require(try await shop.alerts().first)
            #expect(alert["summary"]?.string == "Home")
            #expect(alert["alertKey"]?.string == "Home")
            #expect(try await shop.server.client.post(shop.path, json: body).status == 202)
            #expect(try await shop.alerts().count == 2)
        }

        @Test func `given no owner, when the printed link is used, then it works once`() async throws {
            let server = try await RunningServer.start(hasOwner: false)
            let line = try await server.process.waitForLine(containing: "/setup/")
            let link = line.trimmingCharacters(in: .whitespaces)
            let browser = Browser(server)

            let page = try await browser.client.get(link)
            #expect(page.status == 200)
            let form = [
                ("csrf", try Browser.token(in: page)), ("firstName", "Alice"), ("lastName", "Archer"),
                ("email", RunningServer.email), ("password", RunningServer.password), ("timeZone", "Europe/Berlin"),
            ]
            #expect(try await browser.client.post(link, form: form).status == 303)

            #expect(try await browser.client.get(link).status == 404)
            #expect(try await server.api().get("/api/users/current").json["email"]?.string == RunningServer.email)
        }

        /// The link of an action in a mail's text.
        private static func link(_ action: String, in mail: MailSink.Mail) throws -> String {
            let text = try #require(mail.text)
            let found = text.split(whereSeparator: \.isWhitespace).first { $0.hasSuffix("?do=\(action)") }
            return String(try #require(found))
        }
    }
}
