public import Alerting
public import Logging
import Metrics
public import ServiceLifecycle
import Storage

/// Walks open alerts up their escalation policies, and resolves those whose time is over.
///
/// A timer is taken, decided on, and what follows is committed with the next timer in one transaction: nothing is
/// performed outside of it, so a crash leaves the timer where it was.
public final class EscalationLoop: Service {
    private let store: Store
    private let wakeups: Wakeups
    private let channels: Set<Channel>
    private let logger: Logger
    /// Timers taken in one transaction: few, so that ingestion never waits long for the database.
    private static let batch = 40
    private static let longestSleep = Duration.seconds(1)
    /// How much later an alert that could not be decided on is looked at again.
    private static let putOff = Duration.minutes(1)
    private static let lag = Timer(label: "nightbell_escalation_lag_seconds")

    /// - Parameter channels: those that this server can send on.
    public init(store: Store, wakeups: Wakeups, channels: Set<Channel>, logger: Logger) {
        self.store = store
        self.wakeups = wakeups
        self.channels = channels
        self.logger = logger
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                await runUntilIdle()
            }
        } onGracefulShutdown: {
            self.wakeups.escalation.signal()
        }
    }

    private func runUntilIdle() async {
        do {
            if try await runOnce() { return }
            let next = try await store.read { try Timers.nextDue(in: $0) }
            let pause = next.map { min($0 - store.clock.now, Self.longestSleep) } ?? Self.longestSleep
            await wakeups.escalation.wait(atMost: max(pause, .milliseconds(1)))
        } catch {
            logger.error("escalation not decided", metadata: ["reason": "\(error)"])
            await wakeups.escalation.wait(atMost: Self.longestSleep)
        }
    }

    /// Does what is due, up to one batch. An alert that cannot be decided on is put off and holds up no other.
    ///
    /// - Returns: whether there may be more.
    @discardableResult
    public func runOnce() async throws -> Bool {
        var (lines, count) = ([Line](), 0)
        do {
            lines = try await decideTogether()
            count = lines.count
        } catch let error as StorageError where error.concernsAll {
            throw error
        } catch {
            (lines, count) = try await decideOneByOne()
        }
        for line in lines {
            Self.lag.recordNanoseconds(max(0, line.lag.wholeMilliseconds) * 1_000_000)
            for action in line.actions { log(action, alert: line.alert) }
        }
        if lines.contains(where: { !$0.actions.isEmpty }) {
            wakeups.messagesQueued()
        } else if !lines.isEmpty {
            wakeups.pages.send()
        }
        return count == Self.batch
    }

    private func decideTogether() async throws -> [Line] {
        let channels = channels
        return try await store.write { change in
            try Timers.claimDue(at: change.now, limit: Self.batch, in: change.transaction).map { timer in
                try Self.act(on: timer, change: change, channels: channels)
            }
        }
    }

    /// - Returns: what was decided, and how many timers were due.
    private func decideOneByOne() async throws -> ([Line], Int) {
        let (channels, now) = (channels, store.clock.now)
        let due = try await store.read { try Timers.due(at: now, limit: Self.batch, in: $0) }
        var lines: [Line] = []
        for timer in due {
            do {
                let line = try await store.write { change in
                    try Timers.claim(timer, in: change.transaction)
                        ? try Self.act(on: timer, change: change, channels: channels) : nil
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
        return (lines, due.count)
    }

    private struct Line: Sendable {
        var alert: Alert.ID
        var lag: Duration
        var actions: [Escalation.Action]
    }

    private static func act(on timer: AlertTimer, change: Change, channels: Set<Channel>) throws -> Line {
        var line = Line(alert: timer.alert, lag: change.now - timer.due, actions: [])
        guard let record = try Alerts.find(timer.alert, in: change.transaction), record.alert.isOpen else {
            return line
        }
        switch timer.kind {
        case .autoResolution:
            _ = try change.resolve(timer.alert, by: .system, reason: Change.timedOut)
        case .escalation:
            let walk = EscalationWalk(change: change, channels: channels, intended: timer.due)
            line.actions = try walk.tick(record)
        }
        return line
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
        case .pageLastResort:
            EscalationWalk.lastResort.increment()
            logger.error("nobody on the escalation policy can be reached", metadata: metadata)
        case .ended:
            logger.warning("escalation ended", metadata: metadata)
        }
    }
}
