public import Alerting

public struct HeartbeatMonitorRecord: Equatable, Sendable {
    public var id: HeartbeatMonitor.ID
    public var account: Account.ID
    public var name: String
    /// The alert source that it belongs to and whose key it has; lists leave such monitors out.
    public var owner: AlertSource.ID?
    /// Where its alerts are raised; `nil`: nowhere.
    public var source: AlertSource.ID?
    /// Empty: one that names the monitor.
    public var alertSummary: String
    public var integrationKey: String
    public var heartbeat: Heartbeat
    /// By id.
    public var teams: [Team.ID]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: HeartbeatMonitor.ID, account: Account.ID, name: String, owner: AlertSource.ID? = nil,
        source: AlertSource.ID?, alertSummary: String = "", integrationKey: String, heartbeat: Heartbeat,
        teams: [Team.ID] = [], createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.owner = owner
        self.source = source
        self.alertSummary = alertSummary
        self.integrationKey = integrationKey
        self.heartbeat = heartbeat
        self.teams = teams
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// How many characters of a key may be looked up by; the rest is compared in constant time.
    public static let keyPrefixLength = 24
}

/// The `heartbeat_monitors` table and its teams.
public enum HeartbeatMonitors {
    private static let columns = """
        h.id, h.account_id, h.name, h.owner_source_id, h.alert_source_id, h.alert_summary, h.interval_ms, \
        h.integration_key, h.state, h.last_ping_at_ms, h.started_at_ms, h.deadline_ms, h.created_at_ms, h.updated_at_ms
        """

