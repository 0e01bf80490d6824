import Alerting
import Storage

/// The intake's stage of maintenance: after filter and type, before key and grouping.
extension Intake {
    /// Whether maintenance keeps the event from the rest of the intake; `nil`: it goes on.
    func maintenance(_ prepared: PreparedEvent, _ known: KnownKey?) throws -> IntakeReason? {
        // What was held is judged by the database, which knows that all windows are over.
        guard !request.isReleased else { return nil }
        let source = request.source.record.id
        if prepared.event.kind == .resolve, let key = prepared.key, !request.source.maintenance.isEmpty {
            try HeldKeys.release(key, source: source, in: change.transaction)
        }
        let reason = MaintenanceWindow.decide(
            prepared.event, spans: request.source.maintenance, lastResolve: known?.resolvedAt, at: change.now)
        if reason == .heldInMaintenance {
            try HeldKeys.hold(
                prepared.event, key: prepared.key, source: source, at: change.now, in: change.transaction)
        }
        return reason
    }
}
