import Alerting
import ArgumentParser
import Engine
import Foundation
import Storage
import StoragePostgres
import Synchronization

struct CopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "Move everything to another database: SQLite to PostgreSQL, or back.",
        discussion: """
            A database is sqlite:FOLDER (a data folder), postgres://…, or the word postgres for the one that \
            NIGHTBELL_DATABASE_URL names, so that its password is not on the command line. Stop all servers on both \
            first. The target must be empty; it is made and migrated. Broken off, the same command goes on where it \
            was. In the end both sides are read and compared.
            """)

    @Option(help: "sqlite:FOLDER, postgres://… or postgres.") var from: String
    @Option(help: "sqlite:FOLDER, postgres://… or postgres.") var to: String

    func run() async throws {
        try await Ending.inOneSentence {
            let clock = SystemClock()
            let origin = try Place(from)
            let destination = try Place(to)
            let (source, sourceLock) = try origin.openExisting()
            let (target, targetLock) = try destination.openMigrated(at: clock.now)
            let progress = ProgressLines()
            let copy = DatabaseCopy(from: source.described, to: target.described) { progress.tell($0) }
            let summary = try await copy.run(at: clock.now)
            if case .postgres(let database) = target {
                try PostgresDatabase.run(script: "ANALYZE", at: database.address, patience: .seconds(3600))
            }
            try source.close()
            try target.close()
            withExtendedLifetime((sourceLock, targetLock)) {}
            let resumed = summary.resumed > 0 ? ", \(summary.resumed) of them by an earlier run" : ""
            Console.write(
                """
                Copied and compared: \(summary.tables) tables, \(summary.rows) rows\(resumed), checksum \
                \(String(summary.checksum, radix: 16)) on both sides.
                """)
        }
    }

    /// One end of the copy.
    private enum Place {
        case folder(DataFolder)
        case server(PostgresAddress)

        init(_ text: String) throws {
            if text.hasPrefix("sqlite:"), text.count > 7 {
                self = .folder(DataFolder(String(text.dropFirst(7))))
                return
            }
            var address = text
            if text == "postgres" {
                address = ProcessInfo.processInfo.environment[Setting.databaseUrl.environmentName] ?? ""
                guard !address.isEmpty else {
                    throw Failure(.invalid, "\(Setting.databaseUrl.environmentName) is not set.")
                }
            }
            guard PostgresAddress.isAddress(address) else {
                throw Failure(.invalid, "A database is sqlite:FOLDER, postgres://… or postgres.")
            }
            self = .server(try PostgresAddress(address))
        }

        func openExisting() throws -> (StorageDriver, ServerLock?) {
            switch self {
            case .folder(let folder):
                let database = try folder.openExisting()
                return (.sqlite(database, folder), try folder.lock())
            case .server(let address): return (.postgres(PostgresDatabase(address)), nil)
            }
        }

        func openMigrated(at now: Timestamp) throws -> (StorageDriver, ServerLock?) {
            switch self {
            case .folder(let folder):
                try folder.create()
                let lock = try folder.lock()
                return (.sqlite(try folder.openMigrated(at: now).database, folder), lock)
            case .server(let address):
                let database = PostgresDatabase(address)
                try database.migrate(at: now)
                return (.postgres(database), nil)
            }
        }
    }
}

/// A line for each table that is done, and one every few seconds for those that take long; on standard error.
private final class ProgressLines: Sendable {
    private let last = Mutex(ContinuousClock.now)
    private static let interval = Duration.seconds(2)

    func tell(_ step: DatabaseCopy.Step) {
        let now = ContinuousClock.now
        switch step {
        case .copied(let table, let rows, let total):
            let isDue = last.withLock { last in
                guard rows == total || now - last >= Self.interval else { return false }
                last = now
                return true
            }
            if isDue { Console.writeError("copied \(table): \(rows) of \(total)") }
        case .compared(let table, let rows):
            if rows > 0 { Console.writeError("compared \(table): \(rows) rows are the same") }
        }
    }
}