    public static func insert(
        _ monitor: HeartbeatMonitorRecord, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO heartbeat_monitors (id, account_id, name, owner_source_id, alert_source_id, alert_summary,
                interval_ms, integration_key, key_prefix, state, last_ping_at_ms, started_at_ms, deadline_ms,
                created_at_ms, updated_at_ms)
            VALUES (:id, :account, :name, :owner, :source, :summary, :interval, :key, :prefix, :state, :last_ping,
                :started, :deadline, :created, :updated)
            """,
            [
                "id": .init(monitor.id), "account": .init(monitor.account), "name": .text(monitor.name),
                "owner": .init(monitor.owner), "source": .init(monitor.source),
                "summary": .text(monitor.alertSummary), "interval": .init(monitor.heartbeat.interval),
                "key": .text(monitor.integrationKey), "prefix": .text(prefix(of: monitor.integrationKey)),
                "state": .init(monitor.heartbeat.state), "last_ping": .init(monitor.heartbeat.lastPing),
                "started": .init(monitor.heartbeat.startedAt), "deadline": .init(monitor.heartbeat.deadline),
                "created": .init(monitor.createdAt), "updated": .init(monitor.updatedAt),
            ])
        try teamLinks.set(monitor.teams, of: monitor.id, in: transaction)
    }

    /// Writes what people set: name, source, summary, interval, key, teams, and the deadline.
    public static func update(
        _ monitor: HeartbeatMonitorRecord, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE heartbeat_monitors SET name = :name, alert_source_id = :source, alert_summary = :summary,
                interval_ms = :interval, integration_key = :key, key_prefix = :prefix, deadline_ms = :deadline,
                updated_at_ms = :updated
            WHERE id = :id
            """,
            [
                "name": .text(monitor.name), "source": .init(monitor.source), "summary": .text(monitor.alertSummary),
                "interval": .init(monitor.heartbeat.interval), "key": .text(monitor.integrationKey),
                "prefix": .text(prefix(of: monitor.integrationKey)), "deadline": .init(monitor.heartbeat.deadline),
                "updated": .init(monitor.updatedAt), "id": .init(monitor.id),
            ])
        try teamLinks.set(monitor.teams, of: monitor.id, in: transaction)
    }

    /// Writes what pings and time have made of it.
    public static func setHeartbeat(
        _ heartbeat: Heartbeat, of id: HeartbeatMonitor.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE heartbeat_monitors SET state = :state, last_ping_at_ms = :last_ping, started_at_ms = :started,
                deadline_ms = :deadline
            WHERE id = :id
            """,
            [
                "state": .init(heartbeat.state), "last_ping": .init(heartbeat.lastPing),
                "started": .init(heartbeat.startedAt), "deadline": .init(heartbeat.deadline), "id": .init(id),
            ])
    }

    public static func delete(_ id: HeartbeatMonitor.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM heartbeat_monitors WHERE id = :id", ["id": .init(id)])
    }

    /// By key, whatever the caller; the part after the prefix must still be compared.
    public static func find(
        keyPrefix: String, in transaction: any Transaction
    ) throws(StorageError) -> HeartbeatMonitorRecord? {
        try records(
            transaction.query(
                "SELECT \(columns) FROM heartbeat_monitors h WHERE h.key_prefix = :prefix",
                ["prefix": .text(keyPrefix)]), in: transaction
        ).first
    }

    /// Whatever its teams; for the engine.
    public static func find(
        _ id: HeartbeatMonitor.ID, in transaction: any Transaction
    ) throws(StorageError) -> HeartbeatMonitorRecord? {
        try records(
            transaction.query(
                "SELECT \(columns) FROM heartbeat_monitors h WHERE h.id = :id", ["id": .init(id)]), in: transaction
        ).first
    }

    /// The monitor that an alert source is.
    public static func find(
        owner: AlertSource.ID, in transaction: any Transaction
    ) throws(StorageError) -> HeartbeatMonitorRecord? {
        try records(
            transaction.query(
                "SELECT \(columns) FROM heartbeat_monitors h WHERE h.owner_source_id = :owner",
                ["owner": .init(owner)]), in: transaction
        ).first
    }

    /// One that the caller may see; `nil` otherwise.
    public static func find(
        _ id: HeartbeatMonitor.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> HeartbeatMonitorRecord? {
        try list(scope: scope, extra: "AND h.id = \(id)", [:], "h.id", Page(limit: 1), in: transaction).first
    }

    public static func find(
        name: String, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> HeartbeatMonitorRecord? {
        try list(
            scope: scope, extra: "AND h.name = :name", ["name": .text(name)], "h.id", Page(limit: 1), in: transaction
        ).first
    }

    /// By id.
    ///
    /// - Parameter after: only those with a higher id; `nil`: from the first on.
    public static func list(
        scope: Scope, after: HeartbeatMonitor.ID? = nil, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [HeartbeatMonitorRecord] {
        let extra = after.map { "AND h.id > \($0)" } ?? ""
        return try list(scope: scope, extra: extra, [:], "h.id", page, in: transaction)
    }

    /// Up to `limit` whose deadline has passed, the earliest first.
    public static func due(
        at now: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [HeartbeatMonitorRecord] {
        try records(
            transaction.query(
                """
                SELECT \(columns) FROM heartbeat_monitors h WHERE h.deadline_ms IS NOT NULL AND h.deadline_ms <= :now
                ORDER BY h.deadline_ms, h.id LIMIT :limit
                """,
                ["now": .init(now), "limit": .init(limit)]), in: transaction)
    }

    /// Takes a monitor whose deadline has passed from those that are due.
    ///
    /// - Returns: `false` when a ping or another node was first.
    public static func claim(
        _ id: HeartbeatMonitor.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE heartbeat_monitors SET deadline_ms = NULL WHERE id = :id AND deadline_ms <= :now RETURNING id
            """,
            ["id": .init(id), "now": .init(now)]
        ).isEmpty
    }

    public static func nextDeadline(in transaction: any Transaction) throws(StorageError) -> Timestamp? {
        try transaction.query(
            """
            SELECT deadline_ms FROM heartbeat_monitors WHERE deadline_ms IS NOT NULL ORDER BY deadline_ms, id LIMIT 1
            """, [:]
        ).first?.time("deadline_ms")
    }

    /// Gives those that became overdue while nobody could hear them their interval again, `longest` at most.
    public static func grantGrace(
        at now: Timestamp, longest: Duration, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE heartbeat_monitors
            SET deadline_ms = CAST(:now AS BIGINT)
                + CASE WHEN interval_ms < :longest THEN interval_ms ELSE CAST(:longest AS BIGINT) END
            WHERE deadline_ms IS NOT NULL AND deadline_ms <= :now
            """,
            ["now": .init(now), "longest": .init(longest)])
    }

    private static func prefix(of key: String) -> String {
        String(key.prefix(HeartbeatMonitorRecord.keyPrefixLength))
    }

    private static func list(
        scope: Scope, extra: String, _ arguments: Arguments, _ order: String, _ page: Page,
        in transaction: any Transaction
    ) throws(StorageError) -> [HeartbeatMonitorRecord] {
        let all = arguments.with(scope, page)
        return try records(
            transaction.query(
                """
                SELECT \(columns) FROM heartbeat_monitors h
                WHERE h.account_id = :account AND h.owner_source_id IS NULL \(extra) \(scope.heartbeatCondition("h.id"))
                ORDER BY \(order) LIMIT :limit OFFSET :offset
                """, all), in: transaction)
    }

    private static let teamLinks = LinkTable<HeartbeatMonitor, Team>(
        "heartbeat_monitor_teams", owner: "heartbeat_monitor_id", member: "team_id", limit: 10_000)

    private static func records(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [HeartbeatMonitorRecord] {
        var monitors = try rows.map(record)
        try teamLinks.read(into: &monitors, id: \.id, \.teams, in: transaction)
        return monitors
    }

    private static func record(_ row: Row) throws(StorageError) -> HeartbeatMonitorRecord {
        HeartbeatMonitorRecord(
            id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"),
            owner: try row.optionalID("owner_source_id"), source: try row.optionalID("alert_source_id"),
            alertSummary: try row.text("alert_summary"), integrationKey: try row.text("integration_key"),
            heartbeat: Heartbeat(
                state: try row.name("state"), interval: .milliseconds(try row.integer("interval_ms")),
                lastPing: try row.optionalTime("last_ping_at_ms"), startedAt: try row.optionalTime("started_at_ms"),
                deadline: try row.optionalTime("deadline_ms")),
            createdAt: try row.time("created_at_ms"), updatedAt: try row.time("updated_at_ms"))
    }
}
