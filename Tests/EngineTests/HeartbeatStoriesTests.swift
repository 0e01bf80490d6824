import Alerting
import Engine
import Simulation
import Storage
import Testing

struct HeartbeatStoriesTests {
    private typealias Cast = SimulatedCast

    private static func monitor(
        _ world: SimulatedWorld, interval: Duration = .minutes(5), source: AlertSource.ID? = Cast.shop
    ) async throws -> HeartbeatMonitorRecord {
        try await world.engine.administration(passwords: Passwords(log2N: 4)).heartbeats.create(
            HeartbeatDraft(name: "Backup", interval: interval, source: source), by: Cast.carol.caller)
    }

    @discardableResult
    private static func ping(
        _ world: SimulatedWorld, _ monitor: HeartbeatMonitorRecord, _ signal: Heartbeat.Signal = .success,
        body: String = ""
    ) async throws -> HeartbeatReception.Answer {
        try await world.engine.heartbeats.receive(signal, key: monitor.integrationKey, body: body)
    }

    @Test
    func `given a job that falls silent, when its time is over, then it is paged that moment, and its ping resolves`()
        async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        try await world.advance(by: .days(1))
        #expect(try await Self.ping(world, monitor) == .taken)

        try await world.advance(by: .minutes(5) - .milliseconds(1))
        #expect(try await world.alerts() == [])
        try await world.advance(by: .milliseconds(1))
        let alert = try #require(try await world.openAlerts().first?.alert)
        #expect(alert.summary == "Backup is overdue: no heartbeat in time")
        #expect(alert.raisedAt == world.now)
        #expect(world.email.addresses == ["alice@example.com"])

