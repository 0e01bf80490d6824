public import Alerting
public import Logging
public import ServiceLifecycle
import Storage
import Synchronization

/// Raises an alert for each monitor whose time is over, at its deadline.
public final class HeartbeatLoop: Service {
    private let store: Store
    private let wakeups: Wakeups
    private let logger: Logger
    private let rhythm: Rhythm
    /// Whether monitors that became overdue while this server was down were given time.
    private let hasBegun = Mutex(false)
    private static let batch = 20
    /// What a monitor gets at most that nobody could hear.
    static let grace = Duration.minutes(10)

    public init(store: Store, wakeups: Wakeups, logger: Logger) {
        self.store = store
        self.wakeups = wakeups
        self.logger = logger
        rhythm = Rhythm(name: "heartbeats", waker: wakeups.heartbeats, clock: store.clock, logger: logger)
    }

    public func run() async throws {
        await rhythm.run {
            try await self.runOnce()
        } nextDue: {
            try await self.nextDue()
        }
    }

    /// The earliest deadline.
    public func nextDue() async throws -> Timestamp? {
        try await store.read { try HeartbeatMonitors.nextDeadline(in: $0) }
    }

    /// - Returns: whether there may be more.
    @discardableResult
    public func runOnce() async throws -> Bool {
        if !hasBegun.withLock({ $0 }) {
            try await store.write { change in
                try HeartbeatMonitors.grantGrace(at: change.now, longest: Self.grace, in: change.transaction)
            }
            hasBegun.withLock { $0 = true }
        }
        let now = store.clock.now
        guard let next = try await nextDue(), next <= now else { return false }
        let (overdue, isMore) = try await store.write { change in
            let due = try HeartbeatMonitors.due(at: change.now, limit: Self.batch, in: change.transaction)
            return (try due.filter { try change.expire($0) }.map(\.id), due.count == Self.batch)
        }
        for monitor in overdue { logger.info("heartbeat overdue", metadata: ["monitor": "\(monitor)"]) }
        wakeups.alertsChanged()
        return isMore
    }
}
