import Alerting
import Engine
import Simulation
import Storage
import Testing

/// Contacts that must show that they reach their owner, exercises, and notes about shifts and alerts.
struct ContactStoriesTests {
    private typealias Cast = SimulatedCast

    private struct Set {
        let world: SimulatedWorld
        let contacts: ContactAdministration
        let phone: Contact.ID

        /// Messages that still have the code in them.
        func codesKept(_ code: String) async throws -> Int {
            let messages = try await world.disk.read { transaction in
                try Messages.list(
                    account: Cast.account, .all, page: Page(offset: 0, limit: 100), in: transaction)
            }
            return messages.count { $0.body?.contains(code) == true || $0.subject?.contains(code) == true }
        }
    }

    private func set(_ channels: [Channel] = [.sms, .email]) async throws -> Set {
        let world = try await SimulatedWorld(channels: channels)
        let contacts = world.engine.administration(passwords: Passwords(log2N: 4)).contacts
        let draft = ContactDraft(kind: .phone, target: "+491701234567")
        let phone = try await contacts.create(draft, for: Cast.alice.user, by: Cast.alice.caller)
        return Set(world: world, contacts: contacts, phone: phone.id)
    }

    private func code(_ world: SimulatedWorld) throws -> String {
        try #require(world.sender(.sms).delivered.last).text.split(separator: ".")[0].filter(\.isNumber)
    }

    @Test func `given a new phone, when its code is entered, then it is verified and can be paged`() async throws {
        let set = try await set()
        let (alice, by) = (Cast.alice.user, Cast.alice.caller)
        try await set.contacts.sendCode(to: set.phone, of: alice, by: by)
        try await set.world.settle()
        let code = try code(set.world)
        #expect(code.count == 6)

        await #expect(throws: Failure.self) {
            try await set.contacts.verify(set.phone, code: "00000x", of: alice, by: by)
        }
        try await set.contacts.verify(set.phone, code: " \(code.prefix(3)) \(code.suffix(3))", of: alice, by: by)

