import GRDB
import GRDBSQLite
import Storage

/// The transaction that is open on one connection, on that connection's queue.
///
/// Steps SQLite's statements itself: GRDB's arguments and rows would cost a third of a small transaction.
struct SQLiteTransaction: Transaction {
    private let connection: OpaquePointer
    private let statements: StatementCache

    /// - Throws: `StorageError.unavailable` when the database is closed.
    init(_ database: GRDB.Database, _ statements: ConnectionStatements) throws(StorageError) {
        guard let connection = database.sqliteConnection else { throw .closed }
        self.connection = connection
        self.statements = try statements.cache(of: connection)
    }

    func query(_ sql: String, _ arguments: Arguments) throws(StorageError) -> [Storage.Row] {
        try statement(sql).rows(arguments)
    }

    func execute(_ sql: String, _ arguments: Arguments) throws(StorageError) {
        try statement(sql).run(arguments)
    }

    private func statement(_ sql: String) throws(StorageError) -> PreparedStatement {
        // SQLite rolls some errors back by itself; what a body does after catching one must not commit on its own.
        guard sqlite3_get_autocommit(connection) == 0 else {
            throw .failed(message: "The transaction was rolled back by an earlier error.")
        }
        return try statements.statement(sql, on: connection)
    }
}
