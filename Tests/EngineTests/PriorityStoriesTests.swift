import Alerting
import Engine
import Simulation
import Storage
import Testing

/// Priorities that follow support hours, and pending alerts that become urgent with them.
struct PriorityStoriesTests {
    private typealias Cast = SimulatedCast

    /// Monday to Friday, 9 to 17 in Berlin; New Year's Day is a holiday.
    private static func office(start: Int = 9) throws -> SupportHours {
        let days = Weekday.allCases.filter { ![.saturday, .sunday].contains($0) }
        return SupportHours(
            zone: try #require(Zone("Europe/Berlin")),
            days: Dictionary(uniqueKeysWithValues: days.map { ($0, .init(start: start * 60, end: 17 * 60)) }),
            exceptions: [
                .init(
                    name: "New Year", first: try #require(CalendarDay("2026-01-01")),
                    last: try #require(CalendarDay("2026-01-01")), status: .outside)
            ])
    }

    private struct Office {
        let world: SimulatedWorld
        let administration: Administration
        let hours: SupportHoursRecord

        func at(_ text: String) throws { world.clock.set(to: try #require(Timestamp(iso8601: text))) }

        func change(_ body: (inout AlertSourceDraft) -> Void) async throws {
            let sources = administration.sources
            var draft = AlertSourceDraft(try await sources.find(Cast.shop, by: Cast.carol.caller))
            body(&draft)
            _ = try await sources.update(Cast.shop, with: draft, by: Cast.carol.caller)
        }
    }

    private static func open(rule: String, raises: Bool = false) async throws -> Office {
        let world = try await SimulatedWorld(sources: [Cast.source(type: "API", at: SimulatedClock().now)])
        let administration = world.engine.administration(passwords: Passwords(log2N: 4))
        let hours = try await administration.supportHours.create(
            SupportHoursDraft(name: "Office", hours: office()), by: Cast.carol.caller)
        let office = Office(world: world, administration: administration, hours: hours)
        try await office.change { draft in
            draft.priorityRule = rule
            draft.fields = .object([
                "supportHours": .object(["id": .integer(hours.id.rawValue)]), "autoRaiseAlerts": .bool(raises),
            ])
        }
        return office
    }

    @Test(arguments: [
        ("2026-01-01T10:00:00Z", false), ("2026-01-02T07:59:59Z", false), ("2026-01-02T08:00:00Z", true),
        ("2026-01-02T15:59:59Z", true), ("2026-01-02T16:00:00Z", false), ("2026-01-03T10:00:00Z", false),
        ("2026-03-27T07:30:00Z", false), ("2026-03-30T06:59:59Z", false), ("2026-03-30T07:00:00Z", true),
        ("2026-10-23T07:00:00Z", true), ("2026-10-26T07:30:00Z", false), ("2026-10-26T08:00:00Z", true),
    ])
    func `given support hours with a holiday, then priority follows them both ways, around DST too`(
        time: String, isDuring: Bool
    ) async throws {
        for (rule, inside, outside) in [
            ("HIGH_DURING_SUPPORT_HOURS", Priority.high, Priority.low), ("LOW_DURING_SUPPORT_HOURS", .low, .high),
        ] {
            let office = try await Self.open(rule: rule)
            try office.at(time)

            let id = try await office.world.raise("a", priority: .high)
            let manual = try await office.world.engine.desk.raise(
                ManualAlert(source: Cast.shop, summary: "By hand"), by: Cast.alice.caller)

            for alert in [id, manual] {
                #expect(try await office.world.alert(alert)?.alert.priority == (isDuring ? inside : outside))
            }
        }
    }

    @Test func `given LOW alerts that are pending, when support hours begin, then they are raised and paged`()
        async throws
    {
        let office = try await Self.open(rule: "HIGH_DURING_SUPPORT_HOURS", raises: true)
        let world = office.world
        let (pending, accepted) = (try await world.raise("a"), try await world.raise("b"))
        let manual = try await world.engine.desk.raise(
            ManualAlert(source: Cast.shop, summary: "By hand"), by: Cast.carol.caller)
        try await world.engine.desk.accept(accepted, by: Cast.alice.caller)
        try await world.advance(by: .hours(32) - .milliseconds(1))
        #expect(try await world.alerts().map(\.alert.priority) == [.low, .low, .low])
        #expect(!world.email.addresses.contains(Cast.bob.email))

        try await world.advance(by: .milliseconds(1))
        try await world.settle()
        #expect(try await world.alerts().map(\.alert.priority) == [.high, .low, .high])
        let line = try #require(try await world.timeline(of: pending).first { $0.kind == .priorityRaised })
        #expect(line.sentence { _ in nil }.contains("(during support hours)"))
        #expect(try await world.kinds(of: manual).contains(.priorityRaised))

        try await world.advance(by: .minutes(6))
        #expect(world.email.addresses.contains(Cast.bob.email))
    }

    @Test func `given LOW during support hours, when they end, then pending alerts are raised`() async throws {
        let office = try await Self.open(rule: "LOW_DURING_SUPPORT_HOURS", raises: true)
        try office.at("2026-01-02T15:00:00Z")
        let id = try await office.world.raise("a")

        try await office.world.advance(by: .minutes(59))
        #expect(try await office.world.alert(id)?.alert.priority == .low)
        try await office.world.advance(by: .minutes(1))

        #expect(try await office.world.alert(id)?.alert.priority == .high)
    }

    @Test func `given a source that does not ask for it, when support hours begin, then nothing happens`() async throws
    {
        let office = try await Self.open(rule: "HIGH_DURING_SUPPORT_HOURS")
        let id = try await office.world.raise("a")

        try await office.world.advance(by: .days(2))

        #expect(try await office.world.alert(id)?.alert.priority == .low)
    }

    @Test func `given pending LOW alerts, when the source begins to ask for it, then the next hours raise them`()
        async throws
    {
        let office = try await Self.open(rule: "HIGH_DURING_SUPPORT_HOURS")
        let id = try await office.world.raise("a")
        try await office.change { $0.fields = AlertSourceFieldsForTests.raising($0.fields) }

        try await office.world.advance(by: .hours(31))
        #expect(try await office.world.alert(id)?.alert.priority == .low)
        try await office.world.advance(by: .hours(1))

        #expect(try await office.world.alert(id)?.alert.priority == .high)
    }

    @Test func `given pending LOW alerts, when their support hours begin earlier from now on, then so does paging`()
        async throws
    {
        let office = try await Self.open(rule: "HIGH_DURING_SUPPORT_HOURS", raises: true)
        let id = try await office.world.raise("a")
        _ = try await office.administration.supportHours.update(
            office.hours.id, with: SupportHoursDraft(name: "Office", hours: try Self.office(start: 7)),
            by: Cast.carol.caller)

        try await office.world.advance(by: .hours(30) - .milliseconds(1))
        #expect(try await office.world.alert(id)?.alert.priority == .low)
        try await office.world.advance(by: .milliseconds(1))
        try await office.world.settle()

        #expect(try await office.world.alert(id)?.alert.priority == .high)
        // The next event is judged by the new hours at once.
        try office.at("2026-01-05T06:30:00Z")
        let next = try await office.world.raise("b")
        #expect(try await office.world.alert(next)?.alert.priority == .high)
    }

    @Test func `given an accepted alert that is pending again, when the next support hours begin, then it is raised`()
        async throws
    {
        let office = try await Self.open(rule: "HIGH_DURING_SUPPORT_HOURS", raises: true)
        let world = office.world
        try await office.change { draft in
            var members = draft.fields.object ?? [:]
            members["acceptTimeoutMin"] = .integer(60)
            draft.fields = .object(members)
        }
        let id = try await world.raise("a")
        try await world.advance(by: .minutes(31 * 60 + 30))
        try await world.engine.desk.accept(id, by: Cast.alice.caller)

        try await world.advance(by: .hours(2))
        #expect(try await world.status(of: id) == .pending)
        #expect(try await world.alert(id)?.alert.priority == .low)
        // From Friday 9:30 to Monday 8:00, UTC.
        try await world.advance(by: .minutes(70 * 60 + 30))

        #expect(try await world.alert(id)?.alert.priority == .high)
    }

    @Test func `given a node that was down when support hours began, when it is back, then alerts are raised late`()
        async throws
    {
        let office = try await Self.open(rule: "HIGH_DURING_SUPPORT_HOURS", raises: true)
        let id = try await office.world.raise("a")
        try await office.world.settle()

        office.world.beDown(for: .hours(33))
        office.world.restart()
        try await office.world.settle()

        #expect(try await office.world.alert(id)?.alert.priority == .high)
    }
}

private enum AlertSourceFieldsForTests {
    static func raising(_ fields: JSONValue) -> JSONValue {
        var members = fields.object ?? [:]
        members["autoRaiseAlerts"] = .bool(true)
        return .object(members)
    }
}
