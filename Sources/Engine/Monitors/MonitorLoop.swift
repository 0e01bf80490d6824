public import Alerting
public import Logging
import Metrics
public import ServiceLifecycle
import Storage
import Synchronization

/// Checks monitors when they are due: claims them with a lease, checks them side by side, and writes many results down
/// in one transaction.
public final class MonitorLoop: Service {
    private struct State {
        /// What is being checked, and when its lease was last written.
        var running: [Monitor.ID: Timestamp] = [:]
        var finished: [FinishedCheck] = []
    }

    private let store: Store
    private let wakeups: Wakeups
    private let prober: (any Prober)?
    /// What links in mails begin with.
    private let publicURL: String
    private let logger: Logger
    private let state = Mutex(State())
    private let recorder = Waker()
    private let renewer = Waker()
    private static let lag = Timer(label: "nightbell_monitor_lag_seconds")
    private static let checks = Counter(label: "nightbell_monitor_checks_total")

    /// Checks at the same time.
    static let places = 512
    private static let batch = 256
    /// Beyond a check's own limit: for the way there and back, and for writing it down.
    private static let grace = Duration.seconds(30)
    /// Of a check that somebody has taken, this node or a probe in another place.
    static let lease = Duration.seconds(Monitor.timeouts.upperBound) + grace
    /// A lease of what is still being checked after so long is written anew: a check may wait for a browser.
    static let renewal = Duration.seconds(30)

