import Alerting
import Foundation
public import StorageSQLite

/// A fresh, migrated database in a folder of its own, gone when this is.
public final class TemporaryDatabase: Sendable {
    public let folder: String
    public let database: SQLiteDatabase

    public init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("nightbell-\(UUID().uuidString)")
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
