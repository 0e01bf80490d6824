import Alerting
public import Storage

/// Lets people hear of alerts without being paged: of one alert, or of all alerts of a source.
public struct SubscriptionDesk: Sendable {
    private let store: Store

    public init(store: Store) {
        self.store = store
    }

    /// What a person has subscribed to and may still see, with its name.
    public func list(by caller: Caller) async throws -> [(target: SubscriptionTarget, name: String)] {
        let scope = caller.scope
        return try await Failure.translating {
            try await store.read { transaction in
                try Subscriptions.list(of: caller.user, in: transaction).compactMap { target in
                    try Self.name(of: target, scope: scope, in: transaction).map { (target, $0) }
                }
            }
        }
    }

    public func isSubscribed(_ target: SubscriptionTarget, by caller: Caller) async throws -> Bool {
        try await Failure.translating {
            try await store.read { transaction in
                try Self.check(target, caller, in: transaction)
                return try Subscriptions.contains(target, of: caller.user, in: transaction)
            }
        }
    }

    /// Harmless to repeat.
    ///
    /// - Throws: `Failure.notFound` for what the caller may not see; so does `unsubscribe`.
    public func subscribe(to target: SubscriptionTarget, by caller: Caller) async throws {
        try await Failure.translating {
            try await store.write { change in
                try Self.check(target, caller, in: change.transaction)
                try Subscriptions.prune(in: change.transaction)
                try Subscriptions.insert(target, of: caller.user, at: change.now, in: change.transaction)
            }
        }
    }

    public func unsubscribe(from target: SubscriptionTarget, by caller: Caller) async throws {
        try await Failure.translating {
            try await store.write { change in
                try Subscriptions.delete(target, of: caller.user, in: change.transaction)
            }
        }
    }

    private static func check(
        _ target: SubscriptionTarget, _ caller: Caller, in transaction: any Transaction
    ) throws {
        guard try name(of: target, scope: caller.scope, in: transaction) != nil else {
            switch target {
            case .alert(let id): throw Failure(.notFound, "There is no alert \(id).")
            case .source(let id): throw Failure(.notFound, "There is no alert source \(id).")
            case .service(let id): throw Failure(.notFound, "There is no service \(id).")
            }
        }
    }

    static func name(
        of target: SubscriptionTarget, scope: Scope, in transaction: any Transaction
    ) throws -> String? {
        switch target {
        case .alert(let id): try Alerts.find(id, scope: scope, in: transaction)?.alert.summary
        case .source(let id): try AlertSources.find(id, scope: scope, in: transaction)?.name
        case .service(let id): try Services.find(id, scope: scope, in: transaction)?.name
        }
    }
}
