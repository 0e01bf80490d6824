public import Alerting

/// Somebody asks others to take a shift of theirs.
public struct OfferRecord: Equatable, Sendable {
    public typealias ID = Identifier<OfferRecord>

    public enum Status: String, Sendable {
        case open, taken, withdrawn
    }

    public var id: ID
    public var schedule: OnCallSchedule.ID
    public var user: User.ID
    public var span: TimeSpan
    public var note: String
    public var status: Status
    public var takenBy: User.ID?
    public var createdAt: Timestamp

    public init(
        id: ID, schedule: OnCallSchedule.ID, user: User.ID, span: TimeSpan, note: String, status: Status = .open,
        takenBy: User.ID? = nil, createdAt: Timestamp
    ) {
        self.id = id
        self.schedule = schedule
        self.user = user
        self.span = span
        self.note = note
        self.status = status
        self.takenBy = takenBy
        self.createdAt = createdAt
    }
}

/// The `shift_offers` table.
public enum ShiftOffers {
    private static let columns = """
        id, on_call_schedule_id, user_id, start_ms, end_ms, note, status, taken_by, created_at_ms
        """

    public static func insert(_ offer: OfferRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO shift_offers (id, on_call_schedule_id, user_id, start_ms, end_ms, note, status, taken_by,
                created_at_ms)
            VALUES (:id, :schedule, :user, :start_ms, :end_ms, :note, :status, :taken_by, :created_at_ms)
            """,
            [
                "id": .init(offer.id), "schedule": .init(offer.schedule), "user": .init(offer.user),
                "start_ms": .init(offer.span.start), "end_ms": .init(offer.span.end), "note": .text(offer.note),
                "status": .init(offer.status), "taken_by": .init(offer.takenBy),
                "created_at_ms": .init(offer.createdAt),
            ])
    }

    /// Ends an offer that is open.
    ///
    /// - Returns: `false` when somebody was first.
    public static func close(
        _ id: OfferRecord.ID, _ status: OfferRecord.Status, by user: User.ID?, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE shift_offers SET status = :status, taken_by = :user WHERE id = :id AND status = 'open' RETURNING id
            """, ["status": .init(status), "user": .init(user), "id": .init(id)]
        ).isEmpty
    }

    public static func find(
        _ id: OfferRecord.ID, in transaction: any Transaction
    ) throws(StorageError) -> OfferRecord? {
        try transaction.query("SELECT \(columns) FROM shift_offers WHERE id = :id", ["id": .init(id)]).first.map(record)
    }

    /// Those of a schedule that are open and not over, by start.
    public static func open(
        of schedule: OnCallSchedule.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> [OfferRecord] {
        try transaction.query(
            """
            SELECT \(columns) FROM shift_offers
            WHERE on_call_schedule_id = :schedule AND status = 'open' AND end_ms > :now ORDER BY start_ms, id LIMIT 200
            """, ["schedule": .init(schedule), "now": .init(now)]
        ).map(record)
    }

    private static func record(_ row: Row) throws(StorageError) -> OfferRecord {
        OfferRecord(
            id: try row.id("id"), schedule: try row.id("on_call_schedule_id"), user: try row.id("user_id"),
            span: TimeSpan(start: try row.time("start_ms"), end: try row.time("end_ms")), note: try row.text("note"),
            status: try row.name("status"), takenBy: try row.optionalID("taken_by"),
            createdAt: try row.time("created_at_ms"))
    }
}
