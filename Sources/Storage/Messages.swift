public import Alerting

/// One message to one contact, committed with the decision to send it.
public struct MessageRecord: Equatable, Sendable {
    public typealias ID = Identifier<MessageRecord>

    public enum Purpose: String, Sendable {
        case page
        case lastResort = "last_resort"
    }

    public enum Status: String, Sendable, CaseIterable {
        case waiting
        /// Claimed by a node until its lease ends.
        case sending
        case delivered, failed, cancelled
    }

    public var id: ID
    public var account: Account.ID
    public var alert: Alert.ID
    /// `nil` for the last-resort contact.
    public var user: User.ID?
    public var contact: Contact.ID?
    public var channel: Channel
    public var target: String
    public var purpose: Purpose
    /// 0-based.
    public var level: Int?
    public var delayMinutes: Int
    public var status: Status
    /// The instant that it was meant for; a later hand-over is marked as late.
    public var intended: Timestamp
    public var due: Timestamp
    /// Past it nothing is tried again.
    public var deadline: Timestamp
    public var attempts: Int
    public var reason: String?
    public var createdAt: Timestamp
    public var sentAt: Timestamp?

    public init(
        id: ID, account: Account.ID, alert: Alert.ID, user: User.ID?, contact: Contact.ID?, channel: Channel,
        target: String, purpose: Purpose = .page, level: Int?, delayMinutes: Int = 0, status: Status = .waiting,
        intended: Timestamp, due: Timestamp, deadline: Timestamp, attempts: Int = 0, reason: String? = nil,
        createdAt: Timestamp,
        sentAt: Timestamp? = nil
    ) {
        self.id = id
        self.account = account
        self.alert = alert
        self.user = user
        self.contact = contact
        self.channel = channel
        self.target = target
        self.purpose = purpose
        self.level = level
        self.delayMinutes = delayMinutes
        self.status = status
        self.intended = intended
        self.due = due
        self.deadline = deadline
        self.attempts = attempts
        self.reason = reason
        self.createdAt = createdAt
        self.sentAt = sentAt
    }
}

/// The `messages` table.
public enum Messages {
    static let columns = """
        id, account_id, alert_id, user_id, contact_id, channel, target, purpose, level, delay_min, status, \
        intended_at_ms, due_at_ms, deadline_ms, attempts, reason, created_at_ms, sent_at_ms
        """

    /// Queues a message.
    ///
    /// - Returns: `false` when one to the same target with the same delay waits already, for its instant or for the
    ///   next attempt; that older one stays.
    public static func insert(
        _ message: MessageRecord, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        guard try !isTriedAgain(message, in: transaction) else { return false }
        return try !transaction.query(
            """
            INSERT INTO messages (id, account_id, alert_id, user_id, contact_id, channel, target, purpose, level,
                delay_min, status, intended_at_ms, due_at_ms, deadline_ms, attempts, reason, created_at_ms)
            VALUES (:id, :account, :alert, :user, :contact, :channel, :target, :purpose, :level, :delay, 'waiting',
                :intended, :due, :deadline, 0, :reason, :created)
            ON CONFLICT (alert_id, channel, target, delay_min) WHERE status = 'waiting' DO NOTHING
            RETURNING id
            """,
            [
                "id": .init(message.id), "account": .init(message.account), "alert": .init(message.alert),
                "user": .init(message.user), "contact": .init(message.contact), "channel": .init(message.channel),
                "target": .text(message.target), "purpose": .init(message.purpose),
                "level": .init(message.level.map(Int64.init)), "delay": .init(message.delayMinutes),
                "intended": .init(message.intended), "due": .init(message.due), "deadline": .init(message.deadline),
                "reason": .init(message.reason),
                "created": .init(message.createdAt),
            ]
        ).isEmpty
    }

