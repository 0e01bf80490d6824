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

    @Test func `given more messages about no alert than are kept, then the oldest go, and what waits stays`()
        async throws
    {
        let world = try await SimulatedWorld()
        let start = world.now
        try await world.write { transaction in
            for number in 0..<130 {
                let message = MessageRecord(
                    id: .init(Int64(1_000_000 + number)), account: Cast.account, alert: nil, user: Cast.alice.user,
                    contact: nil, channel: .email, target: "\(number)@example.com", purpose: .test,
                    intended: start, due: start + .days(100), deadline: start + .days(101), createdAt: start)
                _ = try Messages.insert(message, in: transaction)
            }
            try transaction.execute("UPDATE messages SET status = 'delivered' WHERE id > 1000000", [:])
        }
        try await Self.keep(.logs, count: 100, in: world)

        while try await world.engine.retention.runOnce() {}

        let rows = try await world.disk.read { try $0.query("SELECT id FROM messages ORDER BY id", [:]) }
        let left = try rows.map { try $0.integer("id") }
        #expect(left.prefix(2) == [1_000_000, 1_000_030])
        #expect(left.count == 101)
    }

    @Test func `given changes of monitors, drills and senders of long ago, then they are forgotten, and new ones stay`()
        async throws
    {
        let world = try await SimulatedWorld()
        let start = world.now
        let draft = MonitorDraft(
            name: "Home", subject: .http(HTTPCheck(url: "https://shop.example.com/")), interval: .seconds(30))
        let monitor = try await world.engine.administration(passwords: Passwords(log2N: 4)).monitors
            .create(draft, by: Cast.carol.caller)
        try await world.write { transaction in
            try transaction.execute("UPDATE monitors SET due_at_ms = NULL", [:])
            for (number, time) in [(1, start), (2, start + .days(1))] {
                let id = Int64(5_000_000 + number)
                try MonitorHistory.insert(
                    MonitorEvent(id: .init(id), monitor: monitor.id, at: time, state: .failing, reason: nil),
                    in: transaction)
                try Drills.insert(
                    DrillRecord(
                        id: .init(id), account: Cast.account, name: "\(number)", startedBy: nil, createdAt: time,
                        endsAt: time), in: transaction)
                try ReplySenders.setNonsense(1, from: "+49\(number)", at: time, in: transaction)
            }
        }
        world.clock.advance(by: RetentionLoop.senderAge + .milliseconds(1))
        while try await world.engine.retention.runOnce() {}
        let first = try await world.disk.read { try ReplySenders.nonsense(from: "+491", in: $0) }
        let second = try await world.disk.read { try ReplySenders.nonsense(from: "+492", in: $0) }
        #expect(first == 0 && second == 1)

        world.clock.advance(by: RetentionLoop.changeAge - RetentionLoop.senderAge)
        while try await world.engine.retention.runOnce() {}

        let events = try await world.disk.read {
            try MonitorHistory.events(of: monitor.id, page: Page(limit: 10), in: $0)
        }
        let drills = try await world.disk.read { try Drills.list(account: Cast.account, limit: 10, in: $0) }
        #expect(events.map(\.at) == [start + .days(1)])
        #expect(drills.map(\.name) == ["2"])
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
