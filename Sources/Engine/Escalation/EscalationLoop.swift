import Alerting
import Logging
import Metrics
public import ServiceLifecycle
import Storage
import Synchronization

/// Walks open alerts up their escalation policies, and resolves those whose time is over.
///
/// A timer is taken, decided on, and what follows is committed with the next timer in one transaction: nothing is
/// performed outside of it, so a crash leaves the timer where it was. What that transaction queued is taken in it for
/// each channel's first provider, as far as this node has places free. Where few events come, the intake has an alert's
/// first step done in the transaction that raises it. So a page waits for one commit.
public final class EscalationLoop: Service {
    private let store: Store
    private let wakeups: Wakeups
    private let commits: CommitTimes
    private let links: ActionLinks
    private let firstProviders: [Channel: NotificationLoop]
    private let logger: Logger
    /// Whether others may have steps done.
    private let isOpen = Atomic(false)
    /// Timers that are taken at once, and the most of one transaction.
    private static let batch = 100
    private static let most = 1000
    /// After so long a transaction takes no more: ingestion waits for it.
    private static let budget = Duration.milliseconds(25)
    /// Ids that a step usually draws, for its lines and messages.
    private static let idsPerStep = 6
    /// The loop looks at least so often.
    static let longestSleep = Duration.seconds(1)
    /// How much later an alert that could not be decided on is looked at again.
    private static let putOff = Duration.minutes(1)
    private static let delay = Timer(label: "nightbell_escalation_delay_seconds")

    /// - Parameters:
    ///   - firstProviders: of each channel, those whose messages are taken where they are queued.
    init(
        store: Store, wakeups: Wakeups, commits: CommitTimes, links: ActionLinks,
        firstProviders: [Channel: NotificationLoop], logger: Logger
    ) {
        self.firstProviders = firstProviders
        self.commits = commits
        self.links = links
        self.store = store
        self.wakeups = wakeups
        self.logger = logger
    }

    /// From now on others may have steps done in transactions of theirs; `run` does this by itself.
    public func open() { isOpen.store(true, ordering: .relaxed) }

