public import Alerting
import Foundation
public import Storage

/// Monitors, as people see and change them.
public struct MonitorAdministration: Sendable {
    private let configuration: Configuration
    /// Of an account.
    static let most = 50_000

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By name.
    public func list(page: Page, by caller: Caller) async throws -> [MonitorRecord] {
        try await configuration.read { try Monitors.list(scope: caller.scope, page: page, in: $0) }
    }

    /// - Throws: `Failure.notFound` when there is none that the caller may see; so do all below.
    public func find(_ id: Monitor.ID, by caller: Caller) async throws -> MonitorRecord {
        try await configuration.read { try Self.find(id, by: caller, in: $0) }
    }

    /// Those of them that the caller may see, by name.
    public func find(_ ids: Set<Monitor.ID>, by caller: Caller) async throws -> [MonitorRecord] {
        try await configuration.read { transaction in
            try ids.sorted().compactMap { try Monitors.find($0, scope: caller.reach, in: transaction) }
        }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// The newest first.
    public func results(of id: Monitor.ID, page: Page, by caller: Caller) async throws -> [MonitorResult] {
        try await configuration.read { transaction in
            _ = try Self.find(id, by: caller, in: transaction)
            return try MonitorHistory.results(of: id, page: page, in: transaction)
        }
    }

    /// The newest first.
    public func events(of id: Monitor.ID, page: Page, by caller: Caller) async throws -> [MonitorEvent] {
        try await configuration.read { transaction in
            _ = try Self.find(id, by: caller, in: transaction)
            return try MonitorHistory.events(of: id, page: page, in: transaction)
        }
    }

    /// The hours with checks since `start`, of monitors that the caller was shown.
    public func hours(
        of monitors: [MonitorRecord], from start: Timestamp
    ) async throws -> [Monitor.ID: [MonitorSum]] {
        let ids = monitors.map(\.id)
        return try await configuration.read { try MonitorSums.hours(of: ids, from: start, in: $0) }
    }

    /// The days with checks since `start`, of monitors that the caller was shown.
    public func days(
        of monitors: [MonitorRecord], from start: Timestamp
    ) async throws -> [Monitor.ID: [MonitorSum]] {
        let ids = monitors.map(\.id)
        return try await configuration.read { try MonitorSums.days(of: ids, from: start, in: $0) }
    }

    /// Single results since `start`, the newest first, of a monitor that the caller was shown.
    public func results(of monitor: MonitorRecord, from start: Timestamp) async throws -> [MonitorResult] {
        try await configuration.read { transaction in
            try MonitorHistory.results(of: monitor.id, from: start, limit: 20_000, in: transaction)
        }
    }

    /// Changes of state since `start`, the newest first, of monitors that the caller was shown.
    public func events(of monitors: [MonitorRecord], from start: Timestamp) async throws -> [MonitorEvent] {
        let ids = monitors.map(\.id)
        return try await configuration.read { transaction in
            try MonitorHistory.events(of: ids, from: start, limit: 1000, in: transaction)
        }
    }

    /// What each place says of a monitor that the caller was shown, by region.
    public func spots(of monitor: MonitorRecord) async throws -> [MonitorSpots.Spot] {
        try await configuration.read { try MonitorSpots.list(of: monitor.id, in: $0) }
    }

    /// When pictures of a monitor that the caller was shown were taken, the newest first.
    public func screenshots(of monitor: MonitorRecord) async throws -> [Timestamp] {
        try await configuration.read { try MonitorScreenshots.times(of: monitor.id, in: $0) }
    }

    /// A picture as PNG.
    public func screenshot(of id: Monitor.ID, at time: Timestamp, by caller: Caller) async throws -> [UInt8] {
        try await configuration.read { transaction in
            _ = try Self.find(id, by: caller, in: transaction)
            guard let image = try MonitorScreenshots.find(of: id, at: time, in: transaction) else {
                throw Failure(.notFound, "There is no such picture.")
            }
            return image
        }
    }

    public func create(_ draft: MonitorDraft, by caller: Caller) async throws -> MonitorRecord {
        try caller.require(.user, to: "create monitors")
        let draft = try draft.checked()
        let uuid = UUID().uuidString.lowercased()
        return try await configuration.change { change in
            let all = Scope(account: caller.account, user: caller.user, role: .admin)
            guard try Monitors.count(scope: all, in: change.transaction) < Self.most else {
                throw Failure(.conflict, "There may be at most \(Self.most) monitors.")
            }
            let id: Monitor.ID = try change.newID()
            var monitor = MonitorRecord(
                id: id, account: caller.account, uuid: uuid, name: draft.name, subject: draft.subject,
                interval: draft.interval, timeout: draft.timeout, retests: draft.retests, due: nil,
                createdAt: change.now, updatedAt: change.now)
            try Self.apply(draft, to: &monitor, by: caller, in: change)
            // Its first check is soon, whatever its place on the grid.
            monitor.due = monitor.isPaused || !monitor.isCheckedAtHome ? nil : change.now
            try Monitors.insert(monitor, in: change.transaction)
            try MonitorSpots.set(of: monitor, at: change.now, in: change.transaction)
            try Self.audit("monitor.created", monitor, by: caller, in: change)
            return (monitor, .monitor(id))
        }
    }

    /// Replaces all; what is checked anew begins as pending.
    public func update(
        _ id: Monitor.ID, with draft: MonitorDraft, by caller: Caller
    ) async throws -> MonitorRecord {
        try caller.require(.user, to: "change monitors")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var monitor = try Self.find(id, by: caller, in: change.transaction)
            let before = monitor
            try Self.apply(draft, to: &monitor, by: caller, in: change)
            if monitor.subject != before.subject { monitor.watch.suspicions = 0 }
            monitor.due = monitor.isPaused || !monitor.isCheckedAtHome ? nil : change.now
            // Later than any check that is under way now, whose result then counts for nothing.
            monitor.updatedAt = max(change.now, before.updatedAt + .milliseconds(1))
            try Monitors.update(monitor, in: change.transaction)
            try MonitorSpots.set(of: monitor, at: change.now, in: change.transaction)
            try Self.audit("monitor.updated", monitor, by: caller, in: change)
            return (monitor, .monitor(id))
        }
    }

