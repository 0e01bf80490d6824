import Alerting
import Engine
import Simulation
import Storage
import Testing

/// What takes long is checked by one place at a time.
struct MonitorLeaseTests {
    private typealias Cast = SimulatedCast

    private static let url = "https://shop.example.com/"

    private func administration(_ world: SimulatedWorld) -> Administration {
        world.engine.administration(passwords: Passwords(log2N: 4))
    }

    private func monitor(_ world: SimulatedWorld, regions: [String] = []) async throws -> MonitorRecord {
        var draft = MonitorDraft(name: "Journey", subject: .http(HTTPCheck(url: Self.url)), interval: .minutes(1))
        draft.regions = regions
        let made = try await administration(world).monitors.create(draft, by: Cast.carol.caller)
        try await world.advance(by: .minutes(1))
        return made
    }

    @Test func `given a check that waits for a browser, when its lease is prolonged, then no other node checks it`()
        async throws
    {
        let world = try await SimulatedWorld()
        let made = try await monitor(world)
        let (one, other) = (world.engine.monitors, world.secondNode().monitors)
        let gate = world.prober.hold(Self.url)
        world.clock.advance(by: .minutes(1))
        let before = world.prober.checked.count
        async let slow = one.runOnce()
        await gate.reached()

        for _ in 0..<12 {
            world.clock.advance(by: .seconds(30))
            try await one.renew()
            #expect(try await other.runOnce() == false)
        }
        #expect(world.prober.checked.count == before + 1)

        gate.open()
        _ = try await slow
        let results = try await world.engine.store.read {
            try MonitorHistory.results(of: made.id, page: Page(limit: 10), in: $0)
        }
        #expect(results.count == before + 1)
    }

    @Test func `given a node that died in a check, when its lease is over, then another one checks`() async throws {
        let world = try await SimulatedWorld()
        _ = try await monitor(world)
        let (one, other) = (world.engine.monitors, world.secondNode().monitors)
        let gate = world.prober.hold(Self.url)
        world.clock.advance(by: .minutes(1))
        async let dead = one.runOnce()
        await gate.reached()
        let before = world.prober.checked.count

        world.clock.advance(by: .seconds(89))
        _ = try await other.runOnce()
        #expect(world.prober.checked.count == before)
        world.clock.advance(by: .seconds(2))
        _ = try await other.runOnce()
        #expect(world.prober.checked.count == before + 1)
        gate.open()
        _ = try await dead
    }

    @Test func `given a probe that works for long, when it says so, then no other probe of its region is given it`()
        async throws
    {
        let world = try await SimulatedWorld()
        let probes = administration(world).probes
        let first = try await probes.create(name: "One", region: "office", by: Cast.carol.caller)
        let second = try await probes.create(name: "Two", region: "office", by: Cast.carol.caller)
        let made = try await monitor(world, regions: ["office"])
        let desk = world.engine.probes
        let orders = try await desk.orders(token: first.token, version: "1", limit: 9)
        #expect(orders.map(\.monitor) == [made.id])

        for _ in 0..<5 {
            world.clock.advance(by: .seconds(45))
            let none = try await desk.orders(token: first.token, version: "1", limit: 0, busy: [made.id])
            #expect(none == [])
            #expect(try await desk.orders(token: second.token, version: "1", limit: 9) == [])
        }
        world.clock.advance(by: .seconds(91))
        #expect(try await desk.orders(token: second.token, version: "1", limit: 9).map(\.monitor) == [made.id])
    }
}
