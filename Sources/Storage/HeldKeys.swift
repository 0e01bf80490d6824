public import Alerting

/// A key that fails while its alert source is in maintenance.
public struct HeldKey: Equatable, Sendable {
    /// The folded alert key; of an event without one, its summary behind a mark that no key has.
    public var key: String
    /// The newest.
    public var event: AlertEvent
    public var count: Int
    public var firstAt: Timestamp
    public var lastAt: Timestamp

    /// Where an event without a key is held: by what it says.
    public static func name(of event: AlertEvent, key: AlertKey?) -> String {
        key?.folded ?? "\u{1}" + Limits.cut(event.summary.lowercased(), to: Limits.alertKey)
    }
}

/// The `held_keys` table.
public enum HeldKeys {
    /// Keeps `event`, in the place of an earlier one of its key.
    public static func hold(
        _ event: AlertEvent, key: AlertKey?, source: AlertSource.ID, at now: Timestamp,
        in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO held_keys (alert_source_id, held_key, event, event_count, first_at_ms, last_at_ms)
            VALUES (:source, :key, :event, 1, :now, :now)
            ON CONFLICT (alert_source_id, held_key) DO UPDATE SET event = excluded.event,
                event_count = held_keys.event_count + 1, last_at_ms = excluded.last_at_ms
            """,
            [
                "source": .init(source), "key": .text(HeldKey.name(of: event, key: key)),
                "event": .text(JSONColumn.text(of: event.json)), "now": .init(now),
            ])
    }

    /// Forgets a key that is well again.
    public static func release(
        _ key: AlertKey, source: AlertSource.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "DELETE FROM held_keys WHERE alert_source_id = :source AND held_key = :key",
            ["source": .init(source), "key": .text(key.folded)])
    }

    /// Alert sources that hold something back although no window is in force.
    public static func overdueSources(
        at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> [AlertSource.ID] {
        try transaction.query(
            """
            SELECT DISTINCT h.alert_source_id FROM held_keys h
            WHERE NOT EXISTS (SELECT 1 FROM maintenance_window_sources m
                JOIN maintenance_windows w ON w.id = m.maintenance_window_id
                WHERE m.alert_source_id = h.alert_source_id AND w.starts_at_ms <= :now AND w.ends_at_ms > :now)
            ORDER BY h.alert_source_id LIMIT 100
            """,
            ["now": .init(now)]
        ).map { row throws(StorageError) in try row.id("alert_source_id") }
    }

    /// Removes and returns up to `limit` of what a source holds back, by key.
    public static func take(
        from source: AlertSource.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [HeldKey] {
        try transaction.query(
            """
            DELETE FROM held_keys WHERE alert_source_id = :source AND held_key IN (
                SELECT held_key FROM held_keys WHERE alert_source_id = :source ORDER BY held_key LIMIT :limit)
            RETURNING held_key, event, event_count, first_at_ms, last_at_ms
            """,
            ["source": .init(source), "limit": .init(limit)]
        ).map(held).sorted { $0.key < $1.key }
    }

    /// What a source holds back, the newest first.
    public static func list(
        source: AlertSource.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [HeldKey] {
        try transaction.query(
            """
            SELECT held_key, event, event_count, first_at_ms, last_at_ms FROM held_keys
            WHERE alert_source_id = :source ORDER BY last_at_ms DESC, held_key LIMIT :limit
            """,
            ["source": .init(source), "limit": .init(limit)]
        ).map(held)
    }

    private static func held(_ row: Row) throws(StorageError) -> HeldKey {
        guard let event = AlertEvent(json: try JSONColumn.value(of: row.text("event"), "event")) else {
            throw .unreadable(column: "event")
        }
        return HeldKey(
            key: try row.text("held_key"), event: event, count: try row.int("event_count"),
            firstAt: try row.time("first_at_ms"), lastAt: try row.time("last_at_ms"))
    }
}
