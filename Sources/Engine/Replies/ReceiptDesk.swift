public import Alerting
import Storage

/// What providers report of messages after they took them.
public struct ReceiptDesk: Sendable {
    private let store: Store
    private let links: ActionLinks
    private let wakeups: Wakeups
    private let channels: Set<Channel>

    public init(store: Store, links: ActionLinks, wakeups: Wakeups, channels: Set<Channel>) {
        self.store = store
        self.links = links
        self.wakeups = wakeups
        self.channels = channels
    }

    /// Takes a report; one that is older than what is known changes nothing. A message that failed is not sent again
    /// by its provider: the person's next contact is paged.
    ///
    /// - Parameters:
    ///   - token: the message's own, as in its links.
    ///   - reason: the provider's word for a failure, such as `30003`.
    /// - Throws: `Failure.notFound` for a token that was not made here.
    public func receive(_ receipt: Receipt, of token: String, reason: String?) async throws {
        guard let id = links.message(of: token) else {
            throw Failure(.notFound, "There is no such message.")
        }
        let channels = channels
        try await store.write { change in
            guard let message = try Messages.find(id, in: change.transaction), receipt.follows(message.receiptState)
            else { return }
            try Messages.setReceipt(receipt, of: id, in: change.transaction)
            let words = [receipt.rawValue, reason].compactMap(\.self).joined(separator: " ")
            try change.note(.messageReceipt, message, reason: words)
            if receipt == .failed { try change.noteUndelivered(message, reason: words, channels) }
        }
        wakeups.messagesQueued()
    }
}

extension Change {
    /// A message that its provider took has not arrived. One that is not written down as handed over yet is looked at
    /// again when it is.
    func noteUndelivered(_ message: MessageRecord, reason: String, _ channels: Set<Channel>) throws {
        guard try Messages.undelivered(message.id, reason: reason, in: transaction) else { return }
        try note(.messageFailed, message, reason: reason)
        try turnOff(message, reason)
        guard message.purpose == .page else { return }
        try ContactFailOver(change: self, channels: channels).pageNext(after: message)
    }
}
