import Dispatch
import GRDBSQLite
import Storage
import Synchronization

/// Moves what the write-ahead log holds into the database's file, on a connection and a queue of its own.
///
/// SQLite would do it inside the commit that makes the log longer than a limit, and everybody who waits for that commit
/// would wait for it, too. Here a commit only does it when the log has grown far beyond what this queue keeps up with:
/// the log begins anew when all of it was moved and nobody wrote meanwhile, which under steady load never happens by
/// itself.
final class LogMover: Sendable {
    /// Pages of the log above which they are moved.
    static let usual = 2000
    /// Pages above which the writer moves the rest itself: 64 MB.
    static let most = 16_000

    private let queue = DispatchQueue(label: "nightbell.log", qos: .utility)
    private let isMoving = Atomic<Bool>(false)
    /// Not safe by itself: used on the queue only. `nil`: it was closed.
    nonisolated(unsafe) private var connection: OpaquePointer?

    /// - Throws: `StorageError` when the file cannot be opened.
    init(path: String) throws(StorageError) {
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &connection, flags, nil)
        guard code == SQLITE_OK else {
            let error = StorageError(
                code: code, message: String(cString: sqlite3_errstr(code)), doing: "open the database file \(path)")
            sqlite3_close_v2(connection)
            throw error
        }
    }

    /// Has every commit of `writer` told to this, which must live for as long as `writer` does.
    func listen(to writer: OpaquePointer) {
        _ = sqlite3_wal_hook(writer, committed, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Waits for what is under way and closes the connection.
    func close() {
        queue.sync {
            sqlite3_close_v2(connection)
            connection = nil
        }
    }

    /// - Parameter pages: how many the log has now.
    fileprivate func take(_ pages: Int, of writer: OpaquePointer?) {
        guard pages >= Self.usual else { return }
        // What fails here, because a reader is in the way or the disk is full, is tried again after the next commit.
        guard pages < Self.most else {
            sqlite3_wal_checkpoint_v2(writer, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
            return
        }
        guard !isMoving.exchange(true, ordering: .acquiring) else { return }
        queue.async { [self] in
            if let connection { sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil) }
            isMoving.store(false, ordering: .releasing)
        }
    }
}

/// SQLite has committed to the log.
private func committed(
    _ user: UnsafeMutableRawPointer?, _ writer: OpaquePointer?, _: UnsafePointer<CChar>?, _ pages: CInt
) -> CInt {
    if let user { Unmanaged<LogMover>.fromOpaque(user).takeUnretainedValue().take(Int(pages), of: writer) }
    return SQLITE_OK
}
