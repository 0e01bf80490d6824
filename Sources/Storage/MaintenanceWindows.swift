public import Alerting

public struct MaintenanceWindowRecord: Equatable, Sendable {
    /// How far a window has come, as the engine has done it.
    public enum Stage: String, Sendable, CaseIterable {
        case planned, begun, over

        /// Where a window of this span stands at `now`.
        public init(_ span: MaintenanceWindow.Span, at now: Timestamp) {
            self = now < span.start ? .planned : now < span.end ? .begun : .over
        }
    }

    /// At which moments people are told.
    public struct Notifications: Equatable, Sendable {
        public var atCreation: Bool
        public var atStart: Bool
        public var atEnd: Bool

        public init(atCreation: Bool = false, atStart: Bool = false, atEnd: Bool = false) {
            self.atCreation = atCreation
            self.atStart = atStart
            self.atEnd = atEnd
        }
    }

    public var id: MaintenanceWindow.ID
    public var account: Account.ID
    public var summary: String
    public var details: String
    /// An IANA name; how people see its times.
    public var timeZone: String
    public var span: MaintenanceWindow.Span
    /// By id.
    public var sources: [AlertSource.ID]
    /// By id: their failures count for nothing.
    public var monitors: [Monitor.ID]
    /// As they were sent.
    public var services: [Int64]
    public var notifications: Notifications
    public var stage: Stage
    /// `nil`: a deleted user.
    public var createdBy: User.ID?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: MaintenanceWindow.ID, account: Account.ID, summary: String, details: String = "", timeZone: String,
        span: MaintenanceWindow.Span, sources: [AlertSource.ID], monitors: [Monitor.ID] = [], services: [Int64] = [],
        notifications: Notifications = Notifications(), stage: Stage = .planned, createdBy: User.ID?,
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.summary = summary
        self.details = details
        self.timeZone = timeZone
        self.span = span
        self.sources = sources
        self.monitors = monitors
        self.services = services
        self.notifications = notifications
        self.stage = stage
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// Which windows a list has.
public struct MaintenanceWindowFilter: Equatable, Sendable {
    /// `true`: planned and running; `false`: over; `nil`: all.
    public var isOpen: Bool?
    /// Windows of one of these.
    public var sources: [AlertSource.ID]
    public var services: [Int64]
    /// Windows that end after this.
    public var from: Timestamp?
    /// Windows that start before this.
    public var until: Timestamp?

    public init(
        isOpen: Bool? = nil, sources: [AlertSource.ID] = [], services: [Int64] = [], from: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        self.isOpen = isOpen
        self.sources = sources
        self.services = services
        self.from = from
        self.until = until
    }
}

/// The `maintenance_windows` table and its alert sources.
public enum MaintenanceWindows {
    private static let columns = """
        w.id, w.account_id, w.summary, w.description, w.time_zone, w.starts_at_ms, w.ends_at_ms, w.mode, w.services, \
        w.notify_at_creation, w.notify_at_start, w.notify_at_end, w.stage, w.created_by, w.created_at_ms, \
        w.updated_at_ms
        """

    public static func insert(
        _ window: MaintenanceWindowRecord, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO maintenance_windows (id, account_id, summary, description, time_zone, starts_at_ms, ends_at_ms,
                mode, services, notify_at_creation, notify_at_start, notify_at_end, stage, created_by, created_at_ms,
                updated_at_ms)
            VALUES (:id, :account, :summary, :details, :zone, :start, :end, :mode, :services, :at_creation, :at_start,
                :at_end, :stage, :created_by, :created_at, :updated_at)
            """,
            [
                "id": .init(window.id), "account": .init(window.account), "summary": .text(window.summary),
                "details": .text(window.details), "zone": .text(window.timeZone), "start": .init(window.span.start),
                "end": .init(window.span.end), "mode": .init(window.span.mode),
                "services": .text(services(window)), "at_creation": .init(window.notifications.atCreation),
                "at_start": .init(window.notifications.atStart), "at_end": .init(window.notifications.atEnd),
                "stage": .init(window.stage), "created_by": .init(window.createdBy),
                "created_at": .init(window.createdAt), "updated_at": .init(window.updatedAt),
            ])
        try setTargets(of: window, in: transaction)
    }

    /// Writes all but id, account, creator and time of creation.
    public static func update(
        _ window: MaintenanceWindowRecord, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE maintenance_windows SET summary = :summary, description = :details, time_zone = :zone,
                starts_at_ms = :start, ends_at_ms = :end, mode = :mode, services = :services,
                notify_at_creation = :at_creation, notify_at_start = :at_start, notify_at_end = :at_end,
                stage = :stage, updated_at_ms = :updated_at
            WHERE id = :id
            """,
            [
                "summary": .text(window.summary), "details": .text(window.details), "zone": .text(window.timeZone),
                "start": .init(window.span.start), "end": .init(window.span.end), "mode": .init(window.span.mode),
                "services": .text(services(window)), "at_creation": .init(window.notifications.atCreation),
                "at_start": .init(window.notifications.atStart), "at_end": .init(window.notifications.atEnd),
                "stage": .init(window.stage), "updated_at": .init(window.updatedAt), "id": .init(window.id),
            ])
        try setTargets(of: window, in: transaction)
    }

