import Alerting
import Foundation
import Storage
import StorageSQLite

/// The folder that holds everything: the database, and the outbox when there is no mail server.
struct DataFolder {
    let path: String

    var databasePath: String { path + "/nightbell.db" }
    var outboxPath: String { path + "/outbox" }
    var journalPath: String { path + "/journal" }

    init(_ path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// Of the database's files together; `nil` when they cannot be seen.
    var databaseBytes: Int64? {
        let sizes = ["", "-wal", "-shm"].map { suffix -> Int64 in
            // A file that is not there has no size.
            let facts = try? FileManager.default.attributesOfItem(atPath: databasePath + suffix)
            return (facts?[.size] as? NSNumber)?.int64Value ?? 0
        }
        return sizes[0] > 0 ? sizes.reduce(0, +) : nil
    }

    /// Makes the folder for its owner only, unless it is there.
    func create() throws(Failure) {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else { throw Failure(.invalid, "The data folder \(path) is a file.") }
            return
        }
        do {
            let parent = URL(fileURLWithPath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        } catch {
            throw Failure(.unavailable, "The folder above \(path) cannot be made.", cause: "\(error)")
        }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Self.failure("make the data folder \(path)") }
    }

    /// Opens the database and makes or migrates it; blocks the calling thread.
    func openMigrated(at now: Timestamp) throws -> (database: SQLiteDatabase, migrations: [String]) {
        try create()
        let database = try SQLiteDatabase(path: databasePath)
        return (database, try database.migrate(at: now))
    }

    /// Opens the database as it is.
    ///
    /// - Throws: `Failure.notFound` when there is none.
    func openExisting() throws -> SQLiteDatabase {
        guard FileManager.default.fileExists(atPath: databasePath) else {
            throw Failure(.notFound, "There is no database in \(path); is --data-dir right?")
        }
        return try SQLiteDatabase(path: databasePath)
    }

    /// Makes this process the only server on the folder, until it ends.
    ///
    /// Every lease in the database then belongs to a process that is dead.
    func lock() throws(Failure) -> ServerLock {
        let file = path + "/nightbell.lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("open \(file)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let failure =
                errno == EWOULDBLOCK
                ? Failure(.conflict, "Another nightbell server is running on the data folder \(path).")
                : Self.failure("lock \(file)")
            close(descriptor)
            throw failure
        }
        return ServerLock(descriptor)
    }

    private static func failure(_ task: String) -> Failure {
        Failure(.unavailable, "Could not \(task): \(String(cString: strerror(errno))).")
    }
}

/// Held for as long as the process serves; the system lets go of it however the process ends.
final class ServerLock: Sendable {
    private let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
