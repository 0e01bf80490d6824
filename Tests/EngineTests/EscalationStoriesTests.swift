import Alerting
import Engine
import Simulation
import Storage
import TestSupport
import Testing

/// Levels in turn, levels on which all must accept, snoozes, and what configuration does to alerts that are open.
struct EscalationStoriesTests {
    private typealias Cast = SimulatedCast

    private static let three = [Cast.alice, Cast.bob, Cast.carol]

    private static func level(
        calls: EscalationLevel.Calls = .everybody, needsEverybody: Bool = false, _ people: Cast.Person...
    ) -> EscalationLevel {
        EscalationLevel(
            targets: people.map { .user($0.user) }, timeout: .minutes(5), calls: calls, needsEverybody: needsEverybody)
    }

    // MARK: - In turn

    @Test func `given a level in turn, when four alerts are raised over a restart, then each has the next person`()
        async throws
    {
        let level = Self.level(calls: .oneInTurn, Cast.alice, Cast.bob, Cast.carol)
        let world = try await SimulatedWorld(policy: EscalationPolicy(levels: [level]))

        for index in 0..<4 {
            _ = try await world.raise("key-\(index)")
            try await world.settle()
            world.crash()
        }

        #expect(
            world.email.addresses == [Cast.alice.email, Cast.bob.email, Cast.carol.email, Cast.alice.email])
    }

    @Test func `given an alert was handed on, when its level in turn is entered, then the policy's own turn goes on`()
        async throws
    {
        let level = Self.level(calls: .oneInTurn, Cast.alice, Cast.bob)
        let world = try await SimulatedWorld(policy: EscalationPolicy(levels: [level]))
        let id = try await world.raise()
        try await world.settle()

        try await world.engine.desk.assign(id, to: Cast.carol.user, by: Cast.alice.caller)
        try await world.advance(by: .minutes(6))

        #expect(world.email.addresses == [Cast.alice.email, Cast.carol.email, Cast.bob.email])
    }

    // MARK: - Everybody must accept

    @Test func `given all must accept, when one has, then only theirs stop and the alert stays pending`() async throws {
        let world = try await SimulatedWorld(
            channels: [.email, .sms],
            policy: EscalationPolicy(levels: [Self.level(needsEverybody: true, Cast.alice, Cast.bob)]))
        for person in [Cast.alice, Cast.bob] {
            try await world.prefer(.email, for: person)
            try await world.prefer(.sms, after: 2, for: person)
        }
        let id = try await world.raise()
        try await world.settle()

        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        try await world.advance(by: .minutes(3))

        #expect(try await world.status(of: id) == .pending)
        #expect(world.sender(.sms).addresses == [Cast.bob.phone])
        #expect(try await world.kinds(of: id).contains(.acceptedInPart))
        try await world.engine.desk.accept(id, by: Cast.bob.caller)
        #expect(try await world.status(of: id) == .accepted)
        #expect(try await world.alert(id)?.alert.acceptedBy == .user(Cast.bob.user))
    }

    @Test func `given all must accept, when somebody else accepts, then a sentence says who is awaited`() async throws {
        let world = try await SimulatedWorld(
            policy: EscalationPolicy(levels: [Self.level(needsEverybody: true, Cast.alice, Cast.bob)]))
        let id = try await world.raise()
        try await world.settle()

        let failure = await #expect(throws: Failure.self) {
            try await world.engine.desk.accept(id, by: Cast.carol.caller)
        }

        #expect(failure?.code == .conflict)
        #expect(failure?.message.contains("Alice Example, Bob Example") == true)
        #expect(try await world.status(of: id) == .pending)
    }

    @Test func `given one of two accepted, when the level repeats, then only the other is paged again`() async throws {
        let world = try await SimulatedWorld(
            policy: EscalationPolicy(levels: [Self.level(needsEverybody: true, Cast.alice, Cast.bob)], repeats: 1))
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.accept(id, by: Cast.alice.caller)

        try await world.advance(by: .minutes(5))

        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email, Cast.bob.email])
        try await world.engine.desk.accept(id, by: Cast.bob.caller)
        #expect(try await world.status(of: id) == .accepted)
    }

    @Test func `given one of two accepted, when the other is muted and the level repeats, then it is accepted`()
        async throws
    {
        let world = try await SimulatedWorld(
            policy: EscalationPolicy(levels: [Self.level(needsEverybody: true, Cast.alice, Cast.bob)], repeats: 1))
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.accept(id, by: Cast.alice.caller)
        try await world.mute(Cast.bob, until: world.now + .days(1))

        try await world.advance(by: .minutes(5))

        #expect(try await world.status(of: id) == .accepted)
        #expect(try await world.alert(id)?.alert.acceptedBy == .user(Cast.alice.user))
    }

    @Test func `given one of two accepted, when the source accepts, then the alert is accepted`() async throws {
        let world = try await SimulatedWorld(
            policy: EscalationPolicy(levels: [Self.level(needsEverybody: true, Cast.alice, Cast.bob)]))
        let id = try await world.raise("home")
        try await world.settle()

        try await world.post(.accept, "home")

        #expect(try await world.status(of: id) == .accepted)
    }

    // MARK: - Snooze

    @Test func `given a level waits, when the alert is snoozed, then the next is called so much later`() async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.advance(by: .minutes(2))

        try await world.engine.desk.snooze(id, minutes: 30, by: Cast.alice.caller)
        try await world.advance(by: .seconds(30 * 60 + 179))
        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await world.alert(id)?.alert.snoozedUntil == nil)

        try await world.advance(by: .seconds(1))
        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])
        #expect(try await world.kinds(of: id).filter { $0 == .snoozed || $0 == .snoozeEnded }.count == 2)
    }

    @Test func `given a message waits, when the alert is snoozed and woken, then it goes out at its own time`()
        async throws
    {
        let world = try await SimulatedWorld(channels: [.email, .sms])
        try await world.prefer(.email, for: Cast.alice)
        try await world.prefer(.sms, after: 3, for: Cast.alice)
        let id = try await world.raise()
        try await world.advance(by: .minutes(1))
        try await world.engine.desk.snooze(id, minutes: 60, by: Cast.alice.caller)
        try await world.advance(by: .minutes(10))
        #expect(world.sender(.sms).addresses == [])

        try await world.engine.desk.snooze(id, minutes: 0, by: Cast.bob.caller)
        try await world.advance(by: .seconds(119))
        #expect(world.sender(.sms).addresses == [])
        try await world.advance(by: .seconds(1))
        #expect(world.sender(.sms).addresses == [Cast.alice.phone])
        #expect(world.sender(.sms).delivered.allSatisfy { !$0.subject.contains("late") })
    }

    @Test func `given a snoozed alert, when it is snoozed again, then the new end counts from now`() async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.snooze(id, minutes: 60, by: Cast.alice.caller)
        try await world.advance(by: .minutes(10))

        try await world.engine.desk.snooze(id, minutes: 10, by: Cast.alice.caller)
        try await world.advance(by: .seconds(15 * 60 - 1))
        #expect(world.email.addresses == [Cast.alice.email])

        try await world.advance(by: .seconds(1))
        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])
    }

    @Test func `given a snoozed alert whose page waits, when its priority rises, then people are paged at once`()
        async throws
    {
        let world = try await SimulatedWorld(takesAlong: false)
        let id = try await world.raise("home", priority: .low)
        _ = try await world.escalate()
        try await world.engine.desk.snooze(id, minutes: 60, by: Cast.alice.caller)

        try await world.post(.alert, "home", priority: .high)
        try await world.settle()

        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await world.alert(id)?.alert.snoozedUntil == nil)
    }

    @Test func `given a snoozed alert, when somebody escalates, then the next level is called now`() async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.snooze(id, minutes: 60, by: Cast.alice.caller)

        try await world.engine.desk.escalate(id, asOf: 0, by: Cast.alice.caller)
        try await world.settle()

        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])
        #expect(try await world.alert(id)?.alert.snoozedUntil == nil)
    }

    @Test func `given a snoozed alert, when the node dies and the clock jumps a day, then paging goes on once`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.snooze(id, minutes: 60, by: Cast.alice.caller)
        world.crash()

        world.clock.advance(by: .days(1))
        try await world.settle()

        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])
    }

    @Test(arguments: [-1, Limits.snoozeMinutes + 1])
    func `given a duration out of range, when an alert is snoozed, then the field is named`(minutes: Int) async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise()

        let failure = await #expect(throws: Failure.self) {
            try await world.engine.desk.snooze(id, minutes: minutes, by: Cast.alice.caller)
        }
        #expect(failure?.code == .invalid)
        #expect(failure?.message.hasPrefix("minutes:") == true)
    }

    @Test func `given an alert that is accepted or ended, when it is snoozed, then a sentence says why not`()
        async throws
    {
        let world = try await SimulatedWorld()
        let accepted = try await world.raise("a")
        try await world.engine.desk.accept(accepted, by: Cast.alice.caller)
        let ended = try await world.raise("b")
        try await world.advance(by: .hours(1))

        for id in [accepted, ended] {
            let failure = await #expect(throws: Failure.self) {
                try await world.engine.desk.snooze(id, minutes: 5, by: Cast.alice.caller)
            }
            #expect(failure?.code == .conflict)
        }
    }

    // MARK: - Configuration that changes under open alerts

    @Test func `given the next level's person is deleted, when it is due, then it is skipped and says so`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.settle()
        let users = UserAdministration(store: world.engine.store, passwords: Passwords(log2N: 4))

        try await users.delete(Cast.bob.user, by: Cast.carol.caller)
        try await world.advance(by: .minutes(5))

        let skipped = try await world.timeline(of: id).first { $0.kind == .levelSkipped }
        #expect(skipped?.reason == "nobody_on_call")
        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await world.kinds(of: id).last == .escalationEnded)
    }

    @Test func `given all must accept and one has, when the other is deleted, then the alert is accepted`()
        async throws
    {
        let world = try await SimulatedWorld(
            policy: EscalationPolicy(levels: [Self.level(needsEverybody: true, Cast.alice, Cast.bob)]))
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.accept(id, by: Cast.alice.caller)

        let users = UserAdministration(store: world.engine.store, passwords: Passwords(log2N: 4))
        try await users.delete(Cast.bob.user, by: Cast.carol.caller)

        #expect(try await world.status(of: id) == .accepted)
    }

    @Test func `given an open alert, when its policy is edited, then it keeps its levels and a line says so`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.settle()
        let policies = EscalationPolicyAdministration(store: world.engine.store)

        _ = try await policies.update(
            Cast.policy, with: EscalationPolicyDraft(name: "Edited", levels: [Self.level(Cast.carol)]),
            by: Cast.carol.caller)
        try await world.advance(by: .minutes(5))

        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])
        #expect(try await world.kinds(of: id).contains(.policyChanged))
    }

    @Test func `given 250 alerts due at once, when the loop runs, then each is paged once and none is left`()
        async throws
    {
        let world = try await SimulatedWorld()
        for index in 0..<250 { _ = try await world.raise("key-\(index)") }

        while try await world.escalate() {}

        let states = try await world.alerts().map(\.alert.escalation.state)
        #expect(states.count == 250)
        #expect(states.allSatisfy { if case .waiting(0, 0, _) = $0 { true } else { false } })
        var queued = 0
        for alert in try await world.alerts() { queued += try await world.messages(of: alert.alert.id).count }
        #expect(queued == 250)
    }
}