        #expect(try await set.codesKept(code) == 0)
        let verified = try await set.contacts.list(of: alice, by: by).first { $0.id == set.phone }
        #expect(verified?.verifiedAt == set.world.now)
        await #expect(throws: Failure.self) {
            try await set.contacts.sendCode(to: set.phone, of: alice, by: by)
        }
    }

    @Test func `given a code that nobody enters, when it has expired, then no message holds it any more`() async throws
    {
        let set = try await set()
        try await set.contacts.sendCode(to: set.phone, of: Cast.alice.user, by: Cast.alice.caller)
        try await set.world.settle()
        let code = try code(set.world)

        set.world.clock.advance(by: .minutes(15))
        try await set.world.engine.retention.runOnce()
        #expect(try await set.codesKept(code) == 1)

        set.world.clock.advance(by: .milliseconds(1))
        try await set.world.engine.retention.runOnce()
        #expect(try await set.codesKept(code) == 0)
    }

    @Test func `given five wrong entries or a quarter of an hour, then the code does not count any more`() async throws
    {
        let set = try await set()
        let (alice, by) = (Cast.alice.user, Cast.alice.caller)
        try await set.contacts.sendCode(to: set.phone, of: alice, by: by)
        try await set.world.settle()
        let code = try code(set.world)
        for _ in 1...5 {
            await #expect(throws: Failure.self) {
                try await set.contacts.verify(set.phone, code: "1", of: alice, by: by)
            }
        }
        let sixth = await #expect(throws: Failure.self) {
            try await set.contacts.verify(set.phone, code: code, of: alice, by: by)
        }
        #expect(sixth?.code == .conflict)

        try await set.world.advance(by: .minutes(1))
        try await set.contacts.sendCode(to: set.phone, of: alice, by: by)
        try await set.world.settle()
        let second = try self.code(set.world)
        try await set.world.advance(by: .minutes(15))
        await #expect(throws: Failure.self) {
            try await set.contacts.verify(set.phone, code: second, of: alice, by: by)
        }
    }

    @Test func `given codes asked for again and again, then one a minute and five an hour are sent`() async throws {
        let set = try await set()
        let (alice, by) = (Cast.alice.user, Cast.alice.caller)
        for _ in 1...5 {
            try await set.contacts.sendCode(to: set.phone, of: alice, by: by)
            await #expect(throws: Failure.self) { try await set.contacts.sendCode(to: set.phone, of: alice, by: by) }
            try await set.world.advance(by: .minutes(1))
        }
        let sixth = await #expect(throws: Failure.self) {
            try await set.contacts.sendCode(to: set.phone, of: alice, by: by)
        }
        #expect(sixth?.message.contains("within an hour") == true)
        #expect(set.world.sender(.sms).delivered.count == 5)
        await #expect(throws: Failure.self) {
            try await set.contacts.sendCode(to: set.phone, of: alice, by: Cast.bob.caller)
        }
    }

    @Test func `given a verified contact, then one test a minute, in a quiet time too`() async throws {
        let set = try await set()
        try await set.world.mute(Cast.alice, until: set.world.now + .hours(1))
        let (alice, by) = (Cast.alice.user, Cast.alice.caller)
        try await set.contacts.test(Cast.alice.emailContact, of: alice, by: by)
        await #expect(throws: Failure.self) { try await set.contacts.test(Cast.alice.emailContact, of: alice, by: by) }
        try await set.world.settle()

        #expect(set.world.email.delivered.map(\.subject) == ["Nightbell test"])
        await #expect(throws: Failure.self) { try await set.contacts.test(set.phone, of: alice, by: by) }
    }

    @Test func `given a link for a browser, then its subscription is a contact, and a gone one is turned off`()
        async throws
    {
        let set = try await set([.push, .email])
        let subscription = try PushSubscription(
            endpoint: "https://push.example/abc",
            publicKey: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            authSecret: "BTBZMqHH6r4Tts7J_aSIgg")
        let link = try await set.contacts.link(.push, of: Cast.alice.user, by: Cast.alice.caller)
        #expect(try await set.contacts.owner(ofLink: link, kind: .push) == "Alice Example")
        try await set.contacts.subscribe(subscription, label: "Phone", link: link)
        try await set.contacts.subscribe(subscription, label: "Phone", link: link)
        await #expect(throws: Failure.self) { try await set.contacts.subscribe(subscription, label: "", link: "wrong") }

        let mine = try await set.contacts.list(of: Cast.alice.user, kind: .push, by: Cast.alice.caller)
        #expect(mine.map(\.target) == ["https://push.example/abc"])
        #expect(mine[0].secret == subscription.keys)
        try await set.contacts.test(mine[0].id, of: Cast.alice.user, by: Cast.alice.caller)
        set.world.sender(.push).answer(.outcome(.rejected(reason: "subscription gone")))
        try await set.world.settle()
        let after = try await set.contacts.list(of: Cast.alice.user, kind: .push, by: Cast.alice.caller)
        #expect(after[0].stoppedAt != nil)

        try await set.world.advance(by: .minutes(31))
        await #expect(throws: Failure.self) { try await set.contacts.owner(ofLink: link, kind: .push) }
    }

    @Test func `given a browser that subscribes by a link, then a test reaches it at once, and one a minute`()
        async throws
    {
        let set = try await set([.push, .email])
        let subscription = try PushSubscription(
            endpoint: "https://push.example/abc",
            publicKey: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            authSecret: "BTBZMqHH6r4Tts7J_aSIgg")
        let link = try await set.contacts.link(.push, of: Cast.alice.user, by: Cast.alice.caller)
        for _ in 1...3 { try await set.contacts.subscribe(subscription, label: "Phone", link: link) }
        try await set.world.settle()

        let tests = set.world.sender(.push).delivered
        #expect(tests.map(\.address) == ["https://push.example/abc"])
        #expect(tests.first?.text.contains("paged from now on") == true)
    }

    @Test func `given a drill, then everybody is called on each verified contact, and answers are in the report`()
        async throws
    {
        let world = try await SimulatedWorld(channels: [.sms, .email])
        try await world.engine.readiness.startDrill("Autumn", by: Cast.carol.caller)
        await #expect(throws: Failure.self) {
            try await world.engine.readiness.startDrill("Autumn", by: Cast.alice.caller)
        }
        try await world.settle()
        #expect(world.email.addresses.sorted() == Cast.people.map(\.email).sorted())
        #expect(world.sender(.sms).addresses.sorted() == Cast.people.map(\.phone).sorted())

        #expect(
            try await world.engine.replies.receive("1a", from: Cast.alice.phone, on: .sms)?.contains("Thank you")
                == true)
        let token = world.token(to: Cast.bob.email)
        #expect(try await world.engine.linkAnswers.isDrill(token))
        #expect(try await world.engine.linkAnswers.answerDrill(token))
        try await world.advance(by: .hours(25))
        #expect(try await world.engine.linkAnswers.answerDrill(world.token(to: Cast.carol.email)))

        let drills = try await world.engine.readiness.drills(by: Cast.carol.caller)
        let answered = drills[0].calls.filter { $0.answeredAt != nil }
        #expect(drills[0].calls.count == 6)
        #expect(answered.compactMap(\.target).sorted() == [Cast.alice.phone, Cast.bob.email].sorted())
    }

    @Test func `given people who are muted, unverified or fine, then the report says who would get a page`()
        async throws
    {
        let world = try await SimulatedWorld()
        try await world.mute(Cast.bob, until: world.now + .hours(1))
        try await world.write { transaction in
            try transaction.execute(
                "UPDATE contacts SET verified_at_ms = NULL WHERE user_id = :id", ["id": .init(Cast.carol.user)])
        }

        let report = try await world.engine.readiness.report(by: Cast.carol.caller)

        let states = Dictionary(uniqueKeysWithValues: report.people.map { ($0.user.id, $0.readiness.state) })
        #expect(states == [Cast.alice.user: .byFallback, Cast.bob.user: .muted, Cast.carol.user: .noContact])
        #expect(report.levels.map(\.isReady) == [true, false])
        #expect(try await world.engine.readiness.readiness(of: Cast.bob.user, by: Cast.alice.caller).state == .muted)
        await #expect(throws: Failure.self) { try await world.engine.readiness.report(by: Cast.alice.caller) }
    }

    @Test func `given wishes for updates, then others are told who accepted, and whoever did it is not`() async throws {
        let policy = EscalationPolicy(levels: [Cast.level(Cast.alice, Cast.bob)])
        let world = try await SimulatedWorld(channels: [.email, .sms], policy: policy)
        for person in [Cast.alice, Cast.bob] {
            try await world.prefer(.email, for: person)
            try await wish(.updates, "ALERT_ACCEPTED", of: person, in: world)
        }
        let id = try await world.raise()
        try await world.settle()

        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        try await world.settle()

        #expect(world.sender(.sms).addresses == [Cast.bob.phone])
        #expect(world.sender(.sms).delivered[0].text.contains("Accepted by Alice Example"))
        try await world.post(.resolve, "home")
        try await world.settle()
        #expect(world.sender(.sms).delivered.count == 1)
    }

    private func wish(
        _ area: PreferenceRecord.Area, _ kind: String, minutes: Int = 0, of person: SimulatedCast.Person,
        in world: SimulatedWorld
    ) async throws {
        let store = world.engine.store
        try await store.write { change in
            try Preferences.insert(
                PreferenceRecord(
                    id: change.newID(), user: person.user, area: area, channel: .sms, contact: person.phoneContact,
                    delayMinutes: minutes, kind: kind), in: change.transaction)
        }
    }

    @Test func `given a message that failed or waits, then an administrator tries it again or takes it out`()
        async throws
    {
        let world = try await SimulatedWorld()
        world.email.answer(.outcome(.rejected(reason: "no such mailbox")), .delivered)
        let id = try await world.raise()
        try await world.settle()
        let failed = try #require(try await world.messages(of: id).first)
        let desk = world.engine.deliveries
        #expect(
            try await desk.list(.failed, page: Page(limit: 10), by: Cast.carol.caller).map(\.message.id) == [failed.id])
        await #expect(throws: Failure.self) { try await desk.list(.all, page: Page(limit: 10), by: Cast.bob.caller) }

        try await desk.retry(failed.id, by: Cast.carol.caller)
        try await world.settle()
        #expect(world.email.addresses.contains(Cast.alice.email))
        await #expect(throws: Failure.self) { try await desk.cancel(failed.id, by: Cast.carol.caller) }

        try await world.prefer(.email, after: 60, for: Cast.alice)
        let later = try await world.raise("later")
        try await world.settle()
        let waiting = try #require(try await world.messages(of: later).first { $0.status == .waiting })
        try await desk.cancel(waiting.id, by: Cast.carol.caller)
        #expect(try await world.messages(of: later).first { $0.id == waiting.id }?.status == .cancelled)
    }
}
