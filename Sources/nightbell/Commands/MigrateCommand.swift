import ArgumentParser
import Engine
import StorageSQLite

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database to this version's form; serve does it by itself.")

    @OptionGroup var data: DataOptions

    func run() async throws {
        try await Ending.inOneSentence {
            let (database, migrations) = try DataFolder(data.configuration().dataDir)
                .openMigrated(at: SystemClock().now)
            try database.close()
            Console.write(
                migrations.isEmpty
                    ? "The database is up to date." : "Applied: \(migrations.joined(separator: ", ")).")
        }
    }
}
