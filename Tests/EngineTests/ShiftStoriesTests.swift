import Alerting
import Engine
import Simulation
import Storage
import Testing

/// Offers, coverage warnings, previews and the load of schedules. Time begins on Thursday, 2026-01-01, 00:00 UTC.
struct ShiftStoriesTests {
    private typealias Cast = SimulatedCast

    private struct Scene {
        let world: SimulatedWorld
        let schedules: ScheduleAdministration
        let record: ScheduleRecord
        let calculator: @Sendable () async throws -> OnCallCalculator

        var id: OnCallSchedule.ID { record.id }
        var now: Timestamp { world.now }
    }

    /// Alice and Bob take turns by day, from Thursday 00:00 UTC on.
    private static func scene(
        _ users: [Cast.Person] = [Cast.alice, Cast.bob], hours: [ScheduleDraft.Restriction] = [],
        showsGaps: Bool = true, policy: Bool = false
    ) async throws -> Scene {
        let world = try await SimulatedWorld()
        let schedules = world.engine.administration(passwords: Passwords(log2N: 4)).schedules
        let record = try await schedules.create(
            draft(users.map(\.user), hours: hours, showsGaps: showsGaps), by: Cast.carol.caller)
        let disk = world.disk
        let now = world.now
        return Scene(world: world, schedules: schedules, record: record) {
            try await disk.read { try OnCallDuty.calculator(record.id, since: now, in: $0) }
        }
    }

    private static func draft(
        _ users: [User.ID], hours: [ScheduleDraft.Restriction] = [], showsGaps: Bool = true
    ) -> ScheduleDraft {
        ScheduleDraft(
            name: "Shop rota", timeZone: "UTC",
            layers: [
                .init(
                    startsOn: "2026-01-01T00:00", users: users, rotation: "P1D",
                    restrictionType: hours.isEmpty ? nil : "TIMES_OF_WEEK", restrictions: hours)
            ], showsGaps: showsGaps)
    }

    private static let notOnSundays = [
        ScheduleDraft.Restriction(fromDay: "MONDAY", fromTime: "00:00", toDay: "SUNDAY", toTime: "00:00")
    ]

    private func day(_ number: Int, _ scene: Scene) -> TimeSpan {
        let start = Timestamp(milliseconds: 1_767_225_600_000) + .days(number)
        return TimeSpan(start: start, end: start + .days(1))
    }

    // MARK: - Offers

    @Test func `given Alice offers her shift, when Bob takes it, then he is on call and she is told`() async throws {
        let scene = try await Self.scene()
        let span = day(2, scene)

        let offer = try await scene.schedules.offer(span, of: scene.id, note: "Wedding", by: Cast.alice.caller)
        try await scene.world.settle()
        #expect(scene.world.email.addresses == [Cast.bob.email])
        #expect(scene.world.email.delivered.last?.text.contains("“Wedding”") == true)
        #expect(try await scene.calculator().onCall(at: span.start) == Cast.alice.user)

        try await scene.schedules.take(offer.id, by: Cast.bob.caller)
        try await scene.world.settle()
        #expect(try await scene.calculator().shifts(in: span).first?.user == Cast.bob.user)
        #expect(try await scene.calculator().onCall(at: span.end - .milliseconds(1)) == Cast.bob.user)
        #expect(scene.world.email.addresses.last == Cast.alice.email)
        #expect(try await scene.schedules.offers(of: scene.id, by: Cast.bob.caller) == [])
    }

