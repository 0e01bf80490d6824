public import Alerting

/// Alerts whose paging stands still for a while.
public enum Snoozes {
    /// Moves what the alert waits for and remembers until when.
    ///
    /// - Parameters:
    ///   - end: `nil`: paging goes on.
    ///   - pause: how much later everything happens; negative when a snooze ends early.
    public static func set(
        _ id: Alert.ID, until end: Timestamp?, pause: Duration, state: Escalation.State,
        in transaction: any Transaction
    ) throws(StorageError) {
        let escalation = EscalationColumns(state)
        try transaction.execute(
            """
            UPDATE alerts SET snoozed_until_ms = :end, escalation_due_ms = :due
            WHERE id = :id AND status = 'pending'
            """,
            ["end": .init(end), "due": .init(escalation.due), "id": .init(id)])
        try transaction.execute(
            """
            UPDATE messages SET due_at_ms = due_at_ms + :pause, intended_at_ms = intended_at_ms + :pause,
                deadline_ms = deadline_ms + :pause
            WHERE alert_id = :id AND (status = 'waiting' OR status = 'sending' AND lease_until_ms IS NULL)
            """,
            ["pause": .init(pause), "id": .init(id)])
    }

    /// Paging goes on; what it waits for has been moved already.
    public static func end(_ id: Alert.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("UPDATE alerts SET snoozed_until_ms = NULL WHERE id = :id", ["id": .init(id)])
    }

    /// Whether anything of the alert waits to be sent.
    public static func hasWaiting(_ id: Alert.ID, in transaction: any Transaction) throws(StorageError) -> Bool {
        try !transaction.query(
            "SELECT id FROM messages WHERE alert_id = :id AND status IN ('waiting', 'sending') ORDER BY id LIMIT 1",
            ["id": .init(id)]
        ).isEmpty
    }
}
