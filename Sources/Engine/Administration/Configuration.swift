public import Alerting
public import Storage

/// What an administrator or a person has changed; told after the commit, so that caches may forget it.
public enum ConfigurationChange: Hashable, Sendable {
    case alertSource(AlertSource.ID)
    case policy(EscalationPolicy.ID)
    case schedule(OnCallSchedule.ID)
    case user(User.ID)
    case team(Team.ID)
    case supportHours(SupportHours.ID)
    case maintenance(MaintenanceWindow.ID)
    case heartbeat(HeartbeatMonitor.ID)
    case eventFlow(EventFlow.ID)
    /// Alert actions and connectors; nothing is kept of them in memory.
    case alertAction
    case monitor(Monitor.ID)
    case webhook(WebhookIntegration.ID)
    case deliveryGroup(DeliveryGroup.ID)
    case monitorRule(MonitorRule.ID)
    case monitorProbe(MonitorProbe.ID)
    case rapidSpikeKey
    case statusPage
    case service(ServiceRecord.ID)
    case account
}

/// The store as the doors of administration use it: storage's errors become failures, and each change is told.
struct Configuration: Sendable {
    let store: Store
    let onChange: @Sendable (ConfigurationChange) -> Void

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await Failure.translating { try await store.read(body) }
    }

    /// - Parameter conflict: the sentence for a row that the database refuses.
    func change<Result: Sendable>(
        conflict: String = "Somebody else changed this at the same moment; look again.",
        _ body: @escaping @Sendable (Change) throws -> (Result, ConfigurationChange)
    ) async throws -> Result {
        let (result, change) = try await Failure.translating(conflict: conflict) {
            try await store.write { change in
                // A row that all changes write: on several nodes, too, they come one after the other.
                try Generations.advance(Generations.configuration, in: change.transaction)
                return try body(change)
            }
        }
        onChange(change)
        return result
    }
}

extension Failure {
    /// A field that does not hold what it must; the message is `field: sentence` with the field's name on the wire.
    public static func invalid(_ field: String, _ sentence: String) -> Failure {
        Failure(.invalid, "\(field): \(sentence)")
    }

    /// Runs `body`; an error of the database becomes a failure, every other passes through.
    static func translating<Result>(
        conflict: String = "Somebody else changed this at the same moment; look again.",
        _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as StorageError {
            throw Failure(error, conflict: conflict)
        } catch let error as IDShortage {
            throw Failure(.unavailable, "The server is busy; try again.", cause: "\(error)")
        }
    }

    init(_ error: StorageError, conflict: String) {
        switch error {
        case .conflict(let constraint):
            self.init(.conflict, conflict, cause: constraint)
        case .full:
            self.init(.unavailable, "The server's disk is full; nothing was changed.", cause: "full")
        case .unavailable(let message):
            self.init(.unavailable, "The database is busy; nothing was changed. Try again.", cause: message)
        case .unreadable(let column):
            self.init(.internal, "Something is wrong on the server; it is in its log.", cause: "column \(column)")
        case .failed(let message), .damaged(let message):
            self.init(.internal, "Something is wrong on the server; it is in its log.", cause: message)
        }
    }
}

extension Caller {
    /// What this caller may look up and change one by one; the chosen team only narrows lists.
    var reach: Scope {
        Scope(account: account, user: user, role: role)
    }
}
