public import Alerting

/// What a schedule said from when on.
public struct RevisionRecord: Equatable, Sendable {
    /// `nil`: always has.
    public var effectiveFrom: Timestamp?
    public var timeZone: String
    public var duties: Duties

    public init(effectiveFrom: Timestamp?, timeZone: String, duties: Duties) {
        self.effectiveFrom = effectiveFrom
        self.timeZone = timeZone
        self.duties = duties
    }
}

public struct OverrideRecord: Equatable, Sendable {
    public var id: ScheduleOverride.ID
    public var schedule: OnCallSchedule.ID
    public var user: User.ID
    /// As they were written.
    public var startText: String
    public var endText: String
    /// When it counts: never before it was made.
    public var span: TimeSpan
    public var createdBy: User.ID?
    public var createdAt: Timestamp

    public init(
        id: ScheduleOverride.ID, schedule: OnCallSchedule.ID, user: User.ID, startText: String, endText: String,
        span: TimeSpan, createdBy: User.ID?, createdAt: Timestamp
    ) {
        self.id = id
        self.schedule = schedule
        self.user = user
        self.startText = startText
        self.endText = endText
        self.span = span
        self.createdBy = createdBy
        self.createdAt = createdAt
    }
}

/// The tables of what schedules said before and of overrides.
public enum ScheduleHistory {
    private static let mostRevisions = 1000
    private static let overrideColumns = """
        id, on_call_schedule_id, user_id, start_text, end_text, start_ms, end_ms, created_by, created_at_ms
        """

    /// Two edits at the same instant are one.
    public static func insert(
        _ revision: RevisionRecord, of id: OnCallSchedule.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO on_call_revisions (on_call_schedule_id, effective_from_ms, time_zone, structure)
            VALUES (:id, :effective_from_ms, :time_zone, :structure)
            ON CONFLICT (on_call_schedule_id, effective_from_ms)
            DO UPDATE SET time_zone = excluded.time_zone, structure = excluded.structure
            """,
            [
                "id": .init(id), "effective_from_ms": .integer(revision.effectiveFrom?.milliseconds ?? 0),
                "time_zone": .text(revision.timeZone), "structure": .text(ScheduleStructure.text(of: revision.duties)),
            ])
    }

    /// Oldest first; of very many the newest.
    public static func revisions(
        of id: OnCallSchedule.ID, in transaction: any Transaction
    ) throws(StorageError) -> [RevisionRecord] {
        try transaction.query(
            """
            SELECT effective_from_ms, time_zone, structure FROM on_call_revisions WHERE on_call_schedule_id = :id
            ORDER BY effective_from_ms DESC LIMIT :limit
            """, ["id": .init(id), "limit": .init(mostRevisions)]
        ).map(revision).reversed()
    }

    /// What the schedule says at `time`.
    public static func revision(
        of id: OnCallSchedule.ID, at time: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> RevisionRecord? {
        try transaction.query(
            """
            SELECT effective_from_ms, time_zone, structure FROM on_call_revisions
            WHERE on_call_schedule_id = :id AND effective_from_ms <= :time ORDER BY effective_from_ms DESC LIMIT 1
            """, ["id": .init(id), "time": .init(time)]
        ).first.map(revision)
    }

    public static func insert(_ override: OverrideRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO on_call_overrides (id, on_call_schedule_id, user_id, start_text, end_text, start_ms, end_ms,
                created_by, created_at_ms)
            VALUES (:id, :schedule, :user_id, :start_text, :end_text, :start_ms, :end_ms, :created_by, :created_at_ms)
            """,
            [
                "id": .init(override.id), "schedule": .init(override.schedule), "user_id": .init(override.user),
                "start_text": .text(override.startText), "end_text": .text(override.endText),
                "start_ms": .init(override.span.start), "end_ms": .init(override.span.end),
                "created_by": .init(override.createdBy), "created_at_ms": .init(override.createdAt),
            ])
    }

    /// Ends an override early.
    public static func end(
        _ id: ScheduleOverride.ID, at time: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE on_call_overrides SET end_ms = :time WHERE id = :id AND end_ms > :time",
            ["time": .init(time), "id": .init(id)])
    }

    public static func delete(_ id: ScheduleOverride.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM on_call_overrides WHERE id = :id", ["id": .init(id)])
    }

    /// Those that are not over at `time`, oldest first: a newer one wins over an older one.
    public static func overrides(
        of id: OnCallSchedule.ID, endingAfter time: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> [OverrideRecord] {
        try transaction.query(
            """
            SELECT \(overrideColumns) FROM on_call_overrides WHERE on_call_schedule_id = :id AND end_ms > :time
            ORDER BY created_at_ms, id LIMIT 10000
            """, ["id": .init(id), "time": .init(time)]
        ).map(override)
    }

    /// Somebody's overrides on all schedules that are not over at `time`.
    public static func overrides(
        for user: User.ID, endingAfter time: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> [OverrideRecord] {
        try transaction.query(
            """
            SELECT \(overrideColumns) FROM on_call_overrides WHERE user_id = :user AND end_ms > :time
            ORDER BY created_at_ms, id LIMIT 10000
            """, ["user": .init(user), "time": .init(time)]
        ).map(override)
    }

    private static func revision(_ row: Row) throws(StorageError) -> RevisionRecord {
        let from = try row.integer("effective_from_ms")
        return RevisionRecord(
            effectiveFrom: from == 0 ? nil : Timestamp(milliseconds: from), timeZone: try row.text("time_zone"),
            duties: try ScheduleStructure.duties(of: row.text("structure"), "structure"))
    }

    private static func override(_ row: Row) throws(StorageError) -> OverrideRecord {
        OverrideRecord(
            id: try row.id("id"), schedule: try row.id("on_call_schedule_id"), user: try row.id("user_id"),
            startText: try row.text("start_text"), endText: try row.text("end_text"),
            span: TimeSpan(start: try row.time("start_ms"), end: try row.time("end_ms")),
            createdBy: try row.optionalID("created_by"), createdAt: try row.time("created_at_ms"))
    }
}
