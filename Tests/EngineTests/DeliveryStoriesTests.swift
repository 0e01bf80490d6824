import Alerting
import Engine
import Simulation
import Storage
import Testing

struct DeliveryStoriesTests {
    private typealias Cast = SimulatedCast

    private func world(
        _ policy: EscalationPolicy = EscalationPolicy(levels: [Cast.level(Cast.alice)]), takesAlong: Bool = true
    ) async throws -> SimulatedWorld {
        try await SimulatedWorld(channels: [.email, .sms], policy: policy, takesAlong: takesAlong)
    }

    @Test func `given a contact that fails for good, then the next one is told at once, and both are on the timeline`()
        async throws
    {
        let world = try await world()
        world.email.answer(.outcome(.rejected(reason: "550 unknown")), for: Cast.alice.email)

        let id = try await world.raise()
        try await world.settle()

        #expect(world.email.attempts.count == 1)
        #expect(world.sender(.sms).addresses == [Cast.alice.phone])
        let failed = try await world.timeline(of: id).first { $0.kind == .messageFailed }
        #expect(failed?.reason == "550 unknown")
        let queued = try await world.timeline(of: id).last { $0.kind == .messageQueued }
        #expect(queued?.reason == "contact_failed")
    }

    @Test func `given all contacts fail for good, then each was tried once and the level's time goes on`() async throws
    {
        let world = try await world(Cast.usualPolicy)
        world.email.answer(.outcome(.rejected(reason: "550")), for: Cast.alice.email)
        world.sender(.sms).answer(.outcome(.rejected(reason: "no such number")))

        _ = try await world.raise()
        try await world.settle()
        #expect(world.email.attempts.count == 1)
        #expect(world.sender(.sms).attempts.count == 1)

        try await world.advance(by: .minutes(5))
        #expect(world.email.addresses == [Cast.bob.email])
    }

    @Test func `given a contact that fails in every pass, then the next one is told in every pass`() async throws {
        let world = try await world(EscalationPolicy(levels: [Cast.level(Cast.alice)], repeats: 2))
        world.email.answer(.outcome(.rejected(reason: "550")), for: Cast.alice.email)

        _ = try await world.raise()
        try await world.advance(by: .minutes(14))

        #expect(world.sender(.sms).addresses.count == 3)
    }

    @Test func `given a next contact with a message for later, when the first fails, then it is told at once`()
        async throws
    {
        let world = try await world(EscalationPolicy(levels: [Cast.level(Cast.alice, timeout: .hours(1))]))
        try await world.prefer(.email, for: Cast.alice)
        try await world.prefer(.sms, after: 30, for: Cast.alice)
        world.email.answer(.outcome(.rejected(reason: "550")))

        _ = try await world.raise()
        try await world.settle()

        #expect(world.sender(.sms).addresses == [Cast.alice.phone])
    }

    @Test func `given a provider that asks to come back, then the same message goes again, doubling its pauses`()
        async throws
    {
        let world = try await world()
        let busy = SimulatedSender.Answer.outcome(.retry(after: nil, reason: "451 later"))
        world.email.answer(busy, .outcome(.unknown(reason: "timeout")), busy, .delivered)

        let id = try await world.raise()
        try await world.advance(by: .minutes(2))

        let attempts = world.email.attempts
        #expect(attempts.map { ($0.at - attempts[0].at).components.seconds } == [0, 5, 15, 35])
        #expect(Set(attempts.map(\.message.id)).count == 1)
        #expect(attempts.map(\.message.attempt) == [1, 2, 3, 4])
        #expect(try await world.messages(of: id).map(\.status) == [.delivered])
        #expect(world.sender(.sms).attempts == [])
    }

    @Test
    func `given a message that waits for another attempt, when the alert is accepted, then it is cancelled at once`()
        async throws
    {
        let world = try await world()
        world.email.answer(.outcome(.retry(after: nil, reason: "451")))
        let id = try await world.raise()
        try await world.settle()

        try await world.engine.desk.accept(id, by: Cast.bob.caller)

        #expect(try await world.messages(of: id).map(\.status) == [.cancelled])
        try await world.advance(by: .hours(1))
        #expect(world.email.attempts.count == 1)
    }

    @Test
    func `given an outage of an hour, when it ends, then each contact gets one message, and it says how late it is`()
        async throws
    {
        let policy = EscalationPolicy(levels: [Cast.level(Cast.alice, timeout: .minutes(10))], repeats: 3)
        let world = try await SimulatedWorld(policy: policy)
        try await world.prefer(.email, for: Cast.alice)
        try await world.prefer(.email, after: 5, for: Cast.alice)
        world.email.answer(.outcome(.retry(after: nil, reason: "connection refused")))
        let id = try await world.raise()
        try await world.advance(by: .minutes(60))
        #expect(world.email.delivered == [])

        world.email.recover()
        try await world.advance(by: .minutes(30))

        #expect(world.email.addresses.filter { $0 == Cast.alice.email }.count == 1)
        #expect(world.email.delivered.allSatisfy { $0.subject.contains("late by") })
        let open = try await world.messages(of: id).filter { $0.status == .waiting || $0.status == .sending }
        #expect(open == [])
    }

    @Test func `given a contact that was removed after the page was queued, then the next one is told instead`()
        async throws
    {
        let world = try await world(takesAlong: false)
        let id = try await world.raise()
        try await world.escalate()
        try await world.write { try Contacts.delete(Cast.alice.emailContact, in: $0) }

        try await world.settle()

        #expect(world.email.attempts == [])
        #expect(world.sender(.sms).addresses == [Cast.alice.phone])
        #expect(try await world.messages(of: id).first?.reason == "contact_removed")
    }

