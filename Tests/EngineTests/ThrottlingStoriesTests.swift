import Alerting
import Engine
import Simulation
import Storage
import Testing

/// What one contact is told when much happens at once.
struct ThrottlingStoriesTests {
    private typealias Cast = SimulatedCast

    private func world(_ channels: [Channel] = [.sms]) async throws -> SimulatedWorld {
        let policy = EscalationPolicy(levels: [Cast.level(Cast.alice, timeout: .hours(12))])
        let world = try await SimulatedWorld(channels: channels, policy: policy)
        try await world.prefer(.sms, for: Cast.alice)
        return world
    }

    @Test
    func `given four alerts of one source at once, then the first goes out and the others come as one after a minute`()
        async throws
    {
        let world = try await world()
        var alerts: [Alert.ID] = []
        for number in 1...4 {
            alerts.append(try await world.raise("key-\(number)"))
            try await world.settle()
            world.clock.advance(by: .seconds(5))
        }
        let sms = world.sender(.sms)
        #expect(sms.delivered.count == 1)
        #expect(try await world.kinds(of: alerts[1]).contains(.messageHeld))

        try await world.advance(by: .minutes(2))

        #expect(sms.delivered.count == 2)
        let bundle = try #require(sms.delivered.last)
        #expect(bundle.brief.contains("3 alerts, the newest: 4: Shop is down"))
        #expect(sms.attempts[1].at - sms.attempts[0].at == .minutes(1))
        for alert in alerts {
            #expect(try await world.messages(of: alert).map(\.status) == [.delivered])
        }
        let carried = try await world.timeline(of: alerts[2])
        #expect(carried.contains { $0.kind == .messageBundled })
        #expect(carried.last { $0.kind == .messageDelivered }?.reason == "together_with_others")
        #expect(try await world.messages(of: alerts[2]).map(\.shortCode) == [3])
    }

    @Test func `given eight rounds of alert and resolve twenty minutes apart, then every first SMS arrives at once`()
        async throws
    {
        let world = try await world()
        for round in 1...8 {
            _ = try await world.raise("home")
            try await world.settle()
            #expect(world.sender(.sms).delivered.count == round)
            #expect(world.sender(.sms).attempts.last?.at == world.now)
            try await world.post(.resolve, "home")
            try await world.advance(by: .minutes(20))
        }
    }

    @Test func `given two pages of one alert that are due together, then the one for the earlier instant goes at once`()
        async throws
    {
        let world = try await world()
        try await world.prefer(.sms, after: 5, for: Cast.alice)
        let id = try await world.raise()
        try await world.escalate()

        world.beDown(for: .hours(1))
        world.crash()
        try await world.settle()

        let sms = world.sender(.sms)
        #expect(sms.delivered.count == 1)
        #expect(sms.delivered[0].brief.contains("late by 60 min"))
        #expect(try await world.messages(of: id).map(\.status) == [.delivered, .cancelled])
    }

    @Test func `given sixty-one alerts at once, then sixty are mails of their own and the last waits`() async throws {
        let policy = EscalationPolicy(levels: [Cast.level(Cast.alice, timeout: .hours(12))])
        let world = try await SimulatedWorld(policy: policy)
        for number in 1...61 { _ = try await world.raise("key-\(number)") }

        try await world.settle()
        #expect(world.email.delivered.count == 60)
        try await world.advance(by: .minutes(1))
        #expect(world.email.delivered.count == 61)
    }

    @Test func `given held pages, when one's alert is accepted, then it is not in the bundle`() async throws {
        let world = try await world()
        var alerts: [Alert.ID] = []
        for number in 1...3 { alerts.append(try await world.raise("key-\(number)")) }
        try await world.settle()
        try await world.engine.desk.accept(alerts[1], by: Cast.bob.caller)

        try await world.advance(by: .minutes(2))

        #expect(world.sender(.sms).delivered.count == 2)
        #expect(try await world.messages(of: alerts[1]).map(\.status) == [.cancelled])
        #expect(try await world.messages(of: alerts[2]).map(\.status) == [.delivered])
    }

    @Test func `given a bundle that fails for now, then its parts go out later and none is lost`() async throws {
        let world = try await world()
        var alerts: [Alert.ID] = []
        for number in 1...3 { alerts.append(try await world.raise("key-\(number)")) }
        try await world.settle()
        world.sender(.sms).answer(.outcome(.unknown(reason: "timeout")), .delivered)

        try await world.advance(by: .minutes(5))

        for alert in alerts { #expect(try await world.messages(of: alert).map(\.status) == [.delivered]) }
    }

    @Test func `given another source, then its first alert goes out at once although the phone was told just now`()
        async throws
    {
        let other = Cast.source(
            .init(2), name: "Desk", type: "API", key: "nb1sDeskDeskDeskDeskDeskDeskDeskDeskDesk",
            at: SimulatedClock().now)
        let world = try await SimulatedWorld(
            channels: [.sms], policy: EscalationPolicy(levels: [Cast.level(Cast.alice)]),
            sources: [Cast.source(at: SimulatedClock().now), other])
        try await world.prefer(.sms, for: Cast.alice)
        _ = try await world.raise()
        try await world.settle()

        try await world.post(.alert, "desk", to: "nb1sDeskDeskDeskDeskDeskDeskDeskDeskDesk")
        try await world.settle()

        #expect(world.sender(.sms).delivered.count == 2)
    }
}

/// Several providers of one channel.
struct ProviderStoriesTests {
    private typealias Cast = SimulatedCast

