import Alerting
import Engine
import Simulation
import Storage
import Testing

struct RetentionTests {
    private typealias Cast = SimulatedCast
    private static let eventAge = Duration.days(RetentionRule.usual(.events).days)

    private static func keep(
        _ kind: RetentionRule.Kind, days: Int = 3650, count: Int = 1_000_000, in world: SimulatedWorld
    ) async throws {
        try await world.write { transaction in
            try RetentionRules.set(
                kind, to: RetentionRule(days: days, count: count), of: Cast.account, in: transaction)
        }
    }

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
        world.clock.advance(by: Self.eventAge + .milliseconds(1))

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
        world.clock.advance(by: Self.eventAge)

        #expect(try await !world.engine.retention.runOnce())
        #expect(try await world.events().count == 1)
    }

    @Test func `given resolved alerts of two ages, when the older are too old, then they go with all that is theirs`()
        async throws
    {
        let world = try await SimulatedWorld()
        let old = try await world.raise("old")
        let open = try await world.raise("open")
        try await world.post(.resolve, "old")
        try await world.settle()
        world.clock.advance(by: .days(10))
        let young = try await world.raise("young")
        try await world.post(.resolve, "young")
        try await world.settle()
        try await Self.keep(.alerts, days: 10, in: world)
        world.clock.advance(by: .milliseconds(1))

        while try await world.engine.retention.runOnce() {}

        #expect(Set(try await world.alerts().map(\.alert.id)) == [open, young])
        #expect(try await world.timeline(of: old) == [])
        #expect(try await world.messages(of: old) == [])
        #expect(try await world.events().allSatisfy { $0.alert != old })
        #expect(try await world.events().contains { $0.key == "old" })
    }

    @Test func `given an alert that is exactly as old as may be, then it stays`() async throws {
        let world = try await SimulatedWorld()
        _ = try await world.raise("old")
        try await world.post(.resolve, "old")
        try await world.settle()
        try await Self.keep(.alerts, days: 10, in: world)
        world.clock.advance(by: .days(10))

        #expect(try await !world.engine.retention.runOnce())
        #expect(try await world.alerts().count == 1)
    }

    @Test func `given more resolved alerts than are kept, then the oldest go and the open ones stay`() async throws {
        let world = try await SimulatedWorld()
        let open = try await world.raise("open")
        for number in 0..<105 {
            _ = try await world.raise("\(number)")
            try await world.post(.resolve, "\(number)")
            world.clock.advance(by: .seconds(1))
        }
        try await world.settle()
        try await Self.keep(.alerts, count: 100, in: world)

        while try await world.engine.retention.runOnce() {}

        let left = try await world.alerts()
        #expect(left.count == 101)
        #expect(left.contains { $0.alert.id == open })
        #expect(!left.contains { ["0", "4"].contains($0.alert.key) } && left.contains { $0.alert.key == "5" })
    }

    @Test func `given more requests than are kept, then the oldest of all sources go, in small steps`() async throws {
        let world = try await SimulatedWorld()
        for _ in 0..<(RetentionLoop.step + 150) { try await world.post(.alert, "one") }
        try await Self.keep(.events, count: 100, in: world)
        let newest = try #require(try await world.events().map(\.id).max())

        #expect(try await world.engine.retention.runOnce())
        #expect(try await world.events().count == 150)
        while try await world.engine.retention.runOnce() {}

        let left = try await world.events()
        #expect(left.count == 100)
        #expect(left.contains { $0.id == newest })
    }

    @Test func `given a long audit log, then what is too old and too much of it goes`() async throws {
        let world = try await SimulatedWorld()
        let start = world.now
        try await world.write { transaction in
            for number in 0..<130 {
                let entry = AuditEntry(
                    id: .init(Int64(1_000_000 + number)), account: Cast.account, at: start + .days(number), user: nil,
                    action: "a", targetKind: "b", target: nil)
                try AuditLog.insert(entry, in: transaction)
            }
        }
        world.clock.advance(by: .days(130))
        try await Self.keep(.logs, days: 110, count: 100, in: world)

        while try await world.engine.retention.runOnce() {}

        let left = try await world.disk.read {
            try AuditLog.list(account: Cast.account, page: Page(offset: 0, limit: 200), in: $0)
        }
        #expect(left.map(\.id.rawValue).min() == 1_000_030)
        #expect(left.count == 100)
    }

    @Test func `given rules out of range, then they are refused by the field's name, and good ones are kept`()
        async throws
    {
        let world = try await SimulatedWorld()
        let retention = world.engine.administration(passwords: Passwords(log2N: 4)).retention
        let good = RetentionRule(days: 1, count: 100)

        for (bad, field) in [
            (RetentionRule(days: 0, count: 100), "alertsDays"), (RetentionRule(days: 3651, count: 100), "alertsDays"),
            (RetentionRule(days: 1, count: 99), "alertsCount"),
        ] {
            let failure = await #expect(throws: Failure.self) {
                try await retention.update([.alerts: bad], by: Cast.carol.caller)
            }
            #expect(failure?.message.hasPrefix("\(field):") == true)
        }
        await #expect(throws: Failure.self) { try await retention.update([.alerts: good], by: Cast.bob.caller) }
        try await retention.update([.alerts: good], by: Cast.carol.caller)

        let rules = try await retention.rules(by: Cast.carol.caller)
        #expect(rules[.alerts] == good && rules[.events] == .usual(.events))
    }
}
