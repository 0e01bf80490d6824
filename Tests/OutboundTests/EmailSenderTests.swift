import Alerting
import Engine
import Foundation
import Outbound
import TestSupport
import Testing

struct EmailSenderTests {
    @Test func `given a mail server, when a message is sent, then it arrives with envelope, headers and parts`()
        async throws
    {
        let sink = try await MailSink.start()

        let outcome = try await Mails.sender(sink).send(Mails.message(subject: "Störung", text: ".\n.dots\n"))

        #expect(outcome == .delivered(receipt: "smtp 250 2.0.0 OK: queued"))
        let mail = try await sink.waitForMail(count: 1)[0]
        #expect(mail.from == "oncall@example.com")
        #expect(mail.to == ["alice@example.com"])
        #expect(mail.helo == "example.com")
        #expect(mail.subject == "Störung")
        #expect(mail.text == ".\n.dots\n")
        #expect(mail.header("Message-ID") == "<alert-12.instance-1@example.com>")
        #expect(!mail.tls)
    }

    static let outcomes: [(MailSink.Mode, DeliveryOutcome)] = [
        (.reject, .rejected(reason: "smtp 550 5.1.1 … Recipient address rejected: no such mailbox")),
        (.rejectData, .rejected(reason: "smtp 554 5.7.1 Message refused as spam")),
        (.greylist, .retry(after: nil, reason: "smtp 451 4.7.1 Greylisted, please try again later")),
        (.busy, .retry(after: nil, reason: "smtp 452 4.3.1 Insufficient system storage")),
        (.slow, .delivered(receipt: "smtp 250 2.0.0 OK: queued")),
    ]

    @Test(arguments: outcomes)
    func `given a server's answer, when a message is sent, then the outcome is its class`(
        mode: MailSink.Mode, expected: DeliveryOutcome
    ) async throws {
        let sink = try await MailSink.start()
        let sender = try Mails.sender(sink)

        #expect(await sender.send(Mails.message(to: "\(mode.rawValue)@example.com")) == expected)
        #expect(await sender.send(Mails.message()) == .delivered(receipt: "smtp 250 2.0.0 OK: queued"))
    }

    @Test func `given greylisting, when the message is sent again, then it is delivered`() async throws {
        let sink = try await MailSink.start()
        let sender = try Mails.sender(sink)
        _ = await sender.send(Mails.message(to: "greylist@example.com"))

        let outcome = await sender.send(Mails.message(attempt: 2, to: "greylist@example.com"))

        #expect(outcome == .delivered(receipt: "smtp 250 2.0.0 OK: queued"))
        #expect(try await sink.waitForMail(count: 1)[0].to == ["greylist@example.com"])
    }

    @Test func `given a server that hangs at its greeting, when time is up, then the message is retried`() async throws
    {
        let sink = try await MailSink.start()
        try await sink.set(.hangAtEHLO)

        let outcome = try await Mails.sender(sink, within: .milliseconds(300)).send(Mails.message())

        #expect(outcome == .retry(after: nil, reason: "The mail server did not answer in time."))
    }

    @Test(arguments: [MailSink.Mode.hangAfterData, .dropAfterData])
    func `given a server silent after the message, when a message is sent, then nobody knows`(
        mode: MailSink.Mode
    ) async throws {
        let sink = try await MailSink.start()

        let outcome = try await Mails.sender(sink, within: .milliseconds(500))
            .send(Mails.message(to: "\(mode.rawValue)@example.com"))

        guard case .unknown = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test func `given nobody listens, when a message is sent, then it is retried`() async throws {
        let sink = try await MailSink.start()
        let sender = try Mails.sender(sink)
        await sink.stop()

        let outcome = await sender.send(Mails.message())

        #expect(outcome == .retry(after: nil, reason: "The mail server cannot be reached."))
    }

    @Test func `given the server closed the idle connection, when the next is sent, then a new connection takes it`()
        async throws
    {
        let sink = try await MailSink.start()
        let sender = try Mails.sender(sink)
        _ = await sender.send(Mails.message(id: 1))
        _ = await sender.send(Mails.message(id: 2))
        try await sink.dropConnections()

        let outcome = await sender.send(Mails.message(id: 3))

        #expect(outcome == .delivered(receipt: "smtp 250 2.0.0 OK: queued"))
        #expect(try await sink.waitForMail(count: 3).map(\.session) == [1, 1, 2])
    }

    @Test func `given a closed sender, when a message is sent, then it is retried later`() async throws {
        let sink = try await MailSink.start()
        let sender = try Mails.sender(sink)
        sender.close()

        let outcome = await sender.send(Mails.message())

        guard case .retry = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test func `given a mail under way, when the sender is closed, then it is broken off and retried later`()
        async throws
    {
        let sink = try await MailSink.start()
        // Longer than the busiest machine takes to get from the hang to the close.
        let sender = try Mails.sender(sink, within: .seconds(300))
        try await sink.set(.hangAtEHLO)
        async let outcome = sender.send(Mails.message())
        try await sink.waitUntilHanging()

        sender.close(grace: .zero)

        #expect(await outcome == .retry(after: nil, reason: "The server was shut down meanwhile."))
    }

    @Test(arguments: ["alice@example.com\r\nDATA", "<alice@example.com>", ""])
    func `given what is no address, when a message is sent, then no connection is made`(address: String) async throws {
        let sender = try Mails.sender(url: "smtp://127.0.0.1:1")

        let outcome = await sender.send(Mails.message(to: address))

        guard case .rejected = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test func `given 100 messages at once, when they are sent, then all arrive over four connections`() async throws {
        let sink = try await MailSink.start()
        let sender = try Mails.sender(sink)
        let start = ContinuousClock.now

        let delivered = await withTaskGroup(of: DeliveryOutcome.self) { group in
            for id in 1...100 {
                group.addTask {
                    // On a busy machine the wait for a connection may run out; then the message is to be tried again.
                    var outcome = await sender.send(Mails.message(id: Int64(id), thread: nil))
                    for _ in 1...30 {
                        guard case .retry = outcome else { break }
                        outcome = await sender.send(Mails.message(id: Int64(id), thread: nil))
                    }
                    return outcome
                }
            }
            return await group.reduce(0) { $0 + ($1 == .delivered(receipt: "smtp 250 2.0.0 OK: queued") ? 1 : 0) }
        }

        let took = (ContinuousClock.now - start) / .milliseconds(1)
        print("100 mails: \(took / 100) ms each")
        let mails = try await sink.waitForMail(count: 100, timeout: .seconds(60))
        #expect(delivered == 100)
        #expect(Set(mails.compactMap { $0.header("X-Nightbell-Message") }).count == 100)
        #expect(Set(mails.map(\.session)).count <= 4)
    }
}
