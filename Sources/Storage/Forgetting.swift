public import Alerting

/// Deletes what is over, a little at a time and the oldest first; what is open, or still to be sent, stays.
public enum Forgetting {
    /// What is counted by itself.
    public enum Kind: String, CaseIterable, Sendable {
        case events, alerts
        case auditEntries = "audit_entries"
        /// That are about no alert.
        case messages

        /// What an account says of them.
        public var rule: RetentionRule.Kind {
            switch self {
            case .events: .events
            case .alerts: .alerts
            case .auditEntries, .messages: .logs
            }
        }
    }

    /// - Returns: how many there are of a kind in an account; it reads an index of all of them.
    public static func count(
        _ kind: Kind, of account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        let sql =
            switch kind {
            case .events:
                """
                SELECT count(*) AS n FROM alert_sources s JOIN events e ON e.alert_source_id = s.id
                WHERE s.account_id = :account
                """
            case .alerts: "SELECT count(*) AS n FROM alerts WHERE account_id = :account AND status = 'resolved'"
            case .auditEntries: "SELECT count(*) AS n FROM audit_entries WHERE account_id = :account"
            case .messages: "SELECT count(*) AS n FROM messages WHERE account_id = :account AND alert_id IS NULL"
            }
        return try transaction.query(sql, ["account": .init(account)]).first?.int("n") ?? 0
    }

    /// Sources whose oldest request was received before `time`.
    public static func sources(
        of account: Account.ID, withEventsBefore time: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [AlertSource.ID] {
        try transaction.query(
            """
            SELECT s.id FROM alert_sources s WHERE s.account_id = :account
              AND (SELECT e.received_at_ms FROM events e WHERE e.alert_source_id = s.id ORDER BY e.id LIMIT 1) < :time
            ORDER BY s.id LIMIT :limit
            """, ["account": .init(account), "time": .init(time), "limit": .init(limit)]
        ).map { row throws(StorageError) in try row.id("id") }
    }

    /// - Returns: how many went; fewer than `limit` when no older ones are left.
    public static func events(
        of source: AlertSource.ID, before time: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            """
            DELETE FROM events WHERE received_at_ms < :time
              AND id IN (SELECT id FROM events WHERE alert_source_id = :source ORDER BY id LIMIT :limit)
            RETURNING id
            """, ["source": .init(source), "time": .init(time), "limit": .init(limit)]
        ).count
    }

    /// The oldest of all the account's sources.
    public static func events(
        of account: Account.ID, count: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        // The sign keeps the search in the order of the ids, instead of collecting every source's events first.
        try transaction.query(
            """
            DELETE FROM events WHERE id IN (SELECT e.id FROM events e
                WHERE +e.alert_source_id IN (SELECT s.id FROM alert_sources s WHERE s.account_id = :account)
                ORDER BY e.id LIMIT :limit)
            RETURNING id
            """, ["account": .init(account), "limit": .init(count)]
        ).count
    }

    /// Alerts that were resolved before `time`, with their timeline, timers and messages; their requests stay in the
    /// event explorer.
    ///
    /// - Parameter time: `nil`: whenever it was.
    public static func alerts(
        of account: Account.ID, resolvedBefore time: Timestamp?, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        // Raised before it was resolved: so the index by the time of raising leads to them.
        let ids = try transaction.query(
            """
            SELECT a.id FROM alerts a
            WHERE a.account_id = :account AND a.status = 'resolved' AND a.raised_at_ms < :time
              AND a.resolved_at_ms < :time
              AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.alert_id = a.id AND m.status IN ('waiting', 'sending'))
            ORDER BY a.raised_at_ms, a.id LIMIT :limit
            """,
            [
                "account": .init(account), "time": .init(time ?? Timestamp(milliseconds: .max)),
                "limit": .init(limit),
            ])
        for row in ids {
            let id = SQLValue.integer(try row.integer("id"))
            try transaction.execute("UPDATE events SET alert_id = NULL WHERE alert_id = :id", ["id": id])
            try transaction.execute("DELETE FROM alerts WHERE id = :id AND status = 'resolved'", ["id": id])
        }
        return ids.count
    }

    /// Lines of the audit log.
    ///
    /// - Parameter time: `nil`: whenever they were written.
    public static func auditEntries(
        of account: Account.ID, before time: Timestamp?, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            """
            DELETE FROM audit_entries WHERE at_ms < :time
              AND id IN (SELECT id FROM audit_entries WHERE account_id = :account ORDER BY id LIMIT :limit)
            RETURNING id
            """,
            [
                "account": .init(account), "time": .init(time ?? Timestamp(milliseconds: .max)),
                "limit": .init(limit),
            ]
        ).count
    }

    /// Messages that are about no alert.
    ///
    /// - Parameter time: `nil`: whenever they were created.
    public static func messages(
        of account: Account.ID, before time: Timestamp?, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            """
            DELETE FROM messages WHERE created_at_ms < :time AND status NOT IN ('waiting', 'sending')
              AND id IN (SELECT id FROM messages WHERE account_id = :account AND alert_id IS NULL
                ORDER BY id LIMIT :limit)
            RETURNING id
            """,
            [
                "account": .init(account), "time": .init(time ?? Timestamp(milliseconds: .max)),
                "limit": .init(limit),
            ]
        ).count
    }

    /// Takes the codes out of messages that were sent to prove a contact, once they cannot be used any more.
    ///
    /// - Returns: how many had one.
    public static func codes(
        createdBefore time: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            """
            UPDATE messages SET body = NULL WHERE body IS NOT NULL
              AND id IN (SELECT id FROM messages WHERE purpose = 'verification' AND body IS NOT NULL
                AND status NOT IN ('waiting', 'sending') AND created_at_ms < :time
                ORDER BY created_at_ms, id LIMIT :limit)
            RETURNING id
            """, ["time": .init(time), "limit": .init(limit)]
        ).count
    }

    /// Changes of monitors' states and of services' statuses, fire drills and offers of shifts that were over before
    /// `time`.
    ///
    /// - Returns: how many went.
    public static func changes(
        before time: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        var count = 0
        for statement in changes {
            count += try transaction.query(statement, ["time": .init(time), "limit": .init(limit)]).count
        }
        return count
    }

    private static let changes = [
        """
        DELETE FROM monitor_events WHERE at_ms < :time
          AND id IN (SELECT id FROM monitor_events ORDER BY id LIMIT :limit)
        RETURNING id
        """,
        """
        DELETE FROM service_periods WHERE ended_at_ms < :time
          AND id IN (SELECT id FROM service_periods WHERE ended_at_ms IS NOT NULL ORDER BY id LIMIT :limit)
        RETURNING id
        """,
        """
        DELETE FROM drills WHERE ends_at_ms < :time AND id IN (SELECT id FROM drills ORDER BY id LIMIT :limit)
        RETURNING id
        """,
        """
        DELETE FROM shift_offers WHERE end_ms < :time
          AND id IN (SELECT id FROM shift_offers ORDER BY id LIMIT :limit)
        RETURNING id
        """,
    ]

    /// Addresses that have written nothing since `time`: the next word of theirs is the first again.
    public static func replySenders(
        silentSince time: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute("DELETE FROM reply_senders WHERE changed_at_ms < :time", ["time": .init(time)])
    }

    /// The same for one contact, whose code was used or gave way to another.
    public static func codes(
        of contact: Contact.ID, user: User.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE messages SET body = NULL WHERE user_id = :user AND contact_id = :contact
              AND purpose = 'verification' AND status NOT IN ('waiting', 'sending') AND body IS NOT NULL
            """, ["contact": .init(contact), "user": .init(user)])
    }
}