    public static func delete(_ id: MaintenanceWindow.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM maintenance_windows WHERE id = :id", ["id": .init(id)])
    }

    /// One that the caller may see; `nil` otherwise.
    public static func find(
        _ id: MaintenanceWindow.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> MaintenanceWindowRecord? {
        try list(
            MaintenanceWindowFilter(), extra: " AND w.id = \(id)", scope: scope, page: Page(limit: 1), at: nil,
            in: transaction
        ).first
    }

    /// By start and id.
    ///
    /// - Parameter now: tells open windows from those that are over.
    public static func list(
        _ filter: MaintenanceWindowFilter, scope: Scope, page: Page, at now: Timestamp,
        in transaction: any Transaction
    ) throws(StorageError) -> [MaintenanceWindowRecord] {
        try list(filter, extra: "", scope: scope, page: page, at: now, in: transaction)
    }

    /// An alert source's windows that are not over, by start, for whoever may see the source.
    public static func list(
        of source: AlertSource.ID, in transaction: any Transaction
    ) throws(StorageError) -> [MaintenanceWindowRecord] {
        try records(
            transaction.query(
                """
                SELECT \(columns) FROM maintenance_window_sources m
                JOIN maintenance_windows w ON w.id = m.maintenance_window_id
                WHERE m.alert_source_id = :source AND w.stage IN ('planned', 'begun')
                ORDER BY w.starts_at_ms, w.id LIMIT 100
                """,
                ["source": .init(source)]), in: transaction)
    }

    /// The spans of an alert source's windows that are not over, by start.
    public static func spans(
        of source: AlertSource.ID, in transaction: any Transaction
    ) throws(StorageError) -> [MaintenanceWindow.Span] {
        try transaction.query(
            """
            SELECT w.id, w.starts_at_ms, w.ends_at_ms, w.mode
            FROM maintenance_window_sources m JOIN maintenance_windows w ON w.id = m.maintenance_window_id
            WHERE m.alert_source_id = :source AND w.stage IN ('planned', 'begun')
            ORDER BY w.starts_at_ms, w.id LIMIT 1000
            """,
            ["source": .init(source)]
        ).map(span)
    }

    /// The alert sources of an account that are in maintenance at `now`.
    public static func sourcesInForce(
        account: Account.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Set<AlertSource.ID> {
        let rows = try transaction.query(
            """
            SELECT DISTINCT m.alert_source_id
            FROM maintenance_windows w JOIN maintenance_window_sources m ON m.maintenance_window_id = w.id
            WHERE w.account_id = :account AND w.starts_at_ms <= :now AND w.ends_at_ms > :now
            ORDER BY m.alert_source_id LIMIT 10000
            """,
            ["account": .init(account), "now": .init(now)])
        var sources: Set<AlertSource.ID> = []
        for row in rows { sources.insert(try row.id("alert_source_id")) }
        return sources
    }

    /// Takes windows that begin or end by `now` to their next stage, whatever account they belong to.
    ///
    /// - Returns: those that changed, as they are now.
    public static func advance(
        at now: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [MaintenanceWindowRecord] {
        let rows = try transaction.query(
            """
            UPDATE maintenance_windows SET stage = CASE WHEN ends_at_ms <= :now THEN 'over' ELSE 'begun' END
            WHERE (stage = 'planned' AND starts_at_ms <= :now OR stage = 'begun' AND ends_at_ms <= :now)
              AND id IN (SELECT id FROM maintenance_windows
                WHERE stage = 'planned' AND starts_at_ms <= :now OR stage = 'begun' AND ends_at_ms <= :now
                ORDER BY id LIMIT :limit)
            RETURNING id, account_id, summary, description, time_zone, starts_at_ms, ends_at_ms, mode, services,
                notify_at_creation, notify_at_start, notify_at_end, stage, created_by, created_at_ms, updated_at_ms
            """,
            ["now": .init(now), "limit": .init(limit)])
        return try records(rows, in: transaction).sorted { $0.id < $1.id }
    }

    /// When the next window begins or ends.
    public static func nextChange(in transaction: any Transaction) throws(StorageError) -> Timestamp? {
        let start = try transaction.query(
            """
            SELECT starts_at_ms AS at_ms FROM maintenance_windows WHERE stage = 'planned'
            ORDER BY starts_at_ms, id LIMIT 1
            """, [:]
        ).first?.time("at_ms")
        let end = try transaction.query(
            "SELECT ends_at_ms AS at_ms FROM maintenance_windows WHERE stage = 'begun' ORDER BY ends_at_ms, id LIMIT 1",
            [:]
        ).first?.time("at_ms")
        return [start, end].compactMap(\.self).min()
    }

    private static func list(
        _ filter: MaintenanceWindowFilter, extra: String, scope: Scope, page: Page, at now: Timestamp?,
        in transaction: any Transaction
    ) throws(StorageError) -> [MaintenanceWindowRecord] {
        var arguments: Arguments = [
            "account": .init(scope.account), "limit": .init(page.limit), "offset": .init(page.offset),
        ]
        var conditions = extra
        if let isOpen = filter.isOpen, let now {
            conditions += isOpen ? " AND w.ends_at_ms > :now" : " AND w.ends_at_ms <= :now"
            arguments.add("now", .init(now))
        }
        if let from = filter.from {
            conditions += " AND w.ends_at_ms > :from"
            arguments.add("from", .init(from))
        }
        if let until = filter.until {
            conditions += " AND w.starts_at_ms < :until"
            arguments.add("until", .init(until))
        }
        let ofWindow = "SELECT 1 FROM maintenance_window_sources m WHERE m.maintenance_window_id = w.id"
        if !filter.sources.isEmpty {
            let wanted = arguments.list(filter.sources, as: "source")
            conditions += " AND EXISTS (\(ofWindow) AND m.alert_source_id IN (\(wanted)))"
        }
        // Only who may see all sources of a window sees the window.
        let visible = scope.sourceCondition("m.alert_source_id")
        if !visible.isEmpty { conditions += " AND NOT EXISTS (\(ofWindow) AND NOT (1 = 1 \(visible)))" }
        let found = try records(
            transaction.query(
                """
                SELECT \(columns) FROM maintenance_windows w WHERE w.account_id = :account \(conditions)
                ORDER BY w.starts_at_ms, w.id LIMIT :limit OFFSET :offset
                """, arguments), in: transaction)
        guard !filter.services.isEmpty else { return found }
        return found.filter { !Set($0.services).isDisjoint(with: filter.services) }
    }

    private static func services(_ window: MaintenanceWindowRecord) -> String {
        JSONColumn.text(of: .array(window.services.map(JSONValue.integer)))
    }

    private static let sourceLinks = LinkTable<MaintenanceWindow, AlertSource>(
        "maintenance_window_sources", owner: "maintenance_window_id", member: "alert_source_id")
    private static let monitorLinks = LinkTable<MaintenanceWindow, Monitor>(
        "maintenance_window_monitors", owner: "maintenance_window_id", member: "monitor_id")

    private static func setTargets(
        of window: MaintenanceWindowRecord, in transaction: any Transaction
    ) throws(StorageError) {
        try sourceLinks.set(window.sources, of: window.id, in: transaction)
        try monitorLinks.set(window.monitors, of: window.id, in: transaction)
    }

    /// Of these monitors, those that are in maintenance at `now`.
    public static func monitorsInForce(
        _ monitors: [Monitor.ID], at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Set<Monitor.ID> {
        var arguments: Arguments = ["now": .init(now)]
        let wanted = arguments.list(monitors, as: "monitor")
        let rows = try transaction.query(
            """
            SELECT DISTINCT m.monitor_id
            FROM maintenance_windows w JOIN maintenance_window_monitors m ON m.maintenance_window_id = w.id
            WHERE w.starts_at_ms <= :now AND w.ends_at_ms > :now AND m.monitor_id IN (\(wanted))
            ORDER BY m.monitor_id LIMIT 100000
            """, arguments)
        var found: Set<Monitor.ID> = []
        for row in rows { found.insert(try row.id("monitor_id")) }
        return found
    }

    private static func records(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [MaintenanceWindowRecord] {
        var windows = try rows.map(record)
        try sourceLinks.read(into: &windows, id: \.id, \.sources, in: transaction)
        try monitorLinks.read(into: &windows, id: \.id, \.monitors, in: transaction)
        return windows
    }

    private static func record(_ row: Row) throws(StorageError) -> MaintenanceWindowRecord {
        let services = try JSONColumn.value(of: row.text("services"), "services").array ?? []
        return MaintenanceWindowRecord(
            id: try row.id("id"), account: try row.id("account_id"), summary: try row.text("summary"),
            details: try row.text("description"), timeZone: try row.text("time_zone"), span: try span(row),
            sources: [], services: services.compactMap(\.integer),
            notifications: .init(
                atCreation: try row.bool("notify_at_creation"), atStart: try row.bool("notify_at_start"),
                atEnd: try row.bool("notify_at_end")),
            stage: try row.name("stage"), createdBy: try row.optionalID("created_by"),
            createdAt: try row.time("created_at_ms"), updatedAt: try row.time("updated_at_ms"))
    }

    private static func span(_ row: Row) throws(StorageError) -> MaintenanceWindow.Span {
        MaintenanceWindow.Span(
            start: try row.time("starts_at_ms"), end: try row.time("ends_at_ms"), mode: try row.name("mode"))
    }
}
