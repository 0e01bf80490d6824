import Alerting
import Simulation
import Testing

struct EscalationTests {
    private static let alice = User.ID(1)
    private static let bob = User.ID(2)
    private static let carol = User.ID(3)

    private static func level(_ users: User.ID..., timeout: Duration = .minutes(5)) -> EscalationLevel {
        EscalationLevel(targets: users.map(EscalationTarget.user), timeout: timeout)
    }

    private static let two = EscalationPolicy(levels: [level(alice), level(bob)])

    /// Everybody who is named can be reached, except those given.
    private static func people(_ level: EscalationLevel, unreachable: Set<User.ID> = []) -> LevelPeople {
        let users = level.targets.compactMap { target -> User.ID? in
            guard case .user(let id) = target else { return nil }
            return id
        }
        return LevelPeople(users.map { LevelPeople.Candidate($0, obstacle: unreachable.contains($0) ? .muted : nil) })
    }

    /// One alert's walk with its clock.
    private struct Walk {
        let clock = SimulatedClock()
        var escalation: Escalation
        var priority = Priority.high
        var unreachable: Set<User.ID> = []

        init(_ policy: EscalationPolicy, priority: Priority = .high, unreachable: Set<User.ID> = []) {
            escalation = Escalation(policy: policy, raisedAt: clock.now)
            self.priority = priority
            self.unreachable = unreachable
        }

        mutating func tick(after pause: Duration = .zero) -> [Escalation.Action] {
            clock.advance(by: pause)
            let unreachable = unreachable
            return steps(
                escalation.tick(at: clock.now, priority: priority) { level, _ in
                    EscalationTests.people(level, unreachable: unreachable)
                })
        }

        mutating func escalate(asOf: Int? = nil) throws -> [Escalation.Action] {
            let unreachable = unreachable
            return steps(
                try escalation.escalate(at: clock.now, asOf: asOf, priority: priority) { level, _ in
                    EscalationTests.people(level, unreachable: unreachable)
                })
        }

        /// Who is left out has tests of its own.
        private func steps(_ actions: [Escalation.Action]) -> [Escalation.Action] {
            actions.filter { if case .leaveOut = $0 { false } else { true } }
        }
    }

    @Test func `given nobody accepts, when the first step times out, then the second is notified`() {
        var walk = Walk(Self.two)
        #expect(walk.tick() == [.page(level: 0, pass: 0, people: [Self.alice])])

        #expect(walk.tick(after: .seconds(299)) == [])

        #expect(walk.tick(after: .seconds(1)) == [.page(level: 1, pass: 0, people: [Self.bob])])
    }

    @Test func `given the last level times out, when nothing repeats, then the escalation ends, once`() {
        var walk = Walk(Self.two)
        _ = walk.tick()
        _ = walk.tick(after: .minutes(5))

        #expect(walk.tick(after: .minutes(5)) == [.ended])
        #expect(walk.escalation.state == .exhausted)
        #expect(walk.escalation.due == nil)
        #expect(walk.tick(after: .days(1)) == [])
    }

    @Test(arguments: [0, 1, 3])
    func `given a policy that repeats, when nobody ever accepts, then each pass pages each level`(repeats: Int) {
        var policy = Self.two
        policy.repeats = repeats
        var walk = Walk(policy)
        var paged: [Escalation.Action] = walk.tick()

        while let due = walk.escalation.due { paged += walk.tick(after: due - walk.clock.now) }

        let expected = (0...repeats).flatMap { pass -> [Escalation.Action] in
            [
                .page(level: 0, pass: pass, people: [Self.alice]), .page(level: 1, pass: pass, people: [Self.bob]),
            ]
        }
        #expect(paged == expected + [.ended])
    }

    @Test func `given a delay, when it has not passed, then nobody is paged`() {
        var policy = Self.two
        policy.delay = .minutes(2)
        var walk = Walk(policy)

        #expect(walk.tick() == [])
        #expect(walk.tick(after: .seconds(119)) == [])
        #expect(walk.tick(after: .seconds(1)) == [.page(level: 0, pass: 0, people: [Self.alice])])
    }