    /// - Parameter prober: `nil`: this node checks nothing.
    public init(store: Store, wakeups: Wakeups, prober: (any Prober)?, publicURL: String, logger: Logger) {
        self.store = store
        self.wakeups = wakeups
        self.prober = prober
        self.publicURL = publicURL
        self.logger = logger
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.record() }
                group.addTask { await self.keepLeases() }
                while !Task.isShuttingDownGracefully, !Task.isCancelled {
                    let pause = await self.begin(&group)
                    await self.wakeups.monitors.wait(atMost: pause)
                }
                self.recorder.signal()
                self.renewer.signal()
            }
        } onGracefulShutdown: {
            self.wakeups.monitors.wake()
            self.recorder.wake()
            self.renewer.wake()
        }
    }

    /// Begins what is due as far as there are places.
    ///
    /// - Returns: how long there is nothing to do.
    private func begin(_ group: inout DiscardingTaskGroup) async -> Duration {
        do {
            while !Task.isShuttingDownGracefully, try await tellGroups() {}
            let free = Self.places - state.withLock { $0.running.count }
            let due = try await claim(min(free, Self.batch))
            for monitor in due {
                group.addTask {
                    let finished = await self.check(monitor)
                    self.state.withLock { state in
                        state.running[monitor.id] = nil
                        state.finished.append(finished)
                    }
                    self.recorder.signal()
                }
            }
            if due.count == Self.batch { return .zero }
            // The next result makes a place and wakes.
            guard free > 0 else { return Rhythm.longestSleep }
            guard let next = try await nextDue() else { return Rhythm.longestSleep }
            return max(.milliseconds(1), min(next - store.clock.now, Rhythm.longestSleep))
        } catch {
            logger.error("loop failed", metadata: ["loop": "monitors", "reason": "\(error)"])
            return Rhythm.longestSleep
        }
    }

    /// Writes results down as they come, many at a time.
    private func record() async {
        while true {
            let finished = state.withLock { state in
                defer { state.finished = [] }
                return state.finished
            }
            if finished.isEmpty {
                if Task.isShuttingDownGracefully || Task.isCancelled, state.withLock({ $0.running.isEmpty }) { return }
                await recorder.wait(atMost: Rhythm.longestSleep)
                continue
            }
            do {
                try await write(finished)
            } catch {
                // Their leases end, and they are checked again.
                logger.error("results not stored", metadata: ["reason": "\(error)"])
            }
        }
    }

    private func keepLeases() async {
        while true {
            let isBusy = state.withLock { !$0.running.isEmpty }
            if !isBusy, Task.isShuttingDownGracefully || Task.isCancelled { return }
            await renewer.wait(atMost: Self.renewal / 3)
            do {
                try await renew()
            } catch {
                // Tried again soon; at worst a check is done twice.
                logger.warning("leases not prolonged", metadata: ["loop": "monitors", "reason": "\(error)"])
            }
        }
    }

    /// Prolongs the leases of what is being checked for long.
    public func renew() async throws {
        let now = store.clock.now
        let old = state.withLock { state in
            state.running.filter { now - $0.value >= Self.renewal }.map(\.key).sorted()
        }
        guard !old.isEmpty else { return }
        try await store.write { try Monitors.prolong(old, to: $0.now + Self.lease, in: $0.transaction) }
        state.withLock { state in
            for id in old where state.running[id] != nil { state.running[id] = now }
        }
    }

    /// The next check or word to a delivery group.
    public func nextDue() async throws -> Timestamp? {
        try await store.read { transaction in
            let times = [
                try Monitors.nextDue(in: transaction), try DeliveryGroups.nextNotice(in: transaction),
            ]
            return times.compactMap(\.self).min()
        }
    }

    /// One batch from the claim to the record; for driving it step by step.
    ///
    /// - Returns: whether there may be more.
    @discardableResult
    public func runOnce() async throws -> Bool {
        let isMore = try await tellGroups()
        let due = try await claim(Self.batch)
        let finished = await withTaskGroup(of: FinishedCheck.self) { group in
            for monitor in due { group.addTask { await self.check(monitor) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        guard !finished.isEmpty else { return isMore }
        defer { state.withLock { state in for check in finished { state.running[check.monitor.id] = nil } } }
        try await write(finished.sorted { $0.monitor.id < $1.monitor.id })
        return isMore || due.count == Self.batch
    }

    private func claim(_ limit: Int) async throws -> [MonitorRecord] {
        guard prober != nil, limit > 0 else { return [] }
        let now = store.clock.now
        // Most calls find nothing: ask without taking the one writer's time.
        guard let next = try await store.read({ try Monitors.nextDue(in: $0) }), next <= now else { return [] }
        let due = try await store.write { change in
            try Monitors.claimDue(
                at: change.now, until: change.now + Self.lease, limit: limit, in: change.transaction)
        }
        state.withLock { state in for monitor in due { state.running[monitor.id] = now } }
        return due
    }

    private func check(_ monitor: MonitorRecord) async -> FinishedCheck {
        let began = store.clock.now
        let late = max(began - (monitor.due ?? began), .zero)
        Self.lag.recordMilliseconds(late.wholeMilliseconds)
        Self.checks.increment()
        let report = await report(on: monitor)
        return FinishedCheck(
            monitor: monitor, report: report, due: monitor.due ?? began, began: began, ended: store.clock.now)
    }

    /// Judged here, so that no transaction waits for it.
    private func report(on monitor: MonitorRecord) async -> CheckReport {
        if case .heartbeat(let id) = monitor.subject { return await heartbeat(id, of: monitor.account) }
        guard let prober else { return CheckReport(reason: CheckAnswer.Problem.notPermitted.words, total: .zero) }
        let answer = await prober.check(monitor.subject, within: monitor.timeout)
        return monitor.subject.report(on: answer, at: store.clock.now)
    }

    /// A job's signals are here already.
    private func heartbeat(_ id: HeartbeatMonitor.ID, of account: Account.ID) async -> CheckReport {
        do {
            let heartbeat = try await store.read { try HeartbeatMonitors.find(id, in: $0) }
            guard let heartbeat, heartbeat.account == account else {
                return CheckReport(reason: "there is no such heartbeat monitor", total: .zero)
            }
            let reason: String? =
                switch heartbeat.heartbeat.state {
                case .overdue: "its signal is overdue"
                // Not overdue before its first signal.
                case .unknown, .healthy: nil
                }
            return CheckReport(reason: reason, total: .zero)
        } catch {
            return CheckReport(reason: "its signals cannot be read just now", total: .zero)
        }
    }

    /// Writes down what others have checked.
    func take(_ finished: [FinishedCheck]) async throws {
        guard !finished.isEmpty else { return }
        try await write(finished)
    }

    private func write(_ finished: [FinishedCheck]) async throws {
        let effects = try await store.write(ids: finished.count * 4) { [publicURL] change in
            var effects = MonitorEffects(publicURL: publicURL)
            try change.finish(finished, &effects)
            return effects
        }
        wake(effects)
        // Retests come soon.
        wakeups.monitors.wake()
    }

    private func tellGroups() async throws -> Bool {
        let now = store.clock.now
        guard let next = try await store.read({ try DeliveryGroups.nextNotice(in: $0) }), next <= now else {
            return false
        }
        let (isMore, effects) = try await store.write(ids: 200) { [publicURL] change in
            var effects = MonitorEffects(publicURL: publicURL)
            let isMore = try change.tellGroups(limit: 20, &effects)
            return (isMore, effects)
        }
        wake(effects)
        return isMore
    }

    private func wake(_ effects: MonitorEffects) {
        if effects.hasAlerts { wakeups.alertsChanged() }
        if effects.hasWebhooks { wakeups.webhooks.signal() }
        if effects.hasMails { wakeups.notices.signal() }
        if effects.hasChanges, !effects.hasAlerts { wakeups.pages.send() }
    }
}
