public import Alerting

/// One check's result as it is kept.
public struct MonitorResult: Equatable, Sendable {
    public var monitor: Monitor.ID
    public var at: Timestamp
    /// Where it was checked from.
    public var region: String
    /// How long after its instant the check began.
    public var late: Duration
    public var total: Duration
    public var phases: CheckAnswer.Phases
    public var status: Int?
    /// `nil`: it passed.
    public var reason: String?
    /// It failed in a maintenance window, which counts for nothing.
    public var isExcused: Bool

    public init(
        monitor: Monitor.ID, at: Timestamp, region: String = Monitor.homeRegion, late: Duration, total: Duration,
        phases: CheckAnswer.Phases,
        status: Int? = nil, reason: String? = nil, isExcused: Bool = false
    ) {
        self.monitor = monitor
        self.at = at
        self.region = region
        self.isExcused = isExcused
        self.late = late
        self.total = total
        self.phases = phases
        self.status = status
        self.reason = reason
    }
}

/// The sum of a stretch of time.
public struct MonitorSum: Equatable, Sendable {
    public var start: Timestamp
    public var checks: Int
    public var failures: Int
    /// Of all checks together.
    public var total: Duration
    public var slowest: Duration
    /// Of what passed; `nil` until the stretch is over, and when nothing passed.
    public var percentiles: Percentiles?

    public init(
        start: Timestamp, checks: Int, failures: Int, total: Duration, slowest: Duration,
        percentiles: Percentiles? = nil
    ) {
        self.start = start
        self.checks = checks
        self.failures = failures
        self.total = total
        self.slowest = slowest
        self.percentiles = percentiles
    }
}

/// A change of a monitor's state.
public struct MonitorEvent: Equatable, Sendable {
    public typealias ID = Identifier<MonitorEvent>

    public var id: ID
    public var monitor: Monitor.ID
    public var at: Timestamp
    public var state: MonitorWatch.State
    public var reason: String?

    public init(id: ID, monitor: Monitor.ID, at: Timestamp, state: MonitorWatch.State, reason: String? = nil) {
        self.id = id
        self.monitor = monitor
        self.at = at
        self.state = state
        self.reason = reason
    }
}

/// The tables `monitor_results` and `monitor_events`; what is new counts in `monitor_hours`, too.
public enum MonitorHistory {
    static let hour: Int64 = 3_600_000

