import Alerting
import Engine
import Simulation
import Storage
import Testing

/// Fire drills that come again by themselves, and what stays of them.
struct DrillPlanStoriesTests {
    private typealias Cast = SimulatedCast

    private func plan(
        _ start: String, weeks: Int = 1, zone: String = "Europe/Berlin", in world: SimulatedWorld
    ) async throws {
        try await world.engine.readiness.plan(
            DrillPlanDraft(name: "Monday drill", start: start, timeZone: zone, weeks: weeks), by: Cast.carol.caller)
    }

    @Test func `given a plan across a change of the clocks, then drills keep to the time of the wall`() async throws {
        let world = try await SimulatedWorld()
        world.clock.set(to: try #require(Timestamp(iso8601: "2026-10-18T12:00:00Z")))
        try await plan("2026-10-19T09:30", in: world)
        try await world.advance(by: .days(16))

        let drills = try await world.engine.readiness.drills(by: Cast.carol.caller)
        #expect(
            drills.map(\.drill.createdAt.iso8601).sorted() == [
                "2026-10-19T07:30:00.000Z", "2026-10-26T08:30:00.000Z", "2026-11-02T08:30:00.000Z",
            ])
        #expect(drills.allSatisfy { $0.drill.startedBy == nil && $0.calls.count == 3 })
        #expect(world.email.delivered.count { $0.subject == "Fire drill: Monday drill" } == 9)
    }

    @Test func `given a server that was down over two of them, then at most the one that is due now is held`()
        async throws
    {
        let world = try await SimulatedWorld()
        world.clock.set(to: try #require(Timestamp(iso8601: "2026-10-18T12:00:00Z")))
        try await plan("2026-10-19T09:30", in: world)
        world.beDown(for: .days(12))
        try await world.settle()

        #expect(try await world.engine.readiness.drills(by: Cast.carol.caller).isEmpty)
        let plans = try await world.engine.readiness.plans(by: Cast.carol.caller)
        #expect(plans.map(\.nextLocal.text) == ["2026-11-02T09:30"])
    }

    @Test func `given two nodes, then a drill is held once`() async throws {
        let world = try await SimulatedWorld()
        world.clock.set(to: try #require(Timestamp(iso8601: "2026-10-18T12:00:00Z")))
        try await plan("2026-10-19T09:30", in: world)
        let second = world.secondNode()
        world.clock.advance(by: .days(1))
        _ = try await world.engine.drillLoop.runOnce()
        _ = try await second.drillLoop.runOnce()
        #expect(try await world.engine.readiness.drills(by: Cast.carol.caller).count == 1)
    }

    @Test func `given wrong plans, then each is refused by its field, and a removed one holds no more drills`()
        async throws
    {
        let world = try await SimulatedWorld()
        world.clock.set(to: try #require(Timestamp(iso8601: "2026-10-18T12:00:00Z")))
        for (start, weeks, zone, field) in [
            ("2026-10-18T13:59", 1, "Europe/Berlin", "start"), ("soon", 1, "Europe/Berlin", "start"),
            ("2026-10-19T09:30", 0, "Europe/Berlin", "weeks"), ("2026-10-19T09:30", 53, "Europe/Berlin", "weeks"),
            ("2026-10-19T09:30", 1, "Mars/Base", "timezone"),
        ] {
            let failure = await #expect(throws: Failure.self) {
                try await plan(start, weeks: weeks, zone: zone, in: world)
            }
            #expect(failure?.message.hasPrefix(field) == true, "\(start) \(weeks) \(zone)")
        }
        await #expect(throws: Failure.self) { try await world.engine.readiness.plans(by: Cast.alice.caller) }

        try await plan("2026-10-19T09:30", in: world)
        let id = try #require(try await world.engine.readiness.plans(by: Cast.carol.caller).first?.id)
        await #expect(throws: Failure.self) {
            try await world.engine.readiness.removePlan(id, by: Cast.bob.caller)
        }
        try await world.engine.readiness.removePlan(id, by: Cast.carol.caller)
        try await world.advance(by: .days(3))
        #expect(try await world.engine.readiness.drills(by: Cast.carol.caller).isEmpty)
    }

    @Test func `given a drill whose messages are no longer kept, then who answered where is still in the report`()
        async throws
    {
        let world = try await SimulatedWorld()
        try await world.engine.readiness.startDrill("Autumn", by: Cast.carol.caller)
        try await world.settle()
        #expect(try await world.engine.linkAnswers.answerDrill(world.token(to: Cast.bob.email)))
        try await world.write { try $0.execute("DELETE FROM messages WHERE purpose = 'drill'", [:]) }

        let calls = try await world.engine.readiness.drills(by: Cast.carol.caller)[0].calls
        #expect(calls.map(\.target) == Cast.people.map(\.email))
        #expect(calls.map { $0.answeredAt != nil } == [false, true, false])
        #expect(calls.allSatisfy { $0.channel == .email && $0.message == nil })
    }

    @Test func `given a policy, then each of its levels says who would be called and whether they could be`()
        async throws
    {
        let policy = EscalationPolicy(levels: [Cast.level(Cast.alice, Cast.bob), Cast.level(Cast.bob)])
        let world = try await SimulatedWorld(policy: policy)
        try await world.mute(Cast.bob, until: world.now + .hours(1))
        let record = try #require(try await world.disk.read { try EscalationPolicies.find(Cast.policy, in: $0) })

        let levels = try await world.engine.readiness.levels(of: record, by: Cast.alice.caller)

        #expect(levels.map(\.level.isReady) == [true, false])
        #expect(levels[0].people.map(\.readiness.state) == [.byFallback, .muted])
        let people = try await world.engine.readiness.people([Cast.bob.user, User.ID(99)], by: Cast.alice.caller)
        #expect(people.map(\.user.id) == [Cast.bob.user])
    }
}
