import Alerting
import Storage

/// Alert sources that are heartbeat monitors themselves: their types `HEARTBEAT` and `HEARTBEAT2`, and their field
/// `heartbeat` with `summary` and `intervalSec`.
enum HeartbeatSources {
    static let types: Set<String> = ["HEARTBEAT", "HEARTBEAT2"]
    private static let usualInterval: Int64 = 900

    /// - Throws: `Failure.invalid` that names the field.
    static func check(_ fields: JSONValue, type: String) throws(Failure) {
        guard types.contains(type), let heartbeat = fields["heartbeat"], !heartbeat.isNull else { return }
        guard heartbeat.object != nil else { throw .invalid("heartbeat", "must be an object.") }
        if let interval = heartbeat["intervalSec"], !interval.isNull {
            guard let seconds = interval.integer, HeartbeatDraft.intervals.contains(.seconds(seconds)) else {
                throw .invalid("heartbeat.intervalSec", "must be 25 to 2678400.")
            }
        }
        guard (heartbeat["summary"]?.string ?? "").count <= Limits.summary else {
            throw .invalid("heartbeat.summary", "may have at most \(Limits.summary) characters.")
        }
    }

    /// Makes the source's monitor what the source says; one of another type has none.
    static func follow(_ source: AlertSourceRecord, in change: Change) throws {
        let existing = try HeartbeatMonitors.find(owner: source.id, in: change.transaction)
        guard types.contains(source.integrationType) else {
            if let existing { try HeartbeatMonitors.delete(existing.id, in: change.transaction) }
            return
        }
        let heartbeat = source.fields["heartbeat"]
        let interval = Duration.seconds(heartbeat?["intervalSec"]?.integer ?? usualInterval)
        var monitor =
            try existing
            ?? HeartbeatMonitorRecord(
                id: change.newID(), account: source.account, name: source.name, owner: source.id, source: source.id,
                integrationKey: source.integrationKey, heartbeat: Heartbeat(interval: interval),
                createdAt: change.now, updatedAt: change.now)
        monitor.name = source.name
        monitor.alertSummary = heartbeat?["summary"]?.string ?? ""
        monitor.integrationKey = source.integrationKey
        if monitor.heartbeat.interval != interval, monitor.heartbeat.deadline != nil {
            monitor.heartbeat.deadline = change.now + interval
        }
        monitor.heartbeat.interval = interval
        monitor.updatedAt = change.now
        if existing == nil {
            try HeartbeatMonitors.insert(monitor, in: change.transaction)
        } else {
            try HeartbeatMonitors.update(monitor, in: change.transaction)
        }
    }
}
