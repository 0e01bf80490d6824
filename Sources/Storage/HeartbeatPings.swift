public import Alerting

/// One request to a heartbeat monitor's address.
public struct HeartbeatPing: Equatable, Sendable {
    public typealias ID = Identifier<HeartbeatPing>

    public var id: ID
    public var monitor: HeartbeatMonitor.ID
    public var at: Timestamp
    public var signal: Heartbeat.Signal
    /// How long the run took that it ended.
    public var run: Duration?
    /// What was sent along, cut.
    public var body: String

    public init(
        id: ID, monitor: HeartbeatMonitor.ID, at: Timestamp, signal: Heartbeat.Signal, run: Duration? = nil,
        body: String = ""
    ) {
        self.id = id
        self.monitor = monitor
        self.at = at
        self.signal = signal
        self.run = run
        self.body = body
    }
}

/// The `heartbeat_pings` table: the last ones of each monitor.
public enum HeartbeatPings {
    /// How many are kept of a monitor.
    public static let kept = 100

    /// Keeps a ping and forgets the oldest beyond `kept`.
    public static func insert(_ ping: HeartbeatPing, in transaction: any Transaction) throws(StorageError) {
        var status: Int64?
        if case .exit(let code) = ping.signal { status = Int64(code) }
        try transaction.execute(
            """
            INSERT INTO heartbeat_pings (id, heartbeat_monitor_id, at_ms, signal, exit_status, run_ms, body)
            VALUES (:id, :monitor, :at, :signal, :status, :run, :body)
            """,
            [
                "id": .init(ping.id), "monitor": .init(ping.monitor), "at": .init(ping.at),
                "signal": .text(ping.signal.name), "status": .init(status), "run": .init(ping.run),
                "body": .text(ping.body),
            ])
        try transaction.execute(
            """
            DELETE FROM heartbeat_pings WHERE id IN (SELECT id FROM heartbeat_pings
                WHERE heartbeat_monitor_id = :monitor ORDER BY id DESC LIMIT 20 OFFSET :kept)
            """,
            ["monitor": .init(ping.monitor), "kept": .init(kept)])
    }

    /// The newest first.
    public static func list(
        of monitor: HeartbeatMonitor.ID, limit: Int = kept, in transaction: any Transaction
    ) throws(StorageError) -> [HeartbeatPing] {
        try transaction.query(
            """
            SELECT id, heartbeat_monitor_id, at_ms, signal, exit_status, run_ms, body FROM heartbeat_pings
            WHERE heartbeat_monitor_id = :monitor ORDER BY id DESC LIMIT :limit
            """,
            ["monitor": .init(monitor), "limit": .init(limit)]
        ).map(ping)
    }

    private static func ping(_ row: Row) throws(StorageError) -> HeartbeatPing {
        let signal: Heartbeat.Signal =
            switch try row.text("signal") {
            case "start": .start
            case "failure": .failure
            case "log": .log
            case "exit": .exit(Int(try row.optionalInteger("exit_status") ?? 0))
            default: .success
            }
        return HeartbeatPing(
            id: try row.id("id"), monitor: try row.id("heartbeat_monitor_id"), at: try row.time("at_ms"),
            signal: signal, run: try row.optionalInteger("run_ms").map { .milliseconds($0) },
            body: try row.text("body"))
    }
}
