import Storage

/// One connection over time: made when it is needed, given up when it is broken. Used by one thread at a time, which
/// its lane sees to.
final class Session: @unchecked Sendable {
    private let address: PostgresAddress
    private let patience: Duration
    private let backOff: BackOff
    private let planning: Connection.Planning
    private var pipeline: Pipeline?

    /// How often a transaction that met another is begun again.
    private static let attempts = 12
    /// From this attempt on those who begin again wait for each other, so that the longest of them gets through, too.
    private static let patientAttempt = 2
    /// Names our own lock among the server's.
    static let gate = "pg_advisory_lock(hashtext('nightbell.collisions'))"
    static let gateEnd = "pg_advisory_unlock(hashtext('nightbell.collisions'))"

    init(_ address: PostgresAddress, patience: Duration, backOff: BackOff, planning: Connection.Planning) {
        self.address = address
        self.planning = planning
        self.patience = patience
        self.backOff = backOff
    }

    /// One transaction: durable when this returns, without a trace when it throws; but see `unavailable`: a connection
    /// that breaks while a commit is under way leaves open which.
    ///
    /// The body may run several times: when two transactions changed the same at once, and when an idle connection
    /// turns out to be dead.
    func transact<Result>(
        _ kind: PostgresTransaction.Kind, _ body: (PostgresTransaction) throws -> Result
    ) throws -> Result {
        var attempt = 0
        while true {
            let isFresh = pipeline == nil
            let pipeline = try open()
            let isGated = attempt >= Self.patientAttempt
            if isGated { try call(Self.gate, on: pipeline) }
            var transaction: PostgresTransaction?
            do {
                let begun = try PostgresTransaction(kind, on: pipeline)
                transaction = begun
                let result = try body(begun)
                try begun.commit()
                if isGated { leaveGate(pipeline) }
                return result
            } catch {
                attempt += 1
                let again = recover(transaction, isFresh: isFresh, isGated: isGated)
                guard again, attempt < Self.attempts else { throw error }
                if attempt > 1 { Pause.random(upTo: .milliseconds(4 << min(attempt, 5))) }
            }
        }
    }

    /// Ends the connection; the next transaction makes another.
    func close() {
        pipeline = nil
    }

    /// Puts the connection into order after a failure.
    ///
    /// - Returns: whether to begin again.
    private func recover(_ transaction: PostgresTransaction?, isFresh: Bool, isGated: Bool) -> Bool {
        guard let transaction, let pipeline else {
            close()
            return !isFresh
        }
        switch transaction.verdict {
        case .connection:
            close()
            // Without a commit under way the server rolls back what it had.
            return !isFresh && !transaction.isEnding
        case .final, .collision:
            do {
                try transaction.rollback()
                if isGated { leaveGate(pipeline) }
            } catch {
                // The server rolls back what a lost connection leaves.
                close()
            }
            return transaction.verdict == .collision
        }
    }

    private func open() throws(StorageError) -> Pipeline {
        if let pipeline, pipeline.connection.isAlive { return pipeline }
        pipeline = nil
        try backOff.check()
        do throws(StorageError) {
            let opened = try Pipeline(
                Connection(address, patience: patience, planning: planning), patience: patience)
            pipeline = opened
            backOff.succeeded()
            return opened
        } catch {
            backOff.failed(error)
            throw error
        }
    }

    /// The lock also ends with its connection.
    private func leaveGate(_ pipeline: Pipeline) {
        do {
            try call(Self.gateEnd, on: pipeline)
        } catch {
            close()
        }
    }

    private func call(_ function: String, on pipeline: Pipeline) throws {
        do {
            try pipeline.send("SELECT CAST(\(function) AS TEXT)")
            try pipeline.sync()
            _ = try pipeline.collect()
        } catch {
            close()
            throw StorageError.unavailable(message: "The database did not let a waiting transaction through.")
        }
    }
}
