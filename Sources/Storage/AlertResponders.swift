public import Alerting

/// Who was called to an alert, from its messages and its timeline.
public enum AlertResponders {
    /// Everybody whom a page went or goes out to, in the order of their first pages; who was taken off since is left
    /// out. Alerts without any are missing.
    public static func list(
        of alerts: [Alert.ID], in transaction: any Transaction
    ) throws(StorageError) -> [Alert.ID: [User.ID]] {
        var arguments: Arguments = [:]
        let wanted = arguments.list(alerts, as: "alert")
        let rows = try transaction.query(
            """
            SELECT m.alert_id, m.user_id, min(m.id) AS first_id FROM messages m
            WHERE m.alert_id IN (\(wanted)) AND m.user_id IS NOT NULL AND m.status <> 'cancelled'
              AND m.purpose = 'page'
              AND NOT EXISTS (SELECT 1 FROM timeline t WHERE t.alert_id = m.alert_id AND t.user_id = m.user_id
                AND t.kind = 'responder_removed' AND t.at_ms >= m.created_at_ms)
            GROUP BY m.alert_id, m.user_id ORDER BY m.alert_id, first_id LIMIT 10000
            """, arguments)
        var responders: [Alert.ID: [User.ID]] = [:]
        for row in rows { responders[try row.id("alert_id"), default: []].append(try row.id("user_id")) }
        return responders
    }

    /// Cancels what waits of an alert for one person, for its instant or for another attempt; what is on its way is
    /// for its node to finish.
    ///
    /// - Returns: what was cancelled, by id.
    public static func cancelWaiting(
        of alert: Alert.ID, for user: User.ID, reason: String, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        try transaction.query(
            """
            UPDATE messages SET status = 'cancelled', reason = :reason
            WHERE alert_id = :alert AND user_id = :user AND purpose = 'page'
              AND (status = 'waiting' OR status = 'sending' AND lease_until_ms IS NULL)
            RETURNING \(MessageRecord.columns)
            """,
            ["alert": .init(alert), "user": .init(user), "reason": .text(reason)]
        ).map(MessageRecord.init).sorted { $0.id < $1.id }
    }
}
