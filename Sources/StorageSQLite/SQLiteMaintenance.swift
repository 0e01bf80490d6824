import Foundation
import GRDB
public import Storage

/// How much of the file `checkIntegrity` has looked at.
public enum IntegrityCheck: Equatable, Sendable {
    case wholeFile
    /// The file was too big for a start that should take seconds.
    case schemaOnly
}

extension SQLiteDatabase {
    /// Files up to this size are read as a whole at every start: about a second for each GB that is in the disk cache.
    public static let integrityCheckLimit: Int64 = 512 * 1024 * 1024

    /// Looks for damage; blocks the calling thread.
    ///
    /// SQLite can only check everything or one table, in a time that grows with the file. So a file over `limit` bytes
    /// only has its header and schema read; a backup is always checked as a whole, and finds
    /// at night what a start does not.
    ///
    /// - Throws: `StorageError.damaged` naming the first damage.
    public func checkIntegrity(limit: Int64 = integrityCheckLimit) throws(StorageError) -> IntegrityCheck {
        try StorageError.mapping(doing: "check the database") {
            try pool.read { connection in
                let pages = try Int64.fetchOne(connection, sql: "PRAGMA page_count") ?? 0
                let pageSize = try Int64.fetchOne(connection, sql: "PRAGMA page_size") ?? 0
                guard pages * pageSize > limit else {
                    try Self.check("quick_check", of: connection)
                    return .wholeFile
                }
                _ = try Int.fetchOne(connection, sql: "SELECT count(*) FROM sqlite_schema")
                return .schemaOnly
            }
        }
    }

    /// Writes a copy of one moment to a new file, mode 0600, while reading and writing go on.
    ///
    /// The copy is compacted, checked as a whole and synced to the disk before it appears at `path`; a crash leaves at
    /// most a `….partial-…` file beside it.
    ///
    /// - Throws: `StorageError`; `conflict` when there is a file at `path` already.
    public func backup(to path: String) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            // A reader's connection without a transaction: VACUUM brings its own.
            pool.asyncUnsafeRead { access in
                continuation.resume(
                    with: Result {
                        try StorageError.mapping(doing: "back up to \(path)") {
                            try Self.backup(try access.get(), to: path)
                        }
                    })
            }
        }
    }

    private static func backup(_ connection: GRDB.Database, to path: String) throws {
        let exists = StorageError.conflict(constraint: "There is a file at \(path) already.")
        guard !FileManager.default.fileExists(atPath: path) else { throw exists }
        let partial = "\(path).partial-\(UInt32.random(in: .min ... .max))"
        let file = open(partial, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw fileError("create \(partial)") }
        // Gone already when everything went well.
        defer { unlink(partial) }
        defer { Glibc.close(file) }

        try connection.execute(sql: "VACUUM INTO ?", arguments: [partial])
        var configuration = Configuration()
        configuration.readonly = true
        let copy = try DatabaseQueue(path: partial, configuration: configuration)
        try copy.inDatabase { try check("integrity_check", of: $0) }
        try copy.close()

        guard fsync(file) == 0 else { throw fileError("sync \(partial)") }
        // A link and not a renaming: it never replaces a file that appeared meanwhile.
        if link(partial, path) != 0 {
            guard errno != EEXIST else { throw exists }
            guard errno == EPERM || errno == EOPNOTSUPP, rename(partial, path) == 0 else {
                throw fileError("name \(path)")
            }
        }
        try syncFolder(of: path)
    }

    private static func check(_ pragma: String, of connection: GRDB.Database) throws {
        let findings = try String.fetchAll(connection, sql: "PRAGMA \(pragma)(10)")
        guard findings == ["ok"] else {
            throw StorageError.damaged(
                message: "The database file is damaged, restore a backup: \(findings.first ?? "no finding").")
        }
    }

    /// A new name is only safe once its folder is on the disk.
    private static func syncFolder(of path: String) throws {
        let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { throw fileError("open the folder of \(path)") }
        defer { Glibc.close(folder) }
        guard fsync(folder) == 0 else { throw fileError("sync the folder of \(path)") }
    }

    private static func fileError(_ task: String) -> StorageError {
        errno == ENOSPC ? .full : .failed(message: "Could not \(task): \(String(cString: strerror(errno))).")
    }
}
