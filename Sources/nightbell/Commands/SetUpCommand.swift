import Alerting
import ArgumentParser
import Engine
import Foundation
import Storage

struct SetUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup", abstract: "Make the account and its owner; refused once there is one.")

    @OptionGroup var data: DataOptions
    @Option(help: "The owner's email address, for signing in and for pages.") var email: String
    @Option(help: "The owner's first name.") var firstName: String
    @Option(help: "The owner's last name.") var lastName: String
    @Option(help: "An IANA name such as Europe/Berlin.") var timeZone = "Europe/Berlin"
    @Option(help: "en or de.") var language = "en"
    @Option(help: "The organisation's name; default: the domain of the email address.") var accountName: String?
    @Flag(help: "Read the password from standard input (its first line); there is no other way.")
    var passwordStdin = false

    func validate() throws {
        guard passwordStdin else {
            throw ValidationError("Say --password-stdin and give the password on standard input.")
        }
    }

    func run() async throws {
        try await Ending.inOneSentence {
            let owner = SetUp.Owner(
                firstName: firstName, lastName: lastName, email: email, password: try Self.password(),
                timeZone: timeZone, language: language, accountName: accountName)
            let clock = SystemClock()
            let (driver, _) = try StorageDriver.openMigrated(data.configuration(), at: clock.now)
            let database = driver.database
            let store = Store(database: database, ids: BlockIDs(database: database), clock: clock)
            let user = try await SetUp(store: store, passwords: Passwords()).setUp(owner)
            try driver.close()
            Console.write("\(user.fullName) <\(user.email)> is the owner and can sign in.")
        }
    }

    private static func password() throws(Failure) -> String {
        let line = Console.readInput(limit: 4096).prefix { $0 != 10 && $0 != 13 }
        guard let text = String(validating: line, as: UTF8.self), !text.isEmpty else {
            throw Failure(.invalid, "There is no password on standard input, or it is not UTF-8.")
        }
        return text
    }
}
