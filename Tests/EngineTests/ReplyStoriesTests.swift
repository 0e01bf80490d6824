import Alerting
import Engine
import Foundation
import Simulation
import Storage
import TestSupport
import Testing

/// What people answer with words, and what providers report.
struct ReplyStoriesTests {
    private typealias Cast = SimulatedCast

    private func world(_ channels: [Channel] = [.sms, .email]) async throws -> SimulatedWorld {
        let policy = EscalationPolicy(levels: [
            Cast.level(Cast.alice, timeout: .hours(6)), Cast.level(Cast.bob, timeout: .hours(6)),
        ])
        let world = try await SimulatedWorld(channels: channels, policy: policy)
        try await world.prefer(.sms, for: Cast.alice)
        return world
    }

    private func reply(_ text: String, in world: SimulatedWorld, from phone: String = Cast.alice.phone) async throws
        -> String?
    {
        try await world.engine.replies.receive(text, from: phone, on: .sms)
    }

    @Test func `given two alerts, when they are answered by their codes, then each answer does what it says`()
        async throws
    {
        let world = try await world()
        let first = try await world.raise("home")
        try await world.settle()
        try await world.advance(by: .minutes(20))
        let second = try await world.raise("cart")
        try await world.settle()

        let accepted = try await reply("1a", in: world)
        #expect(accepted?.hasPrefix("1: You have accepted this alert.") == true)
        #expect(try await world.status(of: first) == .accepted)
        let again = try await reply("1a", in: world)
        #expect(again?.contains("accepted this alert already") == true)
        #expect(try await reply("'1r'", in: world)?.contains("resolved") == true)
        #expect(try await world.status(of: first) == .resolved)
        #expect(try await reply("2 a", in: world)?.hasPrefix("2: You have accepted") == true)
        #expect(try await world.status(of: second) == .accepted)
        #expect(try await reply("resolve 2", in: world)?.contains("resolved") == true)
        #expect(try await world.status(of: second) == .resolved)
        let lines = try await world.timeline(of: first)
        #expect(lines.contains { $0.kind == .accepted && $0.reason == "by sms" })
    }

