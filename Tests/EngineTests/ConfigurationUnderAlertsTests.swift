import Alerting
import Engine
import Simulation
import Storage
import TestSupport
import Testing

/// Configuration that changes while alerts are open, and conditions of levels: what follows and what is noted.
struct ConfigurationUnderAlertsTests {
    private typealias Cast = SimulatedCast

    private static func level(_ targets: EscalationTarget..., condition: LevelCondition? = nil) -> EscalationLevel {
        EscalationLevel(targets: targets, timeout: .minutes(5), condition: condition)
    }

    private static func users(_ world: SimulatedWorld) -> UserAdministration {
        UserAdministration(store: world.engine.store, passwords: Passwords(log2N: 4))
    }

    /// "Primary": Alice is on call, always.
    private static func schedule(in world: SimulatedWorld) async throws -> ScheduleRecord {
        try await ScheduleAdministration(store: world.engine.store).create(
            ScheduleDraft(
                name: "Primary", timeZone: "Europe/Berlin",
                layers: [.init(startsOn: "2025-12-01T00:00", users: [Cast.alice.user], rotation: "P7D")]),
            by: Cast.carol.caller)
    }

    private static func use(_ levels: [EscalationLevel], in world: SimulatedWorld) async throws {
        _ = try await EscalationPolicyAdministration(store: world.engine.store).update(
            Cast.policy, with: EscalationPolicyDraft(name: "Shop on call", levels: levels), by: Cast.carol.caller)
        world.engine.directory.forgetAll()
    }

    // MARK: - Schedules

    @Test func `given a schedule, when its level is entered, then whoever is on call at that instant is paged`()
        async throws
    {
        let world = try await SimulatedWorld()
        let schedule = try await Self.schedule(in: world)
        try await Self.use([Self.level(.user(Cast.bob.user)), Self.level(.schedule(schedule.id.rawValue))], in: world)

        _ = try await world.raise()
        try await world.advance(by: .minutes(5))

        #expect(world.email.addresses == [Cast.bob.email, Cast.alice.email])
    }

    @Test func `given a schedule that is emptied under an open alert, when its level is due, then it is skipped`()
        async throws
    {
        let world = try await SimulatedWorld()
        let schedule = try await Self.schedule(in: world)
        try await Self.use(
            [
                Self.level(.user(Cast.bob.user)), Self.level(.schedule(schedule.id.rawValue)),
                Self.level(.user(Cast.carol.user)),
            ], in: world)
        let id = try await world.raise()
        try await world.settle()

        var draft = ScheduleDraft(schedule)
        draft.layers[0].endsOn = "2025-12-31T00:00"
        _ = try await ScheduleAdministration(store: world.engine.store).update(
            schedule.id, with: draft, by: Cast.carol.caller)
        try await world.advance(by: .minutes(5))

        let skipped = try await world.timeline(of: id).first { $0.kind == .levelSkipped }
        #expect(skipped?.level == 1 && skipped?.reason == "nobody_on_call")
        #expect(world.email.addresses == [Cast.bob.email, Cast.carol.email])
    }

    @Test func `given an alert, when it is handed to a schedule, then who is on call is paged and the policy follows`()
        async throws
    {
        let world = try await SimulatedWorld(policy: EscalationPolicy(levels: [Self.level(.user(Cast.bob.user))]))
        let schedule = try await Self.schedule(in: world)
        let id = try await world.raise()
        try await world.settle()

        try await world.engine.desk.assign(id, to: schedule.id, by: Cast.bob.caller)
        try await world.advance(by: .minutes(6))

        #expect(world.email.addresses == [Cast.bob.email, Cast.alice.email, Cast.bob.email])
        let line = try await world.timeline(of: id).first { $0.kind == .scheduleAssigned }
        #expect(line?.text == "Primary" && line?.actor == .user(Cast.bob.user))
    }

    @Test func `given no such schedule, when an alert is handed to it, then the field is named and nothing changes`()
        async throws
    {
        let world = try await SimulatedWorld()
        let id = try await world.raise()
        let before = try await world.alert(id)

        let failure = await #expect(throws: Failure.self) {
            try await world.engine.desk.assign(id, to: OnCallSchedule.ID(424_242), by: Cast.bob.caller)
        }

