import Alerting
import Simulation
import Storage
import Testing

struct TimersTests {
    private let world: StorageWorld
    private var now: Timestamp { world.now }

    init() throws {
        let world = try StorageWorld()
        self.world = world
        try world.write { transaction in
            for id in 1...4 as ClosedRange<Int64> { try Alerts.insert(world.alert(id), in: transaction) }
        }
    }

    private func set(_ alert: Int64, _ kind: AlertTimer.Kind = .escalation, after pause: Duration) throws {
        try world.write { [now] in
            try Timers.set(AlertTimer(alert: .init(alert), kind: kind, due: now + pause), in: $0)
        }
    }

    private func claim(at time: Timestamp, limit: Int = 100) throws -> [String] {
        try world.write {
            try Timers.claimDue(at: time, limit: limit, in: $0).map { "\($0.kind.rawValue) \($0.alert)" }
        }
    }

    @Test func `given timers, when they are claimed, then those that are due come in their order, once`() throws {
        try set(1, after: .minutes(3))
        try set(2, after: .minutes(1))
        try set(3, after: .minutes(2))

        #expect(try claim(at: now + .minutes(1) - .milliseconds(1)) == [])
        #expect(try claim(at: now + .minutes(2)) == ["escalation 2", "escalation 3"])
        #expect(try claim(at: now + .minutes(2)) == [])
        #expect(try world.write { try Timers.nextDue(in: $0) } == now + .minutes(3))
    }

    @Test func `given more than the limit, when they are claimed, then the oldest come first`() throws {
        for id in 1...4 as ClosedRange<Int64> { try set(id, after: .seconds(10 - Int(id))) }

        #expect(try claim(at: now + .hours(1), limit: 3) == ["escalation 4", "escalation 3", "escalation 2"])
        #expect(try claim(at: now + .hours(1), limit: 3) == ["escalation 1"])
    }

    @Test func `given an alert with a timer, when it is set again, then the later word counts, each kind for itself`()
        throws
    {
        try set(1, after: .minutes(1))
        try set(1, .autoResolution, after: .minutes(1))
        try set(1, after: .minutes(5))

        #expect(try claim(at: now + .minutes(1)) == ["auto_resolution 1"])
        #expect(try claim(at: now + .minutes(5)) == ["escalation 1"])
    }

    @Test func `given timers, when they are cancelled, then only those meant are gone`() throws {
        try set(1, after: .zero)
        try set(1, .autoResolution, after: .zero)
        try set(2, after: .zero)
        try set(2, .autoResolution, after: .zero)

        try world.write { transaction in
            try Timers.cancel(.escalation, of: .init(1), in: transaction)
            try Timers.cancelAll(of: .init(2), in: transaction)
        }

        #expect(try claim(at: now) == ["auto_resolution 1"])
    }

    @Test func `given a claim that is rolled back, then the timer is still there`() throws {
        struct Crash: Error {}
        try set(1, after: .zero)

        #expect(throws: Crash.self) {
            try world.write { [now] transaction in
                _ = try Timers.claimDue(at: now, limit: 9, in: transaction)
                throw Crash()
            }
        }
        #expect(try claim(at: now) == ["escalation 1"])
    }

    @Test func `given one timer, when it is claimed alone, then it must stand where it was seen`() throws {
        try set(1, after: .zero)
        let due = try world.write { [now] in try Timers.due(at: now, limit: 1, in: $0) }
        let seen = try #require(due.first)
        try set(1, after: .minutes(1))

        #expect(try world.write { try !Timers.claim(seen, in: $0) })
        let moved = AlertTimer(alert: .init(1), kind: .escalation, due: now + .minutes(1))
        #expect(try world.write { try Timers.claim(moved, in: $0) })
        #expect(try world.write { try !Timers.claim(moved, in: $0) })
    }
}
