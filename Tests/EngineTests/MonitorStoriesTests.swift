import Alerting
import Engine
import Simulation
import Storage
import Testing

struct MonitorStoriesTests {
    private typealias Cast = SimulatedCast

    private static let url = "https://shop.example.com/"
    private static let down = CheckAnswer(problem: .refused, total: .milliseconds(3))

    private static func administration(_ world: SimulatedWorld) -> Administration {
        world.engine.administration(passwords: Passwords(log2N: 4))
    }

    private static func monitor(
        _ world: SimulatedWorld, source: AlertSource.ID? = Cast.shop, retests: Int = 1,
        groups: [DeliveryGroup.ID] = []
    ) async throws -> MonitorRecord {
        let draft = MonitorDraft(
            name: "Home", subject: .http(HTTPCheck(url: url)), interval: .seconds(30), retests: retests, source: source,
            groups: groups)
        return try await administration(world).monitors.create(draft, by: Cast.carol.caller)
    }

    private static func find(_ monitor: MonitorRecord, _ world: SimulatedWorld) async throws -> MonitorRecord {
        try #require(try await world.engine.store.read { try Monitors.find(monitor.id, in: $0) })
    }

    @Test func `given a site that goes down and comes back, when it is checked, then it is paged once and resolved`()
        async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        try await world.advance(by: .minutes(5))
        #expect(try await Self.find(monitor, world).watch.state == .passing)
        #expect(try await world.alerts() == [])

        world.prober.answer(Self.url, Self.down)
        let fall = world.now
        try await world.advance(by: .seconds(30) + MonitorWatch.retestPause)
        let alert = try #require(try await world.openAlerts().first?.alert)
        #expect(alert.summary == "Home is failing: the connection was refused")
        #expect(alert.raisedAt - fall <= .seconds(30) + MonitorWatch.retestPause)
        #expect(world.email.addresses == ["alice@example.com"])
        try await world.advance(by: .minutes(3))
        #expect(try await world.alerts().count == 1)

