public import Alerting
public import Logging
public import ServiceLifecycle
import Storage

/// Begins and ends maintenance windows to the millisecond, and raises what was held and still fails.
public final class MaintenanceLoop: Service {
    private let store: Store
    private let wakeups: Wakeups
    private let directory: AlertSourceDirectory
    private let logger: Logger
    private let rhythm: Rhythm
    private static let batch = 20

    public init(store: Store, wakeups: Wakeups, directory: AlertSourceDirectory, logger: Logger) {
        self.store = store
        self.wakeups = wakeups
        self.directory = directory
        self.logger = logger
        rhythm = Rhythm(name: "maintenance", waker: wakeups.maintenance, clock: store.clock, logger: logger)
    }

    public func run() async throws {
        await rhythm.run {
            try await self.runOnce()
        } nextDue: {
            try await self.nextDue()
        }
    }

    /// The instant at which the next window begins or ends.
    public func nextDue() async throws -> Timestamp? {
        try await store.read { try MaintenanceWindows.nextChange(in: $0) }
    }

    /// - Returns: whether there may be more to do.
    @discardableResult
    public func runOnce() async throws -> Bool {
        let isMore = try await advance()
        return try await release() || isMore
    }

    private func advance() async throws -> Bool {
        let now = store.clock.now
        guard let next = try await nextDue(), next <= now else { return false }
        let changed = try await store.write { change in
            let changed = try MaintenanceWindows.advance(at: change.now, limit: Self.batch, in: change.transaction)
            for window in changed {
                let notices = MaintenanceNotices(change: change)
                try notices.tell(window, at: window.stage == .over ? .end : .start)
            }
            return changed
        }
        directory.forgetAll()
        for window in changed {
            logger.info("maintenance window changed", metadata: ["window": "\(window.id)", "stage": "\(window.stage)"])
        }
        wakeups.notices.signal()
        wakeups.pages.send()
        return !changed.isEmpty
    }

    /// Hands what is held by sources out of maintenance to the intake, as if it had come now.
    private func release() async throws -> Bool {
        let now = store.clock.now
        let sources = try await store.read { try HeldKeys.overdueSources(at: now, in: $0) }
        var isMore = false
        for source in sources {
            let count = try await store.write { change in
                let held = try HeldKeys.take(from: source, limit: Self.batch, in: change.transaction)
                guard let entry = try AlertSourceDirectory.entry(for: source, in: change.transaction) else { return 0 }
                for key in held {
                    var intake = Intake(IngestRequest(held: key, source: entry, at: change.now), change: change)
                    _ = try intake.run()
                }
                return held.count
            }
            isMore = isMore || count == Self.batch
        }
        if !sources.isEmpty { wakeups.alertsChanged() }
        return isMore
    }
}
