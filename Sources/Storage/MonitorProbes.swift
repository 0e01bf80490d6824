public import Alerting

/// A program of ours that checks from another place.
public struct MonitorProbe: Equatable, Sendable {
    public typealias ID = Identifier<MonitorProbe>

    public var id: ID
    public var account: Account.ID
    public var name: String
    public var region: String
    /// Of the token that it proves itself with.
    public var tokenHash: String
    /// What it last said that it is; empty: it never came.
    public var version: String
    public var seenAt: Timestamp?
    public var createdAt: Timestamp

    public init(
        id: ID, account: Account.ID, name: String, region: String, tokenHash: String, version: String = "",
        seenAt: Timestamp? = nil, createdAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.region = region
        self.tokenHash = tokenHash
        self.version = version
        self.seenAt = seenAt
        self.createdAt = createdAt
    }
}

/// The `monitor_probes` table.
public enum MonitorProbes {
    private static let columns =
        "p.id, p.account_id, p.name, p.region, p.token_hash, p.version, p.seen_at_ms, p.created_at_ms"

    public static func insert(_ probe: MonitorProbe, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO monitor_probes (id, account_id, name, region, token_hash, version, seen_at_ms, created_at_ms)
            VALUES (:id, :account, :name, :region, :hash, :version, :seen, :created)
            """,
            [
                "id": .init(probe.id), "account": .init(probe.account), "name": .text(probe.name),
                "region": .text(probe.region), "hash": .text(probe.tokenHash), "version": .text(probe.version),
                "seen": .init(probe.seenAt), "created": .init(probe.createdAt),
            ])
    }

    public static func delete(_ id: MonitorProbe.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM monitor_probes WHERE id = :id", ["id": .init(id)])
    }

    /// By name.
    public static func list(
        account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> [MonitorProbe] {
        try transaction.query(
            """
            SELECT \(columns) FROM monitor_probes p WHERE p.account_id = :account ORDER BY p.name, p.id LIMIT 1000
            """,
            ["account": .init(account)]
        ).map(probe)
    }

    public static func find(
        tokenHash: String, in transaction: any Transaction
    ) throws(StorageError) -> MonitorProbe? {
        try transaction.query(
            "SELECT \(columns) FROM monitor_probes p WHERE p.token_hash = :hash", ["hash": .text(tokenHash)]
        ).first.map(probe)
    }

    /// Notes that it was here.
    public static func touch(
        _ id: MonitorProbe.ID, version: String, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE monitor_probes SET seen_at_ms = :now, version = :version WHERE id = :id",
            ["now": .init(now), "version": .text(version), "id": .init(id)])
    }

    private static func probe(_ row: Row) throws(StorageError) -> MonitorProbe {
        MonitorProbe(
            id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"),
            region: try row.text("region"), tokenHash: try row.text("token_hash"), version: try row.text("version"),
            seenAt: try row.optionalTime("seen_at_ms"), createdAt: try row.time("created_at_ms"))
    }
}