        world.prober.answer(Self.url, CheckAnswer(total: .milliseconds(9), status: 200))
        try await world.advance(by: .seconds(30))
        #expect(try await world.status(of: alert.id) == .resolved)
        let events = try await world.engine.store.read {
            try MonitorHistory.events(of: monitor.id, page: Page(limit: 10), in: $0)
        }
        #expect(events.map(\.state) == [.passing, .failing, .passing])
    }

    @Test func `given checks for an hour, when their times are read, then they stand on the grid without drift`()
        async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        try await world.advance(by: .hours(1))

        let results = try await world.engine.store.read {
            try MonitorHistory.results(of: monitor.id, page: Page(limit: 1000), in: $0)
        }
        #expect((120...121).contains(results.count))
        let pauses = zip(results, results.dropFirst()).dropLast().map { $0.at - $1.at }
        #expect(Set(pauses) == [.seconds(30)])
        #expect(results.allSatisfy { $0.late == .zero })
        let hours = try await world.engine.store.read {
            try MonitorSums.hours(of: [monitor.id], from: .init(milliseconds: 0), in: $0)
        }
        #expect(hours[monitor.id]?.reduce(0) { $0 + $1.checks } == results.count)
    }

    @Test func `given one failed check, when the retest passes, then nothing is raised`() async throws {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        try await world.advance(by: .minutes(1))
        world.prober.answer(Self.url, Self.down)
        while try await Self.find(monitor, world).watch.suspicions == 0 { try await world.advance(by: .seconds(1)) }

        world.prober.answer(Self.url, CheckAnswer(total: .milliseconds(9), status: 200))
        try await world.advance(by: .minutes(2))
        #expect(try await world.alerts() == [])
    }

    @Test
    func `given a group that is told after five minutes, when a monitor fails that long, then it gets both words`()
        async throws
    {
        let world = try await SimulatedWorld()
        let administration = Self.administration(world)
        let hook = try await administration.webhooks.create(
            .init(label: "Other", url: "https://other.example/hook", headers: [.init(name: "X-Token", value: "abc")]),
            by: Cast.carol.caller)
        let group = try await administration.deliveryGroups.create(
            .init(label: "Later", sensitivity: .minutes(5), emails: ["ops@example.com"], webhooks: [hook.id]),
            by: Cast.carol.caller)
        _ = try await Self.monitor(world, source: nil, retests: 0, groups: [group.id])
        try await world.advance(by: .minutes(1))
        world.prober.answer(Self.url, Self.down)
        try await world.advance(by: .minutes(5))
        #expect(world.webhooks.calls == [])

        try await world.advance(by: .minutes(1))
        let call = try #require(world.webhooks.calls.first)
        #expect(call.method == "POST" && call.url == "https://other.example/hook")
        #expect(call.headers.contains(.init(name: "X-Token", value: "abc")))
        let body = try JSONValue.parse(call.body)
        #expect(body["status"]?.string == "failing" && body["monitor"]?["label"]?.string == "Home")
        #expect(world.email.addresses == ["ops@example.com"])

        world.prober.answer(Self.url, CheckAnswer(total: .milliseconds(9), status: 200))
        try await world.advance(by: .minutes(1))
        #expect(world.webhooks.calls.count == 2)
        #expect(try JSONValue.parse(world.webhooks.calls[1].body)["status"]?.string == "passing")
        #expect(world.email.addresses.count == 2)
    }

    @Test func `given a group that is told after five minutes, when the failure is shorter, then nobody hears of it`()
        async throws
    {
        let world = try await SimulatedWorld()
        let administration = Self.administration(world)
        let hook = try await administration.webhooks.create(
            .init(label: "Other", url: "https://other.example/hook"), by: Cast.carol.caller)
        let group = try await administration.deliveryGroups.create(
            .init(label: "Later", sensitivity: .minutes(5), webhooks: [hook.id]), by: Cast.carol.caller)
        _ = try await administration.monitorRules.create(
            .init(label: "All", area: .website, groups: [group.id]), by: Cast.carol.caller)
        _ = try await Self.monitor(world, source: nil, retests: 0)
        try await world.advance(by: .minutes(1))
        world.prober.answer(Self.url, Self.down)
        try await world.advance(by: .minutes(4))
        world.prober.answer(Self.url, CheckAnswer(total: .milliseconds(9), status: 200))
        try await world.advance(by: .minutes(10))

        #expect(world.webhooks.calls == [])
    }

    @Test
    func `given a webhook that is refused, when it is tried, then again with growing pauses, and at last given up`()
        async throws
    {
        let world = try await SimulatedWorld()
        let administration = Self.administration(world)
        world.webhooks.answer(.answered(status: 500, body: "no"))
        let hook = try await administration.webhooks.create(
            .init(label: "Other", url: "https://other.example/hook?a=1", method: .get), by: Cast.carol.caller)
        _ = try await administration.webhooks.test(hook.id, by: Cast.carol.caller)

        try await world.advance(by: .hours(12))
        let deliveries = try await administration.webhooks.deliveries(of: hook.id, by: Cast.carol.caller)
        #expect(deliveries.map(\.status) == [.failed])
        #expect(deliveries[0].httpStatus == 500 && deliveries[0].answer == "no")
        #expect(world.webhooks.calls.count == 12 && deliveries[0].attempts == 12)
        #expect(
            world.webhooks.calls[0].url.hasPrefix("https://other.example/hook?a=1&version=1&status=passing&message="))
    }

    @Test func `given a node that dies while checking, when another starts, then the monitor is checked again`()
        async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        try await world.advance(by: .minutes(1))
        let due = try #require(try await Self.find(monitor, world).due)
        try await world.disk.write { transaction in
            _ = try Monitors.claimDue(at: due, until: due + .seconds(90), limit: 10, in: transaction)
        }
        world.restart()
        let before = world.prober.checked.count

        try await world.advance(by: .minutes(3))
        #expect(world.prober.checked.count > before)
    }

    @Test func `given a paused monitor, when time goes by, then it is not checked, and asking for it is refused`()
        async throws
    {
        let world = try await SimulatedWorld()
        let monitor = try await Self.monitor(world)
        try await world.advance(by: .minutes(1))
        let administration = Self.administration(world)
        var draft = MonitorDraft(monitor)
        draft.isPaused = true
        _ = try await administration.monitors.update(monitor.id, with: draft, by: Cast.carol.caller)
        let before = world.prober.checked.count

        try await world.advance(by: .hours(1))
        #expect(world.prober.checked.count == before)
        await #expect(throws: Failure.self) {
            try await administration.monitors.checkNow(monitor.id, by: Cast.carol.caller)
        }
    }
}
