import Alerting
import Engine
import Simulation
import Storage
import Testing

/// Notes before a shift and at the hand-over, by people's preferences.
struct DutyNoticeStoriesTests {
    private typealias Cast = SimulatedCast

    /// Alice and Bob take turns at midnight, universal time; it is the evening before Bob's day.
    private func world(_ wishes: [(Cast.Person, Int)]) async throws -> SimulatedWorld {
        let world = try await SimulatedWorld()
        world.clock.set(to: try #require(Timestamp(iso8601: "2026-03-10T20:00:00Z")))
        _ = try await world.engine.administration(passwords: Passwords(log2N: 4)).schedules.create(
            ScheduleDraft(
                name: "Shop rota", timeZone: "UTC",
                layers: [
                    .init(
                        startsOn: "2026-01-01T00:00", users: [Cast.alice.user, Cast.bob.user], rotation: "P1D")
                ]), by: Cast.carol.caller)
        for (person, minutes) in wishes {
            try await world.engine.store.write { change in
                try Preferences.insert(
                    PreferenceRecord(
                        id: change.newID(), user: person.user, area: .duties, channel: .email,
                        contact: person.emailContact, delayMinutes: minutes, kind: "ON_CALL"), in: change.transaction)
            }
        }
        return world
    }

    /// What was sent after the loop has looked at this time, twice.
    private func subjects(at time: String, in world: SimulatedWorld) async throws -> [String] {
        world.clock.set(to: try #require(Timestamp(iso8601: "2026-03-\(time)Z")))
        let before = world.email.delivered.count
        for _ in 1...2 { try await world.engine.dutyNotices.runOnce() }
        try await world.settle()
        return world.email.delivered[before...].map { "\($0.address): \($0.subject)" }
    }

    @Test func `given a wish for an hour before, then it is told then, once, and not a second earlier`() async throws {
        let world = try await world([(Cast.bob, 60)])
        #expect(try await subjects(at: "10T22:59:59.999", in: world).isEmpty)
        #expect(
            try await subjects(at: "10T23:00:00", in: world) == [
                "\(Cast.bob.email): You go on call soon: Shop rota"
            ])
        #expect(try await subjects(at: "10T23:59:59", in: world).isEmpty)
        #expect(try await subjects(at: "11T00:00:00", in: world).isEmpty)
        let text = world.email.delivered[0].text
        #expect(text.contains("from 2026-03-11T00:00:00.000Z until 2026-03-12T00:00:00.000Z"))
    }

    @Test func `given wishes for the hand-over, then both hear of it, and whoever wishes nothing does not`()
        async throws
    {
        let world = try await world([(Cast.alice, 0), (Cast.bob, 0)])
        #expect(
            try await subjects(at: "11T00:00:00", in: world).sorted() == [
                "\(Cast.alice.email): Your shift is over: Shop rota",
                "\(Cast.bob.email): You are on call: Shop rota",
            ])
        let quiet = try await self.world([])
        #expect(try await subjects(at: "11T00:00:00", in: quiet).isEmpty)
    }

    @Test func `given two nodes, or a server that was down over the hand-over, then one note, and none that is stale`()
        async throws
    {
        let world = try await world([(Cast.bob, 0)])
        world.clock.set(to: try #require(Timestamp(iso8601: "2026-03-11T00:20:00Z")))
        try await world.engine.dutyNotices.runOnce()
        try await world.secondNode().dutyNotices.runOnce()
        try await world.settle()
        #expect(world.email.delivered.map(\.subject) == ["You are on call: Shop rota"])

        let late = try await self.world([(Cast.bob, 0)])
        #expect(try await subjects(at: "11T01:00:01", in: late).isEmpty)
    }
}
