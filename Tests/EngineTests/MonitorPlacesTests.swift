import Alerting
import Engine
import Simulation
import Storage
import Testing

/// Monitors with rules, maintenance windows, several places, and what is kept of them.
struct MonitorPlacesTests {
    private typealias Cast = SimulatedCast

    private static let url = "https://shop.example.com/"
    private static let down = CheckAnswer(problem: .refused, total: .milliseconds(3))
    private static let up = CheckAnswer(total: .milliseconds(9), status: 200)

    private static func administration(_ world: SimulatedWorld) -> Administration {
        world.engine.administration(passwords: Passwords(log2N: 4))
    }

    private static func monitor(
        _ world: SimulatedWorld, _ name: String = "Home", _ subject: MonitorSubject = .http(HTTPCheck(url: url)),
        every interval: Duration = .seconds(30), source: AlertSource.ID? = nil, regions: [String] = [], agree: Int = 1
    ) async throws -> MonitorRecord {
        try await administration(world).monitors.create(
            MonitorDraft(
                name: name, subject: subject, interval: interval, retests: 0, source: source, regions: regions,
                agree: agree), by: Cast.carol.caller)
    }

    private static func state(_ monitor: MonitorRecord, _ world: SimulatedWorld) async throws -> MonitorWatch.State? {
        try await world.engine.store.read { try Monitors.find(monitor.id, in: $0)?.watch.state }
    }

    @Test func `given rules of areas and monitors, when monitors fail, then each tells the groups of its rules`()
        async throws
    {
        let world = try await SimulatedWorld()
        let administration = Self.administration(world)
        let home = try await Self.monitor(world)
        let port = try await Self.monitor(world, "Port", .tcp(host: "db.example.com", port: 5432))
        var groups: [DeliveryGroup] = []
        for label in ["all", "servers", "port", "off"] {
            groups.append(
                try await administration.deliveryGroups.create(
                    .init(label: label, emails: ["\(label)@example.com"]), by: Cast.carol.caller))
        }
        for draft: MonitorRuleAdministration.Draft in [
            .init(label: "Websites", area: .website, groups: [groups[0].id]),
            .init(label: "Servers", area: .server, groups: [groups[1].id]),
            .init(label: "One", area: .server, monitors: [port.id], groups: [groups[2].id]),
            .init(label: "Off", area: .website, isActive: false, groups: [groups[3].id]),
        ] { _ = try await administration.monitorRules.create(draft, by: Cast.carol.caller) }
        try await world.advance(by: .minutes(1))
        world.prober.answer(Self.url, Self.down)
        try await world.advance(by: .minutes(1))
        #expect(world.email.addresses == ["all@example.com"])

        world.prober.answer(port.subject.target, Self.down)
        try await world.advance(by: .minutes(1))
        #expect(Set(world.email.addresses) == ["all@example.com", "servers@example.com", "port@example.com"])
        #expect(try await Self.state(home, world) == .failing)
    }

