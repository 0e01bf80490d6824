import GRDB
import GRDBSQLite
import Storage

extension StorageError {
    /// - Parameters:
    ///   - code: SQLite's extended result code.
    ///   - message: the database's own words.
    ///   - task: what was tried, as in "could not …".
    init(code: CInt, message: String, doing task: String) {
        let words = "Could not \(task): \(message) (SQLite \(code))."
        switch code & 0xff {
        case SQLITE_CONSTRAINT: self = .conflict(constraint: message)
        case SQLITE_FULL: self = .full
        case SQLITE_IOERR where Self.failedWrites.contains(code): self = .full
        case SQLITE_CORRUPT, SQLITE_NOTADB: self = .damaged(message: words)
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_INTERRUPT: self = .unavailable(message: words)
        default: self = .failed(message: words)
        }
    }

    /// An error of GRDB's, or a `StorageError` unchanged.
    init(_ error: any Error, doing task: String) {
        switch error {
        case let error as StorageError: self = error
        case let error as DatabaseError where error.resultCode == .SQLITE_MISUSE: self = .closed
        case let error as DatabaseError:
            self.init(code: error.extendedResultCode.rawValue, message: error.message ?? "no reason", doing: task)
        default: self = .failed(message: "Could not \(task): \(error).")
        }
    }

    /// GRDB answers "misuse" for a connection that is closed.
    static let closed = StorageError.unavailable(message: "The database is closed.")

    static func mapping<Result>(
        doing task: String, _ body: () throws -> Result
    ) throws(StorageError) -> Result {
        do {
            return try body()
        } catch {
            throw StorageError(error, doing: task)
        }
    }

    /// SQLITE_IOERR_WRITE, _FSYNC, _DIR_FSYNC, _TRUNCATE, _SHMOPEN, _SHMSIZE and _SHMMAP, which C builds with macros
    /// that Swift does not see: how a disk without room looks besides SQLITE_FULL.
    private static let failedWrites: Set<CInt> = Set([3, 4, 5, 6, 18, 19, 21].map { SQLITE_IOERR | $0 << 8 })
}
