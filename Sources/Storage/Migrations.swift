public import Alerting

/// One step of the schema's history: portable text with the types `BIGINT`, `TEXT`, `BLOB` and `DOUBLE PRECISION`.
public struct Migration: Equatable, Sendable {
    public let number: Int
    public let name: String
    public let sql: String

    public init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    /// FNV-1a of the text, 16 hexadecimal digits: finds an edited migration, not an attacker.
    public var checksum: String {
        let hash = sql.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Why a database is not opened by this binary.
public enum MigrationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The database was changed by a text that is not the one that this binary ships.
    case changed(name: String)
    /// The database holds a migration that this binary does not know.
    case newerDatabase(number: Int, known: Int)
    /// A later migration was applied and this one was not.
    case leftOut(name: String)

    public var description: String {
        switch self {
        case .changed(let name):
            "The database was migrated with another text of \(name) than this version ships; "
                + "run the version that created it, or restore a backup."
        case .newerDatabase(let number, let known):
            "The database is at migration \(number) and this version knows \(known) of them; "
                + "run the newer version, or restore a backup from before the upgrade."
        case .leftOut(let name):
            "The database is past \(name) but never had it applied; run the version that created it, "
                + "or restore a backup."
        }
    }
}

/// The schema's history, oldest first. It only grows at its end: a released file never changes.
public enum Migrations {
    public static let all: [Migration] = [
        Migration(number: 1, name: "initial", sql: text(PackageResources.M0001_initial_sql)),
        Migration(number: 2, name: "open-kinds", sql: text(PackageResources.M0002_open_kinds_sql)),
        Migration(number: 3, name: "windows", sql: text(PackageResources.M0003_windows_sql)),
        Migration(number: 4, name: "on-call", sql: text(PackageResources.M0004_on_call_sql)),
        Migration(number: 5, name: "escalation", sql: text(PackageResources.M0005_escalation_sql)),
        Migration(number: 6, name: "nodes", sql: text(PackageResources.M0006_nodes_sql)),
        Migration(number: 7, name: "delivery", sql: text(PackageResources.M0007_delivery_sql)),
        Migration(number: 8, name: "replies", sql: text(PackageResources.M0008_replies_sql)),
        Migration(number: 9, name: "monitors", sql: text(PackageResources.M0009_monitors_sql)),
        Migration(number: 10, name: "event-rules", sql: text(PackageResources.M0010_event_rules_sql)),
        Migration(number: 11, name: "webhook-secrets", sql: text(PackageResources.M0011_webhook_secrets_sql)),
        Migration(number: 12, name: "event-flows", sql: text(PackageResources.M0012_event_flows_sql)),
        Migration(number: 13, name: "timeline-order", sql: text(PackageResources.M0013_timeline_order_sql)),
        Migration(number: 14, name: "alert-actions", sql: text(PackageResources.M0014_alert_actions_sql)),
        Migration(number: 15, name: "monitor-places", sql: text(PackageResources.M0015_monitor_places_sql)),
        Migration(number: 16, name: "status-pages", sql: text(PackageResources.M0016_status_pages_sql)),
        Migration(
            number: 18, name: "message-look-ups", sql: text(PackageResources.M0018_message_look_ups_sql)),
        Migration(number: 21, name: "spent-codes", sql: text(PackageResources.M0021_spent_codes_sql)),
        Migration(number: 23, name: "services", sql: text(PackageResources.M0023_services_sql)),
        Migration(
            number: 24, name: "status-page-services", sql: text(PackageResources.M0024_status_page_services_sql)),
        Migration(
            number: 25, name: "events-by-themselves", sql: text(PackageResources.M0025_events_by_themselves_sql)),
        Migration(number: 26, name: "journal-changes", sql: text(PackageResources.M0026_journal_changes_sql)),
    ]

    /// Where a database notes what was applied to it; portable like a migration, and harmless to repeat.
    public static let journal = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            number        BIGINT NOT NULL PRIMARY KEY,
            name          TEXT   NOT NULL,
            checksum      TEXT   NOT NULL,
            applied_at_ms BIGINT NOT NULL
        );
        """

    /// Those of `migrations` that the database still lacks, oldest first.
    ///
    /// - Throws: `MigrationError` when the database has another history than `migrations`; `StorageError`.
    public static func pending(of migrations: [Migration], in transaction: any Transaction) throws -> [Migration] {
        var applied: [Int: String] = [:]
        let sql = "SELECT number, checksum FROM schema_migrations ORDER BY number LIMIT 100000"
        for row in try transaction.query(sql, [:]) {
            applied[try row.int("number")] = try row.text("checksum")
        }
        guard let newest = applied.keys.max() else { return migrations }

        let known = migrations.last?.number ?? 0
        guard newest <= known else { throw MigrationError.newerDatabase(number: newest, known: known) }
        for migration in migrations where migration.number <= newest {
            guard let checksum = applied[migration.number] else { throw MigrationError.leftOut(name: migration.name) }
            guard checksum == migration.checksum else { throw MigrationError.changed(name: migration.name) }
        }
        return migrations.filter { $0.number > newest }
    }

    /// The number of the newest migration that was applied; 0: none.
    public static func newest(in transaction: any Transaction) throws(StorageError) -> Int {
        try transaction.query("SELECT coalesce(max(number), 0) AS newest FROM schema_migrations", [:])
            .first?.int("newest") ?? 0
    }

    /// Notes that `migration` was applied, in the transaction that applied it.
    public static func record(
        _ migration: Migration, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO schema_migrations (number, name, checksum, applied_at_ms)
            VALUES (:number, :name, :checksum, :now)
            """,
            [
                "number": SQLValue(migration.number), "name": .text(migration.name),
                "checksum": .text(migration.checksum), "now": SQLValue(now),
            ])
    }

    private static func text(_ resource: [UInt8]) -> String {
        String(decoding: resource, as: UTF8.self)
    }
}
