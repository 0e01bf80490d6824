import Alerting
import Storage

/// How an alert of low priority becomes urgent after it was raised.
extension Change {
    /// The alert is of high priority from now on; if it is pending, its escalation starts again.
    ///
    /// - Parameter reason: why, when it was no event.
    func raisePriority(of id: Alert.ID, isPending: Bool, by actor: Actor, reason: String? = nil) throws {
        try Alerts.raisePriority(of: id, in: transaction)
        try note(.priorityRaised, on: id, by: actor, reason: reason)
        try Timers.cancel(.supportHours, of: id, in: transaction)
        guard isPending else { return }
        // What a snooze put off would stand in the way of the new pages.
        if let record = try Alerts.find(id, in: transaction) { _ = try wake(record) }
        try Alerts.setEscalation(.ready(due: now), of: id, in: transaction)
        try Timers.set(AlertTimer(alert: id, kind: .escalation, due: now), in: transaction)
    }

    /// To be called for each alert of low priority: sets the timer for the support hours that make it urgent, where
    /// its source wants that (`autoRaiseAlerts`).
    func watchSupportHours(of id: Alert.ID, _ rules: AlertSourceRules, _ hours: SupportHours?) throws {
        guard rules.raisesWithSupportHours, let hours, let due = rules.priorityRule.nextRaise(after: now, hours)
        else { return }
        try Timers.set(AlertTimer(alert: id, kind: .supportHours, due: due), in: transaction)
    }

    /// Support hours have begun or ended, or they or the source's rules were changed.
    func lookAtSupportHours(_ record: AlertRecord) throws {
        guard record.alert.priority == .low,
            let source = try AlertSources.find(record.alert.source, in: transaction),
            source.rules.raisesWithSupportHours, source.rules.priorityRule.followsSupportHours,
            let hours = try SupportHoursList.hours(of: source, in: transaction)
        else { return }
        let (priority, step) = source.rules.priorityRule.priority(isSupported: hours.isDuring(now))
        // One that is accepted may be pending again by the next time.
        guard priority == .high, record.alert.status == .pending else {
            return try watchSupportHours(of: record.alert.id, source.rules, hours)
        }
        try raisePriority(of: record.alert.id, isPending: true, by: .system, reason: step.rawValue)
    }
}

extension AlertSourceRecord {
    /// Whether alerts that wait for support hours must be looked at again when `self` takes the place of `old`.
    func changesSupportHours(of old: AlertSourceRecord) -> Bool {
        rules.raisesWithSupportHours
            && (!old.rules.raisesWithSupportHours || old.rules.priorityRule != rules.priorityRule
                || old.fields["supportHours"] != fields["supportHours"])
    }
}
