import Alerting
import Engine
import Simulation
import Storage
import Testing

struct PagingTests {
    private typealias Cast = SimulatedCast

    @Test func `given SMS and voice preferences, when an alert is raised, then one SMS and one call go out`()
        async throws
    {
        let world = try await SimulatedWorld(channels: [.email, .sms, .voice])
        try await world.prefer(.sms, for: Cast.alice)
        try await world.prefer(.voice, for: Cast.alice)

        _ = try await world.raise()
        try await world.settle()

        #expect(world.sender(.sms).addresses == [Cast.alice.phone])
        #expect(world.sender(.voice).addresses == [Cast.alice.phone])
        #expect(world.email.addresses == [])
    }

    @Test
    func `given an SMS at once and one after a minute, when a minute passes unaccepted, then the later comes too`()
        async throws
    {
        let world = try await SimulatedWorld(channels: [.sms, .voice])
        try await world.prefer(.sms, for: Cast.alice)
        try await world.prefer(.voice, for: Cast.alice)
        try await world.prefer(.sms, after: 1, for: Cast.alice)
        _ = try await world.raise()

        try await world.advance(by: .seconds(59))
        #expect(world.sender(.sms).addresses.count == 1)

        try await world.advance(by: .seconds(1))
        #expect(world.sender(.sms).addresses == [Cast.alice.phone, Cast.alice.phone])
        #expect(world.sender(.voice).addresses.count == 1)
    }

