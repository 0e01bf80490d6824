public import Alerting

/// One process that works on the database.
public struct NodeRecord: Equatable, Sendable {
    public enum Role: String, CaseIterable, Sendable {
        /// Accepts requests, decides nothing that is due and sends nothing.
        case api
        /// Decides and sends; accepts none but its operator's requests.
        case worker
        case all

        public var acceptsRequests: Bool { self != .worker }
        public var works: Bool { self != .api }
    }

    /// Different for each data folder of each machine; the same after a restart.
    public var name: String
    /// Where its operator reaches it.
    public var address: String
    public var version: String
    public var role: Role
    public var startedAt: Timestamp
    /// By the node's own clock.
    public var seenAt: Timestamp

    public init(
        name: String, address: String, version: String, role: Role, startedAt: Timestamp, seenAt: Timestamp
    ) {
        self.name = name
        self.address = address
        self.version = version
        self.role = role
        self.startedAt = startedAt
        self.seenAt = seenAt
    }
}

/// The `nodes` table.
public enum Nodes {
    /// Notes that a node lives.
    public static func saw(_ node: NodeRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO nodes (name, address, version, role, started_at_ms, seen_at_ms)
            VALUES (:name, :address, :version, :role, :started, :seen)
            ON CONFLICT (name) DO UPDATE SET address = excluded.address, version = excluded.version,
                role = excluded.role, started_at_ms = excluded.started_at_ms, seen_at_ms = excluded.seen_at_ms
            """,
            [
                "name": .text(node.name), "address": .text(node.address), "version": .text(node.version),
                "role": .init(node.role), "started": .init(node.startedAt), "seen": .init(node.seenAt),
            ])
    }

    public static func list(limit: Int, in transaction: any Transaction) throws(StorageError) -> [NodeRecord] {
        try transaction.query(
            """
            SELECT name, address, version, role, started_at_ms, seen_at_ms FROM nodes ORDER BY name LIMIT :limit
            """, ["limit": .init(limit)]
        ).map { row throws(StorageError) in
            NodeRecord(
                name: try row.text("name"), address: try row.text("address"), version: try row.text("version"),
                role: try row.name("role"), startedAt: try row.time("started_at_ms"),
                seenAt: try row.time("seen_at_ms"))
        }
    }

    /// A node that ends as it was told to is no longer on the list.
    public static func remove(_ name: String, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM nodes WHERE name = :name", ["name": .text(name)])
    }

    /// Forgets nodes that were not seen since `time`.
    public static func prune(before time: Timestamp, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM nodes WHERE seen_at_ms < :time", ["time": .init(time)])
    }
}

/// How often something has changed that nodes keep in memory; a row that all who change it write.
public enum Generations {
    /// Alert sources, policies, people and what else an administrator changes.
    public static let configuration = "configuration"

    public static func current(_ name: String, in transaction: any Transaction) throws(StorageError) -> Int64 {
        try transaction.query("SELECT number FROM generations WHERE name = :name LIMIT 1", ["name": .text(name)])
            .first?.integer("number") ?? 0
    }

    public static func advance(_ name: String, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO generations (name, number) VALUES (:name, 1)
            ON CONFLICT (name) DO UPDATE SET number = generations.number + 1
            """, ["name": .text(name)])
    }
}