    public func run() async throws {
        open()
        defer { isOpen.store(false, ordering: .relaxed) }
        await withGracefulShutdownHandler {
            var isExpected = false
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                isExpected = await runUntilIdle(isExpected)
            }
        } onGracefulShutdown: {
            self.wakeups.escalation.wake()
        }
    }

    /// - Returns: whether somebody has told that a timer is due.
    private func runUntilIdle(_ isExpected: Bool) async -> Bool {
        do {
            if try await runOnce(isExpected: isExpected) { return false }
            let next = try await store.read { try Timers.nextDue(in: $0) }
            let pause = next.map { min($0 - store.clock.now, Self.longestSleep) } ?? Self.longestSleep
            return await wakeups.escalation.wait(atMost: max(pause, .milliseconds(1)))
        } catch {
            logger.error("escalation not decided", metadata: ["reason": "\(error)"])
            await wakeups.escalation.wait(atMost: Self.longestSleep)
            return false
        }
    }

    /// Does what is due, up to one batch. An alert that cannot be decided on is put off and holds up no other.
    ///
    /// - Parameter isExpected: whether something is due as far as is known.
    /// - Returns: whether there may be more.
    @discardableResult
    public func runOnce(isExpected: Bool = false) async throws -> Bool {
        // Most calls find nothing: ask without taking the one writer's time.
        let now = store.clock.now
        let due =
            isExpected ? 1 : try await store.read { try Timers.countDue(at: now, limit: Self.most, in: $0) }
        guard due > 0 else { return false }
        let decided: Decided
        do {
            decided = try await decideTogether(due)
        } catch let error as StorageError where error.concernsAll {
            throw error
        } catch {
            decided = try await decideOneByOne()
        }
        for left in announce(decided) { await left.loop.giveBack(left.messages) }
        return decided.isMore
    }

    /// Does the first steps of alerts in the transaction that has raised them.
    ///
    /// - Parameter timers: of these alerts.
    /// - Returns: what is to be announced after the commit; `nil`: nothing was decided, the loop does it.
    func decide(_ timers: [AlertTimer], in change: Change) throws -> Decided? {
        guard isOpen.load(ordering: .relaxed) else { return nil }
        let step = Step(change: change, commits: commits, links: links)
        var decided = Decided(lines: try timers.compactMap(step.take), isMore: false)
        try Self.take(firstProviders, for: &decided, in: change)
        return decided
    }

    /// What came of the timers of one transaction, or of several.
    struct Decided: Sendable {
        var lines: [Line]
        /// Whether there may be more timers.
        var isMore: Bool
        /// The messages that were taken along.
        var taken: [Channel: [ClaimedMessage]] = [:]
        /// Those of whose messages none are left that are due.
        var emptied: Set<Channel> = []
    }

    /// Hands over what was taken, tells others of the rest, and counts and logs all.
    ///
    /// - Returns: what nobody took, to be given back.
    func announce(_ decided: Decided) -> [(loop: NotificationLoop, messages: [ClaimedMessage])] {
        let left = decided.taken.compactMap { channel, messages in
            firstProviders[channel].flatMap { $0.take(messages) ? nil : ($0, messages) }
        }
        guard !decided.lines.isEmpty else { return left }
        let channels = decided.lines.reduce(into: Set<Channel>()) { $0.formUnion($1.channels) }
        wakeups.messagesQueued(channels.subtracting(decided.emptied))
        if decided.lines.contains(where: \.hasNotice) { wakeups.notices.signal() }
        for line in decided.lines {
            Self.delay.recordNanoseconds(max(0, line.lag.wholeMilliseconds) * 1_000_000)
            for action in line.actions { log(action, alert: line.alert) }
        }
        return left
    }

    /// Takes what the transaction has queued, and what else is due.
    private static func take(
        _ firstProviders: [Channel: NotificationLoop], for decided: inout Decided, in change: Change
    ) throws {
        for channel in change.queuedChannels {
            guard let loop = firstProviders[channel] else { continue }
            let (taken, isMore) = try loop.claim(in: change)
            if !taken.isEmpty { decided.taken[channel] = taken }
            if !isMore { decided.emptied.insert(channel) }
        }
    }

    private func decideTogether(_ due: Int) async throws -> Decided {
        let (commits, links, firstProviders) = (commits, links, firstProviders)
        return try await store.write(ids: due * Self.idsPerStep) { change in
            let step = Step(change: change, commits: commits, links: links)
            let started = ContinuousClock.now
            var lines: [Line] = []
            while true {
                let timers = try Timers.claimDue(at: change.now, limit: Self.batch, in: change.transaction)
                var records = try Alerts.find(timers.map(\.alert), in: change.transaction)
                for timer in timers {
                    // A second timer of one alert must see what the first one did.
                    let record =
                        try records.removeValue(forKey: timer.alert)
                        ?? Alerts.find(timer.alert, in: change.transaction)
                    lines.append(try step.act(on: timer, record))
                }
                let isMore = timers.count == Self.batch
                if isMore, lines.count < Self.most, ContinuousClock.now - started < Self.budget { continue }
                var decided = Decided(lines: lines, isMore: isMore)
                try Self.take(firstProviders, for: &decided, in: change)
                return decided
            }
        }
    }

    private func decideOneByOne() async throws -> Decided {
        let (commits, links, now) = (commits, links, store.clock.now)
        let due = try await store.read { try Timers.due(at: now, limit: Self.batch, in: $0) }
        var lines: [Line] = []
        for timer in due {
            do {
                let line = try await store.write { change in
                    try Step(change: change, commits: commits, links: links).take(timer)
                }
                if let line { lines.append(line) }
            } catch {
                logger.error(
                    "alert not escalated", metadata: ["alert_id": "\(timer.alert)", "reason": "\(error)"])
                try await store.write { change in
                    let later = AlertTimer(alert: timer.alert, kind: timer.kind, due: change.now + Self.putOff)
                    try Timers.set(later, in: change.transaction)
                }
            }
        }
        return Decided(lines: lines, isMore: due.count == Self.batch)
    }

    /// What came of one timer.
    struct Line: Sendable {
        var alert: Alert.ID
        var lag: Duration
        var actions: [Escalation.Action]
        /// Whether a mail was queued that no message stands for.
        var hasNotice = false
        /// On which messages were queued, by this timer or an earlier one of its transaction.
        var channels: Set<Channel> = []
    }

    private func log(_ action: Escalation.Action, alert: Alert.ID) {
        var metadata: Logger.Metadata = ["alert_id": "\(alert)"]
        switch action {
        case .page(let level, _, let people):
            metadata["level"] = "\(level)"
            metadata["people"] = "\(people.count)"
            logger.info("alert escalated", metadata: metadata)
        case .skip(let level, _, let reason):
            metadata["level"] = "\(level)"
            metadata["reason"] = "\(reason.rawValue)"
            logger.info("escalation level skipped", metadata: metadata)
        case .passTurn, .leaveOut: break
        case .accept:
            logger.info("alert accepted by all", metadata: metadata)
        case .pageLastResort:
            EscalationWalk.lastResort.increment()
            logger.error("nobody on the escalation policy can be reached", metadata: metadata)
        case .ended:
            logger.warning("escalation ended", metadata: metadata)
        }
    }
}
