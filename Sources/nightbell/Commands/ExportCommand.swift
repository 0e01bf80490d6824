import Alerting
import ArgumentParser
import Foundation
import Simulation
import Storage

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the configuration to a file, for simulate and check elsewhere.",
        discussion: """
            The file holds people's names, escalation policies, on-call schedules, support hours, maintenance windows \
            and alert sources with their rules. It holds no password, key or secret, and no addresses unless asked for.
            """)

    @OptionGroup var data: DataOptions
    @Flag(help: "Keep email addresses and phone numbers.") var withAddresses = false
    @Argument(help: "The new file; one that exists is overwritten.") var file: String

    func run() async throws {
        try await Ending.inOneSentence {
            let driver = try StorageDriver.openExisting(data.configuration())
            let place = try await TemporaryStage().open()
            defer { place.close() }
            let copy = try await driver.database.read { try ConfigurationCopy.read(columns: place.columns, in: $0) }
            try driver.close()
            let kept = withAddresses ? copy.withoutKeys() : copy.withoutAddresses()
            guard FileManager.default.createFile(atPath: file, contents: Data((kept.json.text + "\n").utf8)) else {
                throw Failure(.unavailable, "The file \(file) cannot be written.")
            }
            let rows = kept.tables.reduce(0) { $0 + $1.rows.count }
            Console.write("Exported \(rows) rows of \(kept.tables.count) tables to \(file).")
        }
    }
}
