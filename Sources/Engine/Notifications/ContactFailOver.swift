import Alerting
import Storage

/// Whom a page goes to when a contact has failed for good.
struct ContactFailOver {
    let change: Change
    let channels: Set<Channel>

    /// The last resort, when the alert's policy has ended and nobody was told or will be.
    func tellSomebody(after message: MessageRecord) throws {
        guard let alert = message.alert, let record = try Alerts.find(alert, in: change.transaction) else { return }
        try EscalationWalk(change: change, channels: channels, intended: message.intended)
            .pageLastResortInTheEnd(record)
    }

    /// The person's next contact that this page has not tried, at once; the last resort when nobody else was told.
    func pageNext(after message: MessageRecord) throws {
        guard let alert = message.alert, let record = try Alerts.find(alert, in: change.transaction),
            record.alert.status == .pending, let user = message.user,
            let responder = try Responders.find(user, in: change.transaction)
        else { return }
        let sameLevel = try Messages.list(of: alert, in: change.transaction).filter {
            $0.user == user && $0.level == message.level && $0.status != .cancelled && $0.purpose == .page
        }
        // A level that is entered again starts the person's contacts anew.
        let entered = sameLevel.filter { $0.reason != NotificationPlan.Reason.contactFailed.rawValue }
        let began = entered.map(\.createdAt).filter { $0 <= message.createdAt }.max() ?? message.createdAt
        let tried = sameLevel.filter { $0.createdAt >= began && ($0.status != .waiting || $0.due <= change.now) }
        let failed = Set((tried.map(\.contact) + [message.contact]).compactMap(\.self))
        let walk = EscalationWalk(change: change, channels: channels, intended: message.intended)
        guard let next = NotificationPlan.next(for: responder, channels: channels, except: failed) else {
            return try walk.pageLastResortInTheEnd(record)
        }
        try walk.queue(next, user: user, level: message.level, alert: record.alert)
    }
}
