import Alerting
import Engine
import Simulation
import Storage
import Testing

struct RetentionTests {
    private typealias Cast = SimulatedCast

    @Test func `given old requests, keys and sessions, when they are forgotten, then what is open stays`() async throws
    {
        let world = try await SimulatedWorld()
        let open = try await world.raise("open")
        try await world.rapidSpike("failing", at: world.now)
        try await world.rapidSpike("passing", at: world.now)
        try await world.settle()
        let start = world.now
        try await world.write { transaction in
            try Sessions.insert(
                SessionRecord(
                    tokenHash: "hash", user: Cast.alice.user, csrfToken: "csrf", createdAt: start, lastSeenAt: start,
                    expiresAt: start + .hours(1)), in: transaction)
        }
        world.clock.advance(by: RetentionLoop.eventAge + .milliseconds(1))

        while try await world.engine.retention.runOnce() {}

        #expect(try await world.events() == [])
        #expect(try await world.alerts().count == 2)
        #expect(try await world.timeline(of: open).isEmpty == false)
        #expect(try await world.messages(of: open).isEmpty == false)
        let session = try await world.disk.read { try Sessions.find(tokenHash: "hash", at: start, in: $0) }
        #expect(session == nil)
        #expect(try await world.post(.alert, "open").alert == open)
        // The resolve is forgotten, so an old failure is news.
        #expect(try await world.rapidSpike("failing", at: start - .hours(1)).reason == .newAlert)
    }

    @Test func `given a resolve of some days ago, then an older failure is still stale`() async throws {
        let world = try await SimulatedWorld()
        let start = world.now
        try await world.rapidSpike("passing", at: start)
        world.clock.advance(by: RetentionLoop.keyAge)

        try await world.engine.retention.runOnce()

        #expect(try await world.rapidSpike("failing", at: start - .minutes(1)).reason == .stale)
    }

    @Test func `given nothing that is old, then nothing is forgotten`() async throws {
        let world = try await SimulatedWorld()
        _ = try await world.raise()
        world.clock.advance(by: RetentionLoop.eventAge)

        #expect(try await !world.engine.retention.runOnce())
        #expect(try await world.events().count == 1)
    }
}
