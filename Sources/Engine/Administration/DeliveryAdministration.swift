public import Alerting
public import Storage

/// The messages of an account, for administrators: what waits, what failed and why.
public struct DeliveryAdministration: Sendable {
    /// A message with what a person needs to know it by.
    public struct Entry: Sendable {
        public var message: MessageRecord
        /// The reader's full name; `nil` for the last-resort contact.
        public var reader: String?
        public var summary: String
    }

    private let store: Store
    private let wakeups: Wakeups
    /// How long a message that is tried again by hand may take.
    static let patience = Duration.hours(1)

    public init(store: Store, wakeups: Wakeups) {
        self.store = store
        self.wakeups = wakeups
    }

    /// Newest first.
    public func list(_ view: Messages.View, page: Page, by caller: Caller) async throws -> [Entry] {
        try caller.require(.admin, to: "see deliveries")
        return try await Failure.translating {
            try await store.read { transaction in
                let messages = try Messages.list(account: caller.account, view, page: page, in: transaction)
                let names = try Users.names(of: Set(messages.compactMap(\.user)), in: transaction)
                return try messages.map { message in
                    let alert = try message.alert.flatMap { try Alerts.find($0, in: transaction) }
                    return Entry(
                        message: message, reader: message.user.flatMap { names[$0] },
                        summary: message.subject ?? alert?.alert.summary ?? "")
                }
            }
        }
    }

    /// Sends a message that waits or has failed now.
    ///
    /// - Throws: `Failure.conflict` when it is on its way or done.
    public func retry(_ id: MessageRecord.ID, by caller: Caller) async throws {
        try await change(id, by: caller, action: "delivery.retried") { change in
            try Messages.tryNow(id, at: change.now, until: change.now + Self.patience, in: change.transaction)
        }
    }

    /// - Throws: `Failure.conflict` when it is on its way or done.
    public func cancel(_ id: MessageRecord.ID, by caller: Caller) async throws {
        try await change(id, by: caller, action: "delivery.cancelled") { change in
            try Messages.cancelWaiting(id, reason: Self.cancelled, in: change.transaction)
        }
    }

    private static let cancelled = "cancelled_by_an_administrator"

    private func change(
        _ id: MessageRecord.ID, by caller: Caller, action: String, _ body: @escaping @Sendable (Change) throws -> Bool
    ) async throws {
        try caller.require(.admin, to: "change deliveries")
        try await Failure.translating {
            try await store.write { change in
                guard let message = try Messages.find(id, in: change.transaction), message.account == caller.account
                else { throw Failure(.notFound, "There is no message \(id).") }
                guard try body(change) else {
                    throw Failure(.conflict, "This message is on its way, sent or cancelled already.")
                }
                if action == "delivery.cancelled" {
                    try change.note(.messageCancelled, message, reason: Self.cancelled)
                } else {
                    try change.note(.messageRetried, message, reason: "by \(caller.name)")
                }
                try change.audit(
                    action, account: caller.account, by: caller.user, target: "message", id: id.rawValue,
                    details: "\(message.channel.name) for alert \(message.alert?.description ?? "none")")
            }
        }
        wakeups.messagesQueued()
    }
}
