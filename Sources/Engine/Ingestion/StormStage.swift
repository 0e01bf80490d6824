import Alerting
import Storage

/// The intake's stage of volume: alert events above the source's soft limit become part of one alert about the storm.
extension Intake {
    /// The alert key of a source's alert about an event storm.
    static let stormKey = "event storm"
    /// Of how many events that were folded in the keys are listed.
    private static let listed = 100

    /// Whether the event is folded into the storm's alert.
    ///
    /// Events of keys that are open go their usual way, and so does everything but alerts.
    func isFolded(_ prepared: PreparedEvent, _ known: KnownKey?, isOverLimit: Bool) -> Bool {
        isOverLimit && prepared.event.kind == .alert && known?.open == nil && request.fault == nil
    }

    /// Counts the event on the storm's alert, which is raised if it is not open.
    mutating func fold(_ prepared: PreparedEvent) throws -> (IntakeDecision, Alert.ID?) {
        guard let key = AlertKey(Self.stormKey) else { throw StorageError.failed(message: "blank alert key") }
        let line = "- \(Self.line(of: prepared))"
        if let open = try AlertKeys.find(key, source: request.source.record.id, in: change.transaction)?.open {
            let count = try Alerts.count(open.id, at: request.receivedAt, in: change.transaction)
            if count <= Self.listed, let record = try Alerts.find(open.id, in: change.transaction),
                !record.alert.details.contains(line)
            {
                try Alerts.setDetails(record.alert.details + "\n" + line, of: open.id, in: change.transaction)
            }
            return (.append(open.id, isRaised: false, .foldedIntoStorm), open.id)
        }
        let source = request.source
        let event = AlertEvent(
            kind: .alert, alertKey: Self.stormKey,
            summary: "Event storm: more than \(source.eventLimit) alert events a minute from \(source.record.name)",
            details: """
                Further alert events are counted here instead of raising alerts of their own. Resolve this alert when you \
                have looked after them: what is listed below may still fail. The event explorer has every event.

                First seen:
                \(line)
                """, routingKeys: prepared.event.routingKeys)
        let storm = ShapedEvent(event)
        let id = try raise(PreparedEvent(storm), priority: priority(of: storm))
        try Timers.set(
            AlertTimer(alert: id, kind: .storm, due: request.receivedAt + Self.pause), in: change.transaction)
        return (.append(id, isRaised: false, .foldedIntoStorm), id)
    }

    /// A storm is over when nothing was folded for this long.
    static let pause = Duration.seconds(90)

    private static func line(of prepared: PreparedEvent) -> String {
        let summary = Limits.cut(prepared.event.summary, to: 120)
        guard let key = prepared.key?.text else { return summary }
        return summary.isEmpty ? Limits.cut(key, to: 120) : "\(Limits.cut(key, to: 120)): \(summary)"
    }
}

extension Change {
    /// Says on the storm's timeline that it is over, or looks again later.
    func lookAtStorm(_ record: AlertRecord) throws {
        let quiet = record.alert.lastEventAt + Intake.pause
        guard quiet <= now else {
            return try Timers.set(AlertTimer(alert: record.alert.id, kind: .storm, due: quiet), in: transaction)
        }
        try note(.stormOver, on: record.alert.id, text: "\(record.alert.eventCount)")
    }
}
