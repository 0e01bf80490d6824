import Alerting
import Engine
import Foundation
import Outbound
import TestSupport
import Testing

struct EncryptedMailTests {
    private let delivered = DeliveryOutcome.delivered(receipt: "smtp 250 2.0.0 OK: queued")

    private func trusting(_ sink: MailSink) throws -> String {
        "ca-file=" + (try #require(sink.certificate))
    }

    @Test func `given a server that demands STARTTLS, when its certificate is trusted, then the mail is encrypted`()
        async throws
    {
        let sink = try await MailSink.start(encryption: .startTLS, requiresEncryption: true)
        let sender = try Mails.sender(sink, options: "?starttls=required&" + trusting(sink))

        #expect(await sender.send(Mails.message()) == delivered)
        #expect(try await sink.waitForMail(count: 1)[0].tls)
    }

    @Test func `given a server that offers STARTTLS, when we may use it, then the mail is encrypted`() async throws {
        let sink = try await MailSink.start(encryption: .startTLS)
        let sender = try Mails.sender(sink, options: "?starttls=offered&" + trusting(sink))

        #expect(await sender.send(Mails.message()) == delivered)
        #expect(try await sink.waitForMail(count: 1)[0].tls)
    }

    @Test func `given a certificate nobody signed, when a message is sent, then the server gets nothing`() async throws
    {
        let sink = try await MailSink.start(encryption: .startTLS)

        let outcome = try await Mails.sender(sink, options: "?starttls=required").send(Mails.message())

        let reason = "The mail server's certificate is not trusted; the URL's option ca-file names one to trust."
        #expect(outcome == .retry(after: nil, reason: reason))
        #expect(try await sink.mails() == [])
    }

    @Test func `given a server without STARTTLS, when we require it, then the message is retried`() async throws {
        let sink = try await MailSink.start()

        let outcome = try await Mails.sender(sink, options: "?starttls=required").send(Mails.message())

        let reason = "The mail server does not offer the encryption that is required."
        #expect(outcome == .retry(after: nil, reason: reason))
    }

    @Test func `given smtps, when the certificate is trusted, then the mail is encrypted`() async throws {
        let sink = try await MailSink.start(encryption: .implicit)
        let sender = try Mails.sender(url: "smtps://127.0.0.1:\(sink.port)?\(trusting(sink))")

        #expect(await sender.send(Mails.message()) == delivered)
        #expect(try await sink.waitForMail(count: 1)[0].tls)
    }

    @Test func `given a server that demands a login, when ours is right, then the mail is delivered`() async throws {
        let sink = try await MailSink.start(user: "alice@relay", password: "p@ss:w/ö%rd")
        let sender = try Mails.sender(url: "smtp://alice%40relay:p%40ss:w%2F%C3%B6%25rd@127.0.0.1:\(sink.port)")

        #expect(await sender.send(Mails.message()) == delivered)
        #expect(try await sink.waitForMail(count: 1)[0].user == "alice@relay")
    }

    @Test(arguments: ["alice:wrong-secret@", ""])
    func `given a server that demands a login, when ours is wrong or missing, then it is retried and not repeated`(
        credentials: String
    ) async throws {
        let sink = try await MailSink.start(user: "alice", password: "right")
        let sender = try Mails.sender(url: "smtp://\(credentials)127.0.0.1:\(sink.port)")

        guard case .retry(nil, let reason) = await sender.send(Mails.message()) else {
            Issue.record("not retried")
            return
        }
        #expect(reason.hasPrefix("The mail server refuses our login: smtp 53"))
        #expect(!reason.contains("secret") && !reason.contains("alice"))
    }
}
