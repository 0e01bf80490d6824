import Alerting
import Storage

/// What comes from a bot's chats: pressed buttons, words, and people who set up their chat.
public struct TelegramDesk: Sendable {
    private let store: Store
    private let replies: ReplyDesk
    private let answers: LinkAnswers
    private let onChange: @Sendable () -> Void

    /// - Parameter onChange: told after a chat became a contact.
    public init(
        store: Store, replies: ReplyDesk, answers: LinkAnswers, onChange: @escaping @Sendable () -> Void = {}
    ) {
        self.store = store
        self.replies = replies
        self.answers = answers
        self.onChange = onChange
    }

    /// A button of a message of ours.
    ///
    /// - Parameter data: `a:` or `r:` and the message's token.
    /// - Returns: a sentence for the person.
    public func press(_ data: String) async -> String {
        let action: LinkAnswers.Action? = data.hasPrefix("a:") ? .accept : data.hasPrefix("r:") ? .resolve : nil
        guard let action else { return "This button is not known." }
        do {
            return try await answers.perform(action, String(data.dropFirst(2)))
        } catch let failure as Failure {
            return failure.message
        } catch {
            return "This did not work just now. Try again."
        }
    }

    /// - Returns: what to say in the chat; `nil`: nothing.
    public func receive(_ text: String, chat: Int64, name: String) async throws -> String? {
        guard text.hasPrefix("/start ") else {
            return try await replies.receive(text, from: "\(chat)", on: .telegram)
        }
        let hash = Tokens.sha256(text.dropFirst(7).filter { !$0.isWhitespace })
        let label = Limits.cut(name, to: 100)
        let isNew = try await store.write { change in
            guard
                let user = try ContactLinks.user(
                    tokenHash: hash, kind: .telegram, at: change.now, in: change.transaction)
            else { return false }
            try ContactLinks.delete(tokenHash: hash, in: change.transaction)
            try change.keepProven(kind: .telegram, target: "\(chat)", secret: nil, label: label, of: user)
            return true
        }
        if isNew { onChange() }
        // Who has no link of ours is told nothing that would help them to guess one.
        return isNew ? "Nightbell pages you here from now on." : "This link is not valid, or no longer."
    }
}

extension Change {
    /// Makes a contact that has shown by the way it came that it is its owner's; one that is there is refreshed.
    func keepProven(
        kind: ContactRecord.Kind, target: String, secret: String?, label: String, of user: User.ID
    ) throws {
        let contacts = try Contacts.list(of: user, in: transaction)
        if var known = contacts.first(where: { $0.kind == kind && $0.target == target }) {
            known.verifiedAt = now
            known.stoppedAt = nil
            known.secret = secret
            return try Contacts.update(known, in: transaction)
        }
        guard contacts.count < ContactAdministration.mostContacts else {
            throw Failure(.conflict, "There are \(contacts.count) contacts already; remove one first.")
        }
        try Contacts.insert(
            ContactRecord(
                id: newID(), user: user, kind: kind, target: target, verifiedAt: now, secret: secret, label: label,
                createdAt: now), in: transaction)
    }
}
