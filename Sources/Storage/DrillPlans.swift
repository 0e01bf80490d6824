public import Alerting

/// A fire drill that comes again by itself.
public struct DrillPlanRecord: Equatable, Sendable {
    public typealias ID = Identifier<DrillPlanRecord>

    public var id: ID
    public var account: Account.ID
    public var name: String
    /// Between two of them.
    public var weeks: Int
    /// What wall clocks show at the next one.
    public var nextLocal: LocalTime
    /// An IANA name.
    public var timeZone: String
    /// The same as an instant.
    public var next: Timestamp
    public var createdBy: User.ID?
    public var createdAt: Timestamp

    public init(
        id: ID, account: Account.ID, name: String, weeks: Int, nextLocal: LocalTime, timeZone: String,
        next: Timestamp, createdBy: User.ID?, createdAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.weeks = weeks
        self.nextLocal = nextLocal
        self.timeZone = timeZone
        self.next = next
        self.createdBy = createdBy
        self.createdAt = createdAt
    }
}

/// The `drill_plans` table.
public enum DrillPlans {
    public static func insert(_ plan: DrillPlanRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO drill_plans (id, account_id, name, weeks, next_local, time_zone, next_at_ms, created_by,
                created_at_ms)
            VALUES (:id, :account, :name, :weeks, :local, :zone, :next, :by, :created)
            """,
            [
                "id": .init(plan.id), "account": .init(plan.account), "name": .text(plan.name),
                "weeks": .init(plan.weeks), "local": .text(plan.nextLocal.text), "zone": .text(plan.timeZone),
                "next": .init(plan.next), "by": .init(plan.createdBy), "created": .init(plan.createdAt),
            ])
    }

    /// Moves the plan on from `last`.
    ///
    /// - Returns: `false` when another node has done so.
    public static func advance(
        _ plan: DrillPlanRecord, from last: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE drill_plans SET next_local = :local, next_at_ms = :next
            WHERE id = :id AND next_at_ms = :last
            RETURNING id
            """,
            [
                "local": .text(plan.nextLocal.text), "next": .init(plan.next), "id": .init(plan.id),
                "last": .init(last),
            ]
        ).isEmpty
    }

    /// - Returns: `nil` when the account has no such plan.
    public static func delete(
        _ id: DrillPlanRecord.ID, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> String? {
        try transaction.query(
            "DELETE FROM drill_plans WHERE id = :id AND account_id = :account RETURNING name",
            ["id": .init(id), "account": .init(account)]
        ).first?.text("name")
    }

    /// What is due, the oldest first.
    public static func due(
        at now: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [DrillPlanRecord] {
        try transaction.query(
            """
            SELECT \(columns) FROM drill_plans WHERE next_at_ms <= :now ORDER BY next_at_ms, id LIMIT :limit
            """,
            ["now": .init(now), "limit": .init(limit)]
        ).map(plan)
    }

    public static func nextDue(in transaction: any Transaction) throws(StorageError) -> Timestamp? {
        try transaction.query("SELECT next_at_ms FROM drill_plans ORDER BY next_at_ms, id LIMIT 1", [:])
            .first?.time("next_at_ms")
    }

    /// By their next day.
    public static func list(
        account: Account.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [DrillPlanRecord] {
        try transaction.query(
            """
            SELECT \(columns) FROM drill_plans WHERE account_id = :account ORDER BY next_at_ms, id LIMIT :limit
            """,
            ["account": .init(account), "limit": .init(limit)]
        ).map(plan)
    }

    private static let columns = """
        id, account_id, name, weeks, next_local, time_zone, next_at_ms, created_by, created_at_ms
        """

    private static func plan(_ row: Row) throws(StorageError) -> DrillPlanRecord {
        guard let local = LocalTime(try row.text("next_local")) else { throw .unreadable(column: "next_local") }
        return DrillPlanRecord(
            id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"),
            weeks: try row.int("weeks"), nextLocal: local, timeZone: try row.text("time_zone"),
            next: try row.time("next_at_ms"), createdBy: try row.optionalID("created_by"),
            createdAt: try row.time("created_at_ms"))
    }
}
