public import Simulation
import Storage
import StorageSQLite

/// A temporary SQLite database for each rehearsal, whatever the configuration comes from.
public struct RehearsalRoom: RehearsalStage {
    public init() {}

    public func open() async throws -> RehearsalPlace {
        let temporary = try TemporaryDatabase(inMemory: true, kind: .sqlite)
        let columns = try await temporary.sqlite.columns(of: ConfigurationCopy.names)
        return RehearsalPlace(disk: temporary, columns: columns) {}
    }
}
