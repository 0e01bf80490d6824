public import Alerting

/// How long it took until somebody was told of an alert.
public struct PagingTime: Equatable, Sendable {
    /// When the event came that raised it.
    public var received: Timestamp
    /// When its first page was to go out, by the policy's delay and people's own rules.
    public var intended: Timestamp
    /// When the first page was handed over.
    public var sent: Timestamp

    public init(received: Timestamp, intended: Timestamp, sent: Timestamp) {
        self.received = received
        self.intended = intended
        self.sent = sent
    }
}

/// The first hand-overs of many alerts.
public enum PagingTimes {
    /// Those of alerts raised at or after `since`, in the order of their ids; alerts about which nobody was told are
    /// missing.
    public static func list(
        since: Timestamp, scope: Scope, limit: Int = 200_000, in transaction: any Transaction
    ) throws(StorageError) -> [PagingTime] {
        try transaction.query(
            """
            SELECT a.id, a.raised_at_ms AS received_ms, min(m.intended_at_ms) AS intended_ms, min(m.sent_at_ms) AS sent_ms
            FROM alerts a JOIN messages m ON m.alert_id = a.id
            WHERE a.account_id = :account AND a.raised_at_ms >= :since AND m.sent_at_ms IS NOT NULL
              AND m.status = 'delivered' AND m.purpose IN ('page', 'last_resort')
              \(scope.sourceCondition("a.alert_source_id"))
            GROUP BY a.id, a.raised_at_ms ORDER BY a.id LIMIT :limit
            """,
            ["account": .init(scope.account), "since": .init(since), "limit": .init(limit)]
        ).map { row throws(StorageError) in
            PagingTime(
                received: try row.time("received_ms"), intended: try row.time("intended_ms"),
                sent: try row.time("sent_ms"))
        }
    }
}
