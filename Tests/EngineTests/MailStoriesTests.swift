import Alerting
import Integrations
import Simulation
import Storage
import TestSupport
import Testing

@testable import Engine

@Suite struct MailStoriesTests {
    private static let address = "shop@bell.example"

    private static func world(_ fields: String = "{}", isActive: Bool = true) async throws -> SimulatedWorld {
        var source = SimulatedCast.source(type: "EMAIL2", key: address, at: SimulatedClock().now)
        source.fields = try JSONValue.parse(fields)
        source.isActive = isActive
        return try await SimulatedWorld(sources: [source])
    }

    private static func mail(
        _ subject: String = "Checkout is down", id: String = "m1@example.com", more: String = "", to: String = address,
        from: String = "alerts@example.com"
    ) -> ReceivedMail {
        let text = "From: \(from)\r\nSubject: \(subject)\r\nMessage-ID: <\(id)>\r\n\(more)\r\nSince ten.\r\n"
        return ReceivedMail(sender: from, recipient: to, client: "192.0.2.1", content: Array(text.utf8))
    }

    private static func reasons(_ world: SimulatedWorld) async throws -> [IntakeReason] {
        try await world.disk.read { transaction in
            try EventLog.list(source: SimulatedCast.shop, limit: 500, in: transaction).map(\.reason).reversed()
        }
    }

    private static func alerts(_ world: SimulatedWorld) async throws -> Int {
        try await reasons(world).count { $0 == .newAlert }
    }

    @Test func `given a mail source, when a mail comes, then Alice is paged about its subject`() async throws {
        let world = try await Self.world()

        #expect(await world.engine.mail.answer(recipient: Self.address, sender: "a@example.com") == .taken)
        #expect(await world.engine.mail.receive(Self.mail()) == .taken)
        try await world.settle()

        let page = try #require(world.email.delivered.first)
        #expect(page.address == SimulatedCast.alice.email)
        #expect(page.subject.contains("Checkout is down"))
    }

