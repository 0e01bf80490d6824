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
            let database = try DataFolder(data.configuration().dataDir).openExisting()
            try await database.backup(to: file)
            try database.close()
            Console.write("Backed up to \(file).")
        }
    }
}
