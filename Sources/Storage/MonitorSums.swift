public import Alerting

/// The tables `monitor_hours` and `monitor_days`: what is kept of checks when the checks are forgotten.
public enum MonitorSums {
    private static let columns = """
        monitor_id, start_ms, checks, failures, total_ms, slowest_ms, p50_ms, p95_ms, p99_ms
        """

    /// The hours from `start` on that had checks, oldest first.
    public static func hours(
        of monitors: [Monitor.ID], from start: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> [Monitor.ID: [MonitorSum]] {
        try list("monitor_hours", of: monitors, from: start, in: transaction)
    }

    /// The days from `start` on with hours that are over, oldest first; days begin at midnight UTC.
    public static func days(
        of monitors: [Monitor.ID], from start: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> [Monitor.ID: [MonitorSum]] {
        try list("monitor_days", of: monitors, from: start, in: transaction)
    }

    private static func list(
        _ table: String, of monitors: [Monitor.ID], from start: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> [Monitor.ID: [MonitorSum]] {
        var arguments: Arguments = ["start": .init(start)]
        let wanted = arguments.list(monitors, as: "monitor")
        return try sums(
            transaction.query(
                """
                SELECT \(columns) FROM \(table) WHERE monitor_id IN (\(wanted)) AND start_ms >= :start
                ORDER BY monitor_id, start_ms LIMIT 500000
                """, arguments))
    }

    /// Closes up to `limit` hours that ended before `time`: counts their percentiles and adds them to their days.
    ///
    /// - Returns: how many.
    public static func seal(
        before time: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        let rows = try transaction.query(
            """
            SELECT \(columns) FROM monitor_hours WHERE is_sealed = 0 AND start_ms < :time
            ORDER BY start_ms, monitor_id LIMIT :limit
            """,
            ["time": .init(time - .milliseconds(MonitorHistory.hour)), "limit": .init(limit)])
        for row in rows {
            let (monitor, hour): (Monitor.ID, MonitorSum) = (try row.id("monitor_id"), try sum(row))
            let percentiles = try percentiles(
                of: monitor, from: hour.start, length: MonitorHistory.hour, in: transaction)
            try transaction.execute(
                """
                UPDATE monitor_hours SET is_sealed = 1, p50_ms = :p50, p95_ms = :p95, p99_ms = :p99
                WHERE monitor_id = :monitor AND start_ms = :start
                """,
                [
                    "p50": .init(percentiles?.p50), "p95": .init(percentiles?.p95), "p99": .init(percentiles?.p99),
                    "monitor": .init(monitor), "start": .init(hour.start),
                ])
            try add(hour, of: monitor, in: transaction)
        }
        return rows.count
    }

    private static let day: Int64 = 86_400_000

    private static func add(
        _ hour: MonitorSum, of monitor: Monitor.ID, in transaction: any Transaction
    ) throws(StorageError) {
        let start = Timestamp(milliseconds: hour.start.milliseconds / day * day)
        try transaction.execute(
            """
            INSERT INTO monitor_days (monitor_id, start_ms, checks, failures, total_ms, slowest_ms)
            VALUES (:monitor, :start, :checks, :failures, :total, :slowest)
            ON CONFLICT (monitor_id, start_ms) DO UPDATE SET checks = monitor_days.checks + excluded.checks,
                failures = monitor_days.failures + excluded.failures,
                total_ms = monitor_days.total_ms + excluded.total_ms,
                slowest_ms = CASE WHEN excluded.slowest_ms > monitor_days.slowest_ms THEN excluded.slowest_ms
                    ELSE monitor_days.slowest_ms END
            """,
            [
                "monitor": .init(monitor), "start": .init(start), "checks": .init(hour.checks),
                "failures": .init(hour.failures), "total": .init(hour.total), "slowest": .init(hour.slowest),
            ])
        // A day's percentiles are counted once, of its single results, when its last hour is over.
        guard hour.start.milliseconds + MonitorHistory.hour == start.milliseconds + day else { return }
        let percentiles = try percentiles(of: monitor, from: start, length: day, in: transaction)
        try transaction.execute(
            """
            UPDATE monitor_days SET p50_ms = :p50, p95_ms = :p95, p99_ms = :p99
            WHERE monitor_id = :monitor AND start_ms = :start
            """,
            [
                "p50": .init(percentiles?.p50), "p95": .init(percentiles?.p95), "p99": .init(percentiles?.p99),
                "monitor": .init(monitor), "start": .init(start),
            ])
    }

    private static func percentiles(
        of monitor: Monitor.ID, from start: Timestamp, length: Int64, in transaction: any Transaction
    ) throws(StorageError) -> Percentiles? {
        let rows = try transaction.query(
            """
            SELECT total_ms FROM monitor_results
            WHERE monitor_id = :monitor AND at_ms >= :start AND at_ms < :end AND reason IS NULL
            ORDER BY total_ms, at_ms LIMIT 100000
            """,
            [
                "monitor": .init(monitor), "start": .init(start), "end": .init(start + .milliseconds(length)),
            ])
        var times: [Duration] = []
        for row in rows { times.append(.milliseconds(try row.integer("total_ms"))) }
        return Percentiles(ascending: times)
    }

    /// Forgets up to `limit` hours from before `hours` and as many days from before `days`, oldest first.
    ///
    /// - Returns: how many.
    public static func prune(
        hours: Timestamp, days: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        let old = try transaction.query(
            """
            DELETE FROM monitor_hours WHERE start_ms < :time AND is_sealed = 1 AND (monitor_id, start_ms) IN
                (SELECT monitor_id, start_ms FROM monitor_hours WHERE start_ms < :time
                ORDER BY start_ms, monitor_id LIMIT :limit)
            RETURNING monitor_id
            """,
            ["time": .init(hours), "limit": .init(limit)])
        let older = try transaction.query(
            """
            DELETE FROM monitor_days WHERE start_ms < :time AND (monitor_id, start_ms) IN
                (SELECT monitor_id, start_ms FROM monitor_days WHERE start_ms < :time
                ORDER BY start_ms, monitor_id LIMIT :limit)
            RETURNING monitor_id
            """,
            ["time": .init(days), "limit": .init(limit)])
        return old.count + older.count
    }

    private static func sums(_ rows: [Row]) throws(StorageError) -> [Monitor.ID: [MonitorSum]] {
        var sums: [Monitor.ID: [MonitorSum]] = [:]
        for row in rows { sums[try row.id("monitor_id"), default: []].append(try sum(row)) }
        return sums
    }

    private static func sum(_ row: Row) throws(StorageError) -> MonitorSum {
        var percentiles: Percentiles?
        if let p50 = try row.optionalInteger("p50_ms"), let p95 = try row.optionalInteger("p95_ms"),
            let p99 = try row.optionalInteger("p99_ms")
        {
            percentiles = Percentiles(p50: .milliseconds(p50), p95: .milliseconds(p95), p99: .milliseconds(p99))
        }
        return MonitorSum(
            start: try row.time("start_ms"), checks: try row.int("checks"), failures: try row.int("failures"),
            total: .milliseconds(try row.integer("total_ms")), slowest: .milliseconds(try row.integer("slowest_ms")),
            percentiles: percentiles)
    }
}
