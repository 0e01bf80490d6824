import Alerting
import Dispatch
import Logging
import Metrics
import Storage
import Synchronization

/// Takes requests in: decides and commits many of them in one transaction, and answers each after the commit.
///
/// While one batch commits, the next one fills. The commit runs on a queue of its own: a client that goes away rolls
/// back nobody. A batch that fails is tried again in halves, down to single ones, so that a bad request
/// fails alone. The alerts of a small batch take their first steps in its transaction.
public final class Ingestion: Sendable {
    private struct Waiting: Sendable {
        var request: IngestRequest
        var whenDone: @Sendable (Result<IngestAnswer, any Error>) -> Void
    }

    private struct State {
        var waiting: [Waiting] = []
        var isRunning = false
    }

    let store: Store
    /// Where requests are kept while the database is away; `nil`: nowhere.
    let journal: IntakeJournal?
    /// Counts the transactions, for the journal.
    private let batches = Atomic<Int64>(0)
    /// After a transaction of unknown outcome nothing more is committed until its requests are in the journal: the
    /// number of a later batch would say that theirs was committed.
    let isStopped = Atomic(false)
    private let wakeups: Wakeups
    private let commits: CommitTimes
    private let escalation: EscalationLoop
    private let logger: Logger
    private let meter = EventMeter()
    private let state = Mutex(State())
    let queue = DispatchQueue(label: "nightbell.ingestion")
    private let answers = DispatchQueue(label: "nightbell.answers")
    /// Requests of one batch, and alerts that they raise, whose first steps are done along with them: more are left to
    /// the loop, and the next batch begins sooner.
    private static let mostAlong = 4
    /// Ids for these steps.
    private static let idsAlong = 64

    init(
        store: Store, wakeups: Wakeups, commits: CommitTimes, escalation: EscalationLoop, journal: IntakeJournal?,
        logger: Logger
    ) {
        self.journal = journal
        self.commits = commits
        self.escalation = escalation
        self.store = store
        self.wakeups = wakeups
        self.logger = logger
    }

    /// Returns when the request and all that follows from it are durable.
    ///
    /// - Throws: `Failure.unavailable` when nothing was stored and the sender should come back.
    public func submit(_ request: IngestRequest) async throws -> IngestAnswer {
        try await withCheckedContinuation { continuation in
            submit(request) { continuation.resume(returning: $0) }
        }.get()
    }

    /// The same without a task that waits.
    ///
    /// - Parameter whenDone: called once, on a thread that it must not keep.
    func submit(_ request: IngestRequest, whenDone: @escaping @Sendable (Result<IngestAnswer, Failure>) -> Void) {
        let alerts = request.events.count { $0.kind == .alert }
        let left = meter.count(
            alerts, of: request.source.record.id, limit: request.source.eventLimit, at: request.receivedAt)
        request.allowance.store(left, ordering: .relaxed)
        enqueue(Waiting(request: request) { [logger] in whenDone(Self.told($0, logger)) })
    }

    private func enqueue(_ waiting: Waiting) {
        let (isFull, mustStart) = state.withLock { state in
            guard state.waiting.count < Limits.ingestQueue else { return (true, false) }
            state.waiting.append(waiting)
            defer { state.isRunning = true }
            return (false, !state.isRunning)
        }
        if isFull {
            IngestMetrics.refused.increment()
            waiting.whenDone(.failure(Failure(.unavailable, "Too many requests are waiting; come back soon.")))
        }
        if mustStart { queue.async { self.drain() } }
    }

    /// What the sender hears of it.
    private static func told(
        _ result: Result<IngestAnswer, any Error>, _ logger: Logger
    ) -> Result<IngestAnswer, Failure> {
        switch result {
        case .success(let answer):
            IngestMetrics.count(answer.reason)
            return .success(answer)
        case .failure(let failure as Failure): return .failure(failure)
        case .failure(let error):
            IngestMetrics.failed.increment()
            logger.error("request not stored", metadata: ["reason": "\(error)"])
            return .failure(
                Failure(.unavailable, "The request could not be stored; come back soon.", cause: "\(error)"))
        }
    }