    @Test func `given four hours of refusals, then the message is given up at its deadline`() async throws {
        let world = try await world()
        world.email.answer(.outcome(.retry(after: .minutes(30), reason: "451")), for: Cast.alice.email)
        let id = try await world.raise()

        try await world.advance(by: .hours(6))

        let first = try await world.messages(of: id).first
        #expect(first?.status == .failed)
        #expect(world.email.attempts.filter { $0.message.address == Cast.alice.email }.count == 9)
    }

    @Test func `given a channel that hangs, then another channel's messages are not late`() async throws {
        let world = try await SimulatedWorld(
            channels: [.email, .sms], policy: EscalationPolicy(levels: [Cast.level(Cast.alice, Cast.bob)]))
        try await world.prefer(.sms, for: Cast.bob)
        world.email.answer(.hang)
        _ = try await world.raise()
        try await world.escalate()
        let (email, sms) = (world.engine.notifications[0], world.engine.notifications[1])

        async let hanging = email.runOnce()
        await world.email.waitForAttempts(1)
        try await sms.runOnce()
        #expect(world.sender(.sms).addresses == [Cast.bob.phone])

        world.email.release()
        #expect(try await hanging == 1)
    }

    @Test func `given a loop whose first message hangs, then the others of its channel go out and it ends when told`()
        async throws
    {
        let world = try await SimulatedWorld(throttles: [.email: Throttle([])])
        let loop = world.engine.notifications[0]
        world.email.answer(.hang, .delivered)
        _ = try await world.raise("one")
        try await world.escalate()
        let running = Task { try await loop.run() }
        await world.email.waitForAttempts(1)

        _ = try await world.raise("two")
        try await world.escalate()
        await world.email.waitForAttempts(2)

        world.email.release()
        running.cancel()
        try await running.value
        #expect(world.email.attempts.count == 2)
    }

    @Test(.timeLimit(.minutes(5)))
    func `given all places taken, when one comes free, then the next message takes it while the others still hang`()
        async throws
    {
        let world = try await SimulatedWorld(throttles: [.email: Throttle([])])
        world.email.answer(.hang)
        let places = world.email.places
        for number in 1...places + 2 { _ = try await world.raise("\(number)") }
        while try await world.engine.escalation.runOnce() {}
        let loop = world.engine.notifications[0]
        let running = Task { try await loop.run() }
        await world.email.waitForAttempts(places)

        world.email.releaseFirst()
        await world.email.waitForAttempts(places + 1)
        #expect(world.email.attempts.count == places + 1)
        world.email.releaseFirst()
        await world.email.waitForAttempts(places + 2)

        #expect(world.email.attempts.count == places + 2)
        running.cancel()
        world.email.release()
        try await running.value
        #expect(world.email.attempts.count == places + 2)
        #expect(try await world.statuses() == [.delivered: places + 2])
    }

    @Test(.timeLimit(.minutes(5)))
    func `given a quick provider that begins to hang, then what was claimed ahead is given back for others to take`()
        async throws
    {
        let world = try await SimulatedWorld(throttles: [.email: Throttle([])])
        let (places, quick) = (world.email.places, 40)
        let answers = Array(repeating: SimulatedSender.Answer.delivered, count: quick) + [.hang]
        world.email.answer(answers)
        for number in 1...quick + places * 3 { _ = try await world.raise("\(number)") }
        while try await world.engine.escalation.runOnce() {}
        let loop = world.engine.notifications[0]
        let running = Task { try await loop.run() }
        await world.email.waitForAttempts(quick + places)
        while try await world.statuses()[.delivered] != quick { await Task.yield() }

        // The loop may be in the middle of a claim when the time goes on.
        while try await world.statuses()[.waiting] != places * 2 {
            world.clock.advance(by: .seconds(1))
            world.engine.wakeups.messagesQueued()
        }
        #expect(world.email.attempts.count == quick + places)

        world.email.recover()
        world.email.release()
        world.engine.wakeups.messagesQueued()
        await world.email.waitForAttempts(quick + places * 3)
        running.cancel()
        try await running.value
        #expect(try await world.statuses() == [.delivered: quick + places * 3])
        #expect(Set(world.email.attempts.map(\.message.id)).count == quick + places * 3)
    }

    @Test func `given a clock that jumps a day ahead during a send, then what is on its way is not sent again`()
        async throws
    {
        let world = try await SimulatedWorld(throttles: [.email: Throttle([])])
        let loop = world.engine.notifications[0]
        world.email.answer(.hang, .delivered)
        let first = try await world.raise("one")
        try await world.escalate()
        let running = Task { try await loop.run() }
        await world.email.waitForAttempts(1)

        world.clock.advance(by: .days(1))
        let second = try await world.raise("two")
        try await world.escalate()
        await world.email.waitForAttempts(3)

        world.email.release()
        running.cancel()
        try await running.value
        let toAlice = world.email.attempts.filter { $0.message.address == Cast.alice.email }
        #expect(Set(toAlice.map(\.message.id)).count == toAlice.count)
        #expect(try await world.messages(of: first).first?.status == .delivered)
        #expect(try await world.messages(of: second).first?.status == .delivered)
    }

    @Test func `given several messages to a person about an alert, then they are one conversation`() async throws {
        let world = try await world(EscalationPolicy(levels: [Cast.level(Cast.alice)], repeats: 1))
        try await world.prefer(.email, for: Cast.alice)

        _ = try await world.raise()
        try await world.advance(by: .minutes(6))

        #expect(world.email.delivered.map(\.startsThread) == [true, false])
        #expect(Set(world.email.delivered.map(\.thread)).count == 1)
    }
}
