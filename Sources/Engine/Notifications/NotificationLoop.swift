import Alerting
import Logging
import Metrics
public import ServiceLifecycle
import Storage

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
    private let places: SendingPlaces
    private static let longestSleep = Duration.seconds(1)
    /// So long after its claim a message is sent without another look at its alert.
    private static let moment = Duration.milliseconds(25)

    /// - Parameters:
    ///   - provider: the sender's place in `board`.
    init(
        store: Store, wakeups: Wakeups, sender: any Sender, commits: CommitTimes, links: ActionLinks,
        board: ProviderBoard, provider: Int, throttle: Throttle, logger: Logger
    ) {
        self.store = store
        self.wakeups = wakeups
        self.sender = sender
        self.logger = logger
        places = SendingPlaces(count: sender.places)
        desk = NotificationDesk(
            store: store, links: links, commits: commits, board: board, provider: provider, throttle: throttle,
            logger: logger)
        waker = wakeups.notifications[Lane(sender.channel, provider: provider)] ?? Waker()
    }

    public func run() async throws {
        open()
        await withGracefulShutdownHandler {
            // Discarding groups own the sends and the writer; leaving them waits for those under way, each within its
            // time limit, and for what became of them.
            await withDiscardingTaskGroup { writer in
                writer.addTask { await self.writeOutcomes() }
                await withDiscardingTaskGroup { sends in
                    var isExpected = false
                    while !Self.isEnding { isExpected = await self.startDue(isExpected, in: &sends) }
                }
                places.end()
            }
            await giveBack(places.takeStale(since: store.clock.now))
        } onGracefulShutdown: {
            self.waker.wake()
        }
    }

    /// From now on messages may be taken for it that it has not claimed itself; `run` does this by itself.
    public func open() { places.open() }

    private static var isEnding: Bool { Task.isShuttingDownGracefully || Task.isCancelled }

    /// - Parameter isExpected: whether something is due as far as is known.
    /// - Returns: whether somebody has told that something was queued.
    private func startDue(_ isExpected: Bool, in group: inout DiscardingTaskGroup) async -> Bool {
        do {
            // What was taken for this loop goes before it looks for more.
            start(in: &group)
            let now = store.clock.now
            await giveBack(places.takeStale(since: now - ProviderHealth.grace))
            let wanted = places.wanted(at: now)
            let claimed =
                wanted > 0
                ? try await desk.claim(limit: wanted, underWay: places.claimed, isExpected: isExpected) : []
            places.add(claimed)
            start(in: &group)
            if wanted > 0, claimed.count == wanted { return false }
            return await waker.wait(atMost: wanted > 0 ? try await pause() : Self.longestSleep)
        } catch {
            logger.error("messages not claimed", metadata: ["channel": "\(sender.channel)", "reason": "\(error)"])
            await waker.wait(atMost: Self.longestSleep)
            return false
        }
    }

    /// Sends what was claimed, as far as there are places.
    private func start(in group: inout DiscardingTaskGroup) {
        while let first = places.start() {
            group.addTask {
                // Whoever frees a place fills it again, whatever the loop is doing.
                var message: ClaimedMessage? = first
                while let claimed = message {
                    self.places.finish(claimed, await self.send(claimed), at: self.store.clock.now)
                    message = Self.isEnding ? nil : self.places.start()
                    self.waker.wake()
                }
            }
        }
    }

    /// Takes what is due inside a transaction that may have queued it, as far as there are places.
    ///
    /// - Returns: what was taken, for `take` when the transaction is over, and whether more may be due.
    func claim(in change: Change) throws -> (taken: [ClaimedMessage], isMore: Bool) {
        try desk.claim(limit: places.wantedOfOthers(at: change.now), underWay: places.claimed, in: change)
    }

    /// Sends what was claimed by somebody else, soon.
    ///
    /// - Returns: `false` when it has ended: then they are to be given back.
    func take(_ messages: [ClaimedMessage]) -> Bool {
        guard places.add(messages) else { return false }
        waker.wake()
        return true
    }

    /// Messages that were claimed ahead of a place that has not come free are for whoever has one.
    func giveBack(_ messages: [ClaimedMessage]) async {
        guard !messages.isEmpty else { return }
        do {
            try await desk.giveBack(messages)
        } catch {
            // Their leases end.
            logger.warning(
                "messages not given back", metadata: ["channel": "\(sender.channel)", "reason": "\(error)"])
        }
    }

    private func writeOutcomes() async {
        while true {
            let settled = await places.outcomes()
            if settled.isEmpty { return }
            await write(settled)
            places.written(settled)
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
        await giveBack(places.takeNext(claimedBy: store.clock.now - ProviderHealth.grace))
        var claimed = try await desk.claim(limit: places.count, underWay: places.claimed)
        // Whoever steps through a simulation may have done anything since these were taken.
        for taken in places.takeNext() where try await !desk.withdraw(taken) { claimed.append(taken) }
        for message in claimed {
            guard let outcome = await send(message) else { continue }
            await write([SendingPlaces.Settled(outcome: outcome, claimed: message)])
        }
        return claimed.count
    }

    /// - Returns: `nil` when it was not wanted any more.
    private func send(_ claimed: ClaimedMessage) async -> DeliveryOutcome? {
        // What was claimed just now was read just now.
        if store.clock.now - claimed.claimedAt > Self.moment, await isWithdrawn(claimed) { return nil }
        let outcome = await sender.send(claimed.outgoing)
        NotificationMetrics.count(outcome, channel: sender.channel)
        desk.note(outcome)
        return outcome
    }

    /// Writes outcomes down, all in one transaction if that goes.
    private func write(_ settled: [SendingPlaces.Settled]) async {
        do {
            let isMoreDue = try await desk.record(settled)
            for one in settled {
                if case .delivered = one.outcome { NotificationMetrics.delivered(one.claimed, at: store.clock.now) }
                log(one.outcome, one.claimed)
            }
            if isMoreDue { wakeups.messagesQueued() } else { wakeups.pages.send() }
        } catch let error as StorageError where error.concernsAll {
            notWritten(settled, error)
        } catch {
            guard settled.count > 1 else { return notWritten(settled, error) }
            for one in settled { await write([one]) }
        }
    }

    /// The lease ends and the message goes out again: a second page is better than none.
    private func notWritten(_ settled: [SendingPlaces.Settled], _ error: any Error) {
        for one in settled {
            logger.error(
                "outcome not recorded",
                metadata: [
                    "alert_id": "\(one.claimed.message.alert?.description ?? "none")",
                    "channel": "\(sender.channel)", "reason": "\(error)",
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