    private func drain() {
        while let batch = nextBatch() {
            let started = DispatchTime.now()
            let results = keep(batch.map(\.request))
            IngestMetrics.commit.recordNanoseconds(
                Int64(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds))
            IngestMetrics.batch.record(batch.count)
            // Before anybody hears of them, and can act on it.
            let outcomes = noted(results)
            for decided in outcomes.compactMap(\.decided) { page(decided) }
            let answer: @Sendable () -> Void = { [self] in
                for (waiting, result) in zip(batch, results) { waiting.whenDone(result.map(\.answer)) }
                announce(outcomes)
            }
            // A database that may be away while this is not works elsewhere: while it does the next batch, these are
            // answered. With none behind them nothing is gained, nor where this queue does all the work itself.
            let isLast = state.withLock(\.waiting.isEmpty)
            if isLast || journal == nil { answer() } else { answers.async(execute: answer) }
        }
    }

    /// Has the people paged for whom that was decided.
    private func page(_ decided: EscalationLoop.Decided) {
        let left = escalation.announce(decided)
        // Only where the server is ending; without it their leases would end.
        if !left.isEmpty { Task { for (loop, messages) in left { await loop.giveBack(messages) } } }
    }

    /// Notes when alerts were committed.
    ///
    /// - Returns: what came of those requests that were.
    func noted(_ results: [Result<Outcome, any Error>]) -> [Outcome] {
        let outcomes = results.compactMap { result in
            if case .success(let outcome) = result { outcome } else { nil }
        }
        let raised = outcomes.flatMap(\.raised)
        if !raised.isEmpty { commits.note(raised.map(\.alert), at: store.clock.now) }
        return outcomes
    }

    /// Wakes whoever has something to do now.
    func announce(_ outcomes: [Outcome]) {
        // What is due later the loop sees by itself.
        let soon = store.clock.now + EscalationLoop.longestSleep
        if let due = outcomes.compactMap(\.escalationDue).min(), due <= soon { wakeups.escalation.signal() }
        if outcomes.contains(where: \.hasActions) { wakeups.actions.signal() }
        wakeups.pages.send()
    }