        #expect(failure?.message.hasPrefix("schedule: ") == true)
        #expect(try await world.alert(id) == before)
    }

    // MARK: - People, policies and sources that change

    @Test func `given a person who was deleted, when their level is due, then the timeline says that they are gone`()
        async throws
    {
        let world = try await SimulatedWorld(
            policy: EscalationPolicy(levels: [
                Self.level(.user(Cast.alice.user)), Self.level(.user(Cast.bob.user), .user(Cast.carol.user)),
            ]))
        let id = try await world.raise()
        try await world.settle()

        try await Self.users(world).delete(Cast.bob.user, by: Cast.carol.caller)
        try await world.advance(by: .minutes(5))

        let line = try await world.timeline(of: id).first { $0.kind == .personLeftOut }
        #expect(line?.user == Cast.bob.user && line?.reason == "deleted" && line?.level == 1)
        #expect(world.email.addresses == [Cast.alice.email, Cast.carol.email])
    }

    @Test func `given a page that waits, when its reader is deleted, then it is cancelled and the timeline says why`()
        async throws
    {
        let world = try await SimulatedWorld()
        try await world.prefer(.email, after: 3, for: Cast.alice)
        let id = try await world.raise()
        try await world.settle()

        try await Self.users(world).delete(Cast.alice.user, by: Cast.carol.caller)
        try await world.advance(by: .minutes(4))

        #expect(world.email.attempts.isEmpty)
        let line = try await world.timeline(of: id).first { $0.kind == .messageCancelled }
        #expect(line?.reason == "user_deleted")
    }

    @Test func `given an open alert, when its source moves to another policy, then it keeps its own and says so`()
        async throws
    {
        let world = try await SimulatedWorld()
        let store = world.engine.store
        let other = try await EscalationPolicyAdministration(store: store).create(
            EscalationPolicyDraft(name: "Other", levels: [Self.level(.user(Cast.carol.user))]), by: Cast.carol.caller)
        let sources = AlertSourceAdministration(store: store, isKnownType: { _ in true })
        let id = try await world.raise("old")
        try await world.settle()

        var draft = AlertSourceDraft(try await sources.find(Cast.shop, by: Cast.carol.caller))
        draft.policy = other.id
        _ = try await sources.update(Cast.shop, with: draft, by: Cast.carol.caller)
        world.engine.directory.forgetAll()
        try await world.advance(by: .minutes(5))
        let later = try await world.raise("new")
        try await world.settle()

        let line = try await world.timeline(of: id).first { $0.kind == .sourceMoved }
        #expect(line?.text == "Other")
        #expect(try await !world.kinds(of: later).contains(.sourceMoved))
        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email, Cast.carol.email])
    }

    @Test func `given an open alert on a policy that no source uses, when it is deleted, then its levels stay`()
        async throws
    {
        let world = try await SimulatedWorld()
        let policies = EscalationPolicyAdministration(store: world.engine.store)
        let other = try await policies.create(
            EscalationPolicyDraft(
                name: "Other", levels: [Self.level(.user(Cast.bob.user)), Self.level(.user(Cast.carol.user))]),
            by: Cast.carol.caller)
        let id = try await world.raise()
        try await world.settle()
        try await world.engine.desk.assign(id, to: other.id, by: Cast.alice.caller)
        try await world.settle()

        try await policies.delete(other.id, by: Cast.carol.caller)
        try await world.advance(by: .minutes(5))

        #expect(world.email.addresses == [Cast.alice.email, Cast.bob.email, Cast.carol.email])
        #expect(try await world.timeline(of: id).first { $0.kind == .policyDeleted }?.text == "Other")
    }

    // MARK: - Support hours

    /// Thursdays 9 to 17 in Berlin; the story begins on a Thursday at one in the morning there.
    private static func hours(in world: SimulatedWorld) async throws -> SupportHoursRecord {
        let hours = SupportHours(
            zone: try #require(Zone("Europe/Berlin")), days: [.thursday: .init(start: 540, end: 1020)])
        return try await SupportHoursAdministration(store: world.engine.store).create(
            SupportHoursDraft(name: "Office", hours: hours), by: Cast.carol.caller)
    }

    @Test(arguments: [(-1, ["bob@example.com"]), (0, ["alice@example.com"])])
    func `given a level for support hours, when they have not begun, then it is left out, at their first instant not`(
        milliseconds: Int, addresses: [String]
    ) async throws {
        let world = try await SimulatedWorld()
        let hours = try await Self.hours(in: world)
        let condition = LevelCondition(supportHours: hours.id.rawValue, side: .during)
        try await Self.use(
            [Self.level(.user(Cast.alice.user), condition: condition), Self.level(.user(Cast.bob.user))], in: world)

        world.clock.advance(by: .hours(8) + .milliseconds(milliseconds))
        let id = try await world.raise()
        try await world.settle()

        #expect(world.email.addresses == addresses)
        let skipped = try await world.timeline(of: id).first { $0.kind == .levelSkipped }
        #expect((skipped?.reason == "outside_support_hours") == (milliseconds < 0))
    }

    @Test
    func `given support hours that a level depends on, when they are deleted, then the conflict names the policy`()
        async throws
    {
        let world = try await SimulatedWorld()
        let hours = try await Self.hours(in: world)
        let condition = LevelCondition(supportHours: hours.id.rawValue, side: .outside)
        try await Self.use([Self.level(.user(Cast.alice.user), condition: condition)], in: world)

        let failure = await #expect(throws: Failure.self) {
            try await SupportHoursAdministration(store: world.engine.store).delete(hours.id, by: Cast.carol.caller)
        }

        #expect(failure?.code == .conflict && failure?.message.contains("“Shop on call”") == true)
    }

    @Test func `given support hours that do not exist, when a level names them, then the field is named`() async throws
    {
        let world = try await SimulatedWorld()

        let failure = await #expect(throws: Failure.self) {
            try await Self.use(
                [Self.level(.user(Cast.alice.user), condition: .init(supportHours: 424_242, side: .during))], in: world)
        }

        #expect(failure?.message.hasPrefix("escalationRules[0].supportHours: ") == true)
    }
}