    /// Takes up to `limit` messages of a channel that are due, or whose sender's lease ended, oldest first.
    public static func claimDue(
        _ channel: Channel, at now: Timestamp, until lease: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        try transaction.query(
            """
            UPDATE messages SET status = 'sending', lease_until_ms = :lease, due_at_ms = :lease,
                attempts = attempts + 1
            WHERE channel = :channel AND status IN ('waiting', 'sending') AND due_at_ms <= :now
              AND id IN (SELECT id FROM messages
                WHERE channel = :channel AND status IN ('waiting', 'sending') AND due_at_ms <= :now
                ORDER BY due_at_ms, id LIMIT :limit)
            RETURNING \(columns)
            """,
            ["lease": .init(lease), "channel": .init(channel), "now": .init(now), "limit": .init(limit)]
        ).map(record).sorted { $0.id < $1.id }
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
    public static func delivered(
        _ id: MessageRecord.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE messages SET status = 'delivered', sent_at_ms = :now, lease_until_ms = NULL
            WHERE id = :id AND status = 'sending' RETURNING id
            """,
            ["id": .init(id), "now": .init(now)]
        ).isEmpty
    }

    /// Puts a claimed message back, to be tried at `due`.
    ///
    /// - Returns: `false` when it is not being sent any more: another node has finished it.
    public static func retry(
        _ id: MessageRecord.ID, at due: Timestamp, reason: String, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        // The status stays 'sending', but without a lease: the row never collides with a newer one that waits.
        try !transaction.query(
            """
            UPDATE messages SET due_at_ms = :due, lease_until_ms = NULL, reason = :reason
            WHERE id = :id AND status = 'sending' RETURNING id
            """,
            ["id": .init(id), "due": .init(due), "reason": .text(reason)]
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

    /// Cancels what waits of an alert, for its instant or for another attempt; what is on its way is for its node to
    /// finish.
    ///
    /// - Returns: what was cancelled, by id.
    public static func cancelWaiting(
        of alert: Alert.ID, reason: String, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        try transaction.query(
            """
            UPDATE messages SET status = 'cancelled', reason = :reason
            WHERE alert_id = :alert AND (status = 'waiting' OR status = 'sending' AND lease_until_ms IS NULL)
            RETURNING \(columns)
            """,
            ["alert": .init(alert), "reason": .text(reason)]
        ).map(record).sorted { $0.id < $1.id }
    }

    /// Cancels what waits for somebody who is gone; what a node has claimed is its own to finish.
    public static func cancelWaiting(
        for user: User.ID, reason: String, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE messages SET status = 'cancelled', reason = :reason WHERE user_id = :user AND status = 'waiting'",
            ["user": .init(user), "reason": .text(reason)])
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
            WHERE alert_id = :alert AND channel = :channel AND target = :target
              AND (status = 'waiting' AND due_at_ms <= :now OR status = 'sending' AND lease_until_ms IS NULL)
            RETURNING \(columns)
            """,
            [
                "alert": .init(message.alert), "channel": .init(message.channel), "target": .text(message.target),
                "now": .init(now), "reason": .text(reason),
            ]
        ).map(record).sorted { $0.id < $1.id }
    }

    /// All of one alert's, by id.
    public static func list(
        of alert: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        try transaction.query(
            "SELECT \(columns) FROM messages WHERE alert_id = :alert ORDER BY id LIMIT 1000",
            ["alert": .init(alert)]
        ).map(record)
    }

    public static func find(
        _ id: MessageRecord.ID, in transaction: any Transaction
    ) throws(StorageError) -> MessageRecord? {
        try transaction.query("SELECT \(columns) FROM messages WHERE id = :id", ["id": .init(id)]).first.map(record)
    }

    /// When the next message of a channel is due.
    public static func nextDue(
        _ channel: Channel, in transaction: any Transaction
    ) throws(StorageError) -> Timestamp? {
        try transaction.query(
            """
            SELECT due_at_ms FROM messages WHERE channel = :channel AND status IN ('waiting', 'sending')
            ORDER BY due_at_ms, id LIMIT 1
            """,
            ["channel": .init(channel)]
        ).first?.time("due_at_ms")
    }

    /// Which messages of a channel are due, the oldest first.
    public static func due(
        _ channel: Channel, at now: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord.ID] {
        try transaction.query(
            """
            SELECT id FROM messages WHERE channel = :channel AND status IN ('waiting', 'sending') AND due_at_ms <= :now
            ORDER BY due_at_ms, id LIMIT :limit
            """,
            ["channel": .init(channel), "now": .init(now), "limit": .init(limit)]
        ).map { row throws(StorageError) in try row.id("id") }
    }

    /// Takes one message that is due; `nil` when somebody else was first.
    public static func claim(
        _ id: MessageRecord.ID, at now: Timestamp, until lease: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> MessageRecord? {
        try transaction.query(
            """
            UPDATE messages SET status = 'sending', lease_until_ms = :lease, due_at_ms = :lease,
                attempts = attempts + 1
            WHERE id = :id AND status IN ('waiting', 'sending') AND due_at_ms <= :now
            RETURNING \(columns)
            """,
            ["lease": .init(lease), "id": .init(id), "now": .init(now)]
        ).first.map(record)
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
              AND delay_min = :delay AND status = 'sending' AND lease_until_ms IS NULL LIMIT 1
            """,
            [
                "alert": .init(message.alert), "channel": .init(message.channel), "target": .text(message.target),
                "delay": .init(message.delayMinutes),
            ]
        ).isEmpty
    }

    static func record(_ row: Row) throws(StorageError) -> MessageRecord {
        MessageRecord(
            id: try row.id("id"), account: try row.id("account_id"), alert: try row.id("alert_id"),
            user: try row.optionalID("user_id"), contact: try row.optionalID("contact_id"),
            channel: try row.name("channel"), target: try row.text("target"), purpose: try row.name("purpose"),
            level: try row.optionalInteger("level").map(Int.init), delayMinutes: try row.int("delay_min"),
            status: try row.name("status"), intended: try row.time("intended_at_ms"), due: try row.time("due_at_ms"),
            deadline: try row.time("deadline_ms"),
            attempts: try row.int("attempts"), reason: try row.optionalText("reason"),
            createdAt: try row.time("created_at_ms"), sentAt: try row.optionalTime("sent_at_ms"))
    }
}
