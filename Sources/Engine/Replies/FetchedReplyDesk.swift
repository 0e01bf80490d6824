public import Alerting
import Storage

/// Something that a person wrote and that a provider was asked for.
public struct FetchedReply: Equatable, Sendable {
    /// The provider's own; one that is known is not acted on again.
    public var id: String
    /// A phone number in E.164 form.
    public var from: String
    public var text: String
    public var channel: Channel
    /// `nil`: the provider does not say.
    public var sentAt: Timestamp?

    public init(id: String, from: String, text: String, channel: Channel = .sms, sentAt: Timestamp? = nil) {
        self.id = id
        self.from = from
        self.text = text
        self.channel = channel
        self.sentAt = sentAt
    }
}

/// Answers in words that are fetched from a provider, because it cannot reach this server. What they are answered goes
/// out as a message of its own.
public struct FetchedReplyDesk: Sendable {
    private let store: Store
    private let wakeups: Wakeups
    private let channels: Set<Channel>
    /// What was written longer ago acts on nothing any more.
    static let staleness = Duration.hours(1)
    /// How long it is known what was fetched: no provider may list anything older.
    static let memory = Duration.days(90)

    public init(store: Store, wakeups: Wakeups, channels: Set<Channel>) {
        self.store = store
        self.wakeups = wakeups
        self.channels = channels
    }

    /// Does what is new, each once. What is there at the very first look is only remembered: nobody knows when it was
    /// written.
    ///
    /// - Parameters:
    ///   - replies: in the order in which they were written.
    ///   - provider: as in `Sender.name`.
    /// - Returns: how many were new.
    @discardableResult
    public func take(_ replies: [FetchedReply], of provider: String) async throws -> Int {
        let mark = "fetched replies of \(provider)"
        let (known, isFirstLook) = try await store.read { transaction in
            (
                try FetchedReplies.known(replies.map(\.id), of: provider, in: transaction),
                try Settings.value(mark, in: transaction) == nil
            )
        }
        let fresh = replies.filter { !known.contains($0.id) }
        if isFirstLook {
            try await store.write(ids: fresh.count) { change in
                try Settings.set(mark, to: change.now.iso8601, in: change.transaction)
            }
        }
        for reply in fresh { try await take(reply, of: provider, isActedOn: !isFirstLook) }
        if !fresh.isEmpty {
            try await store.write { change in
                try FetchedReplies.prune(before: change.now - Self.memory, in: change.transaction)
            }
            wakeups.alertsChanged()
            wakeups.messagesQueued()
        }
        return fresh.count
    }

    private func take(_ reply: FetchedReply, of provider: String, isActedOn: Bool) async throws {
        let channels = channels
        do {
            try await store.write { change in
                guard try Self.isNew(reply, of: provider, change), isActedOn,
                    reply.sentAt.map({ $0 + Self.staleness > change.now }) ?? true
                else { return }
                let sentence = try ReplyDesk.answer(
                    Reply(reply.text), from: reply.from, on: reply.channel, channels, change)
                try sentence.map { try Self.queue($0, to: reply, channels, change) }
            }
        } catch let failure as Failure where failure.code == .conflict {
            // Nothing was written; the sentence says why.
            try await store.write { change in
                guard try Self.isNew(reply, of: provider, change) else { return }
                try Self.queue(failure.message, to: reply, channels, change)
            }
        }
    }

    private static func isNew(_ reply: FetchedReply, of provider: String, _ change: Change) throws -> Bool {
        try FetchedReplies.insert(reply.id, of: provider, at: change.now, in: change.transaction)
    }

    private static func queue(
        _ sentence: String, to reply: FetchedReply, _ channels: Set<Channel>, _ change: Change
    ) throws {
        guard let contact = try ReplyDesk.contacts(reply.from, reply.channel, change).first,
            let user = try Users.find(contact.user, in: change.transaction)
        else { return }
        let notice = Notice(account: user.account, purpose: .reply, subject: sentence, text: sentence)
        _ = try NoticeQueue(change: change, channels: channels)
            .tell(contact.user, notice, by: .contact(contact.id, reply.channel))
    }
}
