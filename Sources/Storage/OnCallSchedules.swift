public import Alerting

public struct ScheduleRecord: Equatable, Sendable {
    public var id: OnCallSchedule.ID
    public var account: Account.ID
    public var name: String
    public var kind: OnCallSchedule.Kind
    /// An IANA name.
    public var timeZone: String
    /// As they are now.
    public var duties: Duties
    /// Two fields of the wire contract that are answered as they were sent.
    public var showsGaps: Bool
    public var defaultShiftDuration: String?
    /// Who is told of days without anybody.
    public var owner: User.ID?
    /// By id.
    public var teams: [Team.ID]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: OnCallSchedule.ID, account: Account.ID, name: String, kind: OnCallSchedule.Kind, timeZone: String,
        duties: Duties, showsGaps: Bool = true, defaultShiftDuration: String? = nil, owner: User.ID? = nil,
        teams: [Team.ID] = [], createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.kind = kind
        self.timeZone = timeZone
        self.duties = duties
        self.showsGaps = showsGaps
        self.defaultShiftDuration = defaultShiftDuration
        self.owner = owner
        self.teams = teams
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// The `on_call_schedules` table and its teams.
public enum OnCallSchedules {
    private static let columns = """
        s.id, s.account_id, s.name, s.kind, s.time_zone, s.structure, s.shows_gaps, s.default_shift_duration, \
        s.owner_user_id, s.created_at_ms, s.updated_at_ms
        """

    public static func insert(_ schedule: ScheduleRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO on_call_schedules (id, account_id, name, kind, time_zone, structure, shows_gaps,
                default_shift_duration, owner_user_id, created_at_ms, updated_at_ms)
            VALUES (:id, :account_id, :name, :kind, :time_zone, :structure, :shows_gaps, :default_shift_duration,
                :owner_user_id, :created_at_ms, :updated_at_ms)
            """,
            [
                "id": .init(schedule.id), "account_id": .init(schedule.account), "name": .text(schedule.name),
                "kind": .init(schedule.kind), "time_zone": .text(schedule.timeZone),
                "structure": .text(ScheduleStructure.text(of: schedule.duties)),
                "shows_gaps": .init(schedule.showsGaps), "default_shift_duration": .init(schedule.defaultShiftDuration),
                "owner_user_id": .init(schedule.owner), "created_at_ms": .init(schedule.createdAt),
                "updated_at_ms": .init(schedule.updatedAt),
            ])
        try teamLinks.set(schedule.teams, of: schedule.id, in: transaction)
    }

    public static func update(_ schedule: ScheduleRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE on_call_schedules SET name = :name, kind = :kind, time_zone = :time_zone, structure = :structure,
                shows_gaps = :shows_gaps, default_shift_duration = :default_shift_duration,
                owner_user_id = :owner_user_id, updated_at_ms = :updated_at_ms
            WHERE id = :id
            """,
            [
                "name": .text(schedule.name), "kind": .init(schedule.kind), "time_zone": .text(schedule.timeZone),
                "structure": .text(ScheduleStructure.text(of: schedule.duties)),
                "shows_gaps": .init(schedule.showsGaps), "default_shift_duration": .init(schedule.defaultShiftDuration),
                "owner_user_id": .init(schedule.owner), "updated_at_ms": .init(schedule.updatedAt),
                "id": .init(schedule.id),
            ])
        try teamLinks.set(schedule.teams, of: schedule.id, in: transaction)
    }

    public static func delete(_ id: OnCallSchedule.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM on_call_schedules WHERE id = :id", ["id": .init(id)])
    }

    /// Whatever its teams; for the engine.
    public static func find(
        _ id: OnCallSchedule.ID, in transaction: any Transaction
    ) throws(StorageError) -> ScheduleRecord? {
        try records(
            transaction.query("SELECT \(columns) FROM on_call_schedules s WHERE s.id = :id", ["id": .init(id)]),
            in: transaction
        ).first
    }

    /// One that the caller may see; `nil` otherwise.
    public static func find(
        _ id: OnCallSchedule.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> ScheduleRecord? {
        try list(scope: scope, extra: "AND s.id = \(id)", [:], Page(limit: 1), in: transaction).first
    }

    public static func find(
        name: String, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> ScheduleRecord? {
        try list(scope: scope, extra: "AND s.name = :name", ["name": .text(name)], Page(limit: 1), in: transaction)
            .first
    }

    /// By name and id.
    public static func list(
        scope: Scope, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [ScheduleRecord] {
        try list(scope: scope, extra: "", [:], page, in: transaction)
    }

    /// Of all accounts, by id, those after `id`; for the engine.
    public static func all(
        after id: OnCallSchedule.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [ScheduleRecord] {
        try records(
            transaction.query(
                "SELECT \(columns) FROM on_call_schedules s WHERE s.id > :id ORDER BY s.id LIMIT :limit",
                ["id": .init(id), "limit": .init(limit)]), in: transaction)
    }

    /// The gaps that the owner was told of last, in words of the caller's own.
    public static func toldGaps(
        of id: OnCallSchedule.ID, in transaction: any Transaction
    ) throws(StorageError) -> String? {
        try transaction.query("SELECT told_gaps FROM on_call_schedules WHERE id = :id", ["id": .init(id)]).first?
            .optionalText("told_gaps")
    }

    public static func setToldGaps(
        _ gaps: String, of id: OnCallSchedule.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE on_call_schedules SET told_gaps = :gaps WHERE id = :id", ["gaps": .text(gaps), "id": .init(id)])
    }

    private static func list(
        scope: Scope, extra: String, _ arguments: Arguments, _ page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [ScheduleRecord] {
        let all = arguments.with(scope, page)
        return try records(
            transaction.query(
                """
                SELECT \(columns) FROM on_call_schedules s
                WHERE s.account_id = :account \(extra) \(scope.scheduleCondition("s.id"))
                ORDER BY s.name, s.id LIMIT :limit OFFSET :offset
                """,
                all), in: transaction)
    }

    private static let teamLinks = LinkTable<OnCallSchedule, Team>(
        "on_call_schedule_teams", owner: "on_call_schedule_id", member: "team_id", limit: 10_000)

    private static func records(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [ScheduleRecord] {
        var schedules: [ScheduleRecord] = []
        for row in rows {
            schedules.append(
                ScheduleRecord(
                    id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"),
                    kind: try row.name("kind"), timeZone: try row.text("time_zone"),
                    duties: try ScheduleStructure.duties(of: row.text("structure"), "structure"),
                    showsGaps: try row.bool("shows_gaps"),
                    defaultShiftDuration: try row.optionalText("default_shift_duration"),
                    owner: try row.optionalID("owner_user_id"), createdAt: try row.time("created_at_ms"),
                    updatedAt: try row.time("updated_at_ms")))
        }
        try teamLinks.read(into: &schedules, id: \.id, \.teams, in: transaction)
        return schedules
    }
}
