import Alerting
import Engine
import Foundation
import Simulation
import Storage
import StorageSQLite

/// A new database in a folder of its own for each rehearsal; the folder goes with it.
struct TemporaryStage: RehearsalStage {
    func open() async throws -> RehearsalPlace {
        let path = NSTemporaryDirectory() + "nightbell-rehearsal-\(UUID().uuidString)"
        let folder = DataFolder(path)
        try folder.create()
        do {
            let (database, _) = try folder.openMigrated(at: SystemClock().now)
            let columns = try await database.columns(of: ConfigurationCopy.names)
            return RehearsalPlace(disk: database, columns: columns) {
                // What cannot be removed is the system's to remove; nobody reads it again.
                try? database.close()
                // The same.
                try? FileManager.default.removeItem(atPath: path)
            }
        } catch {
            // The error of opening is what is told.
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }
}