    /// Keeps a result and adds it to its hour.
    public static func insert(_ result: MonitorResult, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO monitor_results (monitor_id, at_ms, region, late_ms, total_ms, look_up_ms, connect_ms,
                encryption_ms, first_byte_ms, status, reason, is_excused)
            VALUES (:monitor, :at, :region, :late, :total, :look_up, :connect, :encryption, :first_byte, :status,
                :reason, :excused)
            ON CONFLICT (monitor_id, at_ms, region) DO NOTHING
            """,
            [
                "monitor": .init(result.monitor), "at": .init(result.at), "late": .init(result.late),
                "total": .init(result.total), "look_up": .init(result.phases.lookUp),
                "connect": .init(result.phases.connect), "encryption": .init(result.phases.encryption),
                "first_byte": .init(result.phases.firstByte), "status": .init(result.status.map(Int64.init)),
                "reason": .init(result.reason), "region": .text(result.region), "excused": .init(result.isExcused),
            ])
        let start = Timestamp(milliseconds: result.at.milliseconds / hour * hour)
        try transaction.execute(
            """
            INSERT INTO monitor_hours (monitor_id, start_ms, checks, failures, total_ms, slowest_ms)
            VALUES (:monitor, :start, 1, :failures, :total, :total)
            ON CONFLICT (monitor_id, start_ms) DO UPDATE SET checks = monitor_hours.checks + 1,
                failures = monitor_hours.failures + excluded.failures,
                total_ms = monitor_hours.total_ms + excluded.total_ms,
                slowest_ms = CASE WHEN excluded.slowest_ms > monitor_hours.slowest_ms THEN excluded.slowest_ms
                    ELSE monitor_hours.slowest_ms END
            """,
            [
                "monitor": .init(result.monitor), "start": .init(start),
                "failures": .init(result.reason == nil || result.isExcused ? 0 : 1), "total": .init(result.total),
            ])
    }

    /// The newest first.
    public static func results(
        of monitor: Monitor.ID, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [MonitorResult] {
        try transaction.query(
            """
            SELECT monitor_id, at_ms, region, late_ms, total_ms, look_up_ms, connect_ms, encryption_ms, first_byte_ms,
                status, reason, is_excused
            FROM monitor_results WHERE monitor_id = :monitor ORDER BY at_ms DESC, region LIMIT :limit OFFSET :offset
            """,
            ["monitor": .init(monitor), "limit": .init(page.limit), "offset": .init(page.offset)]
        ).map(result)
    }

    /// What was checked from `start` on, the newest first.
    public static func results(
        of monitor: Monitor.ID, from start: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [MonitorResult] {
        try transaction.query(
            """
            SELECT monitor_id, at_ms, region, late_ms, total_ms, look_up_ms, connect_ms, encryption_ms, first_byte_ms,
                status, reason, is_excused
            FROM monitor_results WHERE monitor_id = :monitor AND at_ms >= :start
            ORDER BY at_ms DESC, region LIMIT :limit
            """,
            ["monitor": .init(monitor), "start": .init(start), "limit": .init(limit)]
        ).map(result)
    }

    public static func insert(_ event: MonitorEvent, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO monitor_events (id, monitor_id, at_ms, state, reason)
            VALUES (:id, :monitor, :at, :state, :reason)
            """,
            [
                "id": .init(event.id), "monitor": .init(event.monitor), "at": .init(event.at),
                "state": .init(event.state), "reason": .init(event.reason),
            ])
    }

    /// The newest first.
    public static func events(
        of monitor: Monitor.ID, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [MonitorEvent] {
        try transaction.query(
            """
            SELECT id, monitor_id, at_ms, state, reason FROM monitor_events
            WHERE monitor_id = :monitor ORDER BY id DESC LIMIT :limit OFFSET :offset
            """,
            ["monitor": .init(monitor), "limit": .init(page.limit), "offset": .init(page.offset)]
        ).map(event)
    }

    /// Of several monitors since `start`, the newest first.
    public static func events(
        of monitors: [Monitor.ID], from start: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [MonitorEvent] {
        var arguments: Arguments = ["start": .init(start), "limit": .init(limit)]
        let wanted = arguments.list(monitors, as: "monitor")
        return try transaction.query(
            """
            SELECT id, monitor_id, at_ms, state, reason FROM monitor_events
            WHERE monitor_id IN (\(wanted)) AND at_ms >= :start ORDER BY id DESC LIMIT :limit
            """, arguments
        ).map(event)
    }

    private static func event(_ row: Row) throws(StorageError) -> MonitorEvent {
        MonitorEvent(
            id: try row.id("id"), monitor: try row.id("monitor_id"), at: try row.time("at_ms"),
            state: try row.name("state"), reason: try row.optionalText("reason"))
    }

    /// Forgets up to `limit` single results from before `time`, oldest first.
    ///
    /// - Returns: how many.
    public static func prune(
        before time: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            """
            DELETE FROM monitor_results WHERE at_ms < :time AND (monitor_id, at_ms, region) IN
                (SELECT monitor_id, at_ms, region FROM monitor_results WHERE at_ms < :time
                ORDER BY at_ms, monitor_id, region LIMIT :limit)
            RETURNING monitor_id
            """,
            ["time": .init(time), "limit": .init(limit)]
        ).count
    }

    private static func result(_ row: Row) throws(StorageError) -> MonitorResult {
        func duration(_ column: String) throws(StorageError) -> Duration? {
            try row.optionalInteger(column).map { .milliseconds($0) }
        }
        return MonitorResult(
            monitor: try row.id("monitor_id"), at: try row.time("at_ms"), region: try row.text("region"),
            late: .milliseconds(try row.integer("late_ms")), total: .milliseconds(try row.integer("total_ms")),
            phases: CheckAnswer.Phases(
                lookUp: try duration("look_up_ms"), connect: try duration("connect_ms"),
                encryption: try duration("encryption_ms"), firstByte: try duration("first_byte_ms")),
            status: try row.optionalInteger("status").map(Int.init), reason: try row.optionalText("reason"),
            isExcused: try row.bool("is_excused"))
    }
}
