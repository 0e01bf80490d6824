import Alerting
import Synchronization

/// When the transactions that raised the newest alerts were over: nobody knows that inside them.
///
/// Kept in memory until the alert's first escalation step writes it down; an alert whose step comes later than
/// `capacity` others were raised goes without.
public final class CommitTimes: Sendable {
    private struct State {
        var times: [Alert.ID: Timestamp] = [:]
        /// As long as `capacity`, used as a ring.
        var order: [Alert.ID] = []
        var next = 0
    }

    private let state = Mutex(State())
    private static let capacity = 10_000

    public init() {}

    func note(_ alerts: [Alert.ID], at time: Timestamp) {
        guard !alerts.isEmpty else { return }
        state.withLock { state in
            for alert in alerts {
                if state.order.count < Self.capacity {
                    state.order.append(alert)
                } else {
                    state.times[state.order[state.next]] = nil
                    state.order[state.next] = alert
                    state.next = (state.next + 1) % Self.capacity
                }
                state.times[alert] = time
            }
        }
    }

    func time(of alert: Alert.ID) -> Timestamp? {
        state.withLock { $0.times[alert] }
    }
}
