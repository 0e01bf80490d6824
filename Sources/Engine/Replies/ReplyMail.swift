public import Alerting
import Integrations
import Storage

/// Answers to our own mails: they go to an address that names the message and proves it, such as
/// `reply+17-0a1b…@bell.example`. The first line is read as a reply by SMS is; a mail says what came of it.
public struct ReplyMail: MailReceiver {
    private let store: Store
    private let links: ActionLinks
    private let wakeups: Wakeups
    private let channels: Set<Channel>
    /// What such an address begins with.
    public static let prefix = "reply+"

    public init(store: Store, links: ActionLinks, wakeups: Wakeups, channels: Set<Channel>) {
        self.store = store
        self.links = links
        self.wakeups = wakeups
        self.channels = channels
    }

    public func answer(recipient: String, sender: String) async -> MailAnswer {
        guard recipient.hasPrefix(Self.prefix), message(of: recipient) != nil else { return .unknown }
        return sender.isEmpty ? .refused("Reports about other mails answer nothing") : .taken
    }

    public func receive(_ mail: ReceivedMail) async -> MailAnswer {
        guard let id = message(of: mail.recipient) else { return .unknown }
        let content = MailMessage(mail.content)
        guard content.automatic == nil, content.hops <= Limits.mailHops else {
            return .refused("Automatic mails answer nothing")
        }
        let (reply, channels) = (Reply(content.text), channels)
        do {
            do {
                try await store.write { change in
                    guard let message = try Messages.find(id, in: change.transaction) else { return }
                    try Self.perform(reply, to: message, channels, change)
                }
            } catch let failure as Failure where failure.code == .conflict {
                // Nothing was written; the sentence says why.
                try await store.write { change in
                    guard let message = try Messages.find(id, in: change.transaction) else { return }
                    try change.notify(
                        message.target, account: message.account, subject: failure.message, body: failure.message)
                }
            }
        } catch {
            // The sender keeps it and comes back.
            return .later("The answer could not be stored; come back soon")
        }
        wakeups.alertsChanged()
        wakeups.messagesQueued()
        wakeups.notices.signal()
        return .taken
    }

    private func message(of recipient: String) -> MessageRecord.ID? {
        let local = recipient.prefix { $0 != "@" }
        return links.message(of: String(local.dropFirst(Self.prefix.count)))
    }

    /// The answer goes to the address that the message went to, whoever writes.
    private static func perform(
        _ reply: Reply, to message: MessageRecord, _ channels: Set<Channel>, _ change: Change
    ) throws {
        let before = try ReplySenders.nonsense(from: message.target, in: change.transaction)
        var sentence = "Reply with one word: accept, resolve or escalate."
        if case .act(let action, _) = reply {
            sentence = try ReplyDesk.act(action, on: message, channels, change)
            if before > 0 {
                try ReplySenders.setNonsense(0, from: message.target, at: change.now, in: change.transaction)
            }
        } else {
            try ReplySenders.setNonsense(
                min(before + 1, 1000), from: message.target, at: change.now, in: change.transaction)
            guard before < ReplyDesk.patience else { return }
        }
        try change.notify(
            message.target, account: message.account, subject: Limits.cut(sentence, to: 200), body: sentence + "\n")
    }
}
