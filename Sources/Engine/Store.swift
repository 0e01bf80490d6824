public import Alerting
public import Storage

/// The database as the engine uses it: every write is one durable transaction with a time and with ids at hand.
public struct Store: Sendable {
    public let database: any Database
    public let ids: any IDSource
    public let clock: any Clock
    /// Those that this server can send on.
    public var channels: Set<Channel>
    /// What links in mails begin with.
    public var publicURL = ""

    public init(database: any Database, ids: any IDSource, clock: any Clock, channels: Set<Channel> = []) {
        self.database = database
        self.ids = ids
        self.clock = clock
        self.channels = channels
    }

    static let manyIDs = 20_000
    /// Ids that are at hand in a write; a change that needs more is tried again with the next number of them.
    private static let reserves = [64, 1000, manyIDs]

    /// - Parameter count: how many ids the change is likely to draw.
    public func write<Result: Sendable>(
        ids count: Int = 0, _ body: @escaping @Sendable (Change) throws -> Result
    ) async throws -> Result {
        let attempt = { @Sendable (transaction: any Transaction) throws in try body(change(in: transaction)) }
        for reserve in Self.reserves.dropLast() where reserve * 10 > count {
            try await ids.reserve(max(reserve, count))
            do {
                return try await database.write(attempt)
            } catch IDShortage.tooFewReserved {
                continue
            }
        }
        try await ids.reserve(Self.manyIDs)
        return try await database.write(attempt)
    }

    /// What a change made in `transaction` needs; its instant is now.
    func change(in transaction: any Transaction) -> Change {
        var change = Change(transaction: transaction, ids: ids, now: clock.now, channels: channels)
        change.publicURL = publicURL
        return change
    }

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await database.read(body)
    }
}

/// One transaction with what every change needs: the instant at which it is decided, and new ids.
public struct Change {
    public let transaction: any Transaction
    public let ids: any IDSource
    public let now: Timestamp
    /// Those that this server can send on.
    public let channels: Set<Channel>
    /// What links in mails begin with.
    var publicURL = ""
    private let memory = Memory()

    /// What was read once and holds for the whole transaction.
    private final class Memory {
        var audience: TimelineAudience?
        var queued: Set<Channel> = []
    }

    public init(transaction: any Transaction, ids: any IDSource, now: Timestamp, channels: Set<Channel> = []) {
        self.transaction = transaction
        self.ids = ids
        self.now = now
        self.channels = channels
    }

    public func newID<Entity>() throws -> Identifier<Entity> {
        Identifier(try ids.next())
    }

    /// How long an alert action is tried to be done.
    static let actionPatience = Duration.hours(4)

    /// Writes a line on the alert's timeline, and queues what it sets off: alert actions, news for subscribers.
    public func note(
        _ kind: TimelineEntry.Kind, on alert: Alert.ID, by actor: Actor = .system, level: Int? = nil,
        user: User.ID? = nil, reason: String? = nil, text: String? = nil
    ) throws {
        let entry = TimelineEntry(
            at: now, kind: kind, actor: actor, level: level, user: user, reason: reason, text: text)
        let id: TimelineEntry.ID = try newID()
        try Timeline.insert(entry, id: id, alert: alert, in: transaction)
        guard let trigger = AlertTrigger(kind, level: level, reason: reason) else { return }
        let audience = try audience()
        if audience.hasActions {
            try AlertActionRuns.enqueue(
                trigger, alert: alert, cause: id.rawValue, at: now, patience: Self.actionPatience, in: transaction)
        }
        if trigger.isNews, audience.hasSubscribers {
            try SubscriptionNews.enqueue(trigger, alert: alert, cause: id, by: actor, in: transaction)
        }
    }

    /// The channels on which messages were queued.
    var queuedChannels: Set<Channel> { memory.queued }

    func noteQueued(on channel: Channel) {
        memory.queued.insert(channel)
    }

    /// Whether a line that was written may have set off an alert action.
    var mayHaveSetOffActions: Bool { memory.audience?.hasActions == true }

    private func audience() throws -> TimelineAudience {
        if let known = memory.audience { return known }
        let read = try TimelineAudience(in: transaction)
        memory.audience = read
        return read
    }

    /// Writes a line of the audit log.
    ///
    /// - Parameter user: `nil`: the command line.
    public func audit(
        _ action: String, account: Account.ID, by user: User.ID?, target kind: String, id: Int64?, details: String = ""
    ) throws {
        let entry = AuditEntry(
            id: try newID(), account: account, at: now, user: user, action: action, targetKind: kind, target: id,
            details: details)
        try AuditLog.insert(entry, in: transaction)
    }
}
