import ArgumentParser
import Engine

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database to this version's form; serve does it by itself.")

    @OptionGroup var data: DataOptions

    func run() async throws {
        try await Ending.inOneSentence {
            let (driver, migrations) = try StorageDriver.openMigrated(data.configuration(), at: SystemClock().now)
            try driver.close()
            Console.write(
                migrations.isEmpty
                    ? "The database is up to date." : "Applied: \(migrations.joined(separator: ", ")).")
        }
    }
}
