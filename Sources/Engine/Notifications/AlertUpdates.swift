import Alerting
import Storage

/// What became of an alert, for those who were paged about it and want to know.
extension Change {
    enum AlertUpdate: String {
        case accepted = "ALERT_ACCEPTED"
        case resolved = "ALERT_RESOLVED"
        case escalated = "ALERT_ESCALATED"

        var words: String {
            switch self {
            case .accepted: "Accepted"
            case .resolved: "Resolved"
            case .escalated: "Escalated"
            }
        }
    }

    /// Queues a message to everybody who was paged about the alert, by their own preferences; not to whoever did it.
    ///
    /// - Parameter others: who hears of it otherwise.
    func tellUpdate(
        _ update: AlertUpdate, of id: Alert.ID, by actor: Actor, except others: Set<User.ID> = []
    ) throws {
        guard !channels.isEmpty else { return }
        let paged = try AlertResponders.list(of: [id], in: transaction)[id] ?? []
        let told = paged.filter { $0 != actor.user && !others.contains($0) }
        guard !told.isEmpty, let record = try Alerts.find(id, in: transaction) else { return }
        let names = try Users.names(of: Set([actor.user].compactMap(\.self)), in: transaction)
        let summary = Limits.cut(record.alert.summary, to: 160)
        let notice = Notice(
            account: record.alert.account, purpose: .update, subject: "\(update.words): \(summary)",
            text: "\(update.words) by \(actor.name { names[$0] }): alert #\(id), \(summary)", alert: id)
        let queue = NoticeQueue(change: self, channels: channels)
        for user in told { try queue.tell(user, notice, by: .preferences(.updates, kind: update.rawValue)) }
    }
}
