public import Alerting
import Storage

/// What belongs to every acceptance and every end of an alert, whoever brings it about.
extension Change {
    /// Accepts the alert; where everybody must, in the name of this person only.
    ///
    /// - Returns: `false` when the alert was accepted or resolved before; nothing is written then.
    /// - Throws: `Failure.conflict` for somebody who is none of those who must all accept.
    func accept(_ id: Alert.ID, by actor: Actor, reason: String? = nil) throws -> Bool {
        if try confirmAcceptance(of: id, by: actor) { return true }
        if let user = actor.user, try acceptInPart(id, by: user, reason: reason) { return true }
        return try acceptForAll(id, by: actor, reason: reason)
    }

    /// Accepts the alert whoever was still to.
    ///
    /// - Returns: as `accept`.
    func acceptForAll(_ id: Alert.ID, by actor: Actor, reason: String? = nil) throws -> Bool {
        guard try Alerts.accept(id, by: actor, at: now, in: transaction) else { return false }
        try Timers.cancel(.escalation, of: id, in: transaction)
        try note(.accepted, on: id, by: actor, reason: reason)
        try cancelMessages(of: id, reason: "accepted")
        try watchAcceptance(of: id, by: actor)
        try tellUpdate(.accepted, of: id, by: actor)
        return true
    }

    /// - Returns: whether that is all: others are still to accept.
    private func acceptInPart(_ id: Alert.ID, by user: User.ID, reason: String?) throws -> Bool {
        guard var acceptances = try Acceptances.find(id, in: transaction), !acceptances.isEmpty else { return false }
        let outcome = acceptances.accept(by: user)
        switch outcome {
        case .acceptedBefore: return true
        case .notAsked:
            let names = try names(of: acceptances.awaited)
            throw Failure(
                .conflict,
                "On this level everybody who was paged must accept, and you were not; still to accept: \(names). "
                    + "Reassign the alert to take it over.")
        case .partly, .complete:
            try Acceptances.set(acceptances, of: id, in: transaction)
            guard outcome == .partly else { return false }
            try note(
                .acceptedInPart, on: id, by: .user(user), reason: reason, text: names(of: acceptances.awaited))
            try cancelMessages(of: id, for: user, reason: "accepted")
            return true
        }
    }

    /// Somebody is being deleted: nobody waits for their acceptance any more.
    func stopAwaiting(_ user: User.ID) throws {
        for (alert, var acceptances) in try Acceptances.awaiting(user, in: transaction) {
            let isComplete = acceptances.forget(user)
            try Acceptances.set(acceptances, of: alert, in: transaction)
            if isComplete, let last = acceptances.accepted.last {
                _ = try acceptForAll(alert, by: .user(last), reason: "everybody_accepted")
            }
        }
    }

    private func names(of users: [User.ID]) throws -> String {
        let names = try Users.names(of: Set(users), in: transaction)
        return users.map { names[$0] ?? "a deleted user" }.joined(separator: ", ")
    }

    /// Paging of the alert goes on; what waits has its right instant already.
    ///
    /// - Parameter reason: why before its time; `nil`: it was over.
    func endSnooze(of record: AlertRecord, reason: String?) throws {
        guard record.alert.snoozedUntil != nil else { return }
        try Snoozes.end(record.alert.id, in: transaction)
        try note(.snoozeEnded, on: record.alert.id, reason: reason)
    }

    /// - Returns: `false` when the alert was resolved before; nothing is written then.
    func resolve(_ id: Alert.ID, by actor: Actor, reason: String? = nil) throws -> Bool {
        guard try Alerts.resolve(id, by: actor, at: now, in: transaction) else { return false }
        try close(id)
        try note(reason == Self.timedOut ? .autoResolved : .resolved, on: id, by: actor, reason: reason)
        try cancelMessages(of: id, reason: "resolved")
        try tellUpdate(.resolved, of: id, by: actor)
        return true
    }

    /// Resolves an alert that this transaction has seen open and that nobody was told of, without asking once more.
    ///
    /// - Parameter hasKeys: whether keys may be left to be taken from it.
    func resolveUntold(_ id: Alert.ID, by actor: Actor, hasKeys: Bool) throws {
        try Alerts.end(id, by: actor, at: now, in: transaction)
        try close(id, hasKeys: hasKeys)
        try note(.resolved, on: id, by: actor)
    }

    /// Takes from an alert that ends what only open ones have.
    private func close(_ id: Alert.ID, hasKeys: Bool = true) throws {
        try Timers.cancelAll(of: id, in: transaction)
        if hasKeys { try AlertKeys.closeAll(of: id, at: now, in: transaction) }
    }

    /// The reason of a resolve that nobody but the clock brought about.
    static let timedOut = "timed_out"

    /// - Parameter user: only what waits for this person; `nil`: everything.
    func cancelMessages(of id: Alert.ID, for user: User.ID? = nil, reason: String) throws {
        let cancelled =
            if let user {
                try AlertResponders.cancelWaiting(of: id, for: user, reason: reason, in: transaction)
            } else {
                try Messages.cancelWaiting(of: id, reason: reason, in: transaction)
            }
        for message in cancelled {
            try note(
                .messageCancelled, on: id, level: message.level, user: message.user, reason: reason,
                text: message.channel.name)
        }
    }
}

extension Channel {
    /// In a sentence.
    public var name: String {
        switch self {
        case .email: "Email"
        case .sms: "SMS"
        case .voice: "Voice call"
        case .push: "Push message"
        case .whatsapp: "WhatsApp message"
        case .telegram: "Telegram message"
        case .ntfy: "ntfy message"
        case .gotify: "Gotify message"
        case .pushover: "Pushover message"
        }
    }
}
