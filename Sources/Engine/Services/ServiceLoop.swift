import Alerting
import Logging
public import ServiceLifecycle
import Storage

/// Lets services go whose alerts are resolved, however these were.
public final class ServiceLoop: Service {
    private let store: Store
    private let wakeups: Wakeups
    private let rhythm: Rhythm
    /// Holds in one transaction.
    private static let batch = 100

    init(store: Store, wakeups: Wakeups, logger: Logger) {
        self.store = store
        self.wakeups = wakeups
        rhythm = Rhythm(name: "services", waker: wakeups.services, clock: store.clock, logger: logger)
    }

    public func run() async throws {
        await rhythm.run {
            try await self.runOnce()
        } nextDue: {
            nil
        }
    }

    /// - Returns: whether there was something.
    @discardableResult
    public func runOnce() async throws -> Bool {
        guard try await !store.read({ try ServiceHolds.over(limit: 1, in: $0) }).isEmpty else { return false }
        try await store.write { change in
            for hold in try ServiceHolds.over(limit: Self.batch, in: change.transaction) {
                guard let record = try Alerts.find(hold.alert, in: change.transaction) else { continue }
                try change.release(hold, account: record.alert.account)
            }
        }
        wakeups.servicesChanged()
        return true
    }
}
