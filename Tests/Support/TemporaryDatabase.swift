import Alerting
import Foundation
public import Storage
public import StorageSQLite

/// A fresh, migrated database in a folder of its own, gone when this is.
public final class TemporaryDatabase: Sendable {
    public let folder: String
    public let database: SQLiteDatabase

    /// - Parameter inMemory: in the machine's memory where it has a file system for that; syncing costs nothing there.
    public init(inMemory: Bool = false) throws {
        let memory = URL(fileURLWithPath: "/dev/shm", isDirectory: true)
        let isUsable = inMemory && FileManager.default.isWritableFile(atPath: memory.path)
        let parent = isUsable ? memory : FileManager.default.temporaryDirectory
        let url = parent.appendingPathComponent("nightbell-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
        database = try SQLiteDatabase(path: url.appendingPathComponent("nightbell.sqlite").path)
        try database.migrate(at: Timestamp(milliseconds: 1_767_225_600_000))
    }

    deinit {
        // Only the folder: this may run on the database's own queue, on which `close` would wait for itself. The files
        // live on without a name until the database closes by itself; a folder that is gone already is right too.
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// Whoever holds it as a database holds its folder too.
extension TemporaryDatabase: Database {
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await database.write(body)
    }

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await database.read(body)
    }

    public func writeBlocking<Result: Sendable>(
        _ body: @Sendable (any Transaction) throws -> Result
    ) throws -> Result {
        try database.writeBlocking(body)
    }
}