    @Test func `given two people on a level, when one accepts, then the other's pending pages are cancelled`()
        async throws
    {
        let world = try await SimulatedWorld(
            channels: [.email, .sms], policy: EscalationPolicy(levels: [Cast.level(Cast.alice, Cast.bob)]))
        try await world.prefer(.email, for: Cast.bob)
        try await world.prefer(.sms, after: 1, for: Cast.bob)
        let id = try await world.raise()
        try await world.settle()
        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])

        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        try await world.advance(by: .hours(1))

        #expect(world.sender(.sms).addresses == [])
        #expect(world.email.addresses.count == 2)
        let cancelled = try await world.timeline(of: id).last { $0.kind == .messageCancelled }
        #expect(cancelled?.user == Cast.bob.user)
        #expect(cancelled?.reason == "accepted")
    }

    @Test func `given pages that are claimed together, when one accepts on the first, then the second is not sent`()
        async throws
    {
        let world = try await SimulatedWorld(policy: EscalationPolicy(levels: [Cast.level(Cast.alice, Cast.bob)]))
        let id = try await world.raise()
        let (desk, clock) = (world.engine.desk, world.clock)
        world.email.onSend { _, _ in
            clock.advance(by: .seconds(1))
            do {
                try await desk.accept(id, by: Cast.alice.caller)
            } catch {
                Issue.record(error)
            }
        }

        try await world.settle()

        #expect(world.email.addresses == [Cast.alice.email])
        let messages = try await world.messages(of: id)
        #expect(messages.map(\.status) == [.delivered, .cancelled])
        #expect(messages.last?.reason == "accepted")
    }

    @Test func `given two levels, when nobody accepts in time, then the second is paged, once`() async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise()

        try await world.advance(by: .seconds(299))
        #expect(world.email.addresses == [Cast.alice.email])

        try await world.advance(by: .seconds(1))
        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])

        try await world.advance(by: .days(1))
        #expect(world.email.addresses.count == 2)
        #expect(try await world.kinds(of: id).last == .escalationEnded)
    }

    @Test func `given an empty level, when an alert is raised, then the next is paged at once, and why is said`()
        async throws
    {
        let schedule = EscalationLevel(targets: [.schedule(7)], timeout: .minutes(5))
        let world = try await SimulatedWorld(policy: EscalationPolicy(levels: [schedule, Cast.level(Cast.bob)]))

        let id = try await world.raise()
        try await world.settle()

        #expect(world.email.addresses == [Cast.bob.email])
        let skipped = try await world.timeline(of: id).first { $0.kind == .levelSkipped }
        #expect(skipped?.reason == "nobody_on_call")
        #expect(skipped?.level == 0)
    }

    @Test func `given a team, when its level is entered, then each member is paged once`() async throws {
        let level = EscalationLevel(targets: [.user(Cast.bob.user), .team(.init(1))], timeout: .minutes(5))
        let world = try await SimulatedWorld(policy: EscalationPolicy(levels: [level]))
        let now = world.now
        try await world.write { transaction in
            try Teams.insert(
                TeamRecord(
                    id: .init(1), account: Cast.account, name: "Web", visibility: .open,
                    members: [
                        .init(user: Cast.alice.user, role: .responder), .init(user: Cast.bob.user, role: .responder),
                    ], createdAt: now, updatedAt: now), in: transaction)
        }

        _ = try await world.raise()
        try await world.settle()

        #expect(world.email.addresses == [Cast.bob.email, Cast.alice.email])
    }

    @Test
    func `given nobody can be reached, when an alert is raised, then the last resort is paged once and it says so`()
        async throws
    {
        let world = try await SimulatedWorld()
        try await world.mute(Cast.alice, until: world.now + .days(1))
        try await world.mute(Cast.bob, until: world.now + .days(1))

        let id = try await world.raise()
        try await world.advance(by: .hours(10))

        #expect(world.email.addresses == ["chief@example.com"])
        #expect(world.email.delivered[0].text.contains("you are the last resort"))
        let record = try await world.alert(id)
        #expect(record?.isLastResort == true)
        #expect(record?.alert.status == .pending)
        #expect(
            try await world.kinds(of: id) == [
                .raisedBySource, .personLeftOut, .levelSkipped, .personLeftOut, .levelSkipped, .lastResortPaged,
                .escalationEnded, .messageDelivered,
            ])
    }

    @Test(arguments: [
        EscalationPolicy(levels: []), EscalationPolicy(levels: [EscalationLevel(targets: [], timeout: .minutes(1))]),
    ])
    func `given a policy that names nobody, when an alert is raised, then the last resort is paged`(
        policy: EscalationPolicy
    ) async throws {
        let world = try await SimulatedWorld(policy: policy)

        _ = try await world.raise()
        try await world.advance(by: .hours(1))

        #expect(world.email.addresses == ["chief@example.com"])
    }

    @Test func `given pages that all fail for good, when the policy ends, then the last resort is paged`() async throws
    {
        let world = try await SimulatedWorld()
        world.email.answer(.outcome(.rejected(reason: "550")), for: Cast.alice.email)
        world.email.answer(.outcome(.rejected(reason: "550")), for: Cast.bob.email)

        let id = try await world.raise()
        try await world.advance(by: .hours(1))

        #expect(world.email.addresses == ["chief@example.com"])
        #expect(try await world.alert(id)?.isLastResort == true)
    }

    @Test
    func `given a page that is still to come, when the policy ends before it, then the last resort is left alone`()
        async throws
    {
        let policy = EscalationPolicy(levels: [Cast.level(Cast.alice, timeout: .minutes(1))])
        let world = try await SimulatedWorld(policy: policy)
        try await world.prefer(.email, after: 3, for: Cast.alice)

        let id = try await world.raise()
        try await world.advance(by: .hours(1))

        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await world.alert(id)?.isLastResort == false)
    }

    @Test func `given a page that fails after the policy has ended, then the last resort is paged then`() async throws {
        let policy = EscalationPolicy(levels: [Cast.level(Cast.alice, timeout: .minutes(1))])
        let world = try await SimulatedWorld(policy: policy)
        try await world.prefer(.email, after: 3, for: Cast.alice)
        world.email.answer(.outcome(.rejected(reason: "550")), for: Cast.alice.email)

        _ = try await world.raise()
        try await world.advance(by: .minutes(2))
        #expect(world.email.attempts == [])
        try await world.advance(by: .hours(1))

        #expect(world.email.addresses == ["chief@example.com"])
    }

    @Test func `given a channel that is down, when the policy ends, then the last resort is queued too`() async throws {
        let world = try await SimulatedWorld()
        world.email.answer(.outcome(.retry(after: nil, reason: "connection refused")))

        let id = try await world.raise()
        try await world.advance(by: .minutes(11))
        world.email.recover()
        try await world.advance(by: .minutes(10))

        #expect(Set(world.email.addresses) == [Cast.alice.email, Cast.bob.email, "chief@example.com"])
        #expect(try await world.alert(id)?.isLastResort == true)
    }

    @Test func `given an unverified phone, a verified email and no preferences, then the email is the fallback`()
        async throws
    {
        let world = try await SimulatedWorld(channels: [.email, .sms])
        try await world.write { transaction in
            guard
                var phone = try Contacts.list(of: Cast.alice.user, in: transaction).first(where: { $0.kind == .phone })
            else { return }
            phone.verifiedAt = nil
            try Contacts.update(phone, in: transaction)
        }

        let id = try await world.raise()
        try await world.settle()

        #expect(world.email.addresses == [Cast.alice.email])
        #expect(world.sender(.sms).addresses == [])
        let queued = try await world.timeline(of: id).first { $0.kind == .messageQueued }
        #expect(queued?.reason == "fallback_contact")
        #expect(queued?.user == Cast.alice.user)
    }

    @Test
    func `given messages at once and after 30 minutes, when the level is entered again, then the later ones merge`()
        async throws
    {
        let policy = EscalationPolicy(levels: [Cast.level(Cast.alice, timeout: .minutes(10))], repeats: 2)
        let world = try await SimulatedWorld(channels: [.email, .sms], policy: policy)
        try await world.prefer(.sms, for: Cast.alice)
        try await world.prefer(.email, after: 30, for: Cast.alice)

        let id = try await world.raise()
        try await world.advance(by: .hours(2))

        #expect(world.sender(.sms).addresses.count == 3)
        #expect(world.email.attempts.map(\.at) == [world.now - .hours(2) + .minutes(30)])
        let merged = try await world.timeline(of: id).filter { $0.reason == "merged_with_one_that_waits" }
        #expect(merged.count == 2)
    }

    @Test func `given a delay on the policy, when the alert is resolved within it, then nobody is paged`() async throws
    {
        var policy = Cast.usualPolicy
        policy.delay = .minutes(2)
        let world = try await SimulatedWorld(policy: policy)
        _ = try await world.raise()
        try await world.advance(by: .minutes(1))

        try await world.post(.resolve, "home")
        try await world.advance(by: .hours(1))

        #expect(world.email.attempts == [])
    }

    @Test func `given a delay on the policy, when it passes, then the page is on time`() async throws {
        var policy = Cast.usualPolicy
        policy.delay = .minutes(2)
        let world = try await SimulatedWorld(policy: policy)
        _ = try await world.raise()

        try await world.advance(by: .minutes(2))

        #expect(world.email.addresses == [Cast.alice.email])
        #expect(!world.email.delivered[0].subject.contains("late"))
    }

    @Test
    func `given LOW priority, then only the first level's rules for it, and when it rises to HIGH, paging starts`()
        async throws
    {
        let world = try await SimulatedWorld(channels: [.email, .sms])
        try await world.prefer(.sms, for: Cast.alice)
        try await world.prefer(.email, for: Cast.alice, priority: .low)

        let id = try await world.raise(priority: .low)
        try await world.advance(by: .days(1))
        #expect(world.email.addresses == [Cast.alice.email])
        #expect(world.sender(.sms).addresses == [])

        try await world.post(.alert, "home", priority: .high)
        try await world.settle()
        #expect(world.sender(.sms).addresses == [Cast.alice.phone])
        #expect(try await world.kinds(of: id).contains(.priorityRaised))

        try await world.advance(by: .minutes(5))
        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])
    }

    @Test func `given LOW priority and nobody on its first level, then the last resort is paged`() async throws {
        let world = try await SimulatedWorld()
        try await world.mute(Cast.alice, until: world.now + .days(9))

        _ = try await world.raise(priority: .low)
        try await world.advance(by: .days(1))

        #expect(world.email.addresses == ["chief@example.com"])
    }

    @Test func `given an accepted LOW alert, when it rises to HIGH, then nobody is paged`() async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise(priority: .low)
        try await world.settle()
        try await world.engine.desk.accept(id, by: Cast.alice.caller)

        try await world.post(.alert, "home", priority: .high)
        try await world.advance(by: .days(1))

        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await world.alert(id)?.alert.priority == .high)
    }

    @Test func `given a person who is muted after the page was queued, then it is not sent, and the line says why`()
        async throws
    {
        let world = try await SimulatedWorld(takesAlong: false)
        let id = try await world.raise()
        try await world.escalate()
        try await world.mute(Cast.alice, until: world.now + .hours(1))

        try await world.notify()

        #expect(world.email.attempts == [])
        #expect(try await world.messages(of: id).map(\.reason) == ["muted"])
    }
}
