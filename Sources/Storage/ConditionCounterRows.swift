public import Alerting

/// The `condition_counters` table: how often an alert source's counting conditions were asked.
public enum ConditionCounterRows {
    public static func find(
        source: AlertSource.ID, in transaction: any Transaction
    ) throws(StorageError) -> ConditionCounters {
        let rows = try transaction.query(
            """
            SELECT name, count, ends_at_ms FROM condition_counters WHERE alert_source_id = :source
            ORDER BY name LIMIT 100
            """,
            ["source": .init(source)])
        var counters = ConditionCounters()
        for row in rows {
            counters.windows[try row.text("name")] = .init(
                count: try row.int("count"), endsAt: try row.time("ends_at_ms"))
        }
        return counters
    }

    /// Writes what differs between `old` and `new`.
    public static func update(
        from old: ConditionCounters, to new: ConditionCounters, source: AlertSource.ID,
        in transaction: any Transaction
    ) throws(StorageError) {
        for (name, window) in new.windows where old.windows[name] != window {
            try transaction.execute(
                """
                INSERT INTO condition_counters (alert_source_id, name, count, ends_at_ms)
                VALUES (:source, :name, :count, :ends)
                ON CONFLICT (alert_source_id, name)
                DO UPDATE SET count = excluded.count, ends_at_ms = excluded.ends_at_ms
                """,
                [
                    "source": .init(source), "name": .text(name), "count": .init(window.count),
                    "ends": .init(window.endsAt),
                ])
        }
        for name in old.windows.keys where new.windows[name] == nil {
            try transaction.execute(
                "DELETE FROM condition_counters WHERE alert_source_id = :source AND name = :name",
                ["source": .init(source), "name": .text(name)])
        }
    }
}
