public import Alerting

/// Somebody was paged about an alert.
public struct PagedPerson: Equatable, Sendable {
    public var user: User.ID
    public var alert: Alert.ID
    /// When first.
    public var at: Timestamp
}

/// Who was paged how often, out of the `messages` table.
public enum PageCounts {
    /// One entry for each person and alert, by time; of very many the first.
    ///
    /// Only what was handed over counts.
    public static func list(
        of users: Set<User.ID>, in span: TimeSpan, _ transaction: any Transaction
    ) throws(StorageError) -> [PagedPerson] {
        guard !users.isEmpty else { return [] }
        var arguments: Arguments = ["start": .init(span.start), "end": .init(span.end)]
        let wanted = arguments.list(users.sorted(), as: "user")
        let rows = try transaction.query(
            """
            SELECT user_id, alert_id, min(created_at_ms) AS first_ms FROM messages
            WHERE user_id IN (\(wanted)) AND created_at_ms >= :start AND created_at_ms < :end
              AND purpose = 'page' AND status = 'delivered' AND alert_id IS NOT NULL
            GROUP BY user_id, alert_id ORDER BY first_ms, user_id, alert_id LIMIT 100000
            """, arguments)
        var pages: [PagedPerson] = []
        for row in rows {
            pages.append(
                PagedPerson(user: try row.id("user_id"), alert: try row.id("alert_id"), at: try row.time("first_ms")))
        }
        return pages
    }
}
