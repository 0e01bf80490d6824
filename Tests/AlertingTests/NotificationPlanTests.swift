import Alerting
import Testing

struct NotificationPlanTests {
    private static let now = Timestamp(milliseconds: 1_767_225_600_000)
    private static let all: Set<Channel> = [.email, .sms, .voice]
    private static let email = contact(1, [.email], "alice@example.com")
    private static let phone = contact(2, [.sms, .voice], "+493012345")

    private static func contact(
        _ id: Int64, _ channels: Set<Channel>, _ target: String, isVerified: Bool = true
    ) -> Contact {
        Contact(id: .init(id), user: .init(1), channels: channels, target: target, isVerified: isVerified)
    }

    private static func rule(
        _ channel: Channel, _ contact: Contact, after minutes: Int = 0, _ priority: Priority = .high
    ) -> NotificationRule {
        NotificationRule(priority: priority, channel: channel, contact: contact.id, delay: .minutes(minutes))
    }

    private static func alice(_ contacts: [Contact] = [email, phone], _ rules: NotificationRule...) -> Responder {
        Responder(user: .init(1), contacts: contacts, rules: rules)
    }

    private static func plan(
        _ responder: Responder, _ priority: Priority = .high, _ channels: Set<Channel> = all
    ) -> [String] {
        NotificationPlan.messages(for: responder, priority: priority, channels: channels).map { message in
            "\(message.channel) \(message.contact.target) \(message.delay.wholeMilliseconds / 60_000)"
                + (message.reason.map { " \($0.rawValue)" } ?? "")
        }
    }

    @Test func `given SMS and voice at once and SMS after a minute, then three messages follow in that order`() {
        let alice = Self.alice(
            [Self.email, Self.phone], Self.rule(.sms, Self.phone), Self.rule(.voice, Self.phone),
            Self.rule(.sms, Self.phone, after: 1))

        #expect(Self.plan(alice) == ["sms +493012345 0", "voice +493012345 0", "sms +493012345 1"])
    }

    @Test func `given rules for the other priority only, then the first usable contact is told, and why`() {
        let alice = Self.alice([Self.phone, Self.email], Self.rule(.sms, Self.phone, after: 5, .low))

        #expect(Self.plan(alice) == ["sms +493012345 0 fallback_contact"])
        #expect(Self.plan(alice, .low) == ["sms +493012345 5"])
    }

    @Test func `given an unverified phone and a verified email, when there is no rule, then the email is used`() {
        let phone = Self.contact(2, [.sms, .voice], "+493012345", isVerified: false)

        #expect(Self.plan(Self.alice([phone, Self.email])) == ["email alice@example.com 0 fallback_contact"])
    }

    @Test func `given rules that cannot be followed, then they count as none`() {
        let unverified = Self.contact(3, [.sms], "+491", isVerified: false)
        let alice = Self.alice(
            [unverified, Self.email], Self.rule(.sms, unverified), Self.rule(.sms, Self.email),
            Self.rule(.push, Self.email), Self.rule(.email, Self.contact(9, [.email], "gone@example.com")))

        #expect(Self.plan(alice) == ["email alice@example.com 0 fallback_contact"])
    }

    @Test func `given a server without SMS, when the rules say SMS, then the email is used`() {
        let alice = Self.alice([Self.phone, Self.email], Self.rule(.sms, Self.phone))

        #expect(Self.plan(alice, .high, [.email]) == ["email alice@example.com 0 fallback_contact"])
    }

    @Test func `given no usable contact, then there is no message and nobody is reachable`() {
        let alice = Self.alice([Self.phone])

        #expect(Self.plan(alice, .high, [.email]) == [])
        #expect(!alice.isReachable(at: Self.now, channels: [.email]))
        #expect(alice.isReachable(at: Self.now, channels: [.voice]))
        #expect(!Self.alice([]).isReachable(at: Self.now, channels: Self.all))
    }

    @Test func `given a muted person, then they are reachable from the end of it on`() {
        var alice = Self.alice()
        alice.mutedUntil = Self.now

        #expect(!alice.isReachable(at: Self.now - .milliseconds(1), channels: Self.all))
        #expect(alice.isReachable(at: Self.now, channels: Self.all))
    }

    @Test func `given contacts that failed, then the next verified one follows until none is left`() {
        let unverified = Self.contact(3, [.sms], "+491", isVerified: false)
        let alice = Self.alice([Self.phone, unverified, Self.email])

        func next(_ failed: Set<Contact.ID>) -> String? {
            NotificationPlan.next(for: alice, channels: Self.all, except: failed)?.contact.target
        }
        #expect(next([]) == "+493012345")
        #expect(next([Self.phone.id]) == "alice@example.com")
        #expect(next([Self.phone.id, Self.email.id]) == nil)
    }
}