    private func nextBatch() -> [Waiting]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isRunning = false
                return nil
            }
            guard state.waiting.count > Limits.ingestBatch else {
                defer { state.waiting = [] }
                return state.waiting
            }
            defer { state.waiting.removeFirst(Limits.ingestBatch) }
            return Array(state.waiting.prefix(Limits.ingestBatch))
        }
    }

    struct Outcome: Sendable {
        var answer: IngestAnswer
        /// The timers of the alerts that it raised.
        var raised: [AlertTimer] = []
        /// When the escalation loop has something to do for alerts that were there before; `nil`: never.
        var pagingDue: Timestamp?
        /// Whether the first steps of those that it raised are done.
        var isDecided = false
        /// Whether alert actions may have been set off.
        var hasActions: Bool
        /// What was decided on the alerts of its batch; stands with the batch's first.
        var decided: EscalationLoop.Decided?

        init(answer: IngestAnswer, _ intake: Intake? = nil, hasActions: Bool = false) {
            self.answer = answer
            self.hasActions = hasActions
            raised = intake?.raised ?? []
            pagingDue = intake?.pagingDue
        }

        /// When the escalation loop has something to do for it; `nil`: nothing.
        var escalationDue: Timestamp? {
            let first = isDecided ? nil : raised.map(\.due).min()
            return [pagingDue, first].compactMap(\.self).min()
        }
    }

    func commit(_ requests: [IngestRequest]) -> [Result<Outcome, any Error>] {
        do {
            return try write(requests).map(Result.success)
        } catch let error as Uncommitted {
            // Each one would wait as long again for a database that is not to be had.
            return requests.map { _ in .failure(error) }
        } catch {
            guard requests.count == 1 else {
                // By halves: a bad request among many costs a few transactions more, not one for each.
                let half = requests.count / 2
                return commit(Array(requests[..<half])) + commit(Array(requests[half...]))
            }
            return [repeated(requests[0], after: error)]
        }
    }

    private func repeated(_ request: IngestRequest, after error: any Error) -> Result<Outcome, any Error> {
        switch error {
        // Another node was first; now its work is seen.
        case StorageError.conflict: Result { try write([request])[0] }
        // A resolve writes a line for every message that it cancels.
        case is IDShortage: Result { try write([request], extraIDs: Store.manyIDs)[0] }
        default: .failure(error)
        }
    }

    /// - Throws: `Uncommitted` when the database as a whole does not work.
    private func write(_ requests: [IngestRequest], extraIDs: Int = 0) throws -> [Outcome] {
        guard !isStopped.load(ordering: .relaxed) else {
            throw Uncommitted(batch: 0, cause: .unavailable(message: "The database has just failed."))
        }
        if requests.count <= Self.mostAlong {
            do {
                return try write(requests, extraIDs: extraIDs + Self.idsAlong, isAlong: true)
            } catch let error as Uncommitted {
                throw error
            } catch {
                // Whatever it was, it must not cost an event: the loop comes to the same, and holds up no other for it.
                logger.debug("first step left to the loop", metadata: ["reason": "\(error)"])
            }
        }
        return try write(requests, extraIDs: extraIDs, isAlong: false)
    }

    /// - Parameter isAlong: whether the first steps of alerts that are raised are done along with it.
    private func write(_ requests: [IngestRequest], extraIDs: Int, isAlong: Bool) throws -> [Outcome] {
        let batch = batches.add(1, ordering: .relaxed).newValue
        do {
            return try write(requests, extraIDs: extraIDs, batch: batch, isAlong: isAlong)
        } catch let error as StorageError where error.isAway || (error == .full && journal != nil) {
            isStopped.store(journal != nil, ordering: .relaxed)
            throw Uncommitted(batch: batch, cause: error)
        }
    }

    private func write(
        _ requests: [IngestRequest], extraIDs: Int, batch: Int64, isAlong: Bool
    ) throws -> [Outcome] {
        // An alert takes its own id, one for its event and one for its line on the timeline.
        let needed = requests.reduce(extraIDs) {
            $0 + 4 + $1.events.count * 4 + $1.events.reduce(0) { $0 + $1.comments.count }
        }
        try store.ids.reserveBlocking(needed)
        return try store.database.writeBlocking { transaction in
            let change = store.change(in: transaction)
            if let journal {
                try IntakeJournals.committed(
                    batch: batch, of: journal.id, node: journal.node, at: change.now, in: transaction)
            }
            let keys = try KeyMemory(of: requests, in: transaction)
            var outcomes = try requests.map { request in
                var intake = Intake(request, change: change, keys: keys)
                let answer = try intake.run()
                return Outcome(answer: answer, intake, hasActions: change.mayHaveSetOffActions)
            }
            if isAlong { try escalate(&outcomes, change) }
            return outcomes
        }
    }

    /// Does the first steps that are due of alerts that were just raised, when they are few.
    private func escalate(_ outcomes: inout [Outcome], _ change: Change) throws {
        let timers = outcomes.flatMap(\.raised)
        guard !timers.isEmpty, timers.count <= Self.mostAlong, timers.allSatisfy({ $0.due <= change.now }),
            let decided = try escalation.decide(timers, in: change)
        else { return }
        outcomes[0].decided = decided
        for index in outcomes.indices { outcomes[index].isDecided = true }
    }
}

extension StorageError {
    fileprivate var isAway: Bool {
        if case .unavailable = self { true } else { false }
    }
}
