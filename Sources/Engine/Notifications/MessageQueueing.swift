import Alerting
import Storage

/// The one way into the queues.
extension Change {
    /// Queues a message with its rank and, where its reader can answer with words, its short code.
    ///
    /// - Returns: `false` when the same waits already.
    func queue(_ message: MessageRecord) throws -> Bool {
        var message = message
        message.rank = try rank(of: message)
        if message.channel.takesWords, message.alert != nil || message.purpose == .drill {
            message.shortCode = try shortCode(for: message.alert, to: message.target)
        }
        guard try Messages.insert(message, in: transaction) else { return false }
        noteQueued(on: message.channel)
        return true
    }

    private func rank(of message: MessageRecord) throws -> MessageRecord.Rank {
        switch message.purpose {
        case .lastResort: return .firstAlert
        case .page:
            guard let source = message.source else { return .furtherAlert }
            let isFirst = try Messages.isFirst(
                of: source, to: message.target, on: message.channel, since: now - Throttle.firstAgainAfter,
                in: transaction)
            return isFirst ? .firstAlert : .furtherAlert
        case .ask: return .furtherAlert
        case .verification, .reply: return .verification
        case .test, .drill: return .test
        case .onCallNotice, .coverage, .maintenance: return .notice
        case .update, .subscription: return .status
        }
    }

    /// 1 to 99, the same for all messages about one alert to one address.
    private func shortCode(for alert: Alert.ID?, to target: String) throws -> Int {
        if let alert, let code = try Messages.shortCode(of: alert, to: target, in: transaction) { return code }
        return (try Messages.lastShortCode(to: target, in: transaction) ?? 0) % 99 + 1
    }
}

extension Channel {
    /// Whether people answer in words there.
    var takesWords: Bool {
        switch self {
        case .sms, .whatsapp, .telegram, .voice: true
        case .email, .push, .ntfy, .gotify, .pushover: false
        }
    }
}
