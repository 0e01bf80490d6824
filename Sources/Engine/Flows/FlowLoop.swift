public import Alerting
public import Logging
public import ServiceLifecycle
import Storage

/// Leads events on whose wait in an event flow is over.
public final class FlowLoop: Service {
    private let store: Store
    private let wakeups: Wakeups
    private let rhythm: Rhythm
    private static let batch = 20

    public init(store: Store, wakeups: Wakeups, logger: Logger) {
        self.store = store
        self.wakeups = wakeups
        rhythm = Rhythm(name: "event flows", waker: wakeups.flows, clock: store.clock, logger: logger)
    }

    public func run() async throws {
        await rhythm.run {
            try await self.runOnce()
        } nextDue: {
            try await self.nextDue()
        }
    }

    /// The earliest end of a wait.
    public func nextDue() async throws -> Timestamp? {
        try await store.read { try EventFlowWaits.nextDue(in: $0) }
    }

    /// - Returns: whether there may be more.
    @discardableResult
    public func runOnce() async throws -> Bool {
        let now = store.clock.now
        guard let next = try await nextDue(), next <= now else { return false }
        let (count, isChanged) = try await store.write { change in
            let waits = try EventFlowWaits.claimDue(at: change.now, limit: Self.batch, in: change.transaction)
            var isChanged = false
            for wait in waits { isChanged = try change.resume(wait) || isChanged }
            return (waits.count, isChanged)
        }
        if isChanged { wakeups.alertsChanged() } else { wakeups.pages.send() }
        return count == Self.batch
    }
}
