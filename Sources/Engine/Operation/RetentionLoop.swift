import Alerting
public import Logging
import Metrics
public import ServiceLifecycle
import Storage
import Synchronization

/// Forgets what nobody needs any more, in small steps with pauses: what is older, or more, than an account keeps of
/// requests, resolved alerts and logs; closed alert keys and expired sessions. Never what is open.
public final class RetentionLoop: Service {
    /// What one account has too much of.
    private struct Excess {
        var account: Account.ID
        var kind: Forgetting.Kind
        var count: Int
    }

    private struct State {
        /// From the last count, less what went since.
        var excess: [Excess] = []
        var countedAt: Timestamp?
    }

    private let store: Store
    private let logger: Logger
    private let state = Mutex(State())
    /// How long a closed alert key is remembered, to tell an event that is older than its resolve.
    public static let keyAge = Duration.days(7)
    /// What event flows noted of the events that they led.
    public static let flowAge = Duration.days(30)
    /// How long the database remembers the journal of a process that writes no more.
    public static let journalAge = Duration.days(90)
    /// Changes of monitors and services, drills and offers: more than any page looks back.
    public static let changeAge = Duration.days(400)
    /// Addresses whose messages meant nothing.
    public static let senderAge = Duration.days(90)
    /// Counting reads an index as a whole, so that it is done now and then.
    public static let countingInterval = Duration.minutes(15)
    /// How long single results of monitors are kept, the sums of their hours, and those of their days.
    public static let resultAge = Duration.days(7)
    public static let hourAge = Duration.days(100)
    public static let dayAge = Duration.days(5 * 366)
    /// After an hour, until its last result is there.
    private static let sealingPause = Duration.minutes(5)
    /// Each of them reads all of its results.
    private static let hoursStep = 50
    private static let interval = Duration.seconds(60)
    /// Rows that one transaction deletes; an alert takes its lines and messages along.
    public static let step = 500
    public static let alertStep = 100
    private static let mostAccounts = 1000
    private static let mostSources = 20
    private let waker = Waker()

