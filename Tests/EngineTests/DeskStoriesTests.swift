import Alerting
import Engine
import Simulation
import Storage
import Testing

struct DeskStoriesTests {
    private typealias Cast = SimulatedCast

    private func refusal(_ body: () async throws -> Void) async -> Failure? {
        do {
            try await body()
            return nil
        } catch {
            return error as? Failure
        }
    }

    @Test func `given an accepted alert, when another accepts it, then the sentence says who was first`() async throws {
        let world = try await SimulatedWorld()
        let desk = world.engine.desk
        let id = try await world.raise()

        try await desk.accept(id, by: Cast.alice.caller)
        try await desk.accept(id, by: Cast.alice.caller)
        let refused = await refusal { try await desk.accept(id, by: Cast.bob.caller) }

        #expect(refused == Failure(.conflict, "This alert was accepted already by Alice Example."))
        #expect(try await world.kinds(of: id).filter { $0 == .accepted }.count == 1)
        try await world.post(.accept, "other")
        let bySource = try await world.raise("by source")
        try await world.post(.accept, "by source")
        let second = await refusal { try await desk.accept(bySource, by: Cast.bob.caller) }
        #expect(second?.message == "This alert was accepted already by the alert source.")
    }

    @Test func `given a resolved alert, then it is neither accepted, resolved, escalated nor handed over`() async throws
    {
        let world = try await SimulatedWorld()
        let desk = world.engine.desk
        let id = try await world.raise()
        try await desk.resolve(id, by: Cast.alice.caller)

        let refusals = [
            await refusal { try await desk.accept(id, by: Cast.bob.caller) },
            await refusal { try await desk.resolve(id, by: Cast.bob.caller) },
            await refusal { try await desk.escalate(id, asOf: nil, by: Cast.bob.caller) },
            await refusal { try await desk.assign(id, to: Cast.bob.user, by: Cast.bob.caller) },
            await refusal { try await desk.assign(id, to: Cast.policy, by: Cast.bob.caller) },
        ]

        #expect(refusals.allSatisfy { $0?.code == .conflict && $0?.message.contains("resolved") == true })
        #expect(try await world.kinds(of: id) == [.raisedBySource, .resolved])
        try await desk.comment(id, text: " It was the disk. ", by: Cast.bob.caller)
        #expect(try await world.timeline(of: id).last?.text == "It was the disk.")
    }

    @Test func `given a person escalates, then the next is paged at once, and the level's timer starts anew`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.settle()
        world.clock.advance(by: .minutes(1))