    @Test func `given an offer that is taken, withdrawn or over, when it is taken, then somebody was first`()
        async throws
    {
        let scene = try await Self.scene()
        let taken = try await scene.schedules.offer(day(2, scene), of: scene.id, by: Cast.alice.caller)
        try await scene.schedules.take(taken.id, by: Cast.carol.caller)
        let withdrawn = try await scene.schedules.offer(day(4, scene), of: scene.id, by: Cast.alice.caller)
        try await scene.schedules.withdraw(withdrawn.id, by: Cast.alice.caller)
        let over = try await scene.schedules.offer(day(6, scene), of: scene.id, by: Cast.alice.caller)

        scene.world.clock.advance(by: .days(7))
        for offer in [taken, withdrawn, over] {
            let error = await #expect(throws: Failure.self) {
                try await scene.schedules.take(offer.id, by: Cast.bob.caller)
            }
            #expect(error?.code == .conflict)
        }
    }

    @Test func `given an offered shift in its middle, when it is taken, then what is left changes hands`() async throws
    {
        let scene = try await Self.scene()
        let span = day(2, scene)
        let offer = try await scene.schedules.offer(span, of: scene.id, by: Cast.alice.caller)

        scene.world.clock.set(to: span.start + .hours(6))
        try await scene.schedules.take(offer.id, by: Cast.bob.caller)

        #expect(try await scene.calculator().onCall(at: span.start + .hours(6) - .milliseconds(1)) == Cast.alice.user)
        #expect(try await scene.calculator().onCall(at: span.start + .hours(6)) == Cast.bob.user)
    }

    @Test func `given somebody else's shift, a second offer or a reader, then it is refused with the field`()
        async throws
    {
        let scene = try await Self.scene()
        let bobs = day(3, scene)
        try await scene.schedules.offer(day(2, scene), of: scene.id, by: Cast.alice.caller)
        let viewer = Caller(user: Cast.alice.user, account: Cast.account, name: "Alice", role: .viewer)
        let stranger = Caller(user: .init(99), account: .init(99), name: "Eve", role: .admin)

        func code(_ span: TimeSpan, _ caller: Caller) async -> Failure.Code? {
            await #expect(throws: Failure.self) {
                try await scene.schedules.offer(span, of: scene.id, by: caller)
            }?.code
        }
        #expect(await code(bobs, Cast.alice.caller) == .invalid)
        #expect(await code(day(2, scene), Cast.alice.caller) == .conflict)
        #expect(await code(day(-2, scene), Cast.alice.caller) == .invalid)
        #expect(await code(TimeSpan(start: bobs.end, end: bobs.start), Cast.alice.caller) == .invalid)
        #expect(await code(day(4, scene), viewer) == .forbidden)
        #expect(await code(day(4, scene), stranger) == .notFound)
    }

    @Test func `given an offer, when an override has made it another's, then it cannot be taken`() async throws {
        let scene = try await Self.scene()
        let offer = try await scene.schedules.offer(day(2, scene), of: scene.id, by: Cast.alice.caller)
        try await scene.schedules.addOverride(
            OverrideDraft(user: Cast.carol.user, start: "2026-01-03T06:00", end: "2026-01-03T07:00"), to: scene.id,
            by: Cast.carol.caller)

        let error = await #expect(throws: Failure.self) {
            try await scene.schedules.take(offer.id, by: Cast.bob.caller)
        }

        #expect(error?.code == .conflict)
        #expect(try await scene.schedules.offers(of: scene.id, by: Cast.bob.caller).map(\.id) == [offer.id])
    }

    // MARK: - Coverage

    @Test func `given Sundays without anybody, then the owner is told of each once, and again of new ones only`()
        async throws
    {
        let scene = try await Self.scene(hours: Self.notOnSundays)
        #expect(try await scene.world.engine.coverage.runOnce() == 0)

        scene.world.clock.advance(by: CoverageLoop.calm)
        #expect(try await scene.world.engine.coverage.runOnce() == 1)
        try await scene.world.settle()
        let mail = try #require(scene.world.email.delivered.last)
        #expect(mail.address == Cast.carol.email)
        #expect(mail.subject == "[On call] Shop rota: nobody on Sun 4 Jan 2026 00:00–24:00 and 3 more")
        #expect(mail.text.contains("- Sun 25 Jan 2026 00:00–24:00"))
        #expect(mail.text.contains("/on-call-schedules/\(scene.id)"))

        #expect(try await scene.world.engine.coverage.runOnce() == 0)
        scene.world.clock.advance(by: .days(2))
        #expect(try await scene.world.engine.coverage.runOnce() == 1)
        try await scene.world.settle()
        #expect(
            scene.world.email.delivered.last?.subject == "[On call] Shop rota: nobody on Sun 1 Feb 2026 00:00–24:00")
    }

    @Test func `given warnings switched off, or nobody missing, then nobody is told`() async throws {
        let quiet = try await Self.scene(hours: Self.notOnSundays, showsGaps: false)
        let covered = try await Self.scene()

        for scene in [quiet, covered] {
            scene.world.clock.advance(by: .hours(1))
            #expect(try await scene.world.engine.coverage.runOnce() == 0)
        }
    }

    @Test func `given two nodes, when both look, then the owner is told once; after a restart, too`() async throws {
        let scene = try await Self.scene(hours: Self.notOnSundays)
        scene.world.clock.advance(by: .hours(1))
        let other = scene.world.secondNode()

        let told = try await scene.world.engine.coverage.runOnce() + other.coverage.runOnce()
        scene.world.restart()

        #expect(told == 1)
        #expect(try await scene.world.engine.coverage.runOnce() == 0)
    }

    @Test func `given a gap that was filled and opens again, then the owner is told again`() async throws {
        let scene = try await Self.scene(hours: Self.notOnSundays)
        scene.world.clock.advance(by: .hours(1))
        _ = try await scene.world.engine.coverage.runOnce()
        let whole = try await scene.schedules.update(
            scene.id, with: Self.draft([Cast.alice.user]), by: Cast.carol.caller)
        scene.world.clock.advance(by: .hours(1))
        #expect(try await scene.world.engine.coverage.runOnce() == 0)

        _ = try await scene.schedules.update(
            whole.id, with: Self.draft([Cast.alice.user], hours: Self.notOnSundays), by: Cast.carol.caller)
        scene.world.clock.advance(by: .hours(1))

        #expect(try await scene.world.engine.coverage.runOnce() == 1)
    }

    // MARK: - Preview and load

    @Test func `given a draft, when it is previewed, then it says who changes, and nothing is kept`() async throws {
        let scene = try await Self.scene()
        let before = try await scene.schedules.find(scene.id, by: Cast.carol.caller)

        let same = try await scene.schedules.preview(
            Self.draft([Cast.alice.user, Cast.bob.user]), of: scene.id, by: Cast.carol.caller)
        let other = try await scene.schedules.preview(
            Self.draft([Cast.carol.user]), of: scene.id, by: Cast.carol.caller)
        let new = try await scene.schedules.preview(
            Self.draft([Cast.bob.user]), of: nil, by: Cast.carol.caller)

        #expect(same.changes == [])
        #expect(other.changes.first?.span == TimeSpan(start: scene.now, end: day(1, scene).start))
        #expect(other.changes.first?.before == Cast.alice.user && other.changes.first?.after == Cast.carol.user)
        #expect(new.before == nil && new.after.onCall(at: scene.now) == Cast.bob.user)
        #expect(try await scene.schedules.find(scene.id, by: Cast.carol.caller) == before)
        let error = await #expect(throws: Failure.self) {
            try await scene.schedules.preview(Self.draft([]), of: nil, by: Cast.carol.caller)
        }
        #expect(error?.message.hasPrefix("scheduleLayers[0].users: ") == true)
    }

    @Test func `given a saved edit, then it does what the preview said`() async throws {
        let scene = try await Self.scene([Cast.alice, Cast.bob, Cast.carol])
        scene.world.clock.advance(by: .hours(30))
        let draft = Self.draft([Cast.alice.user, Cast.carol.user])

        let preview = try await scene.schedules.preview(draft, of: scene.id, by: Cast.carol.caller)
        _ = try await scene.schedules.update(scene.id, with: draft, by: Cast.carol.caller)

        let span = TimeSpan(start: scene.now, end: scene.now + .days(60))
        #expect(try await scene.calculator().shifts(in: span) == preview.after.shifts(in: span))
        #expect(preview.after.onCall(at: scene.now) == Cast.carol.user)
    }

    @Test func `given pages at night and by day, then the load counts them for whoever was on call`() async throws {
        let scene = try await Self.scene()
        let world = scene.world
        // Thursday, 03:00: Alice, who is also the policy's first level.
        world.clock.advance(by: .hours(3))
        _ = try await world.raise("night")
        try await world.settle()
        try await world.post(.resolve, "night")
        // Friday, 12:00: Bob is on call here, and Alice is paged by the policy all the same.
        world.clock.advance(by: .hours(33))
        _ = try await world.raise("day")
        try await world.settle()
        world.clock.advance(by: .hours(12))

        let load = try await scene.schedules.load(of: scene.id, months: 3, by: Cast.carol.caller)
        let alice = try #require(load.people.first { $0.user == Cast.alice.user })

        #expect(load.months.count == 1)
        #expect(load.people.map(\.total.total) == [.hours(24), .hours(24)])
        #expect(alice.pages == 1 && alice.unrestfulPages == 1)
        #expect(load.people.first { $0.user == Cast.bob.user }?.pages == 0)
    }
}