    @Test
    func `given four alerts within a minute, when all are acknowledged, then one answer says that four are accepted`()
        async throws
    {
        let world = try await world()
        var alerts: [Alert.ID] = []
        for number in 1...4 { alerts.append(try await world.raise("key-\(number)")) }
        try await world.advance(by: .minutes(2))
        #expect(world.sender(.sms).delivered.count == 2)

        #expect(try await reply("ack all", in: world) == "You have accepted 4 alerts.")

        for alert in alerts { #expect(try await world.status(of: alert) == .accepted) }
        #expect(try await reply("ack all", in: world) == "No alert is pending.")
    }

    @Test func `given STOP, then the phone is left alone and the email is paged, and START turns it on again`()
        async throws
    {
        let world = try await world()
        #expect(try await reply("Stop", in: world)?.contains("START") == true)
        _ = try await world.raise("home")
        try await world.settle()
        #expect(world.sender(.sms).delivered.isEmpty)
        #expect(world.email.addresses == [Cast.alice.email])

        #expect(try await reply("START", in: world) != nil)
        _ = try await world.raise("cart")
        try await world.settle()
        #expect(world.sender(.sms).addresses == [Cast.alice.phone])
    }

    @Test func `given an unknown or unverified number, then there is silence`() async throws {
        let world = try await world()
        #expect(try await reply("1a", in: world, from: "+4915100000000") == nil)
        try await world.write { transaction in
            try transaction.execute(
                "UPDATE contacts SET verified_at_ms = NULL WHERE target = :t", ["t": .text(Cast.bob.phone)])
        }
        #expect(try await reply("1a", in: world, from: Cast.bob.phone) == nil)
    }

    @Test func `given nonsense, then five answers, then none until something valid`() async throws {
        let world = try await world()
        _ = try await world.raise("home")
        try await world.settle()
        for _ in 1...5 { #expect(try await reply("out of office", in: world) != nil) }
        for _ in 1...3 { #expect(try await reply("out of office", in: world) == nil) }

        #expect(try await reply("1a", in: world) != nil)
        #expect(try await reply("what?", in: world) != nil)
    }

    @Test func `given escalate twice on one message, then the second is refused with a sentence`() async throws {
        let world = try await world()
        let id = try await world.raise("home")
        try await world.settle()

        #expect(try await reply("1e", in: world)?.contains("next level is being called") == true)
        try await world.settle()
        #expect(try await reply("1e", in: world)?.contains("has passed already") == true)
        #expect(try await world.kinds(of: id).filter { $0 == .levelEntered }.count == 2)
    }

    @Test func `given a reply to somebody else's alert's code, then only the own messages count`() async throws {
        let world = try await world()
        _ = try await world.raise("home")
        try await world.settle()

        #expect(try await reply("1a", in: world, from: Cast.bob.phone) == "There is no message 1.")
    }

    @Test func `given a provider that reports a failure, then the next contact is paged and it is not sent again`()
        async throws
    {
        let world = try await world()
        let id = try await world.raise("home")
        try await world.settle()
        let token = world.token(to: Cast.alice.phone)

        try await world.engine.receipts.receive(.sent, of: token, reason: nil)
        try await world.engine.receipts.receive(.failed, of: token, reason: "30003")
        try await world.advance(by: .minutes(30))

        #expect(world.sender(.sms).attempts.count == 1)
        #expect(world.email.addresses == [Cast.alice.email])
        let lines = try await world.timeline(of: id)
        #expect(lines.contains { $0.kind == .messageReceipt && $0.reason == "failed 30003" })
        #expect(lines.contains { $0.kind == .messageFailed })
    }

    @Test func `given receipts out of order, then an older one changes nothing`() async throws {
        let world = try await world()
        let id = try await world.raise("home")
        try await world.settle()
        let token = world.token(to: Cast.alice.phone)

        for receipt in [Receipt.delivered, .sent, .failed, .unanswered] {
            try await world.engine.receipts.receive(receipt, of: token, reason: nil)
        }
        try await world.settle()

        #expect(try await world.messages(of: id).map(\.receiptState) == [.delivered])
        #expect(world.email.addresses == [])
        await #expect(throws: Failure.self) {
            try await world.engine.receipts.receive(.failed, of: "1-forged", reason: nil)
        }
    }

    @Test func `given a failure that is reported before the answer, then the next contact is paged all the same`()
        async throws
    {
        let world = try await world()
        _ = try await world.raise("home")
        try await world.escalate()
        let (engine, links) = (world.engine, world.links)
        world.sender(.sms).onSend { message, _ in
            // A provider may be this fast.
            try? await engine.receipts.receive(
                .failed, of: links.token(for: MessageRecord.ID(message.id.rawValue)), reason: nil)
        }

        try await world.settle()

        #expect(world.email.addresses == [Cast.alice.email])
    }

    @Test func `given a call, then its keys accept, and words without an answer change nothing`() async throws {
        let world = try await world([.voice, .email])
        try await world.prefer(.voice, for: Cast.alice)
        let id = try await world.raise("home")
        try await world.settle()
        let token = world.token(to: Cast.alice.phone)

        let words = try await world.engine.voice.greeting(token)
        #expect(words.text.contains("Shop is down") && words.takesKeys)
        #expect(try await world.engine.voice.press("9", token) == words)
        #expect(try await world.status(of: id) == .pending)
        let answer = try await world.engine.voice.press("1", token)
        #expect(!answer.takesKeys && answer.text.contains("accepted"))
        #expect(try await world.status(of: id) == .accepted)
    }

    @Test func `given markup in a summary, then a call's document keeps it as words`() {
        let words = VoiceDesk.Words(text: "<Dial>+1900</Dial> & \"more\"\u{7}", takesKeys: true)
        let document = TwiML.call(words, keysGoTo: "https://n.example/k?a=1&b=2")

        #expect(!document.contains("<Dial>") && document.contains("&lt;Dial&gt;+1900&lt;/Dial&gt; &amp;"))
        #expect(document.contains("action=\"https://n.example/k?a=1&amp;b=2\""))
        #expect(document.filter { $0 == "\u{7}" }.isEmpty)
        #expect(TwiML.message(nil).hasSuffix("<Response></Response>"))
    }

    @Test func `given what is said in calls and written back, then Twilio's own library reads the same of it`()
        async throws
    {
        let hostile = "<Dial>+1900</Dial> & \"more\" ]]> &amp; ü 🚨 \u{1}\u{FFFE}"
        let keys = "https://n.example/twilio/voice/7-abc/keys?a=1&b=2"
        let documents = [
            TwiML.call(.init(text: hostile, takesKeys: true), keysGoTo: keys),
            TwiML.call(.init(text: "Goodbye", takesKeys: false), keysGoTo: keys),
            TwiML.call(.init(text: "No way back", takesKeys: true), keysGoTo: nil), TwiML.message(hostile),
            TwiML.message(nil), "<Response><Dial bogus=\"1\"/></Response>",
        ]
        let input = JSONValue.array(documents.map(JSONValue.string)).bytes()

        let result = try await ChildProcess.run(
            TestTools.python(), [TestTools.script("read_twiml.py")], input: Data(input))

        let answers = try JSONValue.parse(Array(try #require(result.output.first, "\(result.error)").utf8))
        let verbs: [[String]?] = (answers.array ?? []).map { $0["verbs"]?.array?.compactMap(\.string) }
        let clean = "<Dial>+1900</Dial> & \"more\" ]]> &amp; ü 🚨"
        let asked: [String] = ["Gather", "Say \(clean)"]
        let call: [String] = ["Pause"] + asked + asked + asked + ["Say Goodbye."]
        let expected: [[String]?] = [
            call, ["Pause", "Say Goodbye"], ["Pause", "Say No way back"], ["Message \(clean)"], [], nil,
        ]
        #expect(verbs == expected)
        #expect(answers[5]?["error"]?.string?.contains("bogus") == true)
    }

    @Test func `given a chat that was set up, then its buttons and words act as its owner`() async throws {
        let world = try await world([.telegram, .email])
        let contacts = world.engine.administration(passwords: Passwords(log2N: 4)).contacts
        let link = try await contacts.link(.telegram, of: Cast.alice.user, by: Cast.alice.caller)
        let desk = world.engine.telegram
        #expect(
            try await desk.receive("/start wrong", chat: 77, name: "Mallory") == "This link is not valid, or no longer."
        )
        #expect(
            try await desk.receive("/start \(link)", chat: 42, name: "Alice") == "Nightbell pages you here from now on."
        )
        #expect(try await desk.receive("/start \(link)", chat: 43, name: "Mallory")?.contains("not valid") == true)

        let id = try await world.write { transaction in
            let contact = try Contacts.list(target: "42", kind: .telegram, in: transaction)[0]
            try Preferences.insert(
                PreferenceRecord(
                    id: .init(99), user: Cast.alice.user, area: .alerts, channel: .telegram, contact: contact.id,
                    delayMinutes: 0, kind: "HIGH_PRIORITY"), in: transaction)
            return contact.id
        }
        #expect(id.rawValue > 0)
        let alert = try await world.raise("home")
        try await world.settle()
        #expect(world.sender(.telegram).addresses == ["42"])

        #expect(await desk.press("a:\(world.token(to: "42"))") == "You have accepted this alert.")
        #expect(try await world.status(of: alert) == .accepted)
        #expect(await desk.press("a:1-forged") == "This link is not valid, or no longer.")
        #expect(try await desk.receive("1r", chat: 42, name: "Alice")?.contains("resolved") == true)
        #expect(try await desk.receive("1r", chat: 99, name: "Mallory") == nil)
    }

    private func mail(_ text: String, to token: String, headers: String = "") -> ReceivedMail {
        let head = "From: Alice <alice@example.com>\r\nSubject: Re: Shop\r\n\(headers)Content-Type: text/plain\r\n\r\n"
        return ReceivedMail(
            sender: "alice@example.com", recipient: "reply+\(token)@bell.example", client: "192.0.2.1",
            content: Array((head + text).utf8))
    }

    @Test func `given an answer by mail, then its first word counts, a mail says so, and machines are refused`()
        async throws
    {
        let world = try await world([.email])
        let id = try await world.raise("home")
        try await world.settle()
        let token = world.token(to: Cast.alice.email)
        let router = world.engine.mail

        let absence = mail("accept", to: token, headers: "Auto-Submitted: auto-replied\r\n")
        #expect(await router.receive(absence) == .refused("Automatic mails answer nothing"))
        #expect(await router.receive(mail("accept", to: "1-forged")) == .unknown)
        #expect(try await world.status(of: id) == .pending)

        #expect(await router.receive(mail("Accept\r\n\r\n> [HIGH] Shop is down", to: token)) == .taken)
        try await world.settle()
        #expect(try await world.status(of: id) == .accepted)
        #expect(world.email.delivered.last?.subject == "You have accepted this alert. (Shop is down)")
        for _ in 1...8 { #expect(await router.receive(mail("Thanks!", to: token)) == .taken) }
        try await world.settle()
        #expect(world.email.delivered.filter { $0.subject.hasPrefix("Reply with one word") }.count == 5)
    }
}