    private func world() async throws -> SimulatedWorld {
        let policy = EscalationPolicy(levels: [Cast.level(Cast.alice, timeout: .hours(12))])
        let world = try await SimulatedWorld(channels: [.sms, .sms, .email], policy: policy)
        try await world.prefer(.sms, for: Cast.alice)
        return world
    }

    private let failure = SimulatedSender.Answer.outcome(.retry(after: nil, reason: "http 500"))

    @Test func `given a provider that fails, then the second sends the same message at once`() async throws {
        let world = try await world()
        world.senders[0].answer(failure)

        let id = try await world.raise()
        try await world.settle()

        #expect(world.senders[0].attempts.count == 1)
        #expect(world.senders[1].addresses == [Cast.alice.phone])
        #expect(world.senders[0].attempts[0].message.id == world.senders[1].attempts[0].message.id)
        let line = try await world.timeline(of: id).first { $0.kind == .messageRetried }
        #expect(line?.reason == "http 500; the next provider tries")
    }

    @Test func `given both providers refuse for good, then the person's email is paged`() async throws {
        let world = try await world()
        world.senders[0].answer(failure)
        world.senders[1].answer(.outcome(.rejected(reason: "no such number")))

        let id = try await world.raise()
        try await world.settle()

        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await world.kinds(of: id).contains(.messageFailed))
    }

    @Test func `given both providers fail for hours, then the email is paged at the deadline`() async throws {
        let world = try await world()
        world.senders[0].answer(failure)
        world.senders[1].answer(failure)

        _ = try await world.raise()
        try await world.advance(by: .minutes(1))
        #expect(world.senders[0].attempts.count >= 2)
        #expect(world.senders[1].attempts.count >= 2)
        try await world.advance(by: .hours(5))

        #expect(world.email.addresses == [Cast.alice.email])
    }

    @Test func `given a provider that failed three times, then it rests and messages go by the other at once`()
        async throws
    {
        let world = try await world()
        world.senders[0].answer(failure)
        for round in 1...4 {
            _ = try await world.raise("key-\(round)")
            try await world.settle()
            try await world.advance(by: .minutes(16))
        }
        let before = world.senders[0].attempts.count

        for round in 1...3 {
            _ = try await world.raise("more-\(round)")
            try await world.advance(by: .minutes(1))
        }

        #expect(world.senders[0].attempts.count - before <= 3)
        #expect(world.senders[1].delivered.count >= 5)
    }
}

struct NoticeQueueTests {
    private typealias Cast = SimulatedCast

    private func tell(_ world: SimulatedWorld, _ notice: Notice, by way: NoticeWay) async throws -> Int {
        let channels = world.engine.channels
        return try await world.engine.store.write { change in
            try NoticeQueue(change: change, channels: channels).tell(Cast.alice.user, notice, by: way).count
        }
    }

    private func notice(_ purpose: MessageRecord.Purpose, key: String? = nil) -> Notice {
        Notice(
            account: Cast.account, purpose: purpose, subject: "You are on call", text: "From nine to five.",
            onceKey: key)
    }

    @Test func `given a notice about no alert, then it goes out with its own words, once a key`() async throws {
        let world = try await SimulatedWorld()

        #expect(try await tell(world, notice(.onCallNotice, key: "shift-1"), by: .email) == 1)
        #expect(try await tell(world, notice(.onCallNotice, key: "shift-1"), by: .email) == 0)
        try await world.settle()
        #expect(try await tell(world, notice(.onCallNotice, key: "shift-1"), by: .email) == 0)

        let mail = try #require(world.email.delivered.first)
        #expect(world.email.delivered.count == 1)
        #expect(mail.address == Cast.alice.email)
        #expect(mail.subject == "You are on call")
        #expect(mail.text == "From nine to five.\n")
        #expect(mail.acceptLink == nil)
    }

    @Test func `given preferences of an area, then only what they name is told`() async throws {
        let world = try await SimulatedWorld(channels: [.email, .sms])
        let store = world.engine.store
        try await store.write { change in
            for (kind, channel) in [("ALERT_ACCEPTED", Channel.sms), ("ALERT_RESOLVED", .email)] {
                try Preferences.insert(
                    PreferenceRecord(
                        id: change.newID(), user: Cast.alice.user, area: .updates, channel: channel,
                        contact: channel == .email ? Cast.alice.emailContact : Cast.alice.phoneContact,
                        delayMinutes: 0, kind: kind), in: change.transaction)
            }
        }

        let way = NoticeWay.preferences(.updates, kind: "ALERT_ACCEPTED")
        #expect(try await tell(world, notice(.update), by: way) == 1)
        try await world.settle()

        #expect(world.sender(.sms).addresses == [Cast.alice.phone])
        #expect(world.email.addresses == [])
        #expect(try await tell(world, notice(.update), by: .preferences(.duties)) == 0)
    }

    @Test func `given a muted person, then notices are not sent and a test that they asked for is`() async throws {
        let world = try await SimulatedWorld()
        try await world.mute(Cast.alice, until: world.now + .hours(1))

        _ = try await tell(world, notice(.coverage), by: .email)
        _ = try await tell(world, notice(.test), by: .email)
        try await world.settle()

        #expect(world.email.delivered.count == 1)
    }

    @Test func `given many waiting messages, then the first alert of a source goes before notices and updates`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await tell(world, notice(.update), by: .email)
        _ = try await tell(world, notice(.onCallNotice), by: .email)
        _ = try await tell(world, notice(.test), by: .email)
        _ = try await world.raise()
        try await world.escalate()

        try await world.settle()

        let subjects = world.email.delivered.map(\.subject)
        #expect(subjects.first == "[HIGH] Shop is down")
        #expect(subjects.count == 4)
    }
}
