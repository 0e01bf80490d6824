import Alerting
import Dispatch
import Storage
import Synchronization

extension Ingestion {
    /// Requests that the database did not take, as a whole; whether their batch was committed all the same is known
    /// once it answers again.
    struct Uncommitted: Error, CustomStringConvertible {
        var batch: Int64
        var cause: StorageError
        var description: String { "\(cause)" }
    }

    /// Commits the requests, or keeps those in the journal that the database does not take now. What comes while the
    /// journal is not empty goes behind it: one key's events keep their order.
    func keep(_ requests: [IngestRequest]) -> [Result<Outcome, any Error>] {
        guard let journal else { return commit(requests) }
        guard journal.waiting == 0 else {
            let results = journalled(requests.map { ($0, 0) }, in: journal)
            if !journal.isDatabaseAway { replaySome() }
            return results
        }
        isStopped.store(false, ordering: .relaxed)
        var results = commit(requests)
        var left: [(index: Int, batch: Int64)] = []
        for (index, result) in results.enumerated() {
            guard case .failure(let error) = result, let uncommitted = error as? Uncommitted else { continue }
            left.append((index, uncommitted.batch))
        }
        guard !left.isEmpty else { return results }
        journal.note(isDatabaseAway: true)
        let kept = journalled(left.map { (requests[$0.index], $0.batch) }, in: journal)
        for (place, result) in zip(left, kept) { results[place.index] = result }
        return results
    }

    private func journalled(
        _ requests: [(request: IngestRequest, batch: Int64)], in journal: IntakeJournal
    ) -> [Result<Outcome, any Error>] {
        do throws(Failure) {
            try journal.append(requests)
            return requests.map { request, _ in
                let key = request.prepared.first?.key?.text
                return .success(Outcome(answer: IngestAnswer(alertKey: key, reason: .journaled)))
            }
        } catch {
            return requests.map { _ in .failure(error) }
        }
    }

    /// Brings the next requests of the journal into the database; returns when that is done.
    ///
    /// - Returns: whether there may be more, and the database took these.
    func replay() async -> Bool {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.replaySome()) }
        }
    }

    /// On the ingestion's own queue.
    @discardableResult
    private func replaySome() -> Bool {
        guard let journal, let chunk = journal.next(Limits.ingestBatch) else { return false }
        do {
            try replay(chunk.records[...], of: chunk.id, in: journal)
            journal.settle(chunk)
            journal.note(isDatabaseAway: false)
            return true
        } catch {
            journal.note(isDatabaseAway: true)
            return false
        }
    }

    /// - Throws: `StorageError` of a database that takes nothing; what was committed before is noted there.
    private func replay(
        _ records: ArraySlice<JournalRecord>, of id: String, in journal: IntakeJournal
    ) throws(StorageError) {
        guard let last = records.last else { return }
        do {
            let extraIDs = records.count == 1 ? Store.manyIDs : 0
            announce(noted(try replayOnce(records, of: id, in: journal, extraIDs: extraIDs)))
        } catch let error as StorageError where error.concernsAll {
            throw error
        } catch {
            guard records.count == 1 else {
                let middle = records.startIndex + records.count / 2
                try replay(records[..<middle], of: id, in: journal)
                return try replay(records[middle...], of: id, in: journal)
            }
            journal.setAside(last, of: id, because: error)
        }
    }

    private func replayOnce(
        _ records: ArraySlice<JournalRecord>, of id: String, in journal: IntakeJournal, extraIDs: Int
    ) throws -> [Result<Outcome, any Error>] {
        try store.ids.reserveBlocking(records.count * 16 + extraIDs)
        return try store.database.writeBlocking { transaction in
            let done = try IntakeJournals.position(of: id, in: transaction)
            let change = store.change(in: transaction)
            var sources: [AlertSource.ID: SourceEntry] = [:]
            var outcomes: [Result<Outcome, any Error>] = []
            for record in records where !done.covers(record) {
                let found =
                    try sources[record.source]
                    ?? AlertSourceDirectory.entry(for: record.source, in: transaction)
                // Deleted meanwhile, and its alerts and events with it.
                guard let source = found else { continue }
                sources[record.source] = source
                var intake = Intake(IngestRequest(record, source: source), change: change)
                let answer = try intake.run()
                outcomes.append(
                    .success(Outcome(answer: answer, intake, hasActions: change.mayHaveSetOffActions)))
            }
            if let last = records.last {
                try IntakeJournals.replayed(
                    upTo: last.sequence, of: id, node: journal.node, at: change.now, in: transaction)
            }
            return outcomes
        }
    }
}

extension IntakeJournals.Position {
    /// Whether a request of the journal is in the database already.
    func covers(_ record: JournalRecord) -> Bool {
        record.sequence <= replayed || (record.batch > 0 && record.batch <= committedBatch)
    }
}
