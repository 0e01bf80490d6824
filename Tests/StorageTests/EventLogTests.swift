import Alerting
import Simulation
import Storage
import TestSupport
import Testing

struct EventLogTests {
    private let world: StorageWorld
    private let shop = SimulatedCast.shop

    init() throws {
        world = try StorageWorld()
    }

    private func insert(
        _ ids: ClosedRange<Int64>, reason: IntakeReason = .newAlert, age: Duration = .zero, summary: String = "Down"
    ) throws {
        try world.write { [world, shop] transaction in
            for id in ids {
                let event = StoredEvent(
                    id: .init(id), request: .init(id), source: shop, receivedAt: world.now - age, key: "k\(id)",
                    summary: summary, reason: reason, alert: .init(id % 2))
                try EventLog.insert(event, in: transaction)
            }
        }
    }

    private func ids(
        before: Int64? = nil, reason: IntakeReason? = nil, times: Range<Timestamp>? = nil, limit: Int = 100
    ) throws -> [Int64] {
        try world.write { [shop] in
            try EventLog.list(
                source: shop, before: before.map { .init($0) }, reason: reason, times: times, limit: limit, in: $0
            ).map(\.id.rawValue)
        }
    }

    @Test func `given a request with its first event, when it is read, then nothing is lost`() throws {
        let event = StoredEvent(
            id: .init(1), request: .init(1), source: shop, receivedAt: world.now, method: "POST", path: "/p",
            query: "a=1&b=%20", headers: #"{"x":"y"}"#, body: Array(0...255), kind: .alert, key: "home",
            summary: "Down", reason: .unreadable, explanation: "Nothing in it.", alert: .init(4))
        try world.write { try EventLog.insert(event, in: $0) }

        let (found, other) = try world.write { [shop] transaction in
            (
                try EventLog.find(.init(1), source: shop, in: transaction),
                try EventLog.find(.init(1), source: .init(2), in: transaction)
            )
        }

        #expect(found == event)
        #expect(other == nil)
    }

    @Test func `given events, then they come newest first, page by page`() throws {
        try insert(1...5)

        #expect(try ids(limit: 2) == [5, 4])
        #expect(try ids(before: 4, limit: 2) == [3, 2])
        #expect(try ids(before: 1) == [])
        let ofAlert = try world.write { try EventLog.list(alert: .init(1), limit: 9, in: $0).map(\.id.rawValue) }
        #expect(ofAlert == [5, 3, 1])
    }

    @Test func `given a reason or times, then only those come, and the end does not count`() throws {
        try insert(1...2, age: .minutes(1))
        try insert(3...4, reason: .stale)
        let start = world.now - .minutes(1)

        #expect(try ids(reason: .stale) == [4, 3])
        #expect(try ids(times: start..<world.now) == [2, 1])
        #expect(try ids(times: world.now..<(world.now + .minutes(1))) == [4, 3])
        #expect(try ids(reason: .newAlert, times: world.now..<(world.now + .minutes(1))) == [])
    }

    @Test func `given old events, when they are forgotten, then the oldest go first, in steps`() throws {
        try insert(1...3, age: .days(31))
        try insert(4...5)
        let border = world.now - .days(30)

        #expect(try world.write { try EventLog.prune(before: border, limit: 2, in: $0) } == 2)
        #expect(try ids() == [5, 4, 3])
        #expect(try world.write { try EventLog.prune(before: border, limit: 2, in: $0) } == 1)
        #expect(try world.write { try EventLog.prune(before: border, limit: 2, in: $0) } == 0)
        #expect(try ids() == [5, 4])
    }

    @Test func `given an alert source that goes, then its events go with it`() throws {
        try insert(1...3)
        try world.write { [shop] in try AlertSources.delete(shop, in: $0) }
        #expect(try ids() == [])
    }

    /// As another node may do in that moment: PostgreSQL does not look for the source.
    @Test func `given PostgreSQL, when an event of a source is stored that is gone, then it goes with its time`() throws
    {
        let world = try StorageWorld(kind: .postgres)
        try world.write { [shop] transaction in
            try AlertSources.delete(shop, in: transaction)
            let event = StoredEvent(
                id: .init(1), request: .init(1), source: shop, receivedAt: world.now, reason: .noOpenAlert)
            try EventLog.insert(event, in: transaction)
        }
        let later = world.now + .minutes(1)
        #expect(try world.write { try EventLog.prune(before: later, limit: 9, in: $0) } == 1)
    }

    @Test func `given a source with more than its share, when it is cut, then its newest stay`() throws {
        try insert(1...5)
        let shop = shop

        #expect(try world.write { try EventLog.overfullSources(keeping: 5, in: $0) } == [])
        #expect(try world.write { try EventLog.overfullSources(keeping: 3, in: $0) } == [shop])
        #expect(try world.write { try EventLog.prune(source: shop, keeping: 3, limit: 1, in: $0) } == 1)
        #expect(try world.write { try EventLog.prune(source: shop, keeping: 3, limit: 9, in: $0) } == 1)
        #expect(try ids() == [5, 4, 3])
    }
}
