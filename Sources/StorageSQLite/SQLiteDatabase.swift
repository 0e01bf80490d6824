import Alerting
import Dispatch
import Foundation
import GRDB
import GRDBSQLite
public import Storage
import Synchronization

/// The database in one SQLite file: one writer, several readers that see snapshots and never wait for it.
///
/// A write is synced to the disk before it returns (`synchronous=FULL`, checked when the file is opened). `close` it
/// when done; a database that is merely forgotten closes a little later.
public final class SQLiteDatabase: Storage.Database {
    /// Connections for reading; more readers at a time wait for one.
    public static let readers = 4
    /// Bytes that the write-ahead log is cut to after a checkpoint, however long a transaction made it.
    static let logSizeLimit = 64 * 1024 * 1024
    /// KiB of pages that the writer keeps in memory, once it has needed them: index pages that it would read again.
    static let writerCache = 16 * 1024
    public let path: String
    let pool: DatabasePool
    let statements = ConnectionStatements()
    private let logKeeper: LogKeeper
    private let found = Mutex<String?>(nil)

    /// What a statement found wrong with the file since it was opened, in SQLite's words; `nil`: nothing.
    public var damage: String? { found.withLock { $0 } }

    /// Opens the file, or creates it with mode 0600; the folder must exist. Nothing is migrated.
    ///
    /// - Parameter busyTimeout: how long to wait for another process that writes.
    /// - Throws: `StorageError`.
    public init(path: String, busyTimeout: Duration = .seconds(5)) throws(StorageError) {
        self.path = path
        try Self.keepPrivate(path)
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration(busyTimeout: busyTimeout))
            let keeper = LogKeeper(path: path)
            logKeeper = keeper
            try pool.writeWithoutTransaction { database in
                // GRDB's pool sets NORMAL after everything that its configuration could say.
                try database.execute(
                    sql: """
                        PRAGMA synchronous = FULL;
                        PRAGMA cache_size = -\(Self.writerCache)
                        """)
                keeper.watch(database)
                try Self.checkDurability(of: database)
            }
        } catch {
            throw StorageError(error, doing: "open the database file \(path)")
        }
    }

    deinit {
        // Not here: the last reference may be dropped on a connection's own queue, which `close` waits for.
        DispatchQueue.global().async { [pool, statements, logKeeper] in
            // Nobody is left to tell; every committed transaction is on the disk already.
            try? Self.close(pool, statements, logKeeper)
        }
    }

    /// Runs on the writer's own queue and goes on when the caller's task is cancelled.
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { [self] connection in
                let result = Swift.Result { try Self.transact(on: connection, statements, body) }
                continuation.resume(with: noting(result))
            }
        }
    }

    public func writeBlocking<Result: Sendable>(
        _ body: @Sendable (any Transaction) throws -> Result
    ) throws -> Result {
        try noting(Swift.Result { try pool.writeWithoutTransaction { try Self.transact(on: $0, statements, body) } })
            .get()
    }

    /// The body sees one snapshot, however long it takes; a statement that writes is refused.
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncRead { [self] access in
                let result = Swift.Result {
                    let connection = try StorageError.mapping(doing: "read") { try access.get() }
                    return try body(SQLiteTransaction(connection, statements))
                }
                continuation.resume(with: noting(result))
            }
        }
    }

    /// `result`, whose error is remembered when it says that the file is damaged.
    private func noting<Result>(_ result: Swift.Result<Result, any Error>) -> Swift.Result<Result, any Error> {
        if case .failure(StorageError.damaged(let message)) = result { found.withLock { $0 = $0 ?? message } }
        return result
    }

    /// Waits for what is running and closes the file; whoever comes later gets `StorageError.unavailable`.
    public func close() throws(StorageError) {
        do {
            try Self.close(pool, statements, logKeeper)
        } catch {
            throw StorageError(error, doing: "close the database")
        }
    }

    /// One durable transaction: the body's error passes through unchanged, ours become a `StorageError`.
    static func transact<Result>(
        on connection: GRDB.Database, _ statements: ConnectionStatements,
        _ body: (any Transaction) throws -> Result
    ) throws -> Result {
        let transaction = try SQLiteTransaction(connection, statements)
        var outcome: Swift.Result<Result, any Error>?
        do {
            try connection.inTransaction(.immediate) {
                let result = Swift.Result { try body(transaction) }
                outcome = result
                if case .success = result { return .commit }
                return .rollback
            }
        } catch {
            // A body that failed explains more than a rollback that failed after it.
            if case .failure(let cause) = outcome { throw cause }
            throw StorageError(error, doing: outcome == nil ? "begin a transaction" : "commit")
        }
        guard let outcome else { preconditionFailure("a transaction that ran no body") }
        return try outcome.get()
    }

    private static func close(
        _ pool: DatabasePool, _ statements: ConnectionStatements, _ logKeeper: LogKeeper
    ) throws {
        guard !statements.isClosed else { return }
        logKeeper.close()
        // The barrier waits for all readers and holds the writer, so nobody is using a statement.
        try pool.barrierWriteWithoutTransaction { connection in
            statements.close()
            logKeeper.forget(connection)
            // A reader that is let go of late would be the last to close, and cannot empty the log. Another process
            // that reads holds it up, too: then it stays, and whoever opens the file next reads it.
            _ = try? connection.checkpoint(.truncate)
        }
        // The writer must be the last to close: only then does SQLite move the log into the file and remove it.
        pool.invalidateReadOnlyConnections()
        try pool.close()
    }

    private static func configuration(busyTimeout: Duration) -> Configuration {
        var configuration = Configuration()
        configuration.label = "nightbell"
        configuration.busyMode = .timeout(Double(busyTimeout.wholeMilliseconds) / 1000)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = readers
        configuration.prepareDatabase { database in
            try database.execute(
                sql: "PRAGMA journal_size_limit = \(logSizeLimit); PRAGMA trusted_schema = OFF")
        }
        return configuration
    }

    /// - Throws: `StorageError.failed` when a committed transaction could be lost by a power cut.
    private static func checkDurability(of database: GRDB.Database) throws {
        let journal = try String.fetchOne(database, sql: "PRAGMA journal_mode")
        let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
        let foreignKeys = try Int.fetchOne(database, sql: "PRAGMA foreign_keys")
        guard journal == "wal", synchronous == 2, foreignKeys == 1 else {
            throw StorageError.failed(
                message: "SQLite refused write-ahead logging, full synchronisation or foreign keys.")
        }
    }

    /// Creates a missing file for its owner only, and takes others' rights on an existing one away; SQLite gives the
    /// log files beside it the same mode.
    private static func keepPrivate(_ path: String) throws(StorageError) {
        let file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if file >= 0 {
            Glibc.close(file)
            return
        }
        // Never opened here when it exists: closing it would drop the locks of this process on it.
        guard errno == EEXIST, chmod(path, 0o600) == 0 else {
            throw .failed(message: "Could not open the database file \(path): \(String(cString: strerror(errno))).")
        }
    }
}
