import Storage

/// The transaction that is open on one connection. Statements whose rows nobody needs are sent and not waited for.
final class PostgresTransaction: Transaction {
    enum Kind {
        case write, read

        /// A snapshot either way, so that what a body read still holds where it writes; what two writers change at
        /// once is refused to the second, which begins again (decision 45).
        var beginning: String {
            switch self {
            case .write: "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE"
            case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            }
        }
    }

    /// What a failure means for whoever runs the transaction.
    enum Verdict {
        /// The same would fail again.
        case final
        /// Somebody else was first; beginning again helps.
        case collision
        /// Only a new connection helps.
        case connection
    }

    private let pipeline: Pipeline
    private let kind: Kind
    private var rows = WaitingRows()
    private var failure: StorageError?
    private(set) var verdict = Verdict.final
    /// Whether the commit was sent: what became of it is then unknown when the connection breaks.
    private(set) var isEnding = false

    init(_ kind: Kind, on pipeline: Pipeline) throws(StorageError) {
        self.kind = kind
        self.pipeline = pipeline
        try pipeline.send(kind.beginning)
    }

    func query(_ sql: String, _ arguments: Arguments) throws(StorageError) -> [Row] {
        try refuseAfterFailure()
        return try noting("run \"\(sql)\"") {
            try send(sql, arguments, wantsRows: true)
            try pipeline.sync()
            return try pipeline.collect().first ?? []
        }
    }

    func query(_ questions: [Question]) throws(StorageError) -> [[Row]] {
        let asked = questions.filter { !$0.isEmpty }
        guard !asked.isEmpty else { return questions.map { _ in [] } }
        try refuseAfterFailure()
        return try noting("run \(asked.count) queries") {
            for question in asked {
                switch question {
                case .statement(let sql, let arguments): try send(sql, arguments, wantsRows: true)
                case .lookUp(let lookUp, let things): try send(lookUp, things)
                }
            }
            try pipeline.sync()
            var answers = try pipeline.collect()[...]
            return questions.map { $0.isEmpty ? [] : answers.popFirst() ?? [] }
        }
    }

    func execute(_ sql: String, _ arguments: Arguments) throws(StorageError) {
        try refuseAfterFailure()
        try noting("run \"\(sql)\"") { try send(sql, arguments, wantsRows: false) }
    }

    private func send(_ lookUp: LookUp, _ things: [[SQLValue]]) throws(StorageError) {
        let (text, concerned) = try pipeline.statements.lookUp(lookUp)
        try sendWaitingRows(for: concerned)
        try pipeline.send(text, things[...], wantsRows: true)
    }

    private func send(_ sql: String, _ arguments: Arguments, wantsRows: Bool) throws(StorageError) {
        let statement = try pipeline.statement(sql)
        try sendWaitingRows(for: statement.concerned)
        try pipeline.send(statement, arguments, wantsRows: wantsRows)
    }

    func gather(_ statement: GatheredStatement, _ arguments: Arguments) throws(StorageError) {
        try refuseAfterFailure()
        try noting("run \"\(statement.together)\"") {
            let rowStatement = try pipeline.statements.rows(statement)
            let values = try arguments.values(of: rowStatement.names, in: statement.together)
            if rows.add(values, of: rowStatement) { return }
            try sendWaitingRows()
            _ = rows.add(values, of: rowStatement)
        }
    }

    private func sendWaitingRows(for concerned: Set<GatheredRows>) throws(StorageError) {
        if let last = rows.last(of: concerned) { try sendWaitingRows(upTo: last) }
    }

    /// - Parameter last: what nothing of the question refers to goes on waiting.
    private func sendWaitingRows(upTo last: GatheredRows = .events) throws(StorageError) {
        guard !rows.isEmpty else { return }
        for (statement, rows) in rows.take(upTo: last) {
            var rest = rows[...]
            while !rest.isEmpty {
                try pipeline.send(statement.text, rest.prefix(RowStatement.most), wantsRows: false)
                rest = rest.dropFirst(RowStatement.most)
            }
        }
    }

    /// Runs statements without parameters, such as a migration's.
    func run(script: String, patience: Duration) throws(StorageError) {
        try refuseAfterFailure()
        try noting("run a script") {
            try sendWaitingRows()
            try pipeline.sync()
            _ = try pipeline.collect()
            try pipeline.connection.exitPipeline()
            let outcome = Swift.Result { try pipeline.connection.run(script: script, patience: patience) }
            try pipeline.connection.enterPipeline()
            _ = try outcome.get()
        }
    }

    /// - Throws: `StorageError`, also for a statement of before whose rows nobody waited for.
    func commit() throws(StorageError) {
        try refuseAfterFailure()
        try noting("commit") {
            try sendWaitingRows()
            isEnding = true
            guard kind == .write else {
                // Nothing can be lost with it: the next transaction reads the answer.
                try pipeline.send("COMMIT", isForgotten: true)
                return try pipeline.sync()
            }
            try pipeline.send("COMMIT")
            try pipeline.sync()
            _ = try pipeline.collect()
            guard pipeline.lastTag == "COMMIT" else { throw StorageError.failed(message: "Nothing was committed.") }
        }
    }

    /// - Throws: `StorageError` when the connection is of no use any more.
    func rollback() throws(StorageError) {
        do {
            try pipeline.sync()
            // What failed before is known already.
            _ = try? pipeline.collect()
            guard !pipeline.connection.isBroken else { throw pipeline.connection.lost() }
            try pipeline.send("ROLLBACK")
            try pipeline.sync()
            _ = try pipeline.collect()
        } catch let error as StorageError {
            throw error
        } catch {
            throw .unavailable(message: "A transaction could not be rolled back.")
        }
    }

    /// A failed statement ends the transaction, whatever a body makes of the error.
    private func refuseAfterFailure() throws(StorageError) {
        if let failure { throw failure }
    }

    private func noting<Result>(
        _ task: @autoclosure () -> String, _ body: () throws -> Result
    ) throws(StorageError) -> Result {
        do {
            return try body()
        } catch let failed as Pipeline.Failed {
            throw note(failed.error, doing: failed.task == "COMMIT" ? "commit" : "run \"\(failed.task)\"")
        } catch let error as ServerError {
            throw note(error, doing: task())
        } catch let error as StorageError {
            failure = error
            if case .unavailable = error { verdict = .connection }
            throw error
        } catch {
            let error = StorageError.failed(message: "Could not \(task()): \(error).")
            failure = error
            throw error
        }
    }

    private func note(_ error: ServerError, doing task: String) -> StorageError {
        let words = error.error(doing: task)
        failure = words
        if error.isCollision { verdict = .collision }
        if error.isStale || error.endsConnection { verdict = .connection }
        return words
    }
}

extension Question {
    /// Whether it is about nothing.
    fileprivate var isEmpty: Bool {
        if case .lookUp(_, let things) = self { things.isEmpty } else { false }
    }
}
