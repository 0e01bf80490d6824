public import Alerting
import Storage

/// Answers that come through a link in a message: the reader is whom the message was sent to.
public struct LinkAnswers: Sendable {
    public enum Action: String, Sendable, CaseIterable { case accept, resolve, escalate }

    /// What a link's page shows before anything is done.
    public struct Offer: Sendable {
        public var alert: Alert
        /// The reader's full name; `nil` for the last-resort contact.
        public var reader: String?
    }

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

    /// Looks a link up and changes nothing.
    ///
    /// - Throws: `Failure.notFound` for a link that was not made here, is too old, or whose alert is gone.
    public func offer(_ token: String) async throws -> Offer {
        let (links, now) = (links, store.clock.now)
        return try await store.read { transaction in
            let (message, record) = try Self.find(token, links: links, at: now, in: transaction)
            let reader = try message.user.flatMap { try Users.find($0, in: transaction)?.fullName }
            return Offer(alert: record.alert, reader: reader)
        }
    }

    /// Whether a link belongs to a fire drill.
    public func isDrill(_ token: String) async throws -> Bool {
        guard let id = links.message(of: token) else { return false }
        return try await store.read { try Messages.find(id, in: $0)?.purpose == .drill }
    }

    /// Notes that the reader of a fire drill's message has answered.
    ///
    /// - Returns: `false`: the link belongs to no fire drill, and nothing was done.
    public func answerDrill(_ token: String) async throws -> Bool {
        guard try await isDrill(token), let id = links.message(of: token) else { return false }
        try await store.write { change in try Drills.answer(id, at: change.now, in: change.transaction) }
        return true
    }

    /// Does what the reader confirmed.
    ///
    /// - Returns: a sentence that says what is now so.
    /// - Throws: `Failure.conflict` when the alert is not in a state for it.
    public func perform(_ action: Action, _ token: String) async throws -> String {
        let (links, channels) = (links, channels)
        let sentence = try await store.write { change in
            let (message, record) = try Self.find(token, links: links, at: change.now, in: change.transaction)
            let actor = message.user.map(Actor.user) ?? .system
            let reason = message.user == nil ? "last_resort_contact" : "by \(message.channel.rawValue)"
            return try Self.perform(action, message, record, as: actor, reason: reason, channels, change)
        }
        wakeups.alertsChanged()
        wakeups.messagesQueued()
        return sentence
    }

    /// - Throws: `Failure.conflict` with a sentence when the alert is not in a state for it.
    static func perform(
        _ action: Action, _ message: MessageRecord, _ record: AlertRecord, as actor: Actor, reason: String,
        _ channels: Set<Channel>, _ change: Change
    ) throws -> String {
        let id = record.alert.id
        switch action {
        case .accept:
            if try change.accept(id, by: actor, reason: reason) { return "You have accepted this alert." }
            try AlertDesk.refuseSecondAcceptance(record, by: message.user, change)
            return "You have accepted this alert already."
        case .resolve:
            guard try change.resolve(id, by: actor, reason: reason) else { return "This alert is resolved already." }
            return "You have resolved this alert."
        case .escalate:
            try change.note(.escalatedByUser, on: id, by: actor)
            do {
                let walk = EscalationWalk(change: change, channels: channels, intended: change.now)
                _ = try walk.escalate(change.wake(record), asOf: message.level)
                return "The next level is being called."
            } catch EscalationRefusal.levelHasPassed {
                throw Failure(.conflict, "The level that you were paged for has passed already.")
            } catch EscalationRefusal.notPending {
                throw Failure(.conflict, "This alert is \(record.alert.status.rawValue) already.")
            }
        }
    }

    private static func find(
        _ token: String, links: ActionLinks, at now: Timestamp, in transaction: any Transaction
    ) throws -> (MessageRecord, AlertRecord) {
        let unknown = Failure(.notFound, "This link is not valid, or no longer.")
        guard let id = links.message(of: token), let message = try Messages.find(id, in: transaction),
            message.createdAt + ActionLinks.lifetime > now,
            let record = try message.alert.flatMap({ try Alerts.find($0, in: transaction) })
        else { throw unknown }
        return (message, record)
    }
}
