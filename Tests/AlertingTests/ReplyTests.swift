import Alerting
import Testing

struct ReplyTests {
    @Test(arguments: [
        ("1a", Reply.act(.accept, code: 1)), ("'1r'", .act(.resolve, code: 1)), ("2 a", .act(.accept, code: 2)),
        ("resolve 2", .act(.resolve, code: 2)), ("ACK 12.", .act(.accept, code: 12)), ("a", .act(.accept, code: nil)),
        ("1E", .act(.escalate, code: 1)), (" \n\"ack\" \n> On Monday you wrote", .act(.accept, code: nil)),
        ("ack all", .actOnAll(.accept)), ("All resolve", .actOnAll(.resolve)), ("STOP", .stop), ("start", .start),
        ("“99 r”", .act(.resolve, code: 99)),
    ])
    func `given words that mean something, then they are understood`(text: String, reply: Reply) {
        #expect(Reply(text) == reply)
    }

    @Test(arguments: [
        "", " ", "0a", "100a", "1", "a b", "1 a now", "please accept", "1x", "¹a", "stop it", "1a 2a", "?!", "a1b2",
        "I am out of the office until Monday.",
    ])
    func `given anything else, then it is nonsense`(text: String) {
        #expect(Reply(text) == .nonsense)
    }

    @Test func `given a text without end, then it is nonsense soon`() {
        #expect(Reply(String(repeating: "a1", count: 100_000)) == .nonsense)
        #expect(Reply(String(repeating: "\n", count: 100_000) + "1a") == .nonsense)
    }
}

struct ReadinessTests {
    private let now = Timestamp(milliseconds: 1_767_225_600_000)
    private let email = Contact(
        id: .init(1), user: .init(1), channels: [.email], target: "alice@example.com", isVerified: true)

    private func readiness(
        _ contacts: [Contact], rules: [NotificationRule] = [], mutedUntil: Timestamp? = nil,
        channels: Set<Channel> = [.email], delivered: [Contact.ID: Timestamp] = [:]
    ) -> Readiness {
        let responder = Responder(user: .init(1), mutedUntil: mutedUntil, contacts: contacts, rules: rules)
        return Readiness(of: responder, at: now, channels: channels, delivered: delivered)
    }

    @Test func `given each way not to be reached, then it has its name`() {
        let rule = NotificationRule(priority: .high, channel: .email, contact: email.id, delay: .zero)
        var unverified = email
        unverified.isVerified = false

        #expect(readiness([email], rules: [rule]).state == .ready)
        #expect(readiness([email]).state == .byFallback)
        #expect(readiness([unverified], rules: [rule]).state == .noContact)
        #expect(readiness([]).state == .noContact)
        #expect(readiness([email], channels: [.sms]).state == .noChannel)
        #expect(readiness([email], mutedUntil: now + .milliseconds(1)).state == .muted)
        #expect(readiness([email], mutedUntil: now).state == .byFallback)
    }

    @Test func `given messages that were handed over, then the newest of a usable contact is told`() {
        #expect(readiness([email], delivered: [email.id: now, .init(9): now + .hours(1)]).lastDelivered == now)
        #expect(readiness([email]).lastDelivered == nil)
    }
}