        try await world.advance(by: .minutes(1))
        try await Self.ping(world, monitor)
        #expect(try await world.status(of: alert.id) == .resolved)
    }

    @Test func `given a job that pings in time, when days go by, then nobody is paged`() async throws {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        for _ in 0..<20 {
            try await Self.ping(world, monitor)
            try await world.advance(by: .minutes(4))
        }

        #expect(try await world.alerts() == [])
    }

    @Test func `given a job that says it failed, when it does, then it is paged at once with what it sent`()
        async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        try await Self.ping(world, monitor, .start)
        world.clock.advance(by: .seconds(7))

        try await Self.ping(world, monitor, .exit(3), body: "disk full")
        try await world.settle()

        let alert = try #require(try await world.openAlerts().first?.alert)
        #expect(alert.summary == "Backup ended with exit status 3")
        #expect(alert.details == "disk full")
        let pings = try await world.engine.store.read { try HeartbeatPings.list(of: monitor.id, in: $0) }
        #expect(pings.map(\.signal) == [.exit(3), .start])
        #expect(pings.first?.run == .seconds(7))
    }

    @Test func `given more than five signals in a minute, when they come, then the rest is refused until the next one`()
        async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        var answers: [HeartbeatReception.Answer] = []
        for _ in 0..<7 { answers.append(try await Self.ping(world, monitor)) }
        world.clock.advance(by: .minutes(1))
        answers.append(try await Self.ping(world, monitor))

        #expect(answers == Array(repeating: .taken, count: 5) + [.tooMany, .tooMany, .taken])
    }

    @Test func `given wrong keys, when they are pinged, then nothing happens`() async throws {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        let heartbeats = world.engine.heartbeats

        #expect(try await heartbeats.receive(.success, key: "nb1h:300:unknown-unknown-unknown", body: "") == .unknown)
        #expect(
            try await heartbeats.receive(.success, key: monitor.integrationKey.dropLast() + "!", body: "") == .unknown)
        #expect(try await heartbeats.receive(.success, key: Cast.shopKey, body: "") == .notAMonitor)
        #expect(try await heartbeats.receive(.success, key: "", body: "") == .unknown)
    }

    @Test func `given an interval that changes, when the old address is pinged, then it is gone`() async throws {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        try await Self.ping(world, monitor)
        let administration = world.engine.administration(passwords: Passwords(log2N: 4))
        var draft = HeartbeatDraft(monitor)
        draft.interval = .minutes(10)

        let changed = try await administration.heartbeats.update(monitor.id, with: draft, by: Cast.carol.caller)

        #expect(changed.integrationKey.hasPrefix("nb1h:600:"))
        #expect(try await Self.ping(world, monitor) == .unknown)
        try await world.advance(by: .minutes(9))
        #expect(try await world.alerts() == [])
        try await world.advance(by: .minutes(1))
        #expect(try await world.openAlerts().count == 1)
    }

    @Test func `given a server that was down past a deadline, when it is back, then the job gets its time again`()
        async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        try await Self.ping(world, monitor)
        world.crash()
        world.beDown(for: .hours(1))

        try await world.advance(by: .minutes(5) - .milliseconds(1))
        #expect(try await world.alerts() == [])
        try await world.advance(by: .milliseconds(1))
        #expect(try await world.openAlerts().count == 1)
    }

    @Test func `given a source in maintenance, when its job falls silent in it, then it is raised at the end`()
        async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        try await Self.ping(world, monitor)
        _ = try await world.engine.administration(passwords: Passwords(log2N: 4)).maintenance.create(
            MaintenanceWindowDraft(
                summary: "Work", start: world.now, end: world.now + .hours(1), sources: [Cast.shop]),
            by: Cast.carol.caller)

        try await world.advance(by: .minutes(59))
        #expect(try await world.alerts() == [])
        try await world.advance(by: .minutes(1))
        #expect(try await world.openAlerts().count == 1)
    }

    @Test func `given a monitor without an alert source, when it falls silent, then only its state says so`()
        async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world, source: nil)
        try await Self.ping(world, monitor)

        try await world.advance(by: .hours(1))

        #expect(try await world.alerts() == [])
        let found = try await world.engine.store.read { try HeartbeatMonitors.find(monitor.id, in: $0) }
        #expect(found?.heartbeat.state == .overdue)
    }

    @Test func `given many signals at once, when they are committed together, then each is there`() async throws {
        let world = try await SimulatedWorld()
        let administration = world.engine.administration(passwords: Passwords(log2N: 4)).heartbeats
        var keys: [String] = []
        for number in 0..<50 {
            keys.append(
                try await administration.create(
                    HeartbeatDraft(name: "Job \(number)", interval: .minutes(5)), by: Cast.carol.caller
                ).integrationKey)
        }
        let heartbeats = world.engine.heartbeats

        let answers = try await withThrowingTaskGroup(of: HeartbeatReception.Answer.self) { group in
            for key in keys { group.addTask { try await heartbeats.receive(.success, key: key, body: "") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(answers == Array(repeating: .taken, count: 50))
        let states = try await administration.list(page: Page(limit: 100), by: Cast.carol.caller).map(\.heartbeat.state)
        #expect(states == Array(repeating: .healthy, count: 50))
    }

    @Test
    func `given an alert source that is a heartbeat, when it is made, pinged and silent, then it raises by itself`()
        async throws
    {
        let world = try await SimulatedWorld()
        let administration = world.engine.administration(passwords: Passwords(log2N: 4))
        let source = try await administration.sources.create(
            AlertSourceDraft(
                name: "Cron", integrationType: "HEARTBEAT2", policy: Cast.policy,
                fields: .object([
                    "heartbeat": .object(["summary": .string("Cron is dead"), "intervalSec": .integer(60)])
                ])),
            by: Cast.carol.caller)

        #expect(source.integrationKey.hasPrefix("il1hbt"))
        #expect(try await administration.heartbeats.list(page: Page(limit: 10), by: Cast.carol.caller).isEmpty)
        #expect(try await world.engine.heartbeats.receive(.success, key: source.integrationKey, body: "") == .taken)
        try await world.advance(by: .minutes(1))
        #expect(try await world.openAlerts().map(\.alert.summary) == ["Cron is dead"])

        let rotated = try await administration.sources.rotateKey(source.id, by: Cast.carol.caller)
        #expect(try await world.engine.heartbeats.receive(.success, key: source.integrationKey, body: "") == .unknown)
        #expect(try await world.engine.heartbeats.receive(.success, key: rotated.integrationKey, body: "") == .taken)
        #expect(try await world.openAlerts() == [])
    }

    @Test func `given more than a hundred pings, when they are listed, then the newest hundred are there`() async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        for _ in 0..<120 {
            try await Self.ping(world, monitor)
            world.clock.advance(by: .minutes(1))
        }

        let pings = try await world.engine.store.read { try HeartbeatPings.list(of: monitor.id, limit: 500, in: $0) }

        #expect(pings.count == HeartbeatPings.kept)
        #expect(pings.first?.at == world.now - .minutes(1))
    }
}
