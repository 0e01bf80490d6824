public import Alerting
import Logging
import Metrics
public import ServiceLifecycle
import Storage
import Synchronization

/// Does alert actions: claims what is due, performs many at a time, and writes down how each went.
///
/// A service that hangs keeps the few places of its own action and delays no other; the last places are for actions of
/// which nothing is under way, however many others hang.
public final class ActionLoop: Service {
    private let store: Store
    private let wakeups: Wakeups
    private let logger: Logger
    private let runner: ActionRunner
    /// Runs under way, by action.
    private let busy = Mutex<[AlertActionRecord.ID: Int]>([:])

    static let places = 64
    /// Of those, for actions of which something is under way already.
    static let placesForMore = 48
    static let placesOfAction = 4
    /// Longer than a request may take.
    private static let lease = Duration.seconds(60)
    private static let longestSleep = Duration.seconds(1)
    private static let performed = Counter(label: "nightbell_alert_actions_total", dimensions: [("outcome", "done")])
    private static let failed = Counter(label: "nightbell_alert_actions_total", dimensions: [("outcome", "failed")])

    init(store: Store, wakeups: Wakeups, runner: ActionRunner, logger: Logger) {
        self.store = store
        self.wakeups = wakeups
        self.runner = runner
        self.logger = logger
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                while !Task.isShuttingDownGracefully, !Task.isCancelled {
                    do {
                        let claimed = try await claim()
                        for run in claimed { group.addTask { await self.process(run) } }
                        if claimed.isEmpty { try await rest() }
                    } catch {
                        logger.error("loop failed", metadata: ["loop": "alert actions", "reason": "\(error)"])
                        await wakeups.actions.wait(atMost: Self.longestSleep)
                    }
                }
            }
        } onGracefulShutdown: {
            self.wakeups.actions.wake()
        }
    }

    private func rest() async throws {
        let next = try await nextDue()
        let pause = next.map { min($0 - store.clock.now, Self.longestSleep) } ?? Self.longestSleep
        // What is due and not claimed waits for a place.
        await wakeups.actions.wait(atMost: pause > .zero ? max(pause, .milliseconds(1)) : .milliseconds(50))
    }

    /// When the next run is due or the next lease ends.
    public func nextDue() async throws -> Timestamp? {
        try await store.read { try AlertActionRuns.nextDue(in: $0) }
    }

    /// Does what is due, side by side.
    ///
    /// - Returns: how many runs were looked at.
    @discardableResult
    public func runOnce() async throws -> Int {
        let claimed = try await claim()
        await withDiscardingTaskGroup { group in
            for run in claimed { group.addTask { await self.process(run) } }
        }
        return claimed.count
    }

    private func claim() async throws -> [AlertActionRun] {
        let now = store.clock.now
        // Most calls find nothing: ask without taking the one writer's time.
        guard let next = try await nextDue(), next <= now else { return [] }
        let counts = busy.withLock { $0 }
        let underWay = counts.values.reduce(0, +)
        guard underWay < Self.places else { return [] }
        let most = underWay < Self.placesForMore ? Self.placesOfAction : 1
        let full = counts.filter { $0.value >= most }.map(\.key)
        let claimed: [AlertActionRun] = try await store.write { change in
            let due = try AlertActionRuns.due(
                at: change.now, busy: full, limit: Self.places - underWay, in: change.transaction)
            var (counts, claimed) = (counts, [AlertActionRun]())
            for var run in due {
                let ofAction = counts[run.key.action, default: 0]
                let isLast = underWay + claimed.count >= Self.placesForMore
                guard ofAction < (isLast ? 1 : Self.placesOfAction) else { continue }
                guard try AlertActionRuns.claim(run, until: change.now + Self.lease, in: change.transaction) else {
                    continue
                }
                counts[run.key.action, default: 0] += 1
                run.attempts += 1
                claimed.append(run)
            }
            return claimed
        }
        busy.withLock { counts in
            for run in claimed { counts[run.key.action, default: 0] += 1 }
        }
        return claimed
    }

    private func process(_ run: AlertActionRun) async {
        defer {
            busy.withLock { counts in
                let left = (counts[run.key.action] ?? 1) - 1
                counts[run.key.action] = left > 0 ? left : nil
            }
            wakeups.actions.wake()
        }
        do {
            switch try await runner.prepare(run.key, attempt: run.attempts) {
            case .nothing(let reason):
                try await store.write { change in
                    try AlertActionRuns.finish(
                        run.key, .cancelled, at: change.now, httpStatus: nil, answer: reason, in: change.transaction)
                }
            case .order(let order, let action):
                let answer = try await runner.perform(order, action)
                try await store.write { change in try change.record(answer, of: run, action.name) }
                log(answer, run)
                wakeups.pages.send()
                wakeups.notices.signal()
                if order.kind == "reroute" { wakeups.escalation.signal() }
                if order.kind == ServiceAutomation.kind { wakeups.servicesChanged() }
            }
        } catch {
            // The lease ends by itself, and then it is tried again.
            logger.error("alert action not done", metadata: ["action": "\(run.key.action)", "reason": "\(error)"])
        }
    }

    private func log(_ answer: ActionAnswer, _ run: AlertActionRun) {
        guard let reason = answer.reason else { return Self.performed.increment() }
        Self.failed.increment()
        logger.warning(
            "alert action refused",
            metadata: [
                "alert_id": "\(run.key.alert)", "action": "\(run.key.action)", "status": "\(answer.status ?? 0)",
                "reason": "\(reason)",
            ])
    }
}

extension Change {
    /// Writes down how a run went, on the alert's timeline too.
    func record(_ answer: ActionAnswer, of run: AlertActionRun, _ name: String) throws {
        let key = run.key
        let words = Limits.cut(answer.text.isEmpty ? answer.reason ?? "" : answer.text, to: 500)
        guard try Alerts.find(key.alert, in: transaction) != nil else { return }
        if let state = answer.state {
            try AlertActionRuns.setState(state, action: key.action, alert: key.alert, in: transaction)
        }
        func finish(_ status: AlertActionRun.Status) throws {
            try AlertActionRuns.finish(
                key, status, at: now, httpStatus: answer.status, answer: words, in: transaction)
        }
        let next = Delivery.next(after: answer.outcome, attempt: run.attempts, at: now, deadline: run.deadline)
        switch next {
        case .delivered:
            try finish(.done)
            try note(.actionPerformed, on: key.alert, reason: key.trigger.rawValue, text: name)
        case .failOver(let reason):
            try AlertActionRuns.postpone(key, to: now, answer: reason, in: transaction)
        case .attempt(let time, let reason):
            try AlertActionRuns.postpone(key, to: time, answer: words, in: transaction)
            guard run.attempts == 1 else { return }
            try note(.actionRetried, on: key.alert, reason: Limits.cut(reason, to: 200), text: name)
        case .givenUp(let reason):
            try finish(.failed)
            try note(.actionFailed, on: key.alert, reason: Limits.cut(reason, to: 200), text: name)
        }
    }
}
