import Alerting
import ArgumentParser
import StorageSQLite

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write a consistent copy of the database, while the server runs or not.",
        discussion: """
            The copy is checked before it appears under its name. To restore it, stop the server, put the old \
            nightbell.db, nightbell.db-wal and nightbell.db-shm aside, and copy the file to nightbell.db.
            """)

    @OptionGroup var data: DataOptions
    @Argument(help: "The new file; one that exists is not overwritten.") var file: String

    func run() async throws {
        try await Ending.inOneSentence {
            let driver = try StorageDriver.openExisting(data.configuration())
            guard case .sqlite(let database, _) = driver else {
                throw Failure(
                    .invalid, "A PostgreSQL database is backed up by its own tools: pg_dump --format=custom URL > FILE."
                )
            }
            try await database.backup(to: file)
            try driver.close()
            Console.write("Backed up to \(file).")
        }
    }
}
