public import Alerting

public struct SupportHoursRecord: Equatable, Sendable {
    public var id: SupportHours.ID
    public var account: Account.ID
    public var name: String
    public var hours: SupportHours
    /// By id.
    public var teams: [Team.ID]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: SupportHours.ID, account: Account.ID, name: String, hours: SupportHours, teams: [Team.ID] = [],
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.hours = hours
        self.teams = teams
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// The `support_hours` table, its teams, and which alert sources name them.
public enum SupportHoursList {
    private static let columns =
        "h.id, h.account_id, h.name, h.time_zone, h.days, h.exceptions, h.created_at_ms, h.updated_at_ms"

    public static func insert(_ record: SupportHoursRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO support_hours (id, account_id, name, time_zone, days, exceptions, created_at_ms, updated_at_ms)
            VALUES (:id, :account, :name, :zone, :days, :exceptions, :created_at, :updated_at)
            """,
            [
                "id": .init(record.id), "account": .init(record.account), "name": .text(record.name),
                "zone": .text(record.hours.zone.name),
                "days": .text(JSONColumn.text(of: SupportHours.json(of: record.hours.days))),
                "exceptions": .text(JSONColumn.text(of: SupportHours.json(of: record.hours.exceptions))),
                "created_at": .init(record.createdAt), "updated_at": .init(record.updatedAt),
            ])
        try teamLinks.set(record.teams, of: record.id, in: transaction)
    }

    /// Writes all but id, account and time of creation.
    public static func update(_ record: SupportHoursRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE support_hours SET name = :name, time_zone = :zone, days = :days, exceptions = :exceptions,
                updated_at_ms = :updated_at
            WHERE id = :id
            """,
            [
                "name": .text(record.name), "zone": .text(record.hours.zone.name),
                "days": .text(JSONColumn.text(of: SupportHours.json(of: record.hours.days))),
                "exceptions": .text(JSONColumn.text(of: SupportHours.json(of: record.hours.exceptions))),
                "updated_at": .init(record.updatedAt), "id": .init(record.id),
            ])
        try teamLinks.set(record.teams, of: record.id, in: transaction)
    }

    /// - Throws: `StorageError.conflict` while an alert source names them.
    public static func delete(_ id: SupportHours.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM support_hours WHERE id = :id", ["id": .init(id)])
    }

    /// Whatever their teams; for the engine.
    public static func find(
        _ id: SupportHours.ID, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> SupportHoursRecord? {
        try records(
            transaction.query(
                "SELECT \(columns) FROM support_hours h WHERE h.id = :id AND h.account_id = :account",
                ["id": .init(id), "account": .init(account)]), in: transaction
        ).first
    }

    /// Those that the caller may see; `nil` otherwise.
    public static func find(
        _ id: SupportHours.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> SupportHoursRecord? {
        try list(scope: scope, extra: "AND h.id = \(id)", [:], Page(limit: 1), in: transaction).first
    }

    public static func find(
        name: String, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> SupportHoursRecord? {
        try list(scope: scope, extra: "AND h.name = :name", ["name": .text(name)], Page(limit: 1), in: transaction)
            .first
    }

    /// By name and id.
    public static func list(
        scope: Scope, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [SupportHoursRecord] {
        try list(scope: scope, extra: "", [:], page, in: transaction)
    }

    /// The hours that an alert source's `supportHours` field says: named by id, or written out in the older form.
    ///
    /// - Returns: `nil` when it says none, or those are gone or cannot be read any more.
    public static func hours(
        of source: AlertSourceRecord, in transaction: any Transaction
    ) throws(StorageError) -> SupportHours? {
        guard let field = source.fields["supportHours"] else { return nil }
        if let id = id(in: field) { return try find(id, account: source.account, in: transaction)?.hours }
        // What was checked when it was saved and is not understood any more is as good as none.
        return try? SupportHours(inline: field)
    }

    /// What a `supportHours` field refers to; `nil`: nothing, or hours written out.
    public static func id(in field: JSONValue) -> SupportHours.ID? {
        field["id"]?.scalarText.flatMap { SupportHours.ID($0) }
    }

    /// Notes which support hours an alert source names.
    public static func setUse(
        _ id: SupportHours.ID?, by source: AlertSource.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "DELETE FROM alert_source_support_hours WHERE alert_source_id = :source", ["source": .init(source)])
        guard let id else { return }
        try transaction.execute(
            "INSERT INTO alert_source_support_hours (alert_source_id, support_hours_id) VALUES (:source, :id)",
            ["source": .init(source), "id": .init(id)])
    }

    /// How many alert sources name the support hours.
    public static func uses(
        of id: SupportHours.ID, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            "SELECT count(*) AS count FROM alert_source_support_hours WHERE support_hours_id = :id", ["id": .init(id)]
        ).first?.int("count") ?? 0
    }

    /// The alert sources that name the support hours, by id.
    public static func sources(
        of id: SupportHours.ID, in transaction: any Transaction
    ) throws(StorageError) -> [AlertSource.ID] {
        try transaction.query(
            """
            SELECT alert_source_id FROM alert_source_support_hours WHERE support_hours_id = :id
            ORDER BY alert_source_id LIMIT 10000
            """,
            ["id": .init(id)]
        ).map { row throws(StorageError) in try row.id("alert_source_id") }
    }

    /// The names of up to ten sources that name the support hours, by name.
    public static func users(
        of id: SupportHours.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> [String] {
        try transaction.query(
            """
            SELECT s.name FROM alert_source_support_hours u JOIN alert_sources s ON s.id = u.alert_source_id
            WHERE u.support_hours_id = :id AND s.account_id = :account \(scope.sourceCondition("s.id"))
            ORDER BY s.name, s.id LIMIT 10
            """,
            ["id": .init(id), "account": .init(scope.account)]
        ).map { row throws(StorageError) in try row.text("name") }
    }

    private static func list(
        scope: Scope, extra: String, _ arguments: Arguments, _ page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [SupportHoursRecord] {
        let all = arguments.with(scope, page)
        return try records(
            transaction.query(
                """
                SELECT \(columns) FROM support_hours h
                WHERE h.account_id = :account \(extra) \(scope.supportHoursCondition("h.id"))
                ORDER BY h.name, h.id LIMIT :limit OFFSET :offset
                """, all), in: transaction)
    }

    private static let teamLinks = LinkTable<SupportHours, Team>(
        "support_hours_teams", owner: "support_hours_id", member: "team_id", limit: 10_000)

    private static func records(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [SupportHoursRecord] {
        var records = try rows.map(record)
        try teamLinks.read(into: &records, id: \.id, \.teams, in: transaction)
        return records
    }

    private static func record(_ row: Row) throws(StorageError) -> SupportHoursRecord {
        guard let zone = Zone(try row.text("time_zone")) else { throw .unreadable(column: "time_zone") }
        let hours: SupportHours
        do {
            hours = SupportHours(
                zone: zone, days: try SupportHours.days(from: JSONColumn.value(of: row.text("days"), "days")),
                exceptions: try SupportHours.exceptions(
                    from: JSONColumn.value(of: row.text("exceptions"), "exceptions")))
        } catch {
            throw .unreadable(column: "days")
        }
        return SupportHoursRecord(
            id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"), hours: hours,
            createdAt: try row.time("created_at_ms"), updatedAt: try row.time("updated_at_ms"))
    }
}
