public import Alerting

public struct StoredTimelineEntry: Equatable, Sendable {
    public var id: TimelineEntry.ID
    public var alert: Alert.ID
    public var entry: TimelineEntry
}

/// The `timeline` table.
public enum Timeline {
    /// Writes a line below those that the alert has. Ids say nothing about the order: each node draws them from blocks.
    public static func insert(
        _ entry: TimelineEntry, id: TimelineEntry.ID, alert: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.gather(
            inserting,
            [
                "id": .init(id), "alert": .init(alert), "at": .init(entry.at), "kind": .init(entry.kind),
                "actor": .text(ActorColumn.text(of: entry.actor)), "level": .init(entry.level.map(Int64.init)),
                "user": .init(entry.user), "reason": .init(entry.reason), "text": .init(entry.text),
                "nth": .integer(1),
            ])
    }

    private static let inserting = GatheredStatement(
        .timeline,
        """
        INSERT INTO timeline (id, alert_id, at_ms, kind, actor, level, user_id, reason, text, position)
        VALUES (:id, :alert, :at, :kind, :actor, :level, :user, :reason, :text,
            (SELECT coalesce(max(t.position), 0) FROM timeline t WHERE t.alert_id = :alert) + :nth)
        """, repeats: .numbered(by: ["alert"], as: "nth"))

    /// One alert's, oldest first.
    public static func list(
        of alert: Alert.ID, limit: Int = 1000, in transaction: any Transaction
    ) throws(StorageError) -> [StoredTimelineEntry] {
        try transaction.query(
            """
            SELECT id, alert_id, at_ms, kind, actor, level, user_id, reason, text FROM timeline
            WHERE alert_id = :alert ORDER BY position, id LIMIT :limit
            """,
            ["alert": .init(alert), "limit": .init(limit)]
        ).map { row throws(StorageError) in
            StoredTimelineEntry(
                id: try row.id("id"), alert: try row.id("alert_id"),
                entry: TimelineEntry(
                    at: try row.time("at_ms"), kind: try row.name("kind"), actor: try ActorColumn.actor(row, "actor"),
                    level: try row.optionalInteger("level").map(Int.init), user: try row.optionalID("user_id"),
                    reason: try row.optionalText("reason"), text: try row.optionalText("text")))
        }
    }
}
