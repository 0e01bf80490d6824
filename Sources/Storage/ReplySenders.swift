public import Alerting

/// The `reply_senders` table: addresses that wrote to us, and how many of their messages in a row meant nothing.
public enum ReplySenders {
    public static func nonsense(from address: String, in transaction: any Transaction) throws(StorageError) -> Int {
        try transaction.query(
            "SELECT nonsense FROM reply_senders WHERE address = :address LIMIT 1", ["address": .text(address)]
        ).first?.int("nonsense") ?? 0
    }

    public static func setNonsense(
        _ count: Int, from address: String, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO reply_senders (address, nonsense, changed_at_ms) VALUES (:address, :count, :now)
            ON CONFLICT (address) DO UPDATE SET nonsense = excluded.nonsense, changed_at_ms = excluded.changed_at_ms
            """,
            ["address": .text(address), "count": .init(count), "now": .init(now)])
    }
}

extension Messages {
    /// The pending alerts that an address was paged about on a channel, oldest first, each with its newest message.
    public static func pendingPages(
        to target: String, on channel: Channel, in transaction: any Transaction
    ) throws(StorageError) -> [(alert: Alert.ID, message: MessageRecord.ID)] {
        try transaction.query(
            """
            SELECT m.alert_id, max(m.id) AS message_id FROM messages m JOIN alerts a ON a.id = m.alert_id
            WHERE m.target = :target AND m.channel = :channel AND m.status = 'delivered'
              AND m.purpose IN ('page', 'last_resort') AND a.status = 'pending'
            GROUP BY m.alert_id ORDER BY m.alert_id LIMIT 200
            """,
            ["target": .text(target), "channel": .init(channel)]
        ).map { row throws(StorageError) in (try row.id("alert_id"), try row.id("message_id")) }
    }
}
