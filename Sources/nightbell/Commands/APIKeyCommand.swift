import Alerting
import ArgumentParser
import Engine
import Storage

struct APIKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-key", abstract: "Keys for the REST API.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make a key for a user and print it, alone; it is not shown again.")

        @OptionGroup var data: DataOptions
        @Option(help: "The user's email address.") var user: String
        @Option(help: "What the key is for.") var name: String

        func run() async throws {
            try await Ending.inOneSentence {
                let driver = try StorageDriver.openExisting(data.configuration())
                let database = driver.database
                let store = Store(database: database, ids: BlockIDs(database: database), clock: SystemClock())
                let email = user
                let found = try await store.read { try Users.find(email: email, in: $0) }
                guard let found else { throw Failure(.notFound, "There is no user with the email address \(email).") }
                let (key, _) = try await APIKeyring(store: store).create(for: found.id, name: name, by: nil)
                try driver.close()
                Console.write(key)
            }
        }
    }
}
