public import Alerting
import Storage

/// What belongs to every acceptance and every end of an alert, whoever brings it about.
extension Change {
    /// - Returns: `false` when the alert was accepted or resolved before; nothing is written then.
    func accept(_ id: Alert.ID, by actor: Actor, reason: String? = nil) throws -> Bool {
        guard try Alerts.accept(id, by: actor, at: now, in: transaction) else { return false }
        try Timers.cancel(.escalation, of: id, in: transaction)
        try note(.accepted, on: id, by: actor, reason: reason)
        try cancelMessages(of: id, reason: "accepted")
        return true
    }

    /// - Returns: `false` when the alert was resolved before; nothing is written then.
    func resolve(_ id: Alert.ID, by actor: Actor, reason: String? = nil) throws -> Bool {
        guard try Alerts.resolve(id, by: actor, at: now, in: transaction) else { return false }
        try Timers.cancelAll(of: id, in: transaction)
        try AlertKeys.closeAll(of: id, at: now, in: transaction)
        try note(reason == Self.timedOut ? .autoResolved : .resolved, on: id, by: actor, reason: reason)
        try cancelMessages(of: id, reason: "resolved")
        return true
    }

    /// The reason of a resolve that nobody but the clock brought about.
    static let timedOut = "timed_out"

    func cancelMessages(of id: Alert.ID, reason: String) throws {
        for message in try Messages.cancelWaiting(of: id, reason: reason, in: transaction) {
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
        }
    }
}
