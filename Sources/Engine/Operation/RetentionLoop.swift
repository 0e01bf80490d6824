import Alerting
public import Logging
public import ServiceLifecycle
import Storage

/// Forgets what nobody needs any more, in small steps: old events, closed alert keys, expired sessions. Never what is
/// open.
public final class RetentionLoop: Service {
    private let store: Store
    private let logger: Logger
    /// How long the event explorer keeps a request.
    public static let eventAge = Duration.days(30)
    /// How long a closed alert key is remembered, to tell an event that is older than its resolve.
    public static let keyAge = Duration.days(7)
    private static let interval = Duration.seconds(60)
    private static let step = 500
    private let waker = Waker()

    public init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                do {
                    while try await runOnce(), !Task.isShuttingDownGracefully {}
                } catch {
                    logger.error("retention failed", metadata: ["reason": "\(error)"])
                }
                await waker.wait(atMost: Self.interval)
            }
        } onGracefulShutdown: {
            self.waker.signal()
        }
    }

    /// One small step.
    ///
    /// - Returns: whether there is more to forget.
    @discardableResult
    public func runOnce() async throws -> Bool {
        let sources = try await store.read { try EventLog.overfullSources(keeping: Limits.eventsPerSource, in: $0) }
        return try await store.write { change in
            let transaction = change.transaction
            try AlertKeys.prune(before: change.now - Self.keyAge, limit: Self.step, in: transaction)
            try Sessions.prune(before: change.now, in: transaction)
            var forgotten = try EventLog.prune(before: change.now - Self.eventAge, limit: Self.step, in: transaction)
            forgotten += try EventFlowLog.prune(
                before: change.now - Self.eventAge, keeping: Limits.eventsPerFlow, limit: Self.step, in: transaction)
            for source in sources {
                forgotten += try EventLog.prune(
                    source: source, keeping: Limits.eventsPerSource, limit: Self.step, in: transaction)
            }
            return forgotten > 0
        }
    }
}
