import Alerting
import Dispatch
public import Logging
import Metrics
import Storage
import Synchronization

/// Takes requests in: decides and commits many of them in one transaction, and answers each after the commit.
///
/// While one batch commits, the next one fills. The commit runs on a queue of its own: a client that goes away rolls
/// back nobody. A batch that fails is tried again in halves, down to single ones, so that a bad request
/// fails alone.
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
    private let logger: Logger
    private let meter = EventMeter()
    private let state = Mutex(State())
    let queue = DispatchQueue(label: "nightbell.ingestion")
    private let answers = DispatchQueue(label: "nightbell.answers")

    public init(
        store: Store, wakeups: Wakeups, commits: CommitTimes = CommitTimes(), journal: IntakeJournal? = nil,
        logger: Logger
    ) {
        self.journal = journal
        self.commits = commits
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

    /// Notes when alerts were committed.
    ///
    /// - Returns: what came of those requests that were.
    func noted(_ results: [Result<Outcome, any Error>]) -> [Outcome] {
        let outcomes = results.compactMap { result in
            if case .success(let outcome) = result { outcome } else { nil }
        }
        let paged = outcomes.compactMap { $0.pagingDue == nil ? nil : $0.answer.alert }
        if !paged.isEmpty { commits.note(paged, at: store.clock.now) }
        return outcomes
    }

    /// Wakes whoever has something to do now.
    func announce(_ outcomes: [Outcome]) {
        // What is due later the loop sees by itself.
        let soon = store.clock.now + EscalationLoop.longestSleep
        if let due = outcomes.compactMap(\.pagingDue).min(), due <= soon { wakeups.escalation.signal() }
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
        /// When the escalation loop has something to do for it; `nil`: nothing.
        var pagingDue: Timestamp?
        /// Whether alert actions may have been set off.
        var hasActions: Bool
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
        let batch = batches.add(1, ordering: .relaxed).newValue
        do {
            return try write(requests, extraIDs: extraIDs, batch: batch)
        } catch let error as StorageError where error.isAway || (error == .full && journal != nil) {
            isStopped.store(journal != nil, ordering: .relaxed)
            throw Uncommitted(batch: batch, cause: error)
        }
    }

    private func write(_ requests: [IngestRequest], extraIDs: Int, batch: Int64) throws -> [Outcome] {
        // An alert takes its own id, one for its event and one for its line on the timeline.
        let needed = requests.reduce(extraIDs) {
            $0 + 4 + $1.events.count * 4 + $1.events.reduce(0) { $0 + $1.comments.count }
        }
        try store.ids.reserveBlocking(needed)
        let (ids, clock, channels) = (store.ids, store.clock, store.channels)
        return try store.database.writeBlocking { transaction in
            let change = Change(transaction: transaction, ids: ids, now: clock.now, channels: channels)
            if let journal {
                try IntakeJournals.committed(
                    batch: batch, of: journal.id, node: journal.node, at: change.now, in: transaction)
            }
            let keys = try KeyMemory(of: requests, in: transaction)
            return try requests.map { request in
                var intake = Intake(request, change: change, keys: keys)
                let answer = try intake.run()
                return Outcome(answer: answer, pagingDue: intake.pagingDue, hasActions: change.mayHaveSetOffActions)
            }
        }
    }
}

extension StorageError {
    fileprivate var isAway: Bool {
        if case .unavailable = self { true } else { false }
    }
}
