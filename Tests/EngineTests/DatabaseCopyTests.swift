import Alerting
import Engine
import Simulation
import Storage
import StoragePostgres
import StorageSQLite
import TestSupport
import Testing

/// Both ways between the two databases, whichever of them the other tests run on.
struct DatabaseCopyTests {
    private typealias Cast = SimulatedCast

    /// A database with a history: alerts in all states, events with bodies, messages, a timeline.
    private static func inhabited(_ kind: TemporaryDatabase.Kind, alerts: Int = 12) async throws -> TemporaryDatabase {
        let temporary = try TemporaryDatabase(inMemory: true, kind: kind)
        let world = try await SimulatedWorld(temporary)
        for number in 0..<alerts { try await world.rapidSpike("failing", monitor: "Monitor \(number) \u{0} ä") }
        try await world.settle()
        try await world.rapidSpike("passing", monitor: "Monitor 1 \u{0} ä")
        try await world.settle()
        let now = world.now
        try await temporary.write { transaction in
            try Settings.set("instance_id", to: "one", in: transaction)
            try AuditLog.insert(
                AuditEntry(
                    id: .init(Int64.max - 1), account: Cast.account, at: now, user: nil, action: "a",
                    targetKind: "b", target: nil, details: "naïve “quotes” \u{1F514}"), in: transaction)
        }
        return temporary
    }

    private static func described(_ temporary: TemporaryDatabase) -> any DescribedDatabase {
        switch temporary.kind {
        case .sqlite: temporary.sqlite
        case .postgres: temporary.postgres
        }
    }

    private static func count(_ table: String, in database: any Database) async throws -> Int {
        try await database.read { transaction in
            try transaction.query("SELECT count(*) AS n FROM \(table)", [:]).first?.int("n") ?? -1
        }
    }

    @Test(arguments: [TemporaryDatabase.Kind.sqlite, .postgres])
    func `given an installation, when it is copied to the other database and back, then nothing is missing`(
        kind: TemporaryDatabase.Kind
    ) async throws {
        let first = try await Self.inhabited(kind)
        let second = try TemporaryDatabase(kind: kind == .sqlite ? .postgres : .sqlite)
        let third = try TemporaryDatabase(kind: kind)
        let now = SimulatedClock().now + .hours(1)

        let there = try await DatabaseCopy(from: Self.described(first), to: Self.described(second)).run(at: now)
        let back = try await DatabaseCopy(from: Self.described(second), to: Self.described(third)).run(at: now)

        #expect(there.rows > 100 && there.resumed == 0)
        #expect(there == back)
        for table in ["alerts", "events", "timeline", "messages", "timers", "alert_keys", "id_blocks"] {
            let counts = try await [first, second, third].asyncMap { try await Self.count(table, in: $0) }
            #expect(Set(counts).count == 1 && counts[0] > 0, "\(table): \(counts)")
        }
        #expect(try await !DatabaseCopy.isUnderWay(in: second))
    }

    @Test func `given a copy, when a node works on it, then it goes on where the first one was`() async throws {
        let first = try await Self.inhabited(.sqlite)
        let second = try TemporaryDatabase(kind: .postgres)
        _ = try await DatabaseCopy(from: first.sqlite, to: second.postgres).run(at: SimulatedClock().now)

        let ids = BlockIDs(database: second)
        try await ids.reserve(1)
        let new = try ids.next()
        let newest = try await first.read { transaction in
            try transaction.query("SELECT max(id) AS id FROM events", [:]).first?.integer("id") ?? 0
        }
        #expect(new > newest)
    }

    @Test func `given a copy that was broken off, when it is begun again, then only the rest is copied`() async throws {
        let first = try await Self.inhabited(.sqlite, alerts: 60)
        let second = try TemporaryDatabase(kind: .postgres)
        let broken = BrokenDatabase(second.postgres, writes: 14)
        await #expect(throws: StorageError.self) {
            _ = try await DatabaseCopy(from: first.sqlite, to: broken).run(at: SimulatedClock().now)
        }
        #expect(try await DatabaseCopy.isUnderWay(in: second))

        let summary = try await DatabaseCopy(from: first.sqlite, to: second.postgres).run(at: SimulatedClock().now)

