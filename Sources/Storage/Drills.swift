public import Alerting

/// An exercise: everybody is paged on each contact and must answer.
public struct DrillRecord: Equatable, Sendable {
    public typealias ID = Identifier<DrillRecord>

    public var id: ID
    public var account: Account.ID
    public var name: String
    /// `nil`: the plan did.
    public var startedBy: User.ID?
    public var createdAt: Timestamp
    /// Answers count until then.
    public var endsAt: Timestamp

    public init(
        id: ID, account: Account.ID, name: String, startedBy: User.ID?, createdAt: Timestamp, endsAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.startedBy = startedBy
        self.createdAt = createdAt
        self.endsAt = endsAt
    }
}

/// One message of a drill, as its report shows it.
public struct DrillCall: Equatable, Sendable {
    public var user: User.ID
    /// `nil`: not known any more.
    public var channel: Channel?
    /// Where it went; `nil`: not known any more.
    public var target: String?
    /// `nil`: it is no longer kept.
    public var message: MessageRecord?
    public var answeredAt: Timestamp?
}

/// The `drills` and `drill_calls` tables.
public enum Drills {
    public static func insert(_ drill: DrillRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO drills (id, account_id, name, started_by, created_at_ms, ends_at_ms)
            VALUES (:id, :account, :name, :by, :created, :ends)
            """,
            [
                "id": .init(drill.id), "account": .init(drill.account), "name": .text(drill.name),
                "by": .init(drill.startedBy), "created": .init(drill.createdAt), "ends": .init(drill.endsAt),
            ])
    }

    public static func addCall(
        _ message: MessageRecord.ID, to drill: DrillRecord.ID, user: User.ID, on channel: Channel, target: String,
        in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO drill_calls (message_id, drill_id, user_id, channel, target)
            VALUES (:message, :drill, :user, :channel, :target)
            """,
            [
                "message": .init(message), "drill": .init(drill), "user": .init(user), "channel": .init(channel),
                "target": .text(target),
            ])
    }

    /// The first answer counts, while the drill runs.
    public static func answer(
        _ message: MessageRecord.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE drill_calls SET answered_at_ms = :now
            WHERE message_id = :message AND answered_at_ms IS NULL
              AND drill_id IN (SELECT id FROM drills WHERE ends_at_ms > :now)
            """,
            ["message": .init(message), "now": .init(now)])
    }

    /// Newest first.
    public static func list(
        account: Account.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [DrillRecord] {
        try transaction.query(
            """
            SELECT id, account_id, name, started_by, created_at_ms, ends_at_ms FROM drills
            WHERE account_id = :account ORDER BY id DESC LIMIT :limit
            """,
            ["account": .init(account), "limit": .init(limit)]
        ).map { row throws(StorageError) in
            DrillRecord(
                id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"),
                startedBy: try row.optionalID("started_by"), createdAt: try row.time("created_at_ms"),
                endsAt: try row.time("ends_at_ms"))
        }
    }

    /// By user and message.
    public static func calls(
        of drill: DrillRecord.ID, in transaction: any Transaction
    ) throws(StorageError) -> [DrillCall] {
        var calls: [DrillCall] = []
        for row in try transaction.query(
            """
            SELECT message_id, user_id, channel, target, answered_at_ms FROM drill_calls WHERE drill_id = :drill
            ORDER BY user_id, message_id LIMIT 5000
            """,
            ["drill": .init(drill)])
        {
            let message = try Messages.find(try row.id("message_id"), in: transaction)
            calls.append(
                DrillCall(
                    user: try row.id("user_id"), channel: try row.optionalName("channel") ?? message?.channel,
                    target: try row.optionalText("target") ?? message?.target, message: message,
                    answeredAt: try row.optionalTime("answered_at_ms")))
        }
        return calls
    }
}
