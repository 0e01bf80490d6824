import CLibPQ
import Storage

/// What was sent to the server on one connection and is not answered yet.
///
/// Statements are sent without waiting; `collect` waits for all of them at once. The first that fails makes the server
/// pass over the others.
final class Pipeline {
    private enum Awaited {
        case statement(task: String, wantsRows: Bool)
        case preparation(PreparedStatement.Variant)
        /// The end of an earlier transaction, which nobody waits for any more.
        case forgotten
        case sync
    }

    let connection: Connection
    let statements = StatementCache()
    private var awaited: [Awaited] = []
    private let patience: Duration
    private var unflushed = 0
    /// The tag of the last statement that was answered, such as `COMMIT`.
    private(set) var lastTag = ""
    /// Statements that are handed to the network together while nobody waits.
    private static let flushEvery = 64

    init(_ connection: Connection, patience: Duration) throws(StorageError) {
        self.connection = connection
        self.patience = patience
        try connection.enterPipeline()
    }

    /// Sends a statement whose text holds no parameters.
    func send(_ sql: String, isForgotten: Bool = false) throws(StorageError) {
        try connection.send(sql)
        awaited.append(isForgotten ? .forgotten : .statement(task: sql, wantsRows: false))
    }

    /// The statement of a text. Another may make way for it: the server forgets that one after what was sent before.
    func statement(_ sql: String) throws(StorageError) -> PreparedStatement {
        try statements.statement(sql) { (names) throws(StorageError) in
            // In a transaction that fails the server keeps it; names are not used again.
            for name in names { try send("DEALLOCATE \(name)", isForgotten: true) }
        }
    }

    func send(_ statement: PreparedStatement, _ arguments: Arguments, wantsRows: Bool) throws(StorageError) {
        let values = try arguments.values(of: statement.numbered.names, in: statement.text)
        let variant = statement.variant(for: values, nextName: statements.nextName)
        if !variant.isPrepared { try prepare(variant, statement.numbered.sql) }
        try connection.send(prepared: variant.name, ParameterBuffer(values))
        try expect(statement.text, wantsRows: wantsRows)
    }

    /// Sends a statement with these rows.
    func send(_ statement: RowText, _ rows: ArraySlice<[SQLValue]>, wantsRows: Bool) throws(StorageError) {
        let variant = try statement.variant(for: rows, nextName: statements.nextName)
        if !variant.prepared.isPrepared { try prepare(variant.prepared, statement.sql(variant)) }
        try connection.send(
            prepared: variant.prepared.name, ParameterBuffer(columnsOf: rows, elements: variant.elements))
        try expect(statement.text, wantsRows: wantsRows)
    }

    private func prepare(_ variant: PreparedStatement.Variant, _ sql: String) throws(StorageError) {
        try connection.sendPrepare(variant.name, sql, types: variant.types)
        awaited.append(.preparation(variant))
        variant.isPrepared = true
    }

    private func expect(_ task: String, wantsRows: Bool) throws(StorageError) {
        awaited.append(.statement(task: task, wantsRows: wantsRows))
        unflushed += 1
        if unflushed >= Self.flushEvery { try flush() }
    }

    /// Ends what fails or succeeds together, and hands it to the network.
    func sync() throws(StorageError) {
        try connection.sync()
        awaited.append(.sync)
        try flush()
    }

    private func flush() throws(StorageError) {
        unflushed = 0
        try connection.flush(Deadline(patience))
    }

    /// Waits for everything that was sent, up to the last `sync`.
    ///
    /// - Returns: the rows of each statement that wanted them.
    /// - Throws: `ServerError` of the first statement that failed; `StorageError` when the connection is gone or a row
    ///   cannot be read.
    func collect() throws -> [[Row]] {
        let deadline = Deadline(patience)
        var rows: [[Row]] = []
        var failure: (any Error)?
        let items = awaited
        awaited = []
        for item in items {
            let result = try connection.nextResult(deadline)
            defer { PQclear(result) }
            switch (item, PQresultStatus(result)) {
            case (.sync, PGRES_PIPELINE_SYNC): continue
            case (.statement(_, let wantsRows), PGRES_TUPLES_OK):
                do {
                    if wantsRows, let result { rows.append(try ResultRows.rows(of: result)) }
                } catch {
                    failure = failure ?? error
                }
            case (.statement, PGRES_COMMAND_OK), (.preparation, PGRES_COMMAND_OK):
                lastTag = PQcmdStatus(result).map { String(cString: $0) } ?? ""
            case (.forgotten, _): break
            case (.preparation(let variant), let status):
                variant.isPrepared = false
                if status != PGRES_PIPELINE_ABORTED { failure = failure ?? ServerError(result) }
            case (.statement, PGRES_PIPELINE_ABORTED): break
            case (.statement(let task, _), PGRES_FATAL_ERROR):
                failure = failure ?? Failed(error: ServerError(result), task: task)
            default: throw connection.lost()
            }
            // A broken connection answers everything with an error and never with an end.
            if connection.isBroken { throw connection.lost() }
            while let more = try connection.nextResult(deadline) { PQclear(more) }
        }
        if let failure { throw failure }
        return rows
    }

    /// A statement that the server refused.
    struct Failed: Error {
        var error: ServerError
        var task: String
    }
}
