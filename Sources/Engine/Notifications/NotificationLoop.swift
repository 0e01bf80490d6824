import Alerting
import Logging
import Metrics
public import ServiceLifecycle
import Storage
import Synchronization

/// Hands messages to one provider of one channel: claims what is due with a lease, sends, and records how it went.
///
/// Every provider has a loop of its own, so a slow one delays no other; within it a message that hangs takes up one of
/// several places, and what waits behind it is taken by the channel's other providers. A message that was claimed when
/// a node died is due again when its lease ends.
public final class NotificationLoop: Service {
    private let store: Store
    private let wakeups: Wakeups
    private let sender: any Sender
    private let desk: NotificationDesk
    private let waker: Waker
    private let logger: Logger
    private let underWay = Mutex<Set<MessageRecord.ID>>([])
    private let places: Int
    private static let longestSleep = Duration.seconds(1)

    /// - Parameters:
    ///   - channels: all that this server can send on, for the next contact when one fails.
    ///   - provider: the sender's place in `board`.
    init(
        store: Store, wakeups: Wakeups, sender: any Sender, channels: Set<Channel>, links: ActionLinks,
        board: ProviderBoard, provider: Int, throttle: Throttle, logger: Logger
    ) {
        self.store = store
        self.wakeups = wakeups
        self.sender = sender
        self.logger = logger
        places = max(1, sender.places)
        desk = NotificationDesk(
            store: store, links: links, channels: channels, board: board, provider: provider, throttle: throttle,
            logger: logger)
        waker = wakeups.notifications[Lane(sender.channel, provider: provider)] ?? Waker()
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            // A discarding group owns the sends; leaving it waits for those under way, each within its time limit.
            await withDiscardingTaskGroup { group in
                while !Task.isShuttingDownGracefully, !Task.isCancelled {
                    await self.startDue(in: &group)
                }
            }
        } onGracefulShutdown: {
            self.waker.wake()
        }
    }

    private func startDue(in group: inout DiscardingTaskGroup) async {
        do {
            let sending = underWay.withLock { $0 }
            let free = places - sending.count
            let claimed = free > 0 ? try await desk.claim(limit: free, underWay: sending) : []
            for message in claimed {
                underWay.withLock { _ = $0.insert(message.message.id) }
                group.addTask {
                    await self.deliver(message)
                    self.underWay.withLock { _ = $0.remove(message.message.id) }
                    self.waker.wake()
                }
            }
            if free > 0, claimed.count == free { return }
            await waker.wait(atMost: free > 0 ? try await pause() : Self.longestSleep)
        } catch {
            logger.error("messages not claimed", metadata: ["channel": "\(sender.channel)", "reason": "\(error)"])
            await waker.wait(atMost: Self.longestSleep)
        }
    }

    private func pause() async throws -> Duration {
        let next = try await desk.nextDue(at: store.clock.now)
        let pause = next.map { min($0 - store.clock.now, Self.longestSleep) } ?? Self.longestSleep
        return max(pause, .milliseconds(1))
    }

    /// Claims and delivers what is due, one after the other; for simulations.
    ///
    /// - Returns: how many messages were tried.
    @discardableResult
    public func runOnce() async throws -> Int {
        let claimed = try await desk.claim(limit: places)
        for message in claimed { await deliver(message) }
        return claimed.count
    }

    private func deliver(_ claimed: ClaimedMessage) async {
        guard await !isWithdrawn(claimed) else { return }
        let outcome = await sender.send(claimed.outgoing)
        NotificationMetrics.count(outcome, channel: sender.channel)
        do {
            try await desk.record(outcome, of: claimed)
            if case .delivered = outcome { NotificationMetrics.delivered(claimed, at: store.clock.now) }
            log(outcome, claimed)
            wakeups.messagesQueued()
        } catch {
            // Not recorded: the lease ends and the message goes out again. A second page is better than none.
            logger.error(
                "outcome not recorded",
                metadata: [
                    "alert_id": "\(claimed.message.alert?.description ?? "none")", "channel": "\(sender.channel)",
                    "reason": "\(error)",
                ])
        }
    }

    /// Whether somebody accepted the alert after the claim. In doubt the message goes out.
    private func isWithdrawn(_ claimed: ClaimedMessage) async -> Bool {
        do {
            return try await desk.withdraw(claimed)
        } catch {
            logger.warning(
                "alert not read again before a send",
                metadata: ["alert_id": "\(claimed.message.alert?.description ?? "none")", "reason": "\(error)"])
            return false
        }
    }

    private func log(_ outcome: DeliveryOutcome, _ claimed: ClaimedMessage) {
        var metadata: Logger.Metadata = [
            "alert_id": "\(claimed.message.alert?.description ?? "none")", "message_id": "\(claimed.message.id)",
            "channel": "\(sender.channel)", "provider": "\(sender.name)", "outcome": "\(outcome.name)",
        ]
        switch outcome {
        case .delivered: logger.info("message handed over", metadata: metadata)
        case .rejected(let reason), .retry(_, let reason), .unknown(let reason):
            metadata["reason"] = "\(reason)"
            logger.warning("message not handed over", metadata: metadata)
        }
    }
}

extension DeliveryOutcome {
    /// A label.
    var name: String {
        switch self {
        case .delivered: "delivered"
        case .rejected: "rejected"
        case .retry: "retry"
        case .unknown: "unknown"
        }
    }
}

enum NotificationMetrics {
    private static let delay = Timer(label: "nightbell_notification_delay_seconds")

    static func count(_ outcome: DeliveryOutcome, channel: Channel) {
        Counter(
            label: "nightbell_notification_outcomes_total",
            dimensions: [("channel", channel.rawValue), ("outcome", outcome.name)]
        ).increment()
    }

    static func delivered(_ claimed: ClaimedMessage, at now: Timestamp) {
        delay.recordNanoseconds(max(0, (now - claimed.message.intended).wholeMilliseconds) * 1_000_000)
    }
}