        try await world.engine.desk.escalate(id, asOf: 0, by: Cast.carol.caller)
        try await world.settle()

        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email])
        #expect(!world.email.delivered[1].subject.contains("late"))
        #expect(try await world.nextDue() == world.now + .minutes(5))
        let refused = await refusal { try await world.engine.desk.escalate(id, asOf: 0, by: Cast.carol.caller) }
        #expect(refused?.code == .conflict)
        #expect(try await world.kinds(of: id).filter { $0 == .escalatedByUser }.count == 1)
    }

    @Test func `given a hand-over, then the person is paged at once, and the policy follows when they do not answer`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.accept(id, by: Cast.alice.caller)

        try await world.engine.desk.assign(id, to: Cast.carol.user, by: Cast.alice.caller)
        try await world.settle()
        #expect(world.email.addresses == [Cast.alice.email, Cast.carol.email])
        let record = try await world.alert(id)
        #expect((record?.alert.status, record?.assigned) == (.pending, Cast.carol.user))

        try await world.advance(by: .minutes(10))
        #expect(world.email.addresses.suffix(2) == [Cast.alice.email, Cast.bob.email])
    }

    @Test func `given an alert that is handed on and on, then only the last person stands before the policy`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()

        for person in [Cast.carol, Cast.bob, Cast.carol, Cast.alice] {
            try await world.engine.desk.assign(id, to: person.user, by: Cast.carol.caller)
        }

        let policy = try #require(try await world.alert(id)?.alert.escalation.policy)
        #expect(policy.levels.map(\.targets) == [Cast.alice, Cast.alice, Cast.bob].map { [.user($0.user)] })
    }

    @Test func `given a hand-over, then what waited for others is not sent any more`() async throws {
        let world = try await SimulatedWorld(channels: [.email, .sms])
        try await world.prefer(.email, for: Cast.alice)
        try await world.prefer(.sms, after: 3, for: Cast.alice)
        world.email.answer(.outcome(.retry(after: nil, reason: "451")), .delivered)
        let id = try await world.raise()
        try await world.settle()

        try await world.engine.desk.assign(id, to: Cast.bob.user, by: Cast.carol.caller)
        try await world.advance(by: .minutes(4))

        #expect(world.email.addresses == [Cast.bob.email])
        #expect(world.sender(.sms).addresses == [])
        #expect(try await world.messages(of: id).filter { $0.reason == "reassigned" }.count == 2)
    }

    @Test func `given another policy, then it is walked from its start without its delay`() async throws {
        let world = try await SimulatedWorld()
        let now = world.now
        try await world.write { transaction in
            try EscalationPolicies.insert(
                PolicyRecord(
                    id: .init(2), account: Cast.account, name: "Desk", levels: [Cast.level(Cast.carol)],
                    delay: .minutes(30), createdAt: now, updatedAt: now), in: transaction)
        }
        let id = try await world.raise()
        try await world.settle()

        try await world.engine.desk.assign(id, to: EscalationPolicy.ID(2), by: Cast.bob.caller)
        try await world.settle()

        #expect(world.email.addresses == [Cast.alice.email, Cast.carol.email])
        #expect(try await world.alert(id)?.alert.policy == .init(2))
        let missing = await refusal {
            try await world.engine.desk.assign(id, to: EscalationPolicy.ID(99), by: Cast.bob.caller)
        }
        #expect(missing?.code == .invalid)
    }

    @Test func `given a weaker role or another account, then nothing is done`() async throws {
        let world = try await SimulatedWorld()
        let desk = world.engine.desk
        let id = try await world.raise()
        let viewer = Caller(user: Cast.bob.user, account: Cast.account, name: "Bob", role: .viewer)
        let stranger = Caller(user: Cast.bob.user, account: .init(99), name: "Bob", role: .admin)

        #expect(await refusal { try await desk.accept(id, by: viewer) }?.code == .forbidden)
        #expect(await refusal { try await desk.comment(id, text: "Hi", by: viewer) }?.code == .forbidden)
        #expect(await refusal { try await desk.accept(id, by: stranger) }?.code == .notFound)
        #expect(try await world.status(of: id) == .pending)
    }

    @Test func `given comments that are empty or too long, then they are refused`() async throws {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        let desk = world.engine.desk

        let longest = String(repeating: "x", count: Limits.comment)
        #expect(await refusal { try await desk.comment(id, text: " \n", by: Cast.bob.caller) }?.code == .invalid)
        #expect(
            await refusal { try await desk.comment(id, text: longest + "x", by: Cast.bob.caller) }?.code == .invalid)
        try await desk.comment(id, text: longest, by: Cast.bob.caller)
    }

    @Test func `given a person raises an alert, then it pages, and it can be handed over at once`() async throws {
        let world = try await SimulatedWorld()
        let desk = world.engine.desk

        let id = try await desk.raise(ManualAlert(source: Cast.shop, summary: " Help "), by: Cast.bob.caller)
        try await world.settle()
        #expect(world.email.addresses == [Cast.alice.email])
        #expect(try await world.alert(id)?.alert.summary == "Help")
        #expect(try await world.kinds(of: id).first == .raisedByUser)

        let handed = try await desk.raise(
            ManualAlert(source: Cast.shop, summary: "Help", assigned: Cast.carol.user), by: Cast.bob.caller)
        try await world.settle()
        #expect(world.email.addresses == [Cast.alice.email, Cast.carol.email])
        #expect(try await world.alert(handed)?.assigned == Cast.carol.user)
        let resolved = try await world.post(.resolve, "nb-\(handed)")
        #expect(resolved.alert == handed)
    }

    @Test func `given a manual alert with a fault in it, then nothing is raised`() async throws {
        let world = try await SimulatedWorld()
        let desk = world.engine.desk
        let faulty = [
            ManualAlert(source: Cast.shop, summary: "  "),
            ManualAlert(source: Cast.shop, summary: String(repeating: "x", count: Limits.summary + 1)),
            ManualAlert(source: .init(99), summary: "Help"),
            ManualAlert(source: Cast.shop, summary: "Help", policy: .init(99)),
            ManualAlert(source: Cast.shop, summary: "Help", assigned: .init(99)),
        ]

        for manual in faulty {
            #expect(await refusal { _ = try await desk.raise(manual, by: Cast.bob.caller) }?.code == .invalid)
        }
        #expect(try await world.alerts() == [])
    }
}
