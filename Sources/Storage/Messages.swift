public import Alerting

/// The `messages` table.
public enum Messages {
    /// Queues a message.
    ///
    /// - Returns: `false` when one of its purpose to the same target with the same delay waits already, for its instant
    ///   or for the next attempt, or when one with its key is there; that older one stays.
    public static func insert(
        _ message: MessageRecord, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        guard try !isTriedAgain(message, in: transaction), try !isThere(message, in: transaction) else {
            return false
        }
        return try !transaction.query(
            """
            INSERT INTO messages (id, account_id, alert_id, user_id, contact_id, channel, target, purpose, level,
                delay_min, status, intended_at_ms, due_at_ms, deadline_ms, attempts, reason, created_at_ms, rank,
                alert_source_id, subject, body, short_code, once_key)
            VALUES (:id, :account, :alert, :user, :contact, :channel, :target, :purpose, :level, :delay, 'waiting',
                :intended, :due, :deadline, 0, :reason, :created, :rank, :source, :subject, :body, :code, :once)
            ON CONFLICT (alert_id, channel, target, delay_min, purpose) WHERE status = 'waiting' DO NOTHING
            RETURNING id
            """,
            [
                "id": .init(message.id), "account": .init(message.account), "alert": .init(message.alert),
                "user": .init(message.user), "contact": .init(message.contact), "channel": .init(message.channel),
                "target": .text(message.target), "purpose": .init(message.purpose),
                "level": .init(message.level.map(Int64.init)), "delay": .init(message.delayMinutes),
                "intended": .init(message.intended), "due": .init(message.due), "deadline": .init(message.deadline),
                "reason": .init(message.reason), "created": .init(message.createdAt),
                "rank": .init(message.rank.rawValue), "source": .init(message.source),
                "subject": .init(message.subject), "body": .init(message.body),
                "code": .init(message.shortCode.map(Int64.init)), "once": .init(message.onceKey),
            ]
        ).isEmpty
    }

