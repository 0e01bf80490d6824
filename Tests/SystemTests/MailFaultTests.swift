import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite(.serialized) struct MailFaultTests {
        @Test func `given a greylisting mail server, when a monitor fails, then the page arrives a little later`()
            async throws
        {
            let sink = try await MailSink.start()
            try await sink.set(.greylist)
            let shop = try await Shop.open(environment: ["NIGHTBELL_SMTP_URL": sink.url])

            #expect(try await shop.rapidSpike("failing").status == 202)
            let mail = try #require(try await sink.waitForMail(count: 1).first)

            #expect(mail.to == [RunningServer.email])
            let alert = try #require(try await shop.alerts().first)
            try await shop.waitForLog("message handed over", about: alert)
            let log = try await shop.log(of: alert)
            #expect(log.contains { $0.contains("is tried again") })
            #expect(log.contains { $0.contains("was handed over") })
        }

        @Test func `given a mailbox that is refused, when a monitor fails, then the person's next contact is paged`()
            async throws
        {
            let sink = try await MailSink.start()
            let shop = try await Shop.open(
                environment: ["NIGHTBELL_SMTP_URL": sink.url], people: ["reject@example.com"])
            let user = try await shop.api.post("/api/users/search-email", json: #"{"email": "reject@example.com"}"#)
            let contact = try await shop.api.post(
                "/api/users/\(try Shop.id(of: user.json))/contacts/emails", json: #"{"target": "bob@example.com"}"#)
            #expect(contact.status == 201)

            #expect(try await shop.rapidSpike("failing").status == 202)
            let mail = try #require(try await sink.waitForMail(count: 1).first)

            #expect(mail.to == ["bob@example.com"])
            let log = try await shop.log(of: try #require(try await shop.alerts().first))
            #expect(log.contains { $0.contains("failed for good") })
        }

        @Test func `given one mailbox that hangs, when another alert is raised, then its page is not late`()
            async throws
        {
            let sink = try await MailSink.start()
            let shop = try await Shop.open(
                environment: ["NIGHTBELL_SMTP_URL": sink.url], people: ["hang-data@example.com"])
            let other = try await Shop.addSource(to: shop, for: RunningServer.email)
            #expect(try await shop.rapidSpike("failing").status == 202)

            #expect(try await shop.server.client.post(other, json: Shop.body("failing")).status == 202)
            let mail = try #require(try await sink.waitForMail(count: 1, timeout: .seconds(5)).first)

            #expect(mail.to == [RunningServer.email])
        }

        @Test func `given a hanging mail server and half a request, when asked to end, then it does within 10 s`()
            async throws
        {
            let sink = try await MailSink.start()
            try await sink.set(.hangAfterData)
            let shop = try await Shop.open(environment: ["NIGHTBELL_SMTP_URL": sink.url])
            #expect(try await shop.rapidSpike("failing").status == 202)
            let half = try RawConnection(port: shop.server.port)
            try half.write("POST \(shop.path) HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000\r\n\r\n{\"status\":")

            let started = ContinuousClock.now
            let exit = try await shop.server.stop(within: .seconds(20))

            #expect(exit == .status(0))
            #expect(ContinuousClock.now - started < .seconds(10))
            #expect(shop.server.process.lines(on: .error).last?.contains("server stopped") == true)
            withExtendedLifetime(half) {}

            try await sink.set(.accept)
            try await shop.server.restart()
            #expect(try await sink.waitForMail(count: 1).first?.to == [RunningServer.email])
        }

        @Test func `given an idle server, when asked to end, then it does at once and everything is in one file`()
            async throws
        {
            let shop = try await Shop.open()
            #expect(try await shop.rapidSpike("failing").status == 202)

            #expect(try await shop.server.stop(within: .seconds(8)) == .status(0))

            let log = FileManager.default.contents(atPath: shop.server.dataDir + "/nightbell.db-wal")
            #expect(log?.isEmpty ?? true)
        }
    }
}