        #expect(summary.resumed > 0 && summary.resumed < summary.rows)
        #expect(try await Self.count("events", in: second) == Self.count("events", in: first))
        #expect(try await !DatabaseCopy.isUnderWay(in: second))
    }

    @Test func `given a target that is not empty, then nothing is copied`() async throws {
        let first = try await Self.inhabited(.sqlite, alerts: 1)
        let second = try await Self.inhabited(.sqlite, alerts: 1)

        let failure = await #expect(throws: Failure.self) {
            _ = try await DatabaseCopy(from: first.sqlite, to: second.sqlite).run(at: SimulatedClock().now)
        }
        #expect(failure?.message.contains("must be empty") == true)
    }

    @Test func `given a copy of one installation that was broken off, then another is not mixed into it`() async throws
    {
        let first = try await Self.inhabited(.sqlite, alerts: 1)
        let second = try TemporaryDatabase(kind: .sqlite)
        try await second.write { try CopyProgress.begin(from: "another", in: $0) }

        let failure = await #expect(throws: Failure.self) {
            _ = try await DatabaseCopy(from: first.sqlite, to: second.sqlite).run(at: SimulatedClock().now)
        }
        #expect(failure?.message.contains("Another installation") == true)
    }

    @Test func `given a node that works on the source, then nothing is copied`() async throws {
        let first = try await Self.inhabited(.sqlite, alerts: 1)
        let second = try TemporaryDatabase(kind: .sqlite)
        let now = SimulatedClock().now
        try await first.write { transaction in
            let node = NodeRecord(
                name: "one", address: "http://1", version: "1", role: .all, startedAt: now, seenAt: now)
            try Nodes.saw(node, in: transaction)
        }

        let copy = DatabaseCopy(from: first.sqlite, to: second.sqlite)
        await #expect(throws: Failure.self) { _ = try await copy.run(at: now + .seconds(29)) }
        #expect(try await copy.run(at: now + .seconds(30)).rows > 0)
    }

    @Test func `given a row that changes meanwhile, then the comparison finds it`() async throws {
        let first = try await Self.inhabited(.sqlite, alerts: 1)
        let second = try TemporaryDatabase(kind: .sqlite)
        let copy = DatabaseCopy(from: first.sqlite, to: second.sqlite) { step in
            guard case .compared(table: "accounts", _) = step else { return }
            // A comparison that does not see this fails the expectation below.
            try? first.writeBlocking { try $0.execute("UPDATE alerts SET event_count = event_count + 1", [:]) }
        }

        let failure = await #expect(throws: Failure.self) { _ = try await copy.run(at: SimulatedClock().now) }
        #expect(failure?.message.contains("alerts differs") == true)
    }

    @Test(arguments: [TemporaryDatabase.Kind.sqlite, .postgres])
    func `given the schema, then each table has a key and comes after those that it refers to`(
        kind: TemporaryDatabase.Kind
    ) async throws {
        let temporary = try TemporaryDatabase(kind: kind)
        let tables = try await Self.described(temporary).tables()

        let ordered = try withExtendedLifetime(temporary) { try TableShape.inOrder(tables) }

        #expect(ordered.count == tables.count - TableShape.unmoved.count)
        for (index, table) in ordered.enumerated() {
            #expect(table.parents.isSubset(of: Set(ordered[..<index].map(\.name))))
        }
        #expect(ordered.first { $0.name == "team_members" }?.key == ["team_id", "user_id"])
    }
}

/// Takes some writes and then none.
private final class BrokenDatabase: DescribedDatabase {
    private let base: PostgresDatabase
    private let faulty: FaultyDatabase

    init(_ base: PostgresDatabase, writes: Int) {
        self.base = base
        faulty = FaultyDatabase(base)
        faulty.die(after: writes, isCommitted: false)
    }

    func tables() async throws -> [TableShape] { try await base.tables() }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await faulty.write(body)
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await base.read(body)
    }

    func writeBlocking<Result: Sendable>(_ body: @Sendable (any Transaction) throws -> Result) throws -> Result {
        try faulty.writeBlocking(body)
    }
}

extension Array {
    fileprivate func asyncMap<Other>(_ transform: (Element) async throws -> Other) async rethrows -> [Other] {
        var result: [Other] = []
        for element in self { result.append(try await transform(element)) }
        return result
    }
}