    /// Adds to what waits for the same address about the same alert and is no page, so that it goes out as one.
    ///
    /// - Returns: `false` when nothing waits, or what waits says it already.
    public static func append(
        _ message: MessageRecord, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE messages SET subject = :subject, body = substr(body || :newline || :body, 1, 8000), once_key = :once
            WHERE alert_id = :alert AND channel = :channel AND target = :target AND purpose = :purpose
              AND delay_min = :delay AND status = 'waiting' AND body IS NOT NULL
              AND (once_key IS NULL OR once_key <> :once)
            RETURNING id
            """,
            [
                "subject": .init(message.subject), "body": .init(message.body), "newline": .text("\n"),
                "once": .init(message.onceKey), "alert": .init(message.alert), "channel": .init(message.channel),
                "target": .text(message.target), "purpose": .init(message.purpose),
                "delay": .init(message.delayMinutes),
            ]
        ).isEmpty
    }

    /// Makes what was claimed due at once: for a start at which every node that could have claimed it is dead.
    ///
    /// - Returns: how many messages that were.
    public static func endLeases(at now: Timestamp, in transaction: any Transaction) throws(StorageError) -> Int {
        try transaction.query(
            """
            UPDATE messages SET due_at_ms = :now, lease_until_ms = NULL
            WHERE status = 'sending' AND lease_until_ms > :now
            RETURNING id
            """, ["now": .init(now)]
        ).count
    }

    /// - Returns: `false` when it is not being sent any more: another node has finished it.
    ///
    /// - Parameter receipt: the provider's name for it, with which it reports later.
    public static func delivered(
        _ id: MessageRecord.ID, receipt: String? = nil, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE messages SET status = 'delivered', sent_at_ms = :now, lease_until_ms = NULL, receipt = :receipt
            WHERE id = :id AND status = 'sending' RETURNING id
            """,
            ["id": .init(id), "now": .init(now), "receipt": .init(receipt)]
        ).isEmpty
    }

    /// Puts a claimed message back, to be tried at `due`.
    ///
    /// - Parameter provider: the one that is to try.
    /// - Returns: `false` when it is not being sent any more: another node has finished it.
    public static func retry(
        _ id: MessageRecord.ID, at due: Timestamp, reason: String, provider: Int = 0, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        // The status stays 'sending', but without a lease: the row never collides with a newer one that waits.
        try !transaction.query(
            """
            UPDATE messages SET due_at_ms = :due, lease_until_ms = NULL, reason = :reason, provider = :provider
            WHERE id = :id AND status = 'sending' RETURNING id
            """,
            ["id": .init(id), "due": .init(due), "reason": .text(reason), "provider": .init(provider)]
        ).isEmpty
    }

    /// - Returns: `false` when it is not being sent any more: another node has finished it.
    public static func failed(
        _ id: MessageRecord.ID, reason: String, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE messages SET status = 'failed', reason = :reason, lease_until_ms = NULL
            WHERE id = :id AND status = 'sending' RETURNING id
            """,
            ["id": .init(id), "reason": .text(reason)]
        ).isEmpty
    }

    /// - Returns: `false` when it is not being sent any more: another node has finished it.
    public static func cancel(
        _ id: MessageRecord.ID, reason: String, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE messages SET status = 'cancelled', reason = :reason, lease_until_ms = NULL
            WHERE id = :id AND status = 'sending' RETURNING id
            """,
            ["id": .init(id), "reason": .text(reason)]
        ).isEmpty
    }

    /// Cancels the pages and questions of an alert that wait, for their instant or for another attempt; what is on its
    /// way is for its node to finish.
    ///
    /// - Returns: what was cancelled, by id.
    public static func cancelWaiting(
        of alert: Alert.ID, reason: String, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        try transaction.query(
            """
            UPDATE messages SET status = 'cancelled', reason = :reason
            WHERE alert_id = :alert AND purpose IN ('page', 'last_resort', 'ask')
              AND (status = 'waiting' OR status = 'sending' AND lease_until_ms IS NULL)
            RETURNING \(MessageRecord.columns)
            """,
            ["alert": .init(alert), "reason": .text(reason)]
        ).map(MessageRecord.init).sorted { $0.id < $1.id }
    }

    /// Cancels what waits for somebody who is gone; what a node has claimed is its own to finish.
    ///
    /// - Returns: what was cancelled, by id.
    public static func cancelWaiting(
        for user: User.ID, reason: String, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        try transaction.query(
            """
            UPDATE messages SET status = 'cancelled', reason = :reason WHERE user_id = :user AND status = 'waiting'
            RETURNING \(MessageRecord.columns)
            """,
            ["user": .init(user), "reason": .text(reason)]
        ).map(MessageRecord.init).sorted { $0.id < $1.id }
    }

    /// Cancels what should have reached the target of `message` before it did: after an outage one is enough.
    ///
    /// - Returns: what was cancelled, by id.
    public static func cancelOverdue(
        besides message: MessageRecord, at now: Timestamp, reason: String, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        try transaction.query(
            """
            UPDATE messages SET status = 'cancelled', reason = :reason
            WHERE alert_id = :alert AND channel = :channel AND target = :target AND purpose = :purpose
              AND (status = 'waiting' AND due_at_ms <= :now OR status = 'sending' AND lease_until_ms IS NULL)
            RETURNING \(MessageRecord.columns)
            """,
            [
                "alert": .init(message.alert), "channel": .init(message.channel), "target": .text(message.target),
                "purpose": .init(message.purpose), "now": .init(now), "reason": .text(reason),
            ]
        ).map(MessageRecord.init).sorted { $0.id < $1.id }
    }

    /// All of one alert's, by id.
    public static func list(
        of alert: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        try transaction.query(
            "SELECT \(MessageRecord.columns) FROM messages WHERE alert_id = :alert ORDER BY id LIMIT 1000",
            ["alert": .init(alert)]
        ).map(MessageRecord.init)
    }

    public static func find(
        _ id: MessageRecord.ID, in transaction: any Transaction
    ) throws(StorageError) -> MessageRecord? {
        try transaction.query("SELECT \(MessageRecord.columns) FROM messages WHERE id = :id", ["id": .init(id)]).first
            .map(MessageRecord.init)
    }

    /// Looks at an open message later; neither its state nor its attempts change.
    public static func postpone(
        _ id: MessageRecord.ID, to due: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE messages SET due_at_ms = :due WHERE id = :id AND status IN ('waiting', 'sending')",
            ["id": .init(id), "due": .init(due)])
    }

    /// How many messages wait by channel, with the instant that the oldest was meant for, however often it was put off
    /// since; for metrics.
    public static func queues(
        in transaction: any Transaction
    ) throws(StorageError) -> [(channel: Channel, waiting: Int, oldestIntended: Timestamp)] {
        try transaction.query(
            """
            SELECT channel, count(*) AS count, min(intended_at_ms) AS oldest FROM messages
            WHERE status IN ('waiting', 'sending') GROUP BY channel ORDER BY channel LIMIT 20
            """, [:]
        ).map { row throws(StorageError) in
            (try row.name("channel"), try row.int("count"), try row.time("oldest"))
        }
    }

    /// Whether one to the same target with the same delay waits for its next attempt.
    private static func isTriedAgain(
        _ message: MessageRecord, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            SELECT id FROM messages WHERE alert_id = :alert AND channel = :channel AND target = :target
              AND delay_min = :delay AND purpose = :purpose AND status = 'sending' AND lease_until_ms IS NULL LIMIT 1
            """,
            [
                "alert": .init(message.alert), "channel": .init(message.channel), "target": .text(message.target),
                "delay": .init(message.delayMinutes), "purpose": .init(message.purpose),
            ]
        ).isEmpty
    }

    /// Whether one with the same key to the same address was queued before.
    private static func isThere(
        _ message: MessageRecord, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        guard let key = message.onceKey else { return false }
        return try !transaction.query(
            "SELECT id FROM messages WHERE once_key = :key AND channel = :channel AND target = :target LIMIT 1",
            ["key": .text(key), "channel": .init(message.channel), "target": .text(message.target)]
        ).isEmpty
    }
}
