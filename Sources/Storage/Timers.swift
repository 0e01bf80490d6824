public import Alerting

/// What is to happen to an alert at a known instant.
public struct AlertTimer: Equatable, Sendable {
    public enum Kind: String, Sendable {
        case escalation
        case autoResolution = "auto_resolution"
        /// The end of a snooze.
        case snooze
        /// An event storm may be over.
        case storm
        /// The accepter is to be asked.
        case acceptTimeout = "accept_timeout"
        /// The accepter has not answered.
        case acceptAnswer = "accept_answer"
        /// Support hours make an alert of low priority urgent.
        case supportHours = "support_hours"
    }

    public var alert: Alert.ID
    public var kind: Kind
    public var due: Timestamp

    public init(alert: Alert.ID, kind: Kind, due: Timestamp) {
        self.alert = alert
        self.kind = kind
        self.due = due
    }
}

/// The `timers` table; an alert has at most one of each kind.
public enum Timers {
    public static func set(_ timer: AlertTimer, in transaction: any Transaction) throws(StorageError) {
        try transaction.gather(
            setting, ["alert": .init(timer.alert), "kind": .init(timer.kind), "due": .init(timer.due)])
    }

    private static let setting = GatheredStatement(
        .timers,
        """
        INSERT INTO timers (alert_id, kind, due_at_ms) VALUES (:alert, :kind, :due)
        ON CONFLICT (alert_id, kind) DO UPDATE SET due_at_ms = excluded.due_at_ms
        """, subject: "alert", repeats: .merged(by: ["alert", "kind"], ["due": .last]))

    /// Has the pending alerts of low priority of an alert source looked at again: what they wait for has changed.
    public static func set(
        _ kind: AlertTimer.Kind, ofLowAlertsFrom source: AlertSource.ID, due: Timestamp,
        in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO timers (alert_id, kind, due_at_ms)
            SELECT a.id, CAST(:kind AS TEXT), CAST(:due AS BIGINT) FROM alerts a
            WHERE a.alert_source_id = :source AND a.status = 'pending' AND a.priority = 'low'
            ON CONFLICT (alert_id, kind) DO UPDATE SET due_at_ms = excluded.due_at_ms
            """,
            ["kind": .init(kind), "due": .init(due), "source": .init(source)])
    }

    public static func cancel(
        _ kind: AlertTimer.Kind, of alert: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "DELETE FROM timers WHERE alert_id = :alert AND kind = :kind",
            ["alert": .init(alert), "kind": .init(kind)])
    }

    public static func has(
        _ kind: AlertTimer.Kind, of alert: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            "SELECT kind FROM timers WHERE alert_id = :alert AND kind = :kind",
            ["alert": .init(alert), "kind": .init(kind)]
        ).isEmpty
    }

    public static func cancelAll(of alert: Alert.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.gather(cancelling, ["alert": .init(alert)])
    }

    private static let cancelling = GatheredStatement(
        .endedTimers, "DELETE FROM timers WHERE alert_id = :alert",
        together: "DELETE FROM timers WHERE alert_id IN (VALUES (CAST(:alert AS BIGINT)))", subject: "alert",
        repeats: .merged(by: ["alert"], [:]))

    /// Removes and returns up to `limit` timers that are due, in the order of their instants. What follows from them
    /// is decided and committed in the same transaction, so a crash puts them back.
    public static func claimDue(
        at now: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [AlertTimer] {
        try transaction.query(
            """
            DELETE FROM timers
            WHERE due_at_ms <= :now
              AND (alert_id, kind) IN (SELECT alert_id, kind FROM timers WHERE due_at_ms <= :now
                ORDER BY due_at_ms, alert_id, kind LIMIT :limit)
            RETURNING alert_id, kind, due_at_ms
            """,
            ["now": .init(now), "limit": .init(limit)]
        ).map(timer).sorted { ($0.due, $0.alert) < ($1.due, $1.alert) }
    }

    /// How many timers are due, counted up to `limit`.
    public static func countDue(
        at now: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            """
            SELECT count(*) AS count FROM
                (SELECT alert_id FROM timers WHERE due_at_ms <= :now ORDER BY due_at_ms LIMIT :limit) t
            """,
            ["now": .init(now), "limit": .init(limit)]
        ).first?.int("count") ?? 0
    }

    /// Which timers are due, in the order of their instants.
    public static func due(
        at now: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [AlertTimer] {
        try transaction.query(
            """
            SELECT alert_id, kind, due_at_ms FROM timers WHERE due_at_ms <= :now
            ORDER BY due_at_ms, alert_id, kind LIMIT :limit
            """,
            ["now": .init(now), "limit": .init(limit)]
        ).map(timer)
    }

    /// Removes one timer.
    ///
    /// - Returns: `false` when it is gone or stands at another instant.
    public static func claim(_ timer: AlertTimer, in transaction: any Transaction) throws(StorageError) -> Bool {
        try !transaction.query(
            "DELETE FROM timers WHERE alert_id = :alert AND kind = :kind AND due_at_ms = :due RETURNING alert_id",
            ["alert": .init(timer.alert), "kind": .init(timer.kind), "due": .init(timer.due)]
        ).isEmpty
    }

    public static func nextDue(in transaction: any Transaction) throws(StorageError) -> Timestamp? {
        try transaction.query("SELECT due_at_ms FROM timers ORDER BY due_at_ms, alert_id, kind LIMIT 1", [:])
            .first?.time("due_at_ms")
    }

    private static func timer(_ row: Row) throws(StorageError) -> AlertTimer {
        AlertTimer(alert: try row.id("alert_id"), kind: try row.name("kind"), due: try row.time("due_at_ms"))
    }
}
