import Alerting
import Integrations
import Storage

/// What signals and deadlines of monitors bring about, in the transaction that decides it.
extension Change {
    /// - Returns: whether an alert was raised or resolved.
    func take(_ ping: HeartbeatReception.Ping) throws -> Bool {
        // Deleted since it was looked up.
        guard let monitor = try HeartbeatMonitors.find(ping.monitor, in: transaction) else { return false }
        var heartbeat = monitor.heartbeat
        let (action, run) = heartbeat.take(ping.signal, at: ping.at)
        if heartbeat != monitor.heartbeat {
            try HeartbeatMonitors.setHeartbeat(heartbeat, of: monitor.id, in: transaction)
        }
        try HeartbeatPings.insert(
            HeartbeatPing(
                id: newID(), monitor: monitor.id, at: ping.at, signal: ping.signal, run: run, body: ping.body),
            in: transaction)
        guard let action else { return false }
        return try perform(action, of: monitor, because: ping.signal, details: ping.body)
    }

    /// A deadline has passed.
    ///
    /// - Returns: whether an alert was raised.
    func expire(_ monitor: HeartbeatMonitorRecord) throws -> Bool {
        var heartbeat = monitor.heartbeat
        guard let action = heartbeat.expire(at: now), try HeartbeatMonitors.claim(monitor.id, at: now, in: transaction)
        else { return false }
        try HeartbeatMonitors.setHeartbeat(heartbeat, of: monitor.id, in: transaction)
        return try perform(action, of: monitor, because: nil, details: "")
    }

    /// Goes the way of every event of the monitor's alert source: filters, maintenance and grouping count.
    private func perform(
        _ action: Heartbeat.Action, of monitor: HeartbeatMonitorRecord, because signal: Heartbeat.Signal?,
        details: String
    ) throws -> Bool {
        guard let id = monitor.source, let source = try AlertSourceDirectory.entry(for: id, in: transaction) else {
            return false
        }
        let event = AlertEvent(
            kind: action == .raise ? .alert : .resolve, alertKey: "heartbeat-\(monitor.id)",
            summary: action == .raise ? Self.summary(of: monitor, because: signal) : "",
            details: details, customDetails: Self.facts(of: monitor))
        let request = IngestRequest(
            WebhookRequest(path: "/heartbeats", body: []), event: .success(event), source: source, receivedAt: now)
        var intake = Intake(request, change: self)
        _ = try intake.run()
        return true
    }

    private static func summary(of monitor: HeartbeatMonitorRecord, because signal: Heartbeat.Signal?) -> String {
        guard monitor.alertSummary.isEmpty else { return monitor.alertSummary }
        return switch signal {
        case .failure: "\(monitor.name) reported a failure"
        case .exit(let status): "\(monitor.name) ended with exit status \(status)"
        case .success, .start, .log, nil: "\(monitor.name) is overdue: no heartbeat in time"
        }
    }

    private static func facts(of monitor: HeartbeatMonitorRecord) -> JSONValue {
        .object([
            "heartbeatMonitor": .object([
                "id": .integer(monitor.id.rawValue), "name": .string(monitor.name),
                "intervalSec": .integer(monitor.heartbeat.interval.components.seconds),
                "lastPing": monitor.heartbeat.lastPing.map { .string($0.iso8601) } ?? .null,
            ])
        ])
    }
}
