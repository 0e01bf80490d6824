import Alerting
public import Logging
public import ServiceLifecycle
import Storage

/// Tells those who have subscribed what became of alerts, by their preferences for subscriptions; without any by mail.
public final class SubscriptionLoop: Service {
    private let store: Store
    private let wakeups: Wakeups
    private let rhythm: Rhythm
    /// Lines of timelines in one transaction.
    private static let batch = 50

    public init(store: Store, wakeups: Wakeups, logger: Logger) {
        self.store = store
        self.wakeups = wakeups
        rhythm = Rhythm(name: "subscriptions", waker: Waker(), clock: store.clock, logger: logger)
    }

    public func run() async throws {
        await rhythm.run {
            try await self.runOnce()
        } nextDue: {
            nil
        }
    }

    /// Queues what is to be told.
    ///
    /// - Returns: whether there was something.
    @discardableResult
    public func runOnce() async throws -> Bool {
        guard try await !store.read({ try SubscriptionNews.isEmpty(in: $0) }) else { return false }
        let count = try await store.write { change in
            let news = try SubscriptionNews.take(limit: Self.batch, in: change.transaction)
            for one in news { try Self.tell(one, change) }
            return news.count
        }
        wakeups.messagesQueued()
        return count > 0
    }

    private static func tell(_ news: SubscriptionNewsRecord, _ change: Change) throws {
        // Whoever may not see the alert any more is told nothing of it.
        guard let user = try Users.find(news.user, in: change.transaction),
            let record = try Alerts.find(news.alert, scope: Caller(user).scope, in: change.transaction)
        else { return }
        let names = try Users.names(of: Set([news.actor.user].compactMap(\.self)), in: change.transaction)
        let source = try AlertSources.find(record.alert.source, in: change.transaction)?.name
        let summary = Limits.cut(record.alert.summary, to: 160)
        let who = news.actor == .system ? "" : " by \(news.actor.name { names[$0] })"
        let notice = Notice(
            account: record.alert.account, purpose: .subscription,
            subject: "\(source ?? "Alert"): \(summary) \(news.trigger.words)",
            text: "Alert #\(news.alert), \(summary), \(news.trigger.words)\(who).", alert: news.alert,
            onceKey: "news-\(news.cause)")
        try NoticeQueue(change: change, channels: change.channels).tellSubscriber(news.user, notice)
    }
}
