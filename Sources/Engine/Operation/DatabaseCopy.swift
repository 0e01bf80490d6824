public import Alerting
public import Storage

/// Moves an installation to another database: every row, in small steps that can be taken up again, and then compares.
///
/// Nobody else may write to either side meanwhile; whoever does is found by the comparison.
public struct DatabaseCopy: Sendable {
    /// What is told while it goes on.
    public enum Step: Equatable, Sendable {
        /// So many of a table's rows are there.
        case copied(table: String, rows: Int, of: Int)
        case compared(table: String, rows: Int)
    }

    public struct Summary: Equatable, Sendable {
        public var tables: Int
        public var rows: Int
        /// Of all tables together: the same on both sides.
        public var checksum: UInt64
        /// Rows that an earlier run had brought over.
        public var resumed: Int
    }

    private let source: any DescribedDatabase
    private let target: any DescribedDatabase
    private let report: @Sendable (Step) -> Void
    /// Bytes that one transaction is to have, and rows at most.
    private static let stepBytes = 4 * 1024 * 1024
    private static let stepRows = 1000
    /// Nodes that were seen so recently work.
    private static let silence = NodeLoop.silence

    /// - Parameter target: migrated, and empty or left by an earlier copy of the same source.
    public init(
        from source: any DescribedDatabase, to target: any DescribedDatabase,
        report: @escaping @Sendable (Step) -> Void = { _ in }
    ) {
        self.source = source
        self.target = target
        self.report = report
    }

    /// - Throws: `Failure.conflict` when a node works on one of the two, when the target holds something else, or when
    ///   the two differ in the end; `StorageError`.
    public func run(at now: Timestamp) async throws -> Summary {
        let tables = try await checkedTables()
        try await refuseWorkingNodes(source, "from", now)
        try await refuseWorkingNodes(target, "to", now)
        try await begin(tables)
        var summary = Summary(tables: tables.count, rows: 0, checksum: 0, resumed: 0)
        for table in tables { summary.resumed += try await copy(table) }
        for table in tables {
            let sum = try await compare(table)
            summary.rows += sum.rows
            summary.checksum &+= sum.checksum
        }
        try await target.write { try CopyProgress.end(in: $0) }
        return summary
    }

    /// Whether a copy into a database was begun and has not ended: then no server should work on it.
    public static func isUnderWay(in database: any Database) async throws -> Bool {
        try await database.read { try CopyProgress.source(in: $0) } != nil
    }

    private func checkedTables() async throws -> [TableRows] {
        let (here, there) = (try await source.tables(), try await target.tables())
        let newest = { @Sendable (transaction: any Transaction) throws in try Migrations.newest(in: transaction) }
        guard try await source.read(newest) == target.read(newest) else {
            throw Failure(.conflict, "The two databases are of different versions: run nightbell migrate on the first.")
        }
        let ordered = try TableShape.inOrder(here)
        for table in ordered {
            guard let other = there.first(where: { $0.name == table.name }), other.columns == table.columns,
                other.key == table.key
            else { throw Failure(.conflict, "The table \(table.name) is not the same in both databases.") }
        }
        return ordered.map(TableRows.init)
    }

    private func refuseWorkingNodes(_ database: any Database, _ side: String, _ now: Timestamp) async throws {
        let nodes = try await database.read { try Nodes.list(limit: 1000, in: $0) }
        guard let node = nodes.first(where: { now - $0.seenAt < Self.silence }) else { return }
        throw Failure(
            .conflict, "The node \(node.name) works on the database to copy \(side): stop it, and wait half a minute.")
    }

    /// Marks the target, so that no server takes the half of an installation for the whole.
    private func begin(_ tables: [TableRows]) async throws {
        let id = try await source.read { try Settings.value("instance_id", in: $0) } ?? "none"
        try await target.write { transaction in
            if let begun = try CopyProgress.source(in: transaction) {
                guard begun == id else {
                    throw Failure(
                        .conflict, "Another installation was being copied to there; empty that database first.")
                }
                return
            }
            for table in tables {
                guard try table.isEmpty(in: transaction) else {
                    throw Failure(
                        .conflict, "The database to copy to has \(table.shape.name) already; it must be empty.")
                }
            }
            try CopyProgress.begin(from: id, in: transaction)
        }
    }

    /// - Returns: how many rows were there already.
    private func copy(_ table: TableRows) async throws -> Int {
        let name = table.shape.name
        let total = try await source.read { try table.count(in: $0) }
        let begun = try await target.read { try CopyProgress.place(in: name, $0) }
        var place = begun ?? CopyProgress.Place(key: [], rows: 0)
        var limit = 100
        while true {
            let (key, count) = (place.key, limit)
            let rows = try await source.read { try table.page(after: key, limit: count, in: $0) }
            guard let last = rows.last else { break }
            let reached = CopyProgress.Place(key: try table.key(of: last), rows: place.rows + rows.count)
            try await target.write { transaction in
                for row in rows { try table.insert(row, in: transaction) }
                try CopyProgress.reached(reached, in: name, transaction)
            }
            place = reached
            let bytes = try rows.reduce(0) { try $0 + table.bytes(of: $1) }
            limit = min(max(Self.stepBytes / max(bytes / rows.count, 1), 1), limit * 4, Self.stepRows)
            report(.copied(table: name, rows: place.rows, of: max(total, place.rows)))
        }
        return begun?.rows ?? 0
    }

    private func compare(_ table: TableRows) async throws -> TableSum {
        async let here = Self.sum(of: table, in: source)
        async let there = Self.sum(of: table, in: target)
        let (first, second) = (try await here, try await there)
        guard first == second else {
            throw Failure(
                .conflict,
                """
                The table \(table.shape.name) differs: \(first.rows) rows with the sum \(first.checksum) here, \
                \(second.rows) with \(second.checksum) there. Something wrote meanwhile: empty the target, begin again.
                """)
        }
        report(.compared(table: table.shape.name, rows: first.rows))
        return first
    }

    private static func sum(of table: TableRows, in database: any Database) async throws -> TableSum {
        var sum = TableSum()
        var key: [SQLValue] = []
        while true {
            let after = key
            let rows = try await database.read { try table.page(after: after, limit: 500, in: $0) }
            guard let last = rows.last else { return sum }
            for row in rows { try sum.add(row, of: table) }
            key = try table.key(of: last)
        }
    }
}
