public import Alerting
import Engine
public import Storage

/// What a story asks of the disk.
extension SimulatedWorld {
    /// All alerts, by id.
    public func alerts() async throws -> [AlertRecord] {
        let scope = Scope(account: SimulatedCast.account, user: SimulatedCast.carol.user, role: .admin)
        return try await disk.read { transaction in
            try AlertList.list(AlertFilter(), scope: scope, page: Page(limit: 100_000), in: transaction)
                .sorted { $0.alert.id < $1.alert.id }
        }
    }

    public func openAlerts() async throws -> [AlertRecord] {
        try await alerts().filter(\.alert.isOpen)
    }

    public func alert(_ id: Alert.ID) async throws -> AlertRecord? {
        try await disk.read { try Alerts.find(id, in: $0) }
    }

    public func messages(of id: Alert.ID) async throws -> [MessageRecord] {
        try await disk.read { try Messages.list(of: id, in: $0) }
    }

    public func timeline(of id: Alert.ID) async throws -> [TimelineEntry] {
        try await disk.read { try Timeline.list(of: id, in: $0).map(\.entry) }
    }

    public func kinds(of id: Alert.ID) async throws -> [TimelineEntry.Kind] {
        try await timeline(of: id).map(\.kind)
    }

    public func events(of source: AlertSource.ID = SimulatedCast.shop) async throws -> [StoredEvent] {
        try await disk.read { try EventLog.list(source: source, limit: 100_000, in: $0).reversed() }
    }

    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await disk.write(body)
    }

    /// Quiets a person until `time`; `nil`: ends it.
    public func mute(_ person: SimulatedCast.Person, until time: Timestamp?) async throws {
        try await disk.write { transaction in
            guard var user = try Users.find(person.user, in: transaction) else { return }
            user.mutedUntil = time
            try Users.update(user, in: transaction)
        }
    }

    /// Gives a person a rule: page me on this channel after this many minutes.
    public func prefer(
        _ channel: Channel, after minutes: Int = 0, for person: SimulatedCast.Person, priority: Priority = .high
    ) async throws {
        let store = engine.store
        try await store.write { change in
            try Preferences.insert(
                PreferenceRecord(
                    id: change.newID(), user: person.user, area: .alerts, channel: channel,
                    contact: channel == .email ? person.emailContact : person.phoneContact, delayMinutes: minutes,
                    kind: priority == .high ? "HIGH_PRIORITY" : "LOW_PRIORITY"), in: change.transaction)
        }
    }
}
