public import Alerting
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

    /// A method of the bot's to be called, with what it is given.
    public struct Call: Equatable, Sendable {
        public var method: String
        public var members: [String: JSONValue]

        public init(_ method: String, _ members: [String: JSONValue]) {
            self.method = method
            self.members = members
        }
    }

    /// One update, fetched or sent to us.
    ///
    /// Source: Telegram, "Bot API": Update, CallbackQuery, Message; read 2026-11-27.
    ///
    /// - Returns: what the person is to be told; `nil`: nothing.
    public func take(_ update: JSONValue) async throws -> Call? {
        if let query = update["callback_query"], let id = query["id"]?.string, let data = query["data"]?.string {
            let sentence = await press(data)
            return Call(
                "answerCallbackQuery",
                [
                    "callback_query_id": .string(id), "text": .string(Limits.cut(sentence, to: 190)),
                    "show_alert": .bool(true),
                ])
        }
        guard let message = update["message"], let chat = message["chat"]?["id"]?.integer,
            let text = message["text"]?.string
        else { return nil }
        let name = message["from"]?["first_name"]?.string ?? ""
        guard let sentence = try await receive(text, chat: chat, name: name) else { return nil }
        return Call("sendMessage", ["chat_id": .integer(chat), "text": .string(sentence)])
    }

    /// What Telegram shows that a request to our webhook comes from it: of its 256 possible signs, 64. Whoever does not
    /// know the bot's token cannot know it.
    public static func webhookSecret(botToken: String) -> String {
        Tokens.sha256("telegram webhook of \(botToken)")
    }

    /// A button of a message of ours.
    ///
    /// - Parameter data: `a:` or `r:` and the message's token.
    /// - Returns: a sentence for the person.
    public func press(_ data: String) async -> String {
        let action: LinkAnswers.Action? = data.hasPrefix("a:") ? .accept : data.hasPrefix("r:") ? .resolve : nil
        guard let action else { return "This button is not known." }
        do {
            let token = String(data.dropFirst(2))
            if try await answers.answerDrill(token) { return ReplyDesk.drillAnswered }
            return try await answers.perform(action, token)
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
    @discardableResult
    func keepProven(
        kind: ContactRecord.Kind, target: String, secret: String?, label: String, of user: User.ID
    ) throws -> ContactRecord {
        let contacts = try Contacts.list(of: user, in: transaction)
        if var known = contacts.first(where: { $0.kind == kind && $0.target == target }) {
            known.verifiedAt = now
            known.stoppedAt = nil
            known.secret = secret
            try Contacts.update(known, in: transaction)
            return known
        }
        guard contacts.count < ContactAdministration.mostContacts else {
            throw Failure(.conflict, "There are \(contacts.count) contacts already; remove one first.")
        }
        let contact = ContactRecord(
            id: try newID(), user: user, kind: kind, target: target, verifiedAt: now, secret: secret, label: label,
            createdAt: now)
        try Contacts.insert(contact, in: transaction)
        return contact
    }
}
