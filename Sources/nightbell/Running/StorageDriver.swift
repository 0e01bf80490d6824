import Alerting
import Foundation
import Logging
import Storage
import StoragePostgres
import StorageSQLite

/// The database behind a command: a file in the data folder, or a PostgreSQL server. Nobody else knows which.
enum StorageDriver: Sendable {
    case sqlite(SQLiteDatabase, DataFolder)
    case postgres(PostgresDatabase)

    /// Opens the database that the settings name, and makes or migrates it; blocks the calling thread.
    ///
    /// - Throws: `MigrationError`, `StorageError`, `Failure`.
    static func openMigrated(
        _ configuration: ServerConfiguration, at now: Timestamp
    ) throws -> (driver: StorageDriver, migrations: [String]) {
        let folder = DataFolder(configuration.dataDir)
        guard let address = configuration.database else {
            let (database, migrations) = try folder.openMigrated(at: now)
            return (.sqlite(database, folder), migrations)
        }
        let database = PostgresDatabase(address)
        let migrations = try database.migrate(at: now)
        guard configuration.journalLimit > 0 else { return (.postgres(database), migrations) }
        database.close()
        // What it does not take in time is safe in the journal.
        return (.postgres(PostgresDatabase(address, intakePatience: .seconds(5))), migrations)
    }

    /// Opens the database as it is.
    ///
    /// - Throws: `Failure.notFound` when there is none.
    static func openExisting(_ configuration: ServerConfiguration) throws -> StorageDriver {
        guard let address = configuration.database else {
            let folder = DataFolder(configuration.dataDir)
            return .sqlite(try folder.openExisting(), folder)
        }
        return .postgres(PostgresDatabase(address))
    }

    var database: any Database {
        switch self {
        case .sqlite(let database, _): database
        case .postgres(let database): database
        }
    }

    /// The same, for what moves everything that is in it.
    var described: any DescribedDatabase {
        switch self {
        case .sqlite(let database, _): database
        case .postgres(let database): database
        }
    }

    /// Whether other nodes may work on the same database.
    var isShared: Bool {
        switch self {
        case .sqlite: false
        case .postgres: true
        }
    }

    /// The way to the other nodes; `nil`: there are none.
    func signals() -> (any NodeSignals)? {
        switch self {
        case .sqlite: nil
        case .postgres(let database): PostgresSignals(database.address)
        }
    }

    /// Of the database's files together; `nil`: not on this machine, or not to be seen.
    var bytes: Int64? {
        switch self {
        case .sqlite(_, let folder): folder.databaseBytes
        case .postgres: nil
        }
    }

    /// What is wrong with the database's file, in a sentence; `nil`: nothing that anybody came across.
    var damage: String? {
        switch self {
        case .sqlite(let database, _): database.damage
        case .postgres: nil
        }
    }

    /// Looks for damage where that is ours to find.
    func check(_ logger: Logger) throws {
        switch self {
        case .sqlite(let database, _):
            let check = try database.checkIntegrity()
            logger.debug("database checked", metadata: ["extent": "\(check)"])
        case .postgres(let database):
            logger.info("database connected", metadata: ["address": "\(database.address)"])
        }
    }

    /// Blocks until what is under way has ended.
    func close() throws {
        switch self {
        case .sqlite(let database, _): try database.close()
        case .postgres(let database): database.close()
        }
    }
}
