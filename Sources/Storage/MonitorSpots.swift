public import Alerting

/// The `monitor_spots` table: what each place last said of a monitor, and when it is to look again.
public enum MonitorSpots {
    public struct Spot: Equatable, Sendable {
        public var region: String
        public var checkedAt: Timestamp?
        public var total: Duration?
        /// `nil`: it passed.
        public var reason: String?

        public var vote: RegionVotes.Vote? {
            checkedAt.map { RegionVotes.Vote(region: region, isPassing: reason == nil, at: $0) }
        }
    }

    /// Makes a place of each of the monitor's regions and forgets others. Those beyond home are due at once, none while
    /// it is paused.
    public static func set(
        of monitor: MonitorRecord, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        let known = try transaction.query(
            "SELECT region FROM monitor_spots WHERE monitor_id = :id ORDER BY region LIMIT 100",
            ["id": .init(monitor.id)])
        for row in known {
            let region = try row.text("region")
            guard !monitor.regions.contains(region) else { continue }
            try transaction.execute(
                "DELETE FROM monitor_spots WHERE monitor_id = :id AND region = :region",
                ["id": .init(monitor.id), "region": .text(region)])
        }
        for region in monitor.regions {
            let isDue = region != Monitor.homeRegion && !monitor.isPaused
            try transaction.execute(
                """
                INSERT INTO monitor_spots (monitor_id, region, due_at_ms) VALUES (:id, :region, :due)
                ON CONFLICT (monitor_id, region) DO UPDATE SET due_at_ms = excluded.due_at_ms, lease_until_ms = NULL
                """,
                ["id": .init(monitor.id), "region": .text(region), "due": isDue ? .init(now) : .null])
        }
    }

    /// By region.
    public static func list(
        of monitor: Monitor.ID, in transaction: any Transaction
    ) throws(StorageError) -> [Spot] {
        let rows = try transaction.query(
            """
            SELECT region, checked_at_ms, total_ms, reason FROM monitor_spots WHERE monitor_id = :id
            ORDER BY region LIMIT 100
            """,
            ["id": .init(monitor)])
        var spots: [Spot] = []
        for row in rows {
            spots.append(
                Spot(
                    region: try row.text("region"), checkedAt: try row.optionalTime("checked_at_ms"),
                    total: try row.optionalInteger("total_ms").map { .milliseconds($0) },
                    reason: try row.optionalText("reason")))
        }
        return spots
    }

    /// Writes what a place says, gives the place back and has it look again at `due`; `nil` for home.
    public static func record(
        _ report: CheckReport, of monitor: Monitor.ID, in region: String, at time: Timestamp, due: Timestamp?,
        in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE monitor_spots SET checked_at_ms = :at, total_ms = :total, reason = :reason, due_at_ms = :due,
                lease_until_ms = NULL
            WHERE monitor_id = :id AND region = :region
            """,
            [
                "at": .init(time), "total": .init(report.total), "reason": .init(report.reason), "due": .init(due),
                "id": .init(monitor), "region": .text(region),
            ])
    }

    /// Says when a place is to look again.
    public static func setDue(
        _ due: Timestamp, of monitor: Monitor.ID, in region: String, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE monitor_spots SET due_at_ms = :due WHERE monitor_id = :id AND region = :region",
            ["due": .init(due), "id": .init(monitor), "region": .text(region)])
    }

    /// Takes up to `limit` monitors that a region is to look at until `lease`, the earliest first, with the instant at
    /// which each was due.
    public static func claimDue(
        account: Account.ID, region: String, at now: Timestamp, until lease: Timestamp, limit: Int,
        in transaction: any Transaction
    ) throws(StorageError) -> [(monitor: MonitorRecord, due: Timestamp)] {
        let rows = try transaction.query(
            """
            SELECT s.monitor_id, s.due_at_ms FROM monitor_spots s JOIN monitors m ON m.id = s.monitor_id
            WHERE m.account_id = :account AND s.region = :region AND s.due_at_ms IS NOT NULL AND s.due_at_ms <= :now
              AND (s.lease_until_ms IS NULL OR s.lease_until_ms <= :now)
            ORDER BY s.due_at_ms, s.monitor_id LIMIT :limit
            """,
            ["account": .init(account), "region": .text(region), "now": .init(now), "limit": .init(limit)])
        var due: [Monitor.ID: Timestamp] = [:]
        for row in rows { due[try row.id("monitor_id")] = try row.time("due_at_ms") }
        guard !due.isEmpty else { return [] }
        var arguments: Arguments = ["lease": .init(lease), "region": .text(region), "now": .init(now)]
        let wanted = arguments.list(due.keys.sorted(), as: "monitor")
        let claimed = try transaction.query(
            """
            UPDATE monitor_spots SET lease_until_ms = :lease
            WHERE region = :region AND due_at_ms <= :now AND (lease_until_ms IS NULL OR lease_until_ms <= :now)
              AND monitor_id IN (\(wanted))
            RETURNING monitor_id
            """, arguments)
        var ids: [Monitor.ID] = []
        for row in claimed { ids.append(try row.id("monitor_id")) }
        let monitors = try Monitors.list(ids, account: account, in: transaction)
        return monitors.map { (monitor: $0, due: due[$0.id] ?? now) }.sorted {
            ($0.due, $0.monitor.id) < ($1.due, $1.monitor.id)
        }
    }

    /// Puts off the end of a region's leases to `lease`, for those that end before `soon`: somebody works on them.
    public static func prolong(
        _ monitors: [Monitor.ID], account: Account.ID, region: String, to lease: Timestamp, before soon: Timestamp,
        in transaction: any Transaction
    ) throws(StorageError) {
        guard !monitors.isEmpty else { return }
        var arguments: Arguments = [
            "lease": .init(lease), "region": .text(region), "soon": .init(soon), "account": .init(account),
        ]
        let wanted = arguments.list(monitors, as: "monitor")
        try transaction.execute(
            """
            UPDATE monitor_spots SET lease_until_ms = :lease
            WHERE region = :region AND lease_until_ms IS NOT NULL AND lease_until_ms < :soon
              AND monitor_id IN (SELECT id FROM monitors WHERE account_id = :account AND id IN (\(wanted)))
            """, arguments)
    }

    /// Has all places beyond home look as soon as they can.
    public static func hurry(
        _ monitor: Monitor.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE monitor_spots SET due_at_ms = :now
            WHERE monitor_id = :id AND due_at_ms IS NOT NULL AND due_at_ms > :now
            """,
            ["now": .init(now), "id": .init(monitor)])
    }
}
