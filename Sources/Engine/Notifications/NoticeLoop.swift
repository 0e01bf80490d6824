import Alerting
public import Logging
public import ServiceLifecycle
import Storage

/// Sends mails that are about no alert, one after the other: claimed with a lease, removed once they are handed over.
public final class NoticeLoop: Service {
    private let store: Store
    private let sender: (any Sender)?
    private let rhythm: Rhythm
    private static let lease = Duration.seconds(120)
    private static let batch = 5

    /// - Parameter sender: the one for email; `nil`: none goes out, and they end at their deadlines.
    public init(store: Store, wakeups: Wakeups, sender: (any Sender)?, logger: Logger) {
        self.store = store
        self.sender = sender
        rhythm = Rhythm(name: "notices", waker: wakeups.notices, clock: store.clock, logger: logger)
    }

    public func run() async throws {
        await rhythm.run {
            try await self.runOnce()
        } nextDue: {
            try await self.store.read { try Notices.nextDue(in: $0) }
        }
    }

    /// - Returns: whether there may be more.
    @discardableResult
    public func runOnce() async throws -> Bool {
        // Most calls find nothing: ask without taking the one writer's time.
        let now = store.clock.now
        guard let next = try await store.read({ try Notices.nextDue(in: $0) }), next <= now else { return false }
        let claimed = try await store.write { change in
            try Notices.claimDue(
                at: change.now, until: change.now + Self.lease, limit: Self.batch, in: change.transaction)
        }
        for notice in claimed { try await deliver(notice) }
        return claimed.count == Self.batch
    }

    private func deliver(_ notice: NoticeRecord) async throws {
        let message = OutgoingMessage(
            id: .init(notice.id.rawValue), attempt: notice.attempts, address: notice.target, subject: notice.subject,
            text: notice.body)
        let outcome = await sender?.send(message) ?? .retry(after: nil, reason: "no_mail")
        try await store.write { change in
            let next = Delivery.next(
                after: outcome, attempt: notice.attempts, at: change.now, deadline: notice.deadline)
            switch next {
            case .failOver: try Notices.postpone(notice.id, to: change.now, in: change.transaction)
            case .attempt(let time, _): try Notices.postpone(notice.id, to: time, in: change.transaction)
            case .delivered, .givenUp: try Notices.finish(notice.id, in: change.transaction)
            }
        }
    }
}

extension Change {
    /// Queues a mail about no alert.
    func notify(_ email: String, account: Account.ID, subject: String, body: String) throws {
        let notice = NoticeRecord(
            id: try newID(), account: account, target: email, subject: subject, body: body, due: now,
            deadline: now + .hours(4), createdAt: now)
        try Notices.insert(notice, in: transaction)
    }
}