    @Test func `given a delay, when the alert ends within it, then nobody is ever paged`() {
        var policy = Self.two
        policy.delay = .minutes(2)
        var walk = Walk(policy)

        walk.escalation.stop()

        #expect(walk.tick(after: .hours(1)) == [])
        #expect(walk.escalation.due == nil)
    }

    @Test func `given a tick that is days late, then it enters one level, with its full time to accept`() {
        var walk = Walk(Self.two)

        #expect(walk.tick(after: .days(2)) == [.page(level: 0, pass: 0, people: [Self.alice])])
        #expect(walk.escalation.due == walk.clock.now + .minutes(5))
        #expect(walk.tick(after: .days(2)) == [.page(level: 1, pass: 0, people: [Self.bob])])
    }

    @Test func `given an empty level, when it is entered, then the next is paged at once`() {
        var walk = Walk(EscalationPolicy(levels: [Self.level(), Self.level(Self.bob)]))

        #expect(
            walk.tick() == [
                .skip(level: 0, pass: 0, reason: .nobodyOnCall), .page(level: 1, pass: 0, people: [Self.bob]),
            ])
    }

    @Test func `given people without a usable contact, when their level is entered, then it says why it is skipped`() {
        var walk = Walk(Self.two, unreachable: [Self.alice])

        #expect(
            walk.tick() == [
                .skip(level: 0, pass: 0, reason: .nobodyReachable), .page(level: 1, pass: 0, people: [Self.bob]),
            ])
    }

    @Test func `given one of two people is unreachable, then the other is paged`() {
        var walk = Walk(EscalationPolicy(levels: [Self.level(Self.alice, Self.bob)]), unreachable: [Self.alice])

        #expect(walk.tick() == [.page(level: 0, pass: 0, people: [Self.bob])])
    }

    @Test(arguments: [0, 2])
    func `given nobody can be reached, when the alert is raised, then the last resort is paged once`(repeats: Int) {
        var policy = Self.two
        policy.repeats = repeats
        var walk = Walk(policy, unreachable: [Self.alice, Self.bob])

        #expect(
            walk.tick() == [
                .skip(level: 0, pass: 0, reason: .nobodyReachable), .skip(level: 1, pass: 0, reason: .nobodyReachable),
                .pageLastResort, .ended,
            ])
        #expect(walk.escalation.state == .exhausted)
        #expect(walk.tick(after: .days(1)) == [])
    }

    @Test func `given a policy without levels, when the alert is raised, then the last resort is paged`() {
        var walk = Walk(EscalationPolicy(levels: [], repeats: 3))

        #expect(walk.tick() == [.pageLastResort, .ended])
    }

    @Test func `given everybody becomes unreachable in a later pass, then the last resort is paged after a whole pass`()
    {
        var policy = Self.two
        policy.repeats = 5
        var walk = Walk(policy)
        _ = walk.tick()
        walk.unreachable = [Self.alice, Self.bob]

        #expect(
            walk.tick(after: .minutes(5)) == [
                .skip(level: 1, pass: 0, reason: .nobodyReachable), .skip(level: 0, pass: 1, reason: .nobodyReachable),
                .pageLastResort, .ended,
            ])
    }

    @Test func `given the last level is unreachable, when the pass had reached somebody, then it just ends`() {
        var walk = Walk(Self.two, unreachable: [Self.bob])
        _ = walk.tick()

        #expect(
            walk.tick(after: .minutes(5)) == [.skip(level: 1, pass: 0, reason: .nobodyReachable), .ended])
    }

    @Test func `given LOW priority, when the first level was paged, then nothing follows by itself`() {
        var walk = Walk(Self.two, priority: .low)

        #expect(walk.tick() == [.page(level: 0, pass: 0, people: [Self.alice])])
        #expect(walk.escalation.state == .rested(level: 0))
        #expect(walk.escalation.due == nil)
        #expect(walk.tick(after: .days(1)) == [])
    }

    @Test func `given LOW priority and an unreachable first level, then the last resort is paged and not the second`() {
        var walk = Walk(Self.two, priority: .low, unreachable: [Self.alice])

        #expect(
            walk.tick() == [.skip(level: 0, pass: 0, reason: .nobodyReachable), .pageLastResort, .ended])
    }

    @Test func `given LOW priority, when a person escalates, then the next level is paged and rests again`() throws {
        var walk = Walk(Self.two, priority: .low)
        _ = walk.tick()

        #expect(try walk.escalate(asOf: 0) == [.page(level: 1, pass: 0, people: [Self.bob])])
        #expect(walk.escalation.state == .rested(level: 1))
        #expect(walk.tick(after: .days(1)) == [])
    }

    @Test func `given a person escalates, then the next level has its full time`() throws {
        var walk = Walk(Self.two)
        _ = walk.tick()
        walk.clock.advance(by: .minutes(4))

        #expect(try walk.escalate(asOf: 0) == [.page(level: 1, pass: 0, people: [Self.bob])])
        #expect(walk.escalation.due == walk.clock.now + .minutes(5))
    }

    @Test func `given a level that has passed, when it is escalated from, then it is refused`() throws {
        var walk = Walk(Self.two)
        _ = walk.tick()
        _ = walk.tick(after: .minutes(5))

        #expect(throws: EscalationRefusal.levelHasPassed) { try walk.escalate(asOf: 0) }
        #expect(walk.escalation.level == 1)
    }

    @Test func `given a double click on the last level, then the second is refused`() throws {
        var walk = Walk(EscalationPolicy(levels: [Self.level(Self.alice)]))
        _ = walk.tick()

        #expect(try walk.escalate(asOf: 0) == [.ended])
        #expect(throws: EscalationRefusal.levelHasPassed) { try walk.escalate(asOf: 0) }
        // Without a level in mind it starts again.
        #expect(try walk.escalate() == [.page(level: 0, pass: 0, people: [Self.alice])])
    }

    @Test func `given a delay, when a person escalates, then the first level is paged at once`() throws {
        var policy = Self.two
        policy.delay = .hours(1)
        var walk = Walk(policy)

        #expect(try walk.escalate() == [.page(level: 0, pass: 0, people: [Self.alice])])
    }

    @Test func `given an accepted alert, when a person escalates, then it is refused`() {
        var walk = Walk(Self.two)
        _ = walk.tick()
        walk.escalation.stop()

        #expect(throws: EscalationRefusal.notPending) { try walk.escalate() }
    }

    @Test func `given a look-up that fails, when a level is entered, then nothing has changed`() {
        struct Broken: Error {}
        var walk = Walk(Self.two)
        let before = walk.escalation

        #expect(throws: Broken.self) {
            try walk.escalation.tick(at: walk.clock.now, priority: .high) { _, _ in throw Broken() }
        }
        #expect(walk.escalation == before)
    }

    @Test func `given any policy and any people, when it is walked, then it ends and pages in order`() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<500 {
            let users = (1...4).map { User.ID(Int64($0)) }
            let levels = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                let some = users.filter { _ in Bool.random(using: &random) }
                return EscalationLevel(targets: some.map(EscalationTarget.user), timeout: .minutes(1))
            }
            let policy = EscalationPolicy(levels: levels, repeats: Int.random(in: 0...3, using: &random))
            var walk = Walk(policy, unreachable: Set(users.filter { _ in Bool.random(using: &random) }))
            var pages: [Int] = []
            var ticks = 0

            while let due = walk.escalation.due, ticks < 100 {
                ticks += 1
                for case .page(let level, let pass, _) in walk.tick(after: due - walk.clock.now) {
                    pages.append(pass * 100 + level)
                }
            }

            #expect(walk.escalation.state == .exhausted)
            #expect(pages == pages.sorted())
            #expect(Set(pages).count == pages.count)
        }
    }
}