    @Test func `given a maintenance window, when its monitor fails in it, then it counts for nothing until the end`()
        async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world, source: Cast.shop)
        try await world.advance(by: .minutes(1))
        _ = try await Self.administration(world).maintenance.create(
            .init(
                summary: "Deploy", start: world.now, end: world.now + .minutes(10), sources: [],
                monitors: [monitor.id]), by: Cast.carol.caller)
        world.prober.answer(Self.url, Self.down)
        try await world.advance(by: .minutes(9))
        #expect(try await world.alerts() == [])
        #expect(try await Self.state(monitor, world) == .passing)
        let sums = try await world.engine.store.read {
            try MonitorSums.hours(of: [monitor.id], from: .init(milliseconds: 0), in: $0)
        }
        #expect(sums[monitor.id]?.reduce(0) { $0 + $1.failures } == 0)

        try await world.advance(by: .minutes(2))
        #expect(try await Self.state(monitor, world) == .failing)
        #expect(try await world.openAlerts().count == 1)
        let results = try await world.engine.store.read {
            try MonitorHistory.results(of: monitor.id, page: Page(limit: 100), in: $0)
        }
        #expect(results.contains { $0.isExcused } && results.contains { $0.reason != nil && !$0.isExcused })
    }

    @Test func `given two days of checks, when retention has run, then hours and days have sums and percentiles`()
        async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world, every: .minutes(10))
        world.prober.answer(Self.url, Self.up)
        try await world.advance(by: .hours(49))
        while try await world.engine.retention.runOnce() {}

        let store = world.engine.store
        let (hours, days) = try await store.read { transaction in
            (
                try MonitorSums.hours(of: [monitor.id], from: .init(milliseconds: 0), in: transaction)[monitor.id]
                    ?? [],
                try MonitorSums.days(of: [monitor.id], from: .init(milliseconds: 0), in: transaction)[monitor.id] ?? []
            )
        }
        let nine = Percentiles(p50: .milliseconds(9), p95: .milliseconds(9), p99: .milliseconds(9))
        #expect(hours.dropFirst().dropLast(2).allSatisfy { $0.checks == 6 && $0.percentiles == nine })
        #expect(hours.last?.percentiles == nil)
        #expect(days.contains { $0.checks == 144 && $0.percentiles == nine })
        #expect(
            days.reduce(0) { $0 + $1.checks } == hours.filter { $0.percentiles != nil }.reduce(0) { $0 + $1.checks })
    }

    @Test func `given old results, when retention runs, then they go and their hours stay`() async throws {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world, every: .minutes(10))
        try await world.advance(by: .hours(2))
        var draft = MonitorDraft(monitor)
        draft.isPaused = true
        _ = try await Self.administration(world).monitors.update(monitor.id, with: draft, by: Cast.carol.caller)
        try await world.advance(by: .days(8))
        while try await world.engine.retention.runOnce() {}

        let (results, hours) = try await world.engine.store.read { transaction in
            (
                try MonitorHistory.results(of: monitor.id, page: Page(limit: 10), in: transaction),
                try MonitorSums.hours(of: [monitor.id], from: .init(milliseconds: 0), in: transaction)
            )
        }
        #expect(results == [] && hours[monitor.id]?.isEmpty == false)
    }

    @Test func `given a heartbeat monitor, when its signal stays away, then the monitor of it fails`() async throws {
        let world = try await SimulatedWorld()
        let administration = Self.administration(world)
        let job = try await administration.heartbeats.create(
            .init(name: "Backup", interval: .minutes(5)), by: Cast.carol.caller)
        let monitor = try await Self.monitor(world, "Backup", .heartbeat(job.id))
        try await world.advance(by: .minutes(1))
        #expect(try await Self.state(monitor, world) == .passing)

        _ = try await world.engine.heartbeats.receive(.success, key: job.integrationKey, body: "")
        try await world.advance(by: .minutes(1))
        #expect(try await Self.state(monitor, world) == .passing)
        try await world.advance(by: .minutes(6))
        #expect(try await Self.state(monitor, world) == .failing)
        await #expect(throws: Failure.self) { try await Self.monitor(world, "No", .heartbeat(.init(999_999))) }
    }

    @Test func `given two nodes, when monitors are due, then each is checked by one of them`() async throws {
        let world = try await SimulatedWorld()
        for number in 1...20 { _ = try await Self.monitor(world, "Site \(number)") }
        let (one, other) = (world.engine.monitors, world.secondNode().monitors)
        async let first = one.runOnce()
        async let second = other.runOnce()
        _ = try await (first, second)

        #expect(world.prober.checked.count == 20)
    }

    /// A probe that answers what it is told for every order.
    private static func probe(
        _ token: String, _ reason: String?, _ world: SimulatedWorld
    ) async throws -> Int {
        let orders = try await world.engine.probes.orders(token: token, version: "1", limit: 100)
        let results = orders.map {
            ProbeResult(
                monitor: $0.monitor, version: $0.version, late: $0.late,
                report: CheckReport(reason: reason, total: .milliseconds(12), status: 200))
        }
        return try await world.engine.probes.take(results, token: token)
    }

    @Test func `given two regions that must agree, when one says failing, then it passes until the other says so, too`()
        async throws
    {
        let world = try await SimulatedWorld()
        let administration = Self.administration(world)
        let office = try await administration.probes.create(name: "Office", region: "office", by: Cast.carol.caller)
        let monitor = try await Self.monitor(world, source: Cast.shop, regions: ["local", "office"], agree: 2)
        world.prober.answer(Self.url, Self.up)
        try await world.advance(by: .seconds(31))
        #expect(try await Self.probe(office.token, "the connection was refused", world) == 1)
        #expect(try await Self.state(monitor, world) == .passing)

        world.prober.answer(Self.url, Self.down)
        try await world.advance(by: .seconds(31))
        #expect(try await Self.state(monitor, world) == .failing)
        #expect(try await world.openAlerts().count == 1)
        #expect(try await Self.probe(office.token, nil, world) == 1)
        #expect(try await Self.state(monitor, world) == .passing)
        let results = try await administration.monitors.results(
            of: monitor.id, page: Page(limit: 10), by: Cast.carol.caller)
        #expect(Set(results.map(\.region)) == ["local", "office"])
    }

    @Test func `given a monitor of another region only, when time goes by, then no server checks it itself`()
        async throws
    {
        let world = try await SimulatedWorld()
        let probe = try await Self.administration(world).probes.create(
            name: "Office", region: "office", by: Cast.carol.caller)
        let monitor = try await Self.monitor(world, regions: ["office"])
        try await world.advance(by: .minutes(5))
        #expect(world.prober.checked == [])
        #expect(try await Self.probe(probe.token, nil, world) == 1)
        #expect(try await Self.probe(probe.token, nil, world) == 0)
        #expect(try await Self.state(monitor, world) == .passing)

        try await world.advance(by: .seconds(31))
        let order = try #require(try await world.engine.probes.orders(token: probe.token, version: "1", limit: 9).first)
        var draft = MonitorDraft(monitor)
        draft.name = "Changed meanwhile"
        _ = try await Self.administration(world).monitors.update(monitor.id, with: draft, by: Cast.carol.caller)
        let late = ProbeResult(
            monitor: order.monitor, version: order.version, late: .zero, report: .init(reason: "old", total: .zero))
        #expect(try await world.engine.probes.take([late], token: probe.token) == 0)
    }

    @Test func `given a token that is unknown or void, when a probe comes with it, then it gets nothing`() async throws
    {
        let world = try await SimulatedWorld()
        let administration = Self.administration(world)
        let probe = try await administration.probes.create(name: "Office", region: "office", by: Cast.carol.caller)
        try await administration.probes.delete(probe.probe.id, by: Cast.carol.caller)

        for token in [probe.token, "", "nbp_x"] {
            await #expect(throws: Failure.self) {
                try await world.engine.probes.orders(token: token, version: "1", limit: 9)
            }
        }
    }

    @Test
    func `given what probes and servers say, when written and read, then it is the same, and nonsense is nothing`() {
        let order = ProbeOrder(
            monitor: .init(7), version: 9, subject: .tcp(host: "a.example", port: 1), timeout: .seconds(5), late: .zero)
        let result = ProbeResult(
            monitor: .init(7), version: 9, late: .milliseconds(3),
            report: CheckReport(
                reason: "x", total: .milliseconds(8), phases: .init(connect: .milliseconds(2)), status: 500,
                validUntil: .init(milliseconds: 5), screenshot: [0x89, 0x50, 1]))

        #expect(ProbeMessages.order(ProbeMessages.json(order)) == order)
        #expect(ProbeMessages.result(ProbeMessages.json(result)) == result)
        for nonsense: JSONValue in [.null, .object([:]), .object(["id": .integer(1)])] {
            #expect(ProbeMessages.order(nonsense) == nil && ProbeMessages.result(nonsense) == nil)
        }
    }
}
