public import Alerting

/// The `monitor_screenshots` table: pictures of pages that failed, as PNG.
public enum MonitorScreenshots {
    /// How many are kept of a monitor.
    public static let kept = 5

    public static func insert(
        _ image: [UInt8], of monitor: Monitor.ID, at time: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO monitor_screenshots (monitor_id, at_ms, image) VALUES (:monitor, :at, :image)
            ON CONFLICT (monitor_id, at_ms) DO NOTHING
            """,
            ["monitor": .init(monitor), "at": .init(time), "image": .blob(image)])
        try transaction.execute(
            """
            DELETE FROM monitor_screenshots WHERE monitor_id = :monitor AND at_ms IN (SELECT at_ms
                FROM monitor_screenshots WHERE monitor_id = :monitor ORDER BY at_ms DESC LIMIT 10 OFFSET :kept)
            """,
            ["monitor": .init(monitor), "kept": .init(kept)])
    }

    /// When they were taken, the newest first.
    public static func times(
        of monitor: Monitor.ID, in transaction: any Transaction
    ) throws(StorageError) -> [Timestamp] {
        let rows = try transaction.query(
            "SELECT at_ms FROM monitor_screenshots WHERE monitor_id = :monitor ORDER BY at_ms DESC LIMIT 10",
            ["monitor": .init(monitor)])
        var times: [Timestamp] = []
        for row in rows { times.append(try row.time("at_ms")) }
        return times
    }

    public static func find(
        of monitor: Monitor.ID, at time: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> [UInt8]? {
        try transaction.query(
            "SELECT image FROM monitor_screenshots WHERE monitor_id = :monitor AND at_ms = :at",
            ["monitor": .init(monitor), "at": .init(time)]
        ).first?.blob("image")
    }
}
