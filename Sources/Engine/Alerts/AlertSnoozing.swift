public import Alerting
import Storage

/// Quiet about an alert for a while: somebody knows of it, and nobody need be woken yet.
extension AlertDesk {
    /// Whole minutes.
    public static let snoozes = 1...Limits.snoozeMinutes

    /// Stops all paging about the alert for a while. Time stands still for it: whatever was to happen in seven minutes
    /// happens seven minutes after the end. Snoozing again counts from now; whatever starts the paging anew
    /// (escalating, reassigning, a raised priority) ends the snooze.
    ///
    /// - Parameter minutes: of `snoozes`; 0 ends a snooze at once.
    /// - Throws: `Failure.conflict` when the alert is not pending or nothing more would happen to it anyway.
    public func snooze(_ id: Alert.ID, minutes: Int, by caller: Caller) async throws {
        guard minutes == 0 || Self.snoozes.contains(minutes) else {
            throw Failure.invalid("minutes", "must be 0 to \(Limits.snoozeMinutes).")
        }
        try await change(id, by: caller, to: "snooze alerts") { change, record in
            guard record.alert.status == .pending else {
                throw Failure(
                    .conflict, "This alert is \(record.alert.status.rawValue); only pending ones are snoozed.")
            }
            let actor = Actor.user(caller.user)
            let current = record.alert.snoozedUntil.map { max($0, change.now) }
            guard minutes > 0 else {
                guard let current else { throw Failure(.conflict, "This alert is not snoozed.") }
                try change.move(record, by: change.now - current, until: nil)
                return try change.note(.snoozeEnded, on: id, by: actor, reason: "by_a_person")
            }
            let hasWaiting = try Snoozes.hasWaiting(id, in: change.transaction)
            guard record.alert.escalation.due != nil || hasWaiting else {
                throw Failure(.conflict, "Nothing more happens to this alert by itself, so there is nothing to snooze.")
            }
            let end = change.now + .minutes(minutes)
            try change.move(record, by: end - (current ?? change.now), until: end)
            try change.note(.snoozed, on: id, by: actor, text: end.iso8601)
        }
    }
}

extension Change {
    /// Moves everything that the alert waits for.
    ///
    /// - Parameter end: of the snooze; `nil`: paging goes on.
    func move(_ record: AlertRecord, by pause: Duration, until end: Timestamp?) throws {
        let id = record.alert.id
        var escalation = record.alert.escalation
        escalation.postpone(by: pause)
        try Snoozes.set(id, until: end, pause: pause, state: escalation.state, in: transaction)
        if let due = escalation.due {
            try Timers.set(AlertTimer(alert: id, kind: .escalation, due: due), in: transaction)
        }
        if let end {
            try Timers.set(AlertTimer(alert: id, kind: .snooze, due: end), in: transaction)
        } else {
            try Timers.cancel(.snooze, of: id, in: transaction)
        }
    }

    /// Somebody wants the alert to go on now.
    ///
    /// - Returns: the alert as it is from now on.
    func wake(_ record: AlertRecord) throws -> AlertRecord {
        guard let end = record.alert.snoozedUntil else { return record }
        try move(record, by: min(.zero, now - end), until: nil)
        try note(.snoozeEnded, on: record.alert.id, reason: "somebody_went_on")
        return try Alerts.find(record.alert.id, in: transaction) ?? record
    }
}
