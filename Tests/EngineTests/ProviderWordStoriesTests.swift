import Alerting
import Engine
import Simulation
import Storage
import Testing

/// What providers say of a recipient, and in which order messages go.
struct ProviderWordStoriesTests {
    private typealias Cast = SimulatedCast

    private static let stop = "twilio \(TwilioError.words("21610"))"

    private static func state(_ world: SimulatedWorld) async throws -> Readiness.State {
        try await world.engine.readiness.readiness(of: Cast.alice.user, by: Cast.alice.caller).state
    }

    @Test func `given a recipient who sent STOP to the provider, then the contact is off, and START turns it on`()
        async throws
    {
        let world = try await SimulatedWorld(
            channels: [.sms, .email], policy: EscalationPolicy(levels: [Cast.level(Cast.alice)]))
        try await world.prefer(.sms, for: Cast.alice)
        #expect(try await Self.state(world) == .ready)
        world.sender(.sms).answer(.outcome(.rejected(reason: Self.stop)), .delivered)

        let id = try await world.raise()
        try await world.settle()

        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await Self.state(world) != .ready)
        let failed = try await world.timeline(of: id).first { $0.kind == .messageFailed }
        #expect(failed?.reason?.contains("sent STOP") == true)
        _ = try await world.raise("next")
        try await world.settle()
        #expect(world.sender(.sms).attempts.count == 1)
        #expect(try await world.engine.replies.receive("START", from: Cast.alice.phone, on: .sms) != nil)
        #expect(try await Self.state(world) == .ready)
    }

    @Test func `given STOP that is reported later, then the contact is off, too, and the next one is paged`()
        async throws
    {
        let world = try await SimulatedWorld(
            channels: [.sms, .email], policy: EscalationPolicy(levels: [Cast.level(Cast.alice)]))
        try await world.prefer(.sms, for: Cast.alice)
        let id = try await world.raise()
        try await world.settle()

        try await world.engine.receipts.receive(
            .failed, of: world.token(to: Cast.alice.phone), reason: TwilioError.words("21610"))
        try await world.settle()

        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await Self.state(world) != .ready)
        #expect(try await world.timeline(of: id).contains { $0.reason?.hasSuffix("sent STOP") == true })
    }

    @Test func `given messages of all kinds for one person, then they go by their rank, whatever came first`()
        async throws
    {
        let now = SimulatedClock().now
        let warehouse = Cast.source(AlertSource.ID(2), name: "Warehouse", key: Self.otherKey, at: now)
        let world = try await SimulatedWorld(
            sources: [Cast.source(at: now), warehouse], throttles: [.email: Throttle([])])
        _ = try await world.raise("earlier")
        try await world.settle()
        let before = world.email.delivered.count
        let purposes: [(MessageRecord.Purpose, String)] = [
            (.update, "status"), (.onCallNotice, "notice"), (.test, "test"), (.verification, "verification"),
        ]
        try await world.engine.store.write { change in
            let queue = NoticeQueue(change: change, channels: [.email])
            for (purpose, name) in purposes {
                let notice = Notice(account: Cast.account, purpose: purpose, subject: name, text: name)
                _ = try queue.tell(Cast.alice.user, notice, by: .contact(Cast.alice.emailContact, .email))
            }
        }
        try await world.post(.alert, "further", summary: "further")
        try await world.post(.alert, "first", summary: "first", to: Self.otherKey)
        while try await world.escalate() {}

        try await world.notify()

        let subjects = world.email.delivered.dropFirst(before).map { $0.subject.replacing("[HIGH] ", with: "") }
        #expect(subjects == ["first", "verification", "test", "notice", "further", "status"])
    }

    @Test(arguments: ["漢", "👨‍👩‍👧‍👦", "a\u{301}\u{302}\u{303}\u{304}\u{323}"])
    func `given a long summary in any script, then an SMS stays short and says what to reply`(sign: String) async throws
    {
        let world = try await SimulatedWorld(
            channels: [.sms], policy: EscalationPolicy(levels: [Cast.level(Cast.alice)]))
        try await world.post(.alert, "home", summary: String(repeating: sign, count: 250))
        try await world.settle()

        let brief = try #require(world.sender(.sms).delivered.first?.brief)
        #expect(brief.utf16.count <= 300 && brief.hasSuffix("1e escalate"))
    }

    private static let otherKey = "nb1sQuietQuietQuietQuietQuietQuietQuiet"
}

/// A fire drill is answered wherever its message can be answered.
struct DrillAnswerStoriesTests {
    private typealias Cast = SimulatedCast

    /// The addresses from which there is an answer.
    private static func answered(_ world: SimulatedWorld) async throws -> [String] {
        let drills = try await world.engine.readiness.drills(by: Cast.carol.caller)
        return drills[0].calls.filter { $0.answeredAt != nil }.compactMap(\.target).sorted()
    }

    @Test func `given a drill in a Telegram chat, when its button is pressed, then the drill has the answer`()
        async throws
    {
        let world = try await SimulatedWorld(channels: [.telegram, .email])
        let contacts = world.engine.administration(passwords: Passwords(log2N: 4)).contacts
        let link = try await contacts.link(.telegram, of: Cast.alice.user, by: Cast.alice.caller)
        _ = try await world.engine.telegram.receive("/start \(link)", chat: 42, name: "Alice")
        try await world.engine.readiness.startDrill("Autumn", by: Cast.carol.caller)
        try await world.settle()

        let message = try #require(world.sender(.telegram).delivered.first)
        #expect(message.acceptLink != nil && message.resolveLink == nil)
        let sentence = await world.engine.telegram.press("a:\(world.token(to: "42"))")

        #expect(sentence == "Thank you: the fire drill has your answer.")
        #expect(try await Self.answered(world) == ["42"])
        #expect(await world.engine.telegram.press("a:1-forged") == "This link is not valid, or no longer.")
    }

    @Test func `given a drill by a call and by mail, when a key is pressed and a mail answered, then both count`()
        async throws
    {
        let world = try await SimulatedWorld(channels: [.voice, .email])
        try await world.engine.readiness.startDrill("Autumn", by: Cast.carol.caller)
        try await world.settle()
        let call = world.token(to: Cast.alice.phone)

        #expect(try await world.engine.voice.greeting(call).text.contains("fire drill"))
        #expect(try await world.engine.voice.press("1", call).text == "Thank you. Goodbye.")
        let mail = ReceivedMail(
            sender: Cast.bob.email, recipient: "reply+\(world.token(to: Cast.bob.email))@bell.example",
            client: "192.0.2.1",
            content: Array("From: \(Cast.bob.email)\r\nSubject: Re\r\n\r\naccept\r\n".utf8))
        #expect(await world.engine.mail.receive(mail) == .taken)

        #expect(try await Self.answered(world) == [Cast.alice.phone, Cast.bob.email].sorted())
    }
}