    @Test func `given a mail that its sender hands over twice, when both are taken, then there is one alert`()
        async throws
    {
        let world = try await Self.world()

        for _ in 0..<2 { #expect(await world.engine.mail.receive(Self.mail()) == .taken) }
        #expect(await world.engine.mail.receive(Self.mail(id: "m2@example.com")) == .taken)

        #expect(try await Self.reasons(world) == [.newAlert, .keyOpen, .newAlert])
    }

    @Test func `given resolve rules and a key, when the mail of its end comes, then the alert is resolved`()
        async throws
    {
        let world = try await Self.world(
            #"""
            {"emailFiltered": true,
             "emailPredicates": [{"field": "EMAIL_SUBJECT", "criteria": "CONTAINS_STRING", "value": "is down"}],
             "emailResolveFiltered": true,
             "emailResolvePredicates": [{"field": "EMAIL_SUBJECT", "criteria": "CONTAINS_STRING", "value": "is up"}],
             "resolveKeyExtractor": {"field": "EMAIL_SUBJECT", "criteria": "ALL_TEXT_BEFORE", "value": " is "}}
            """#)

        #expect(await world.engine.mail.receive(Self.mail("Checkout is down")) == .taken)
        #expect(await world.engine.mail.receive(Self.mail("Newsletter", id: "n@example.com")) == .taken)
        #expect(await world.engine.mail.receive(Self.mail("Checkout is up", id: "m3@example.com")) == .taken)
        #expect(await world.engine.mail.receive(Self.mail("Cart is up", id: "m4@example.com")) == .taken)

        #expect(try await Self.reasons(world) == [.newAlert, .filtered, .resolvedBySource, .noOpenAlert])
    }

    @Test(arguments: [
        "Auto-Submitted: auto-replied\r\n", "X-Nightbell-Message: 7\r\n", "Return-Path: <>\r\n",
        String(repeating: "Received: from a by b\r\n", count: 51),
    ])
    func `given a mail that would go round in circles, when it comes, then it is refused with a line and no alert`(
        header: String
    ) async throws {
        let world = try await Self.world()

        guard case .refused = await world.engine.mail.receive(Self.mail(more: header)) else {
            Issue.record("it was taken")
            return
        }

        #expect(try await Self.reasons(world) == [.refused])
    }

    @Test func `given no sender, when a recipient is asked for, then reports are refused`() async throws {
        let world = try await Self.world()

        guard case .refused = await world.engine.mail.answer(recipient: Self.address, sender: "") else {
            Issue.record("it was taken")
            return
        }
        guard case .refused = await world.engine.mail.receive(Self.mail(from: "")) else {
            Issue.record("it was taken")
            return
        }
    }

    @Test(arguments: ["other@bell.example", "shop@other.example", "shop", "", SimulatedCast.shopKey])
    func `given an address of nobody, when it is asked for, then it is unknown`(address: String) async throws {
        let world = try await Self.world()

        #expect(await world.engine.mail.answer(recipient: address, sender: "a@example.com") == .unknown)
        #expect(await world.engine.mail.receive(Self.mail(to: address)) == .unknown)
        #expect(try await Self.reasons(world) == [])
    }

    @Test func `given a source of webhooks, when its key is written to, then it is unknown`() async throws {
        let world = try await SimulatedWorld()

        #expect(await world.engine.mail.answer(recipient: SimulatedCast.shopKey, sender: "a@b.c") == .unknown)
    }

    @Test func `given a mail source, when a request is posted to its key, then it is refused`() async throws {
        let world = try await Self.world()

        await #expect(throws: Failure.self) { try await world.receive(Array("{}".utf8), to: Self.address) }
    }

    @Test func `given a mail bomb, when the limit of a minute is reached, then the rest waits at its sender`()
        async throws
    {
        let world = try await Self.world()

        for number in 0..<Limits.mailsPerMinute {
            #expect(await world.engine.mail.receive(Self.mail(id: "m\(number)@example.com")) == .taken)
        }
        guard case .later = await world.engine.mail.receive(Self.mail(id: "late@example.com")),
            case .later = await world.engine.mail.answer(recipient: Self.address, sender: "a@example.com")
        else {
            Issue.record("one more was taken")
            return
        }
        #expect(try await Self.reasons(world).count == Limits.mailsPerMinute)

        world.clock.advance(by: .seconds(59))
        #expect(await world.engine.mail.receive(Self.mail(id: "late@example.com")) != .taken)
        world.clock.advance(by: .seconds(1))
        #expect(await world.engine.mail.receive(Self.mail(id: "late@example.com")) == .taken)
    }

    @Test func `given a database that fails, when a mail comes, then its sender keeps it`() async throws {
        let world = try await Self.world()
        #expect(await world.engine.mail.answer(recipient: Self.address, sender: "a@example.com") == .taken)
        world.database.die()

        guard case .later = await world.engine.mail.receive(Self.mail()) else {
            Issue.record("it was answered as if it were stored")
            return
        }
        world.restart()
        #expect(await world.engine.mail.receive(Self.mail()) == .taken)
        #expect(try await Self.alerts(world) == 1)
    }

    @Test func `given a source that is switched off, when a mail comes, then it is noted and raises nothing`()
        async throws
    {
        let world = try await Self.world(isActive: false)

        #expect(await world.engine.mail.receive(Self.mail()) == .taken)

        #expect(try await Self.reasons(world) == [.sourceDisabled])
    }

    @Test func `given a stored mail, when it is handed in again, then it is read as before`() async throws {
        let world = try await Self.world()
        _ = await world.engine.mail.receive(Self.mail("Störung", id: "x@example.com"))
        let stored = try await world.disk.read { transaction in
            try EventLog.list(source: SimulatedCast.shop, limit: 1, in: transaction)
        }
        let event = try #require(stored.first)

        #expect(event.method == "MAIL")
        #expect(event.path == "mailto:shop@bell.example")
        #expect(event.summary == "Störung")
        let again = try await world.engine.reception.replay(
            WebhookRequest(method: event.method, path: event.path, body: event.body), source: SimulatedCast.shop)
        #expect(again.reason == .keyOpen)
    }

    @Test func `given another receiver, when it is added, then mails to its addresses are its own`() async throws {
        let world = try await Self.world()
        world.engine.mail.add(ReplyBox())

        #expect(await world.engine.mail.answer(recipient: "reply@bell.example", sender: "") == .taken)
        #expect(await world.engine.mail.receive(Self.mail(to: "reply@bell.example")) == .refused("Thank you"))
        #expect(await world.engine.mail.receive(Self.mail()) == .taken)
    }
}

private struct ReplyBox: MailReceiver {
    func answer(recipient: String, sender: String) async -> MailAnswer {
        recipient == "reply@bell.example" ? .taken : .unknown
    }

    func receive(_ mail: ReceivedMail) async -> MailAnswer { .refused("Thank you") }
}