    public func delete(_ id: Monitor.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete monitors")
        try await configuration.change { change in
            let monitor = try Self.find(id, by: caller, in: change.transaction)
            try Monitors.delete(id, in: change.transaction)
            try Self.audit("monitor.deleted", monitor, by: caller, in: change)
            return ((), .monitor(id))
        }
    }

    /// Has it checked at once.
    ///
    /// - Throws: `Failure.conflict` while it is paused.
    public func checkNow(_ id: Monitor.ID, by caller: Caller) async throws {
        try caller.require(.responder, to: "check monitors")
        try await configuration.change { change in
            let monitor = try Self.find(id, by: caller, in: change.transaction)
            guard !monitor.isPaused else { throw Failure(.conflict, "The monitor is paused.") }
            try Monitors.hurry(id, at: change.now, in: change.transaction)
            try MonitorSpots.hurry(id, at: change.now, in: change.transaction)
            return ((), .monitor(id))
        }
    }

    private static func apply(
        _ draft: MonitorDraft, to monitor: inout MonitorRecord, by caller: Caller, in change: Change
    ) throws {
        if let source = draft.source, source != monitor.source {
            guard try AlertSources.find(source, scope: caller.reach, in: change.transaction) != nil else {
                throw Failure.invalid("alertSource", "there is no alert source \(source).")
            }
        }
        if case .heartbeat(let id) = draft.subject, draft.subject != monitor.subject || monitor.createdAt == change.now
        {
            guard try HeartbeatMonitors.find(id, scope: caller.reach, in: change.transaction) != nil else {
                throw Failure.invalid("target", "there is no heartbeat monitor \(id).")
            }
        }
        if let groups = draft.groups {
            guard groups.count <= 50 else { throw Failure.invalid("deliveryGroups", "there may be at most 50.") }
            for group in groups where !monitor.groups.contains(group) {
                guard try DeliveryGroups.find(group, account: caller.account, in: change.transaction) != nil else {
                    throw Failure.invalid("deliveryGroups", "there is no delivery group \(group).")
                }
            }
            monitor.groups = Set(groups).sorted()
        }
        monitor.teams = try TeamLinks.checked(
            draft.teams, current: monitor.teams, by: caller, in: change.transaction)
        monitor.name = draft.name
        monitor.subject = draft.subject
        monitor.interval = draft.interval
        monitor.timeout = draft.timeout
        monitor.retests = draft.retests
        monitor.isPaused = draft.isPaused
        monitor.source = draft.source
        monitor.regions = draft.regions
        monitor.agree = draft.agree
    }

    private static func find(
        _ id: Monitor.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> MonitorRecord {
        guard let monitor = try Monitors.find(id, scope: caller.reach, in: transaction) else {
            throw Failure(.notFound, "There is no monitor \(id).")
        }
        return monitor
    }

    private static func audit(
        _ action: String, _ monitor: MonitorRecord, by caller: Caller, in change: Change
    ) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "monitor", id: monitor.id.rawValue,
            details: "Monitor “\(monitor.name)”")
    }
}
