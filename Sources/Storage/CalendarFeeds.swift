public import Alerting

/// The secret address of a calendar.
public struct FeedRecord: Equatable, Sendable {
    public enum Owner: Equatable, Sendable {
        case schedule(OnCallSchedule.ID)
        case user(User.ID)
    }

    public var token: String
    public var account: Account.ID
    public var owner: Owner
    public var createdAt: Timestamp

    public init(token: String, account: Account.ID, owner: Owner, createdAt: Timestamp) {
        self.token = token
        self.account = account
        self.owner = owner
        self.createdAt = createdAt
    }
}

/// The `calendar_feeds` table.
public enum CalendarFeeds {
    /// Takes the place of the owner's feed of before.
    public static func replace(_ feed: FeedRecord, in transaction: any Transaction) throws(StorageError) {
        let (schedule, user) = ids(of: feed.owner)
        try transaction.execute(
            """
            DELETE FROM calendar_feeds
            WHERE on_call_schedule_id = CAST(:schedule AS BIGINT) OR user_id = CAST(:user AS BIGINT)
            """,
            ["schedule": schedule, "user": user])
        try transaction.execute(
            """
            INSERT INTO calendar_feeds (token, account_id, on_call_schedule_id, user_id, created_at_ms)
            VALUES (:token, :account, :schedule, :user, :created_at_ms)
            """,
            [
                "token": .text(feed.token), "account": .init(feed.account), "schedule": schedule, "user": user,
                "created_at_ms": .init(feed.createdAt),
            ])
    }

    public static func find(token: String, in transaction: any Transaction) throws(StorageError) -> FeedRecord? {
        try find("WHERE token = :token", ["token": .text(token)], in: transaction)
    }

    public static func find(
        _ owner: FeedRecord.Owner, in transaction: any Transaction
    ) throws(StorageError) -> FeedRecord? {
        switch owner {
        case .schedule(let id):
            try find("WHERE on_call_schedule_id = :id", ["id": .init(id)], in: transaction)
        case .user(let id):
            try find("WHERE user_id = :id", ["id": .init(id)], in: transaction)
        }
    }

    private static func find(
        _ condition: String, _ arguments: Arguments, in transaction: any Transaction
    ) throws(StorageError) -> FeedRecord? {
        let rows = try transaction.query(
            """
            SELECT token, account_id, on_call_schedule_id, user_id, created_at_ms FROM calendar_feeds \(condition)
            """, arguments)
        guard let row = rows.first else { return nil }
        let schedule: OnCallSchedule.ID? = try row.optionalID("on_call_schedule_id")
        let owner: FeedRecord.Owner
        if let schedule { owner = .schedule(schedule) } else { owner = .user(try row.id("user_id")) }
        return FeedRecord(
            token: try row.text("token"), account: try row.id("account_id"), owner: owner,
            createdAt: try row.time("created_at_ms"))
    }

    private static func ids(of owner: FeedRecord.Owner) -> (schedule: SQLValue, user: SQLValue) {
        switch owner {
        case .schedule(let id): (.init(id), .null)
        case .user(let id): (.null, .init(id))
        }
    }
}