    public init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                do {
                    var began = ContinuousClock.now
                    while try await runOnce(), !Task.isShuttingDownGracefully {
                        // Others have as much time as a step took.
                        await waker.wait(atMost: max(ContinuousClock.now - began, .milliseconds(5)))
                        began = .now
                    }
                } catch {
                    logger.error("retention failed", metadata: ["reason": "\(error)"])
                }
                await waker.wait(atMost: Self.interval)
            }
        } onGracefulShutdown: {
            self.waker.signal()
        }
    }

    /// One small step in each account.
    ///
    /// - Returns: whether there is more to forget.
    @discardableResult
    public func runOnce() async throws -> Bool {
        try await store.write { change in
            let transaction = change.transaction
            try AlertKeys.prune(before: change.now - Self.keyAge, limit: Self.step, in: transaction)
            try Sessions.prune(before: change.now, in: transaction)
            _ = try EventFlowLog.prune(
                before: change.now - Self.flowAge, keeping: Limits.eventsPerFlow, limit: Self.step, in: transaction)
            try IntakeJournals.prune(before: change.now - Self.journalAge, in: transaction)
            try Forgetting.replySenders(silentSince: change.now - Self.senderAge, in: transaction)
            _ = try Forgetting.codes(
                createdBefore: change.now - ContactAdministration.codeLifetime, limit: Self.step, in: transaction)
        }
        let accounts = try await store.read { try RetentionRules.accounts(limit: Self.mostAccounts, in: $0) }
        var forgotten = try await forgetOverfullSources()
        forgotten += try await store.write { change in
            let (now, transaction) = (change.now, change.transaction)
            let sealed = try MonitorSums.seal(before: now - Self.sealingPause, limit: Self.hoursStep, in: transaction)
            let sums = try MonitorSums.prune(
                hours: now - Self.hourAge, days: now - Self.dayAge, limit: Self.step, in: transaction)
            let changes = try Forgetting.changes(before: now - Self.changeAge, limit: Self.step, in: transaction)
            return try MonitorHistory.prune(before: now - Self.resultAge, limit: Self.step, in: transaction)
                + sealed + sums + changes
        }
        for account in accounts { forgotten += try await forgetOld(of: account) }
        try await countIfDue(accounts)
        return try await forgetExcess() + forgotten > 0
    }

    private func forgetOverfullSources() async throws -> Int {
        let sources = try await store.read { try EventLog.overfullSources(keeping: Limits.eventsPerSource, in: $0) }
        var forgotten = 0
        for source in sources {
            forgotten += try await step(.events) { change in
                try EventLog.prune(
                    source: source, keeping: Limits.eventsPerSource, limit: Self.step, in: change.transaction)
            }
        }
        return forgotten
    }

    private func forgetOld(of account: Account.ID) async throws -> Int {
        let now = store.clock.now
        let (rules, sources) = try await store.read { transaction in
            let rules = try RetentionRules.all(of: account, in: transaction)
            let time = now - Self.age(.events, rules)
            return (
                rules,
                try Forgetting.sources(
                    of: account, withEventsBefore: time, limit: Self.mostSources, in: transaction)
            )
        }
        var forgotten = 0
        for source in sources {
            forgotten += try await step(.events) { change in
                try Forgetting.events(
                    of: source, before: now - Self.age(.events, rules), limit: Self.step, in: change.transaction)
            }
        }
        forgotten += try await step(.alerts) { change in
            try Forgetting.alerts(
                of: account, resolvedBefore: now - Self.age(.alerts, rules), limit: Self.alertStep,
                in: change.transaction)
        }
        forgotten += try await step(.logs) { change in
            let time = now - Self.age(.logs, rules)
            let lines = try Forgetting.auditEntries(
                of: account, before: time, limit: Self.step, in: change.transaction)
            return try lines
                + Forgetting.messages(of: account, before: time, limit: Self.step, in: change.transaction)
        }
        return forgotten
    }

    private func countIfDue(_ accounts: [Account.ID]) async throws {
        let now = store.clock.now
        let isDue = state.withLock { state in
            guard let last = state.countedAt, now >= last, now - last < Self.countingInterval else { return true }
            return false
        }
        guard isDue else { return }
        var excess: [Excess] = []
        for account in accounts {
            for kind in Forgetting.Kind.allCases {
                let count = try await store.read { transaction in
                    let kept = try RetentionRules.all(of: account, in: transaction)[kind.rule]?.count ?? Int.max
                    return try Forgetting.count(kind, of: account, in: transaction) - kept
                }
                if count > 0 { excess.append(Excess(account: account, kind: kind, count: count)) }
            }
        }
        state.withLock { [excess] state in
            state.excess = excess
            state.countedAt = now
        }
    }

    private func forgetExcess() async throws -> Int {
        var forgotten = 0
        for excess in state.withLock({ $0.excess }) {
            let limit = min(excess.count, excess.kind == .alerts ? Self.alertStep : Self.step)
            let count = try await step(excess.kind.rule) { change in
                switch excess.kind {
                case .events: try Forgetting.events(of: excess.account, count: limit, in: change.transaction)
                case .alerts:
                    try Forgetting.alerts(
                        of: excess.account, resolvedBefore: nil, limit: limit, in: change.transaction)
                case .auditEntries:
                    try Forgetting.auditEntries(
                        of: excess.account, before: nil, limit: limit, in: change.transaction)
                case .messages:
                    try Forgetting.messages(of: excess.account, before: nil, limit: limit, in: change.transaction)
                }
            }
            state.withLock { state in
                for index in state.excess.indices
                where state.excess[index].account == excess.account && state.excess[index].kind == excess.kind {
                    // Nothing went: what is left is still being sent.
                    state.excess[index].count -= count == 0 ? state.excess[index].count : count
                }
                state.excess.removeAll { $0.count <= 0 }
            }
            forgotten += count
        }
        return forgotten
    }

    private func step(
        _ kind: RetentionRule.Kind, _ body: @escaping @Sendable (Change) throws -> Int
    ) async throws -> Int {
        let count = try await store.write(body)
        Self.counters[kind]?.increment(by: count)
        return count
    }

    private static let counters = Dictionary(
        uniqueKeysWithValues: RetentionRule.Kind.allCases.map { kind in
            (kind, Counter(label: "nightbell_retention_forgotten_total", dimensions: [("kind", kind.rawValue)]))
        })

    private static func age(
        _ kind: RetentionRule.Kind, _ rules: [RetentionRule.Kind: RetentionRule]
    ) -> Duration {
        .days(rules[kind]?.days ?? RetentionRule.usual(kind).days)
    }
}
