public import Alerting
import Storage

/// People who are called to an alert beside those of its escalation policy.
extension AlertDesk {
    /// The cause of a refusal because somebody is among the responders already.
    public static let isResponder = "ALREADY_RESPONDER"

    /// Pages one more person at once; the escalation goes on as it is.
    ///
    /// - Throws: `Failure.conflict` when the alert is not pending, or the person cannot be reached or is among its
    ///   responders (cause `isResponder`).
    public func addResponder(_ user: User.ID, to id: Alert.ID, by caller: Caller) async throws {
        let channels = channels
        try await change(id, by: caller, to: "add responders") { change, record in
            guard try Users.find(user, in: change.transaction)?.account == caller.account,
                let responder = try Responders.find(user, in: change.transaction)
            else { throw Failure(.invalid, "There is no user \(user).") }
            guard record.alert.status == .pending else {
                throw Failure(
                    .conflict, "This alert is \(record.alert.status.rawValue); only pending ones page further people.")
            }
            guard try !Self.responders(of: record, change).contains(user) else {
                throw Failure(.conflict, "This person is a responder already.", cause: Self.isResponder)
            }
            guard responder.isReachable(at: change.now, channels: channels) else {
                throw Failure(.conflict, "This person is muted or has no contact that can be reached.")
            }
            try change.note(.responderAdded, on: id, by: .user(caller.user), user: user)
            let walk = EscalationWalk(change: change, channels: channels, intended: change.now)
            for message in NotificationPlan.messages(
                for: responder, priority: record.alert.priority, channels: channels)
            {
                try walk.queue(message, user: user, level: nil, alert: record.alert)
            }
        }
    }

    /// Takes somebody off: what waits to be sent to them is not sent. A later level may call them again.
    ///
    /// - Throws: `Failure.notFound` when they are no responder.
    public func removeResponder(_ user: User.ID, from id: Alert.ID, by caller: Caller) async throws {
        let channels = channels
        try await change(id, by: caller, to: "remove responders") { change, record in
            guard try Self.responders(of: record, change).contains(user) else {
                throw Failure(.notFound, "User \(user) is no responder of this alert.")
            }
            try change.cancelMessages(of: id, for: user, reason: "responder_removed")
            try change.note(.responderRemoved, on: id, by: .user(caller.user), user: user)
            try EscalationWalk(change: change, channels: channels, intended: change.now)
                .pageLastResortInTheEnd(record)
        }
    }

    private static func responders(of record: AlertRecord, _ change: Change) throws -> [User.ID] {
        try AlertResponders.list(of: [record.alert.id], in: change.transaction)[record.alert.id] ?? []
    }
}
