public import Alerting
import Storage

/// Answers that come in words, from a phone or a chat: who wrote is known by the address that was written from.
public struct ReplyDesk: Sendable {
    private let store: Store
    private let wakeups: Wakeups
    private let channels: Set<Channel>
    /// Answers to nonsense before there is silence: two machines must not talk to each other for ever.
    static let patience = 5
    /// Alerts that one "ack all" may accept.
    static let most = 200
    static let drillAnswered = "Thank you: the fire drill has your answer."

    public init(store: Store, wakeups: Wakeups, channels: Set<Channel>) {
        self.store = store
        self.wakeups = wakeups
        self.channels = channels
    }

    /// Does what somebody wrote.
    ///
    /// - Parameters:
    ///   - address: a phone number in E.164 form, a chat's number.
    ///   - channel: on which it came and on which the answer goes back.
    /// - Returns: the answer; `nil`: none, because nobody here has that address or too much of it was nonsense.
    public func receive(_ text: String, from address: String, on channel: Channel) async throws -> String? {
        let reply = Reply(text)
        do {
            return try await take(reply, from: address, on: channel)
        } catch let failure as Failure where failure.code == .conflict {
            // Nothing was written; the sentence says why.
            return failure.message
        }
    }

    private func take(_ reply: Reply, from address: String, on channel: Channel) async throws -> String? {
        let channels = channels
        let answer = try await store.write { change in
            try Self.answer(reply, from: address, on: channel, channels, change)
        }
        wakeups.alertsChanged()
        wakeups.messagesQueued()
        return answer
    }

    /// Does what was written, in the caller's transaction.
    ///
    /// - Returns: as `receive`.
    /// - Throws: `Failure.conflict` with a sentence when the alert is not in a state for it.
    static func answer(
        _ reply: Reply, from address: String, on channel: Channel, _ channels: Set<Channel>, _ change: Change
    ) throws -> String? {
        let contacts = try contacts(address, channel, change)
        guard !contacts.isEmpty else { return nil }
        let answer = try perform(reply, from: address, on: channel, contacts, channels, change)
        let before = try ReplySenders.nonsense(from: address, in: change.transaction)
        guard !answer.isUnderstood else {
            if before > 0 {
                try ReplySenders.setNonsense(0, from: address, at: change.now, in: change.transaction)
            }
            return answer.sentence
        }
        try ReplySenders.setNonsense(min(before + 1, 1000), from: address, at: change.now, in: change.transaction)
        return before < patience ? answer.sentence : nil
    }

    private struct Answer {
        var sentence: String
        var isUnderstood = true
    }

    /// Those that have shown to be reached there, whether they are turned off just now or not.
    static func contacts(
        _ address: String, _ channel: Channel, _ change: Change
    ) throws -> [ContactRecord] {
        let kinds = ContactRecord.Kind.allCases.filter { $0.channels.contains(channel) }
        return try kinds.flatMap { try Contacts.list(target: address, kind: $0, in: change.transaction) }
            .filter { $0.verifiedAt != nil }
    }

    private static func perform(
        _ reply: Reply, from address: String, on channel: Channel, _ contacts: [ContactRecord],
        _ channels: Set<Channel>, _ change: Change
    ) throws -> Answer {
        switch reply {
        case .stop:
            for contact in contacts { try turn(contact, stoppedAt: change.now, change) }
            return Answer(sentence: "Nightbell sends nothing here any more. Reply START to be paged again.")
        case .start:
            for contact in contacts { try turn(contact, stoppedAt: nil, change) }
            return Answer(sentence: "Nightbell pages you here again.")
        case .act(let action, let code):
            guard let message = try Messages.replyable(to: address, code: code, in: change.transaction) else {
                let what = code.map { "no message \($0)" } ?? "no message to answer"
                return Answer(sentence: "There is \(what).", isUnderstood: false)
            }
            return Answer(sentence: try act(action, on: message, channels, change))
        case .actOnAll(let action):
            return Answer(sentence: try actOnAll(action, from: address, on: channel, channels, change))
        case .nonsense:
            return Answer(
                sentence: "Reply for example 1a to accept, 1r to resolve, 1e to escalate; a to accept the last alert; "
                    + "ack all; STOP.", isUnderstood: false)
        }
    }

    private static func turn(_ contact: ContactRecord, stoppedAt: Timestamp?, _ change: Change) throws {
        var contact = contact
        contact.stoppedAt = stoppedAt
        try Contacts.update(contact, in: change.transaction)
    }

    /// - Returns: what is now so, in a sentence.
    /// - Throws: `Failure.conflict` with a sentence when the alert is not in a state for it.
    static func act(
        _ action: Reply.Action, on message: MessageRecord, _ channels: Set<Channel>, _ change: Change
    ) throws -> String {
        if message.purpose == .drill {
            try Drills.answer(message.id, at: change.now, in: change.transaction)
            return drillAnswered
        }
        guard let record = try message.alert.flatMap({ try Alerts.find($0, in: change.transaction) }) else {
            return "There is nothing left to answer."
        }
        let code = message.shortCode.map { "\($0): " } ?? ""
        let about = Limits.cut(record.alert.summary, to: 80)
        let actor = message.user.map(Actor.user) ?? .system
        let sentence = try LinkAnswers.perform(
            LinkAnswers.Action(action), message, record, as: actor, reason: "by \(message.channel.rawValue)", channels,
            change)
        return "\(code)\(sentence) (\(about))"
    }

    private static func actOnAll(
        _ action: Reply.Action, from address: String, on channel: Channel, _ channels: Set<Channel>, _ change: Change
    ) throws -> String {
        guard action != .escalate else { return "Escalate one alert at a time, for example 1e." }
        var done = 0
        for page in try Messages.pendingPages(to: address, on: channel, in: change.transaction) {
            guard let message = try Messages.find(page.message, in: change.transaction),
                let record = try Alerts.find(page.alert, in: change.transaction)
            else { continue }
            do {
                _ = try LinkAnswers.perform(
                    LinkAnswers.Action(action), message, record, as: message.user.map(Actor.user) ?? .system,
                    reason: "by \(channel.rawValue)", channels, change)
                done += 1
            } catch let failure as Failure where failure.code == .conflict {
                // Somebody else was first with this one.
                continue
            }
        }
        let verb = action == .accept ? "accepted" : "resolved"
        return done == 0 ? "No alert is pending." : "You have \(verb) \(done) alert\(done == 1 ? "" : "s")."
    }
}

extension LinkAnswers.Action {
    init(_ action: Reply.Action) {
        switch action {
        case .accept: self = .accept
        case .resolve: self = .resolve
        case .escalate: self = .escalate
        }
    }
}
