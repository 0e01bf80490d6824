public import Alerting

/// A mail about no alert, committed with the decision to send it and removed when it is done.
public struct NoticeRecord: Equatable, Sendable {
    public typealias ID = Identifier<NoticeRecord>

    public var id: ID
    public var account: Account.ID
    /// An email address.
    public var target: String
    public var subject: String
    public var body: String
    public var attempts: Int
    public var due: Timestamp
    /// Past it nothing is tried again.
    public var deadline: Timestamp
    public var createdAt: Timestamp

    public init(
        id: ID, account: Account.ID, target: String, subject: String, body: String, attempts: Int = 0,
        due: Timestamp, deadline: Timestamp, createdAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.target = target
        self.subject = subject
        self.body = body
        self.attempts = attempts
        self.due = due
        self.deadline = deadline
        self.createdAt = createdAt
    }
}

/// The `notices` table.
public enum Notices {
    public static func insert(_ notice: NoticeRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO notices (id, account_id, target, subject, body, attempts, due_at_ms, deadline_ms, created_at_ms)
            VALUES (:id, :account, :target, :subject, :body, :attempts, :due, :deadline, :created)
            """,
            [
                "id": .init(notice.id), "account": .init(notice.account), "target": .text(notice.target),
                "subject": .text(notice.subject), "body": .text(notice.body), "attempts": .init(notice.attempts),
                "due": .init(notice.due), "deadline": .init(notice.deadline), "created": .init(notice.createdAt),
            ])
    }

    /// Takes up to `limit` due notices until `lease`, the oldest first: whoever dies while sending finds them again.
    public static func claimDue(
        at now: Timestamp, until lease: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [NoticeRecord] {
        try transaction.query(
            """
            UPDATE notices SET due_at_ms = :lease, attempts = attempts + 1
            WHERE due_at_ms <= :now
              AND id IN (SELECT id FROM notices WHERE due_at_ms <= :now ORDER BY due_at_ms, id LIMIT :limit)
            RETURNING id, account_id, target, subject, body, attempts, due_at_ms, deadline_ms, created_at_ms
            """,
            ["now": .init(now), "lease": .init(lease), "limit": .init(limit)]
        ).map(notice).sorted { $0.id < $1.id }
    }

    public static func postpone(
        _ id: NoticeRecord.ID, to due: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE notices SET due_at_ms = :due WHERE id = :id", ["due": .init(due), "id": .init(id)])
    }

    /// It was handed over, or is given up.
    public static func finish(_ id: NoticeRecord.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM notices WHERE id = :id", ["id": .init(id)])
    }

    public static func nextDue(in transaction: any Transaction) throws(StorageError) -> Timestamp? {
        try transaction.query("SELECT due_at_ms FROM notices ORDER BY due_at_ms, id LIMIT 1", [:])
            .first?.time("due_at_ms")
    }

    private static func notice(_ row: Row) throws(StorageError) -> NoticeRecord {
        NoticeRecord(
            id: try row.id("id"), account: try row.id("account_id"), target: try row.text("target"),
            subject: try row.text("subject"), body: try row.text("body"), attempts: try row.int("attempts"),
            due: try row.time("due_at_ms"), deadline: try row.time("deadline_ms"),
            createdAt: try row.time("created_at_ms"))
    }
}
