import Alerting
import Engine
import Simulation
import Storage
import TestSupport

extension SimulatedWorld {
    /// A world over a database of its own.
    convenience init(
        channels: [Channel] = [.email], policy: EscalationPolicy = SimulatedCast.usualPolicy,
        sources: [AlertSourceRecord]? = nil, throttles: [Channel: Throttle] = [:],
        actions: (any ActionSender)? = nil, takesAlong: Bool = true,
        escalatesAlong: Bool = false
    ) async throws {
        try await self.init(
            TemporaryDatabase(inMemory: true), channels: channels, policy: policy, sources: sources,
            throttles: throttles, actions: actions, takesAlong: takesAlong, escalatesAlong: escalatesAlong)
    }

    /// "Shop" alone, with other rules.
    static func source(
        creation: String = "ONE_ALERT_PER_EMAIL", window: Duration? = nil, autoResolution: Duration? = nil,
        priority: String = "HIGH"
    ) -> [AlertSourceRecord] {
        [
            SimulatedCast.source(
                creation: creation, window: window, autoResolution: autoResolution, priority: priority,
                at: SimulatedClock().now)
        ]
    }

    var email: SimulatedSender { sender(.email) }

    /// The alert that an event raised.
    func raise(_ key: String? = "home", priority: Priority? = nil) async throws -> Alert.ID {
        guard let id = try await post(.alert, key, priority: priority).alert else {
            throw Failure(.internal, "no alert was raised")
        }
        return id
    }

    /// How many messages there are of each state.
    func statuses() async throws -> [MessageRecord.Status: Int] {
        let messages = try await disk.read { transaction in
            try Messages.list(account: SimulatedCast.account, .all, page: Page(offset: 0, limit: 500), in: transaction)
        }
        return Dictionary(grouping: messages, by: \.status).mapValues(\.count)
    }

    func status(of id: Alert.ID) async throws -> AlertStatus? {
        try await alert(id)?.alert.status
    }

    /// The token of the link in the newest message to a person.
    func token(to address: String) -> String {
        let message = senders.flatMap(\.delivered).filter { $0.address == address }.max { $0.id < $1.id }
        return message.map { links.token(for: MessageRecord.ID($0.id.rawValue)) } ?? "none"
    }
}
