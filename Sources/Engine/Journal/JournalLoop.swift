public import Logging
public import ServiceLifecycle
import Storage

/// Looks whether the database is there, and brings the journal into it when it is.
public final class JournalLoop: Service {
    private let journal: IntakeJournal
    private let ingestion: Ingestion
    private let directory: AlertSourceDirectory
    private let store: Store
    private let logger: Logger
    private let waker = Waker()
    /// Between two looks at a database that is away, and at one that is there.
    private static let eager = Duration.milliseconds(250)
    private static let calm = Duration.seconds(1)

    public init(
        journal: IntakeJournal, ingestion: Ingestion, directory: AlertSourceDirectory, store: Store, logger: Logger
    ) {
        self.journal = journal
        self.ingestion = ingestion
        self.directory = directory
        self.store = store
        self.logger = logger
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                await look()
                await waker.wait(
                    atMost: journal.isDatabaseAway || journal.waiting > 0 ? Self.eager : Self.calm)
            }
        } onGracefulShutdown: {
            self.waker.wake()
        }
    }

    /// One look; brings in what waits when the database answers.
    public func look() async {
        do {
            _ = try await store.read { try Timers.nextDue(in: $0) }
            // What waits shows below whether it takes something, too: one whose disk is full only answers.
            if journal.waiting == 0 { journal.note(isDatabaseAway: false) }
            // Keys that are known already can be told when the database is not to be had.
            if try await directory.warm() {
                let instance = try await store.read { try Settings.value(Settings.instanceID, in: $0) }
                journal.remember(KnownKeys(instance: instance ?? "", directory.lastKnown))
            }
        } catch let error as StorageError where error.concernsAll {
            journal.note(isDatabaseAway: true)
            return
        } catch {
            logger.warning("database not looked at", metadata: ["reason": "\(error)"])
            return
        }
        while journal.waiting > 0, !Task.isCancelled, await ingestion.replay() {}
    }
}
