import Alerting
import Engine
import Simulation
import Storage
import Testing

struct MaintenanceStoriesTests {
    private typealias Cast = SimulatedCast

    private static func plan(
        _ world: SimulatedWorld, start: Duration = .zero, length: Duration = .hours(1),
        mode: MaintenanceWindow.Mode = .hold, notifications: MaintenanceWindowRecord.Notifications = .init()
    ) async throws -> MaintenanceWindowRecord {
        try await world.engine.administration(passwords: Passwords(log2N: 4)).maintenance.create(
            MaintenanceWindowDraft(
                summary: "New database", start: world.now + start, end: world.now + start + length, mode: mode,
                sources: [Cast.shop], notifications: notifications), by: Cast.carol.caller)
    }

    @Test func `given a monitor that fails in a window, when it still fails at the end, then it is paged then`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await Self.plan(world)

        let held = try await world.rapidSpike("failing")
        try await world.advance(by: .minutes(59))
        #expect(held.reason == .heldInMaintenance && held.alert == nil)
        #expect(try await world.alerts() == [])

        try await world.advance(by: .minutes(1))
        let alert = try #require(try await world.openAlerts().first)
        #expect(alert.alert.raisedAt == world.now)
        #expect(world.email.addresses == ["alice@example.com"])
        #expect(try await world.timeline(of: alert.alert.id).first?.reason == "held_in_maintenance")
        #expect(try await world.events().map(\.reason) == [.heldInMaintenance, .newAlert])

        try await world.rapidSpike("passing", at: world.now + .minutes(1))
        #expect(try await world.openAlerts() == [])
    }

    @Test func `given a monitor that fails and passes in a window, when it ends, then nobody ever hears of it`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await Self.plan(world)
        try await world.rapidSpike("failing")
        try await world.rapidSpike("passing", at: world.now + .minutes(1))

        try await world.advance(by: .hours(2))

        #expect(try await world.alerts() == [])
        #expect(world.email.attempts == [])
    }

    @Test func `given a failure that comes late, older than its pass, when the window ends, then nothing is raised`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await Self.plan(world)
        try await world.rapidSpike("passing", at: world.now + .minutes(2))
        let late = try await world.rapidSpike("failing", at: world.now + .minutes(1))

        try await world.advance(by: .hours(2))

        #expect(late.reason == .stale)
        #expect(try await world.alerts() == [])
    }

    @Test func `given a window that discards, when it ends, then nothing is raised but by the next event`() async throws
    {
        let world = try await SimulatedWorld()
        _ = try await Self.plan(world, mode: .discard)
        let discarded = try await world.rapidSpike("failing")

        try await world.advance(by: .hours(1))
        #expect(discarded.reason == .discardedInMaintenance)
        #expect(try await world.alerts() == [])

        #expect(try await world.rapidSpike("failing", at: world.now).reason == .newAlert)
    }

    @Test func `given an alert from before the window, when it is resolved in it, then it is resolved`() async throws {
        let world = try await SimulatedWorld()
        let failing = try await world.rapidSpike("failing")
        _ = try await Self.plan(world)

        let passing = try await world.rapidSpike("passing", at: world.now + .minutes(1))

        #expect(passing.reason == .resolvedBySource && passing.alert == failing.alert)
    }

    @Test func `given ten events of one key and others without keys, when the window ends, then each problem is one`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await Self.plan(world)
        for _ in 0..<10 { try await world.post(.alert, "disk", summary: "Disk full") }
        for _ in 0..<3 { try await world.post(.alert, nil, summary: "Oops") }

        try await world.advance(by: .hours(1))

        #expect(try await world.openAlerts().map(\.alert.summary).sorted() == ["Disk full", "Oops"])
    }

    @Test func `given more held keys than one step takes, when the window ends, then all are raised`() async throws {
        let world = try await SimulatedWorld()
        _ = try await Self.plan(world)
        for number in 0..<45 { try await world.post(.alert, "disk-\(number)", summary: "Disk \(number)") }

        try await world.advance(by: .hours(1))

        #expect(try await world.openAlerts().count == 45)
    }

    @Test func `given a node that dies in a window and comes back after its end, when it starts, then it is raised`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await Self.plan(world)
        try await world.rapidSpike("failing")
        world.crash()
        world.beDown(for: .hours(3))

        try await world.settle()

        #expect(try await world.openAlerts().count == 1)
        #expect(world.email.addresses == ["alice@example.com"])
    }

    @Test func `given two windows that overlap, when the first ends, then the source stays in maintenance`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await Self.plan(world)
        _ = try await Self.plan(world, start: .minutes(30), length: .hours(1))
        try await world.rapidSpike("failing")

        try await world.advance(by: .minutes(75))
        #expect(try await world.alerts() == [])
        try await world.advance(by: .minutes(15))
        #expect(try await world.openAlerts().count == 1)
    }

    @Test func `given a running window, when it is ended or deleted by hand, then what fails is raised at once`()
        async throws
    {
        for isDeleted in [true, false] {
            let world = try await SimulatedWorld()
            let window = try await Self.plan(world)
            try await world.rapidSpike("failing")
            let windows = world.engine.administration(passwords: Passwords(log2N: 4)).maintenance

            if isDeleted {
                try await windows.delete(window.id, by: Cast.carol.caller)
            } else {
                _ = try await windows.end(window.id, by: Cast.carol.caller)
            }
            try await world.settle()

            #expect(try await world.openAlerts().count == 1)
        }
    }

    @Test func `given a window that tells people, when it is planned, begins and ends, then each hears three times`()
        async throws
    {
        let world = try await SimulatedWorld()
        _ = try await Self.plan(
            world, start: .minutes(10), notifications: .init(atCreation: true, atStart: true, atEnd: true))
        try await world.settle()
        #expect(world.email.addresses == ["alice@example.com", "bob@example.com"])

        try await world.advance(by: .minutes(10))
        #expect(world.email.delivered.last?.subject == "[Maintenance] New database: has begun")
        try await world.advance(by: .hours(1))

        #expect(world.email.delivered.count == 6)
        #expect(world.email.delivered.last?.subject == "[Maintenance] New database: is over")
        #expect(world.email.delivered.last?.text.contains("Shop") == true)
    }

    @Test func `given a mail server that is away, when a window begins, then its mail goes out later, once`()
        async throws
    {
        let world = try await SimulatedWorld()
        world.email.answer(
            .outcome(.retry(after: nil, reason: "away")), .delivered, for: "alice@example.com")
        _ = try await Self.plan(world, notifications: .init(atStart: true))

        try await world.advance(by: .minutes(5))

        #expect(world.email.addresses.sorted() == ["alice@example.com", "bob@example.com"])
    }
}
