public import Alerting

/// The `monitors` table with its teams and delivery groups.
public enum Monitors {
    private static let columns = """
        m.id, m.account_id, m.uuid, m.name, m.kind, m.target, m.settings, m.interval_ms, m.timeout_ms, m.retests, \
        m.is_paused, m.alert_source_id, m.state, m.suspicions, m.failing_since_ms, m.changed_at_ms, m.due_at_ms, \
        m.checked_at_ms, m.total_ms, m.reason, m.valid_until_ms, m.regions, m.agree, m.created_at_ms, \
        m.updated_at_ms
        """

    public static func insert(_ monitor: MonitorRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO monitors (id, account_id, uuid, name, kind, target, settings, interval_ms, timeout_ms, retests,
                is_paused, alert_source_id, state, suspicions, due_at_ms, regions, agree, created_at_ms, updated_at_ms)
            VALUES (:id, :account, :uuid, :name, :kind, :target, :settings, :interval, :timeout, :retests, :paused,
                :source, :state, :suspicions, :due, :regions, :agree, :created, :updated)
            """,
            [
                "id": .init(monitor.id), "account": .init(monitor.account), "uuid": .text(monitor.uuid),
                "name": .text(monitor.name), "kind": .init(monitor.subject.kind),
                "target": .text(monitor.subject.target),
                "settings": .text(JSONColumn.text(of: monitor.subject.block)), "interval": .init(monitor.interval),
                "timeout": .init(monitor.timeout), "retests": .init(monitor.retests),
                "paused": .init(monitor.isPaused), "source": .init(monitor.source),
                "state": .init(monitor.watch.state), "suspicions": .init(monitor.watch.suspicions),
                "due": .init(monitor.due), "regions": regions(monitor), "agree": .init(monitor.agree),
                "created": .init(monitor.createdAt), "updated": .init(monitor.updatedAt),
            ])
        try setLinks(of: monitor, in: transaction)
    }

    /// Writes what people set, its state and when it is due.
    public static func update(_ monitor: MonitorRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE monitors SET name = :name, kind = :kind, target = :target, settings = :settings,
                interval_ms = :interval, timeout_ms = :timeout, retests = :retests, is_paused = :paused,
                alert_source_id = :source, state = :state, suspicions = :suspicions, failing_since_ms = :since,
                changed_at_ms = :changed, due_at_ms = :due, lease_until_ms = NULL, regions = :regions, agree = :agree,
                updated_at_ms = :updated
            WHERE id = :id
            """,
            [
                "name": .text(monitor.name), "kind": .init(monitor.subject.kind),
                "target": .text(monitor.subject.target),
                "settings": .text(JSONColumn.text(of: monitor.subject.block)), "interval": .init(monitor.interval),
                "timeout": .init(monitor.timeout), "retests": .init(monitor.retests),
                "paused": .init(monitor.isPaused), "source": .init(monitor.source),
                "state": .init(monitor.watch.state), "suspicions": .init(monitor.watch.suspicions),
                "since": .init(monitor.watch.failingSince), "changed": .init(monitor.watch.changedAt),
                "due": .init(monitor.due), "regions": regions(monitor), "agree": .init(monitor.agree),
                "updated": .init(monitor.updatedAt), "id": .init(monitor.id),
            ])
        try setLinks(of: monitor, in: transaction)
    }

    public static func delete(_ id: Monitor.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM monitors WHERE id = :id", ["id": .init(id)])
    }

    /// Whatever its teams; for the engine.
    public static func find(_ id: Monitor.ID, in transaction: any Transaction) throws(StorageError) -> MonitorRecord? {
        try linked(
            transaction.query("SELECT \(columns) FROM monitors m WHERE m.id = :id", ["id": .init(id)]),
            in: transaction
        ).first
    }

    /// One that the caller may see; `nil` otherwise.
    public static func find(
        _ id: Monitor.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> MonitorRecord? {
        try linked(
            transaction.query(
                """
                SELECT \(columns) FROM monitors m
                WHERE m.account_id = :account AND m.id = :id \(scope.monitorCondition("m.id"))
                """,
                ["account": .init(scope.account), "id": .init(id)]), in: transaction
        ).first
    }

    /// By name.
    public static func list(
        scope: Scope, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [MonitorRecord] {
        try linked(
            transaction.query(
                """
                SELECT \(columns) FROM monitors m WHERE m.account_id = :account \(scope.monitorCondition("m.id"))
                ORDER BY m.name, m.id LIMIT :limit OFFSET :offset
                """,
                ["account": .init(scope.account), "limit": .init(page.limit), "offset": .init(page.offset)]),
            in: transaction)
    }

    /// Those of an account whose ids are given, by name; whatever their teams.
    public static func list(
        _ ids: [Monitor.ID], account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> [MonitorRecord] {
        var arguments: Arguments = ["account": .init(account)]
        let wanted = arguments.list(ids, as: "monitor")
        return try linked(
            transaction.query(
                """
                SELECT \(columns) FROM monitors m WHERE m.account_id = :account AND m.id IN (\(wanted))
                ORDER BY m.name, m.id LIMIT 5000
                """, arguments), in: transaction)
    }

    public static func count(scope: Scope, in transaction: any Transaction) throws(StorageError) -> Int {
        try transaction.query(
            """
            SELECT count(*) AS count FROM monitors m WHERE m.account_id = :account \(scope.monitorCondition("m.id"))
            """,
            ["account": .init(scope.account)]
        ).first?.int("count") ?? 0
    }

    /// Takes up to `limit` that are due until `lease`, the earliest first: who dies while checking finds them again.
    public static func claimDue(
        at now: Timestamp, until lease: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [MonitorRecord] {
        let due = try transaction.query(
            """
            SELECT m.id, m.due_at_ms FROM monitors m
            WHERE m.due_at_ms IS NOT NULL AND m.due_at_ms <= :now
              AND (m.lease_until_ms IS NULL OR m.lease_until_ms <= :now)
            ORDER BY m.due_at_ms, m.id LIMIT :limit
            """,
            ["now": .init(now), "limit": .init(limit)])
        let ids = try due.map { row throws(StorageError) -> Monitor.ID in try row.id("id") }
        guard !ids.isEmpty else { return [] }
        var arguments: Arguments = ["now": .init(now), "lease": .init(lease)]
        let wanted = arguments.list(ids, as: "monitor")
        return try linked(
            transaction.query(
                """
                UPDATE monitors AS m SET lease_until_ms = :lease
                WHERE m.id IN (\(wanted)) AND m.due_at_ms <= :now
                  AND (m.lease_until_ms IS NULL OR m.lease_until_ms <= :now)
                RETURNING \(columns.replacing("m.", with: ""))
                """, arguments), in: transaction
        ).sorted { ($0.due ?? now, $0.id) < ($1.due ?? now, $1.id) }
    }

    /// Puts off the end of leases to `lease`: whoever has them still works on them.
    public static func prolong(
        _ monitors: [Monitor.ID], to lease: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        guard !monitors.isEmpty else { return }
        var arguments: Arguments = ["lease": .init(lease)]
        let wanted = arguments.list(monitors, as: "monitor")
        try transaction.execute(
            """
            UPDATE monitors SET lease_until_ms = :lease
            WHERE lease_until_ms IS NOT NULL AND lease_until_ms < :lease AND id IN (\(wanted))
            """, arguments)
    }

    /// The instant of the next check, or of the end of a lease: whoever had it may have died.
    public static func nextDue(in transaction: any Transaction) throws(StorageError) -> Timestamp? {
        let due = try transaction.query(
            """
            SELECT m.due_at_ms FROM monitors m WHERE m.due_at_ms IS NOT NULL AND m.lease_until_ms IS NULL
            ORDER BY m.due_at_ms, m.id LIMIT 1
            """, [:]
        ).first?.time("due_at_ms")
        let lease = try transaction.query(
            """
            SELECT m.lease_until_ms FROM monitors m WHERE m.lease_until_ms IS NOT NULL
            ORDER BY m.lease_until_ms, m.id LIMIT 1
            """, [:]
        ).first?.time("lease_until_ms")
        return [due, lease].compactMap(\.self).min()
    }

    /// Writes what a check has made of it.
    ///
    /// - Parameter isHome: whether the servers themselves checked it: it is given back then, and due again.
    /// - Returns: `false` when it was changed, paused or deleted meanwhile: the result then counts for nothing.
    public static func finish(
        _ monitor: MonitorRecord, isHome: Bool = true, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        let home = isHome ? "due_at_ms = :due, lease_until_ms = NULL," : ""
        var arguments: Arguments = [
            "state": .init(monitor.watch.state), "suspicions": .init(monitor.watch.suspicions),
            "since": .init(monitor.watch.failingSince), "changed": .init(monitor.watch.changedAt),
            "checked": .init(monitor.last?.at), "total": .init(monitor.last?.total),
            "reason": .init(monitor.last?.reason), "valid": .init(monitor.last?.validUntil),
            "id": .init(monitor.id), "updated": .init(monitor.updatedAt),
        ]
        if isHome { arguments.add("due", .init(monitor.due)) }
        return try !transaction.query(
            """
            UPDATE monitors SET state = :state, suspicions = :suspicions, failing_since_ms = :since, \(home)
                changed_at_ms = :changed, checked_at_ms = :checked, total_ms = :total, reason = :reason,
                valid_until_ms = :valid
            WHERE id = :id AND is_paused = 0 AND updated_at_ms = :updated RETURNING id
            """,
            arguments
        ).isEmpty
    }

    /// Has it checked as soon as somebody is free.
    public static func hurry(
        _ id: Monitor.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE monitors SET due_at_ms = :now WHERE id = :id AND due_at_ms IS NOT NULL AND due_at_ms > :now",
            ["now": .init(now), "id": .init(id)])
    }

    private static func regions(_ monitor: MonitorRecord) -> SQLValue {
        .text(JSONColumn.text(of: .array(monitor.regions.map(JSONValue.string))))
    }

    private static let teamLinks = LinkTable<Monitor, Team>(
        "monitor_teams", owner: "monitor_id", member: "team_id")
    private static let groupLinks = LinkTable<Monitor, DeliveryGroup>(
        "monitor_delivery_groups", owner: "monitor_id", member: "delivery_group_id")

    private static func setLinks(of monitor: MonitorRecord, in transaction: any Transaction) throws(StorageError) {
        try teamLinks.set(monitor.teams, of: monitor.id, in: transaction)
        try groupLinks.set(monitor.groups, of: monitor.id, in: transaction)
    }

    private static func linked(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [MonitorRecord] {
        var monitors = try rows.map { row throws(StorageError) in try MonitorRecord(row) }
        try teamLinks.read(into: &monitors, id: \.id, \.teams, in: transaction)
        try groupLinks.read(into: &monitors, id: \.id, \.groups, in: transaction)
        return monitors
    }
}
