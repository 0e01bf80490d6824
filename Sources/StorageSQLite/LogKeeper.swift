import Dispatch
import GRDB
import GRDBSQLite
import Synchronization

/// Moves what was committed from the write-ahead log into the file, on a connection of its own: no commit waits for it.
///
/// SQLite by itself lets the one commit do it that finds the log full, with all that wait behind it. Under a load that
/// never pauses the log is always ahead and could not start anew; then, when a long log has just been moved, a commit
/// moves the little that came meanwhile.
final class LogKeeper: Sendable {
    /// New pages in the log after which they are moved: many changes of one page are moved once.
    static let tidyAfter = 2000
    /// Pages in the log from which on a commit moves what is left, so that it starts anew; with pages of 4 KiB 57 MB.
    static let fullAfter = 14_000
    /// Pages at which a commit moves them, however many are left: moving does not keep up.
    static let mostAfter = 2 * fullAfter

    private struct State {
        var isRunning = false
        var isClosed = false
        /// How long the log was when it was last moved.
        var moved = 0

        /// What is to be done now that the log has so many pages.
        mutating func step(pages: Int) -> Step {
            // A log that started anew is shorter than it was.
            if pages < moved { moved = 0 }
            guard pages < LogKeeper.mostAfter else { return .finish }
            guard !isRunning, !isClosed else { return .rest }
            if moved >= LogKeeper.fullAfter { return .finish }
            guard pages - moved >= LogKeeper.tidyAfter || pages >= LogKeeper.fullAfter else { return .rest }
            isRunning = true
            moved = pages
            return .move
        }
    }

    private let path: String
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "nightbell.log-keeper", qos: .utility)

    init(path: String) {
        self.path = path
    }

    /// Looks at the log after each commit of `connection`, which must not outlive this.
    func watch(_ connection: GRDB.Database) {
        sqlite3_wal_hook(
            connection.sqliteConnection,
            { keeper, connection, _, pages in
                guard let keeper else { return SQLITE_OK }
                Unmanaged<LogKeeper>.fromOpaque(keeper).takeUnretainedValue().committed(connection, pages: Int(pages))
                // The transaction is committed, whatever became of the log.
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func forget(_ connection: GRDB.Database) {
        sqlite3_wal_hook(connection.sqliteConnection, nil, nil)
    }

    /// Returns when nothing is being moved any more, and nothing will be.
    func close() {
        state.withLock { $0.isClosed = true }
        queue.sync {}
    }

    private enum Step { case rest, move, finish }

    private func committed(_ connection: OpaquePointer?, pages: Int) {
        switch state.withLock({ $0.step(pages: pages) }) {
        case .rest: return
        case .finish: sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        case .move:
            queue.async {
                self.tidy()
                self.state.withLock { $0.isRunning = false }
            }
        }
    }

    /// What fails here is tried again when the log has grown as much again, and in the end by the commit.
    private func tidy() {
        guard !state.withLock({ $0.isClosed }) else { return }
        do {
            // Opened for this once: a connection that waits costs more memory than opening it takes time.
            let file = try DatabaseQueue(path: path)
            // Nothing is open in it that could keep it from closing.
            defer { try? file.close() }
            try file.writeWithoutTransaction { connection in
                // Only a connection that has read knows that there is a log.
                try connection.execute(sql: "PRAGMA synchronous = FULL; SELECT count(*) FROM sqlite_schema")
                try connection.checkpoint(.passive)
                Self.sync(connection)
            }
        } catch {}
    }

    /// SQLite syncs the file only when all of the log was moved, which is never while commits go on: the one that
    /// moves the rest would wait until everything that was moved before is on the disk, too.
    private static func sync(_ connection: GRDB.Database) {
        var file: UnsafeMutablePointer<sqlite3_file>?
        sqlite3_file_control(connection.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
        // What fails here is done again, and heard of, when the rest is moved.
        _ = file?.pointee.pMethods?.pointee.xSync?(file, SQLITE_SYNC_NORMAL)
    }
}
