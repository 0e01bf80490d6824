import Synchronization

/// A mail to one address, as it came by SMTP.
public struct ReceivedMail: Equatable, Sendable {
    /// Who sends it, as the connection says; empty for reports about other mails.
    public var sender: String
    /// In lower case.
    public var recipient: String
    /// The address of the machine that handed it over.
    public var client: String
    /// The mail from its first byte on, at most `Limits.mailRead` of it.
    public var content: [UInt8]

    public init(sender: String, recipient: String, client: String, content: [UInt8]) {
        self.sender = sender
        self.recipient = recipient
        self.client = client
        self.content = content
    }
}

/// What a sender is told about a mail, or about one of its recipients.
public enum MailAnswer: Equatable, Sendable {
    /// It is stored durably, or the recipient is known.
    case taken
    /// There is no such address.
    case unknown
    /// For good; the sentence is for the sender.
    case refused(String)
    /// Not now: the sender comes back by itself.
    case later(String)
}

/// Whoever takes mails to some addresses: alert sources, and whatever else wants to be written to.
public protocol MailReceiver: Sendable {
    /// Whether mails to `recipient` are its own, and whether they would be taken; `unknown`: they are not its own.
    ///
    /// - Parameters:
    ///   - recipient: in lower case.
    ///   - sender: as the connection says; empty for reports about other mails.
    func answer(recipient: String, sender: String) async -> MailAnswer

    /// A mail to one of its addresses. `taken` only when what follows from it is durable; the same mail may come again.
    func receive(_ mail: ReceivedMail) async -> MailAnswer
}

/// Finds who takes a mail, among those who have said so.
public final class MailRouter: Sendable {
    private let receivers = Mutex<[any MailReceiver]>([])

    public init(_ receivers: [any MailReceiver] = []) {
        self.receivers.withLock { $0 = receivers }
    }

    /// Asked after those that are there.
    public func add(_ receiver: any MailReceiver) {
        receivers.withLock { $0.append(receiver) }
    }

    public func answer(recipient: String, sender: String) async -> MailAnswer {
        await owner(of: recipient, sender: sender).answer
    }

    public func receive(_ mail: ReceivedMail) async -> MailAnswer {
        let (receiver, answer) = await owner(of: mail.recipient, sender: mail.sender)
        guard let receiver, answer == .taken else { return answer }
        return await receiver.receive(mail)
    }

    private func owner(of recipient: String, sender: String) async -> (
        receiver: (any MailReceiver)?, answer: MailAnswer
    ) {
        for receiver in receivers.withLock({ $0 }) {
            let answer = await receiver.answer(recipient: recipient, sender: sender)
            if answer != .unknown { return (receiver, answer) }
        }
        return (nil, .unknown)
    }
}
