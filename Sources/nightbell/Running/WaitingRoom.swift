import Alerting
import Dispatch
import Engine
import Hummingbird
import Logging
import ServiceLifecycle
import Storage
import StoragePostgres
import Synchronization
import UnixSignals
import Web

/// A node that was started while its PostgreSQL is away: it listens, keeps events in its journal, says why it does
/// nothing else, and looks for the database again and again.
struct WaitingRoom {
    private let configuration: ServerConfiguration
    private let database: PostgresAddress
    private let logger: Logger

    private static let patience = Duration.seconds(3)

    /// Whether waiting helps against what `Server.open` threw.
    static func helps(_ error: any Error, _ configuration: ServerConfiguration) -> Bool {
        guard configuration.database != nil, case StorageError.unavailable? = error as? StorageError else {
            return false
        }
        return true
    }

    /// Opens the server as soon as its database answers.
    ///
    /// - Returns: `nil` when the process was asked to end before.
    static func openServer(_ configuration: ServerConfiguration, logger: Logger) async throws -> Server? {
        var configuration = configuration
        while true {
            do {
                return try await Server.open(configuration, logger: logger)
            } catch let error where helps(error, configuration) {
                // One port for both.
                configuration.listen = try configuration.listen.withPort()
                guard let database = configuration.database else { throw error }
                let room = WaitingRoom(configuration: configuration, database: database, logger: logger)
                guard try await room.wait(because: error) else { return nil }
            }
        }
    }

    /// - Returns: `false` when the process was asked to end.
    private func wait(because reason: any Error) async throws -> Bool {
        let folder = DataFolder(configuration.dataDir)
        try folder.create()
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        let clock = configuration.faults.clock()
        let journal = try Server.journal(configuration, folder, WorkPermit(), clock.now, logger)
        journal?.note(isDatabaseAway: true)
        let keys = KnownKeys(folder: folder.journalPath)
        let url = configuration.publicURL ?? configuration.listen.url
        let responder = WaitingServer.responder(
            WaitingReception(keys: keys, journal: journal, clock: clock), journal: journal, instance: keys.instance,
            publicURL: url, version: Nightbell.version, registry: Telemetry.registry, logger: logger)
        logger.error("database away at the start", metadata: ["address": "\(database)", "reason": "\(reason)"])
        let web = Application(
            responder: responder, server: .http(),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.listen.host, port: configuration.listen.port), serverName: nil),
            onServerRunning: { [url] _ in
                Console.write("Nightbell \(Nightbell.version) waits for its database: \(url)")
            },
            logger: logger)
        let look = DatabaseLook(database, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: look, successTerminationBehavior: .gracefullyShutdownGroup),
                    .init(service: Bounded(web, patience: Self.patience)),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        return look.hasAnswered
    }
}

/// Asks a database that is away again and again, with longer pauses each time, until it answers.
private final class DatabaseLook: Service {
    private let database: PostgresAddress
    private let logger: Logger
    private let answered = Atomic(false)

    private static let firstPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(2)
    /// For one connection.
    private static let patience = Duration.seconds(5)
    /// Failures between two lines of the log.
    private static let quiet = 15

    init(_ database: PostgresAddress, logger: Logger) {
        self.database = database
        self.logger = logger
    }

    var hasAnswered: Bool { answered.load(ordering: .relaxed) }

    /// Returns when the database answers, or when the process is asked to end.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while true {
                do throws(StorageError) {
                    try await self.ask()
                    self.answered.store(true, ordering: .relaxed)
                    self.logger.info("database answers", metadata: ["attempts": "\(failures + 1)"])
                    return
                } catch {
                    failures += 1
                    if failures % Self.quiet == 0 {
                        self.logger.error(
                            "database still away", metadata: ["attempts": "\(failures)", "reason": "\(error)"])
                    }
                }
                do {
                    try await Task.sleep(for: min(Self.firstPause * (1 << min(failures, 5)), Self.longestPause))
                } catch {
                    // The process ends.
                    return
                }
            }
        }
    }

    /// Connections are made on a thread of our own.
    private func ask() async throws(StorageError) {
        let result: Result<Void, StorageError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [database] in
                continuation.resume(
                    returning: Result { () throws(StorageError) in
                        try PostgresDatabase.run(script: "SELECT 'here'", at: database, patience: Self.patience)
                    })
            }
        }
        try result.get()
    }
}
