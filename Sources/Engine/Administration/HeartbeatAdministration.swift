public import Alerting
public import Storage

/// A heartbeat monitor as somebody wants it to be.
public struct HeartbeatDraft: Equatable, Sendable {
    public var name: String
    public var interval: Duration
    /// Empty: one that names the monitor.
    public var alertSummary: String
    /// `nil`: it raises nothing.
    public var source: AlertSource.ID?
    /// `nil`: as they are, none on creation.
    public var teams: [Team.ID]?

    public init(
        name: String, interval: Duration, alertSummary: String = "", source: AlertSource.ID? = nil,
        teams: [Team.ID]? = nil
    ) {
        self.name = name
        self.interval = interval
        self.alertSummary = alertSummary
        self.source = source
        self.teams = teams
    }

    /// The monitor as it is, to change a part of it.
    public init(_ monitor: HeartbeatMonitorRecord) {
        self.init(
            name: monitor.name, interval: monitor.heartbeat.interval, alertSummary: monitor.alertSummary,
            source: monitor.source, teams: monitor.teams)
    }

    /// From 25 seconds to 31 days.
    public static let intervals: ClosedRange<Duration> = .seconds(25) ... .seconds(2_678_400)

    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> HeartbeatDraft {
        var draft = self
        draft.name = try FieldRules.name(name)
        draft.alertSummary = try FieldRules.words(alertSummary, "alertSummary", limit: Limits.summary)
        guard Self.intervals.contains(interval) else { throw .invalid("intervalSec", "must be 25 to 2678400.") }
        return draft
    }
}

/// Heartbeat monitors, as people see and change them.
public struct HeartbeatAdministration: Sendable {
    /// A monitor of that name exists; clients of the contract get it as the answer.
    public struct NameTaken: Error, Sendable {
        public let existing: HeartbeatMonitorRecord
    }

    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By id.
    ///
    /// - Parameter after: only those with a higher id.
    public func list(
        after: HeartbeatMonitor.ID? = nil, page: Page, by caller: Caller
    ) async throws -> [HeartbeatMonitorRecord] {
        try await configuration.read { transaction in
            try HeartbeatMonitors.list(scope: caller.scope, after: after, page: page, in: transaction)
        }
    }

    /// - Throws: `Failure.notFound` when there is none that the caller may see; so do all below.
    public func find(_ id: HeartbeatMonitor.ID, by caller: Caller) async throws -> HeartbeatMonitorRecord {
        try await configuration.read { transaction in try Self.find(id, by: caller, in: transaction) }
    }

    public func find(name: String, by caller: Caller) async throws -> HeartbeatMonitorRecord {
        try await configuration.read { transaction in
            guard let found = try HeartbeatMonitors.find(name: name, scope: caller.reach, in: transaction) else {
                throw Failure(.notFound, "There is no heartbeat monitor named “\(Limits.cut(name, to: 100))”.")
            }
            return found
        }
    }

    /// What it heard last, the newest first.
    public func pings(of id: HeartbeatMonitor.ID, by caller: Caller) async throws -> [HeartbeatPing] {
        try await configuration.read { transaction in
            _ = try Self.find(id, by: caller, in: transaction)
            return try HeartbeatPings.list(of: id, in: transaction)
        }
    }

    /// - Throws: `NameTaken` when the caller sees one of that name.
    public func create(_ draft: HeartbeatDraft, by caller: Caller) async throws -> HeartbeatMonitorRecord {
        try caller.require(.user, to: "create heartbeat monitors")
        let draft = try draft.checked()
        let key = Tokens.heartbeatKey(interval: draft.interval)
        return try await configuration.change { change in
            if let existing = try HeartbeatMonitors.find(name: draft.name, scope: caller.reach, in: change.transaction)
            {
                throw NameTaken(existing: existing)
            }
            try Self.checkSource(draft.source, current: nil, by: caller, in: change.transaction)
            let monitor = HeartbeatMonitorRecord(
                id: try change.newID(), account: caller.account, name: draft.name, source: draft.source,
                alertSummary: draft.alertSummary, integrationKey: key,
                heartbeat: Heartbeat(interval: draft.interval),
                teams: try TeamLinks.checked(draft.teams, by: caller, in: change.transaction),
                createdAt: change.now, updatedAt: change.now)
            try HeartbeatMonitors.insert(monitor, in: change.transaction)
            try Self.audit("heartbeat_monitor.created", monitor, by: caller, in: change)
            return (monitor, .heartbeat(monitor.id))
        }
    }

    /// Replaces all; another interval means another key.
    public func update(
        _ id: HeartbeatMonitor.ID, with draft: HeartbeatDraft, by caller: Caller
    ) async throws -> HeartbeatMonitorRecord {
        try caller.require(.user, to: "change heartbeat monitors")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var monitor = try Self.find(id, by: caller, in: change.transaction)
            try Self.checkSource(draft.source, current: monitor.source, by: caller, in: change.transaction)
            monitor.teams = try TeamLinks.checked(
                draft.teams, current: monitor.teams, by: caller, in: change.transaction)
            monitor.name = draft.name
            monitor.source = draft.source
            monitor.alertSummary = draft.alertSummary
            if draft.interval != monitor.heartbeat.interval {
                monitor.integrationKey = Tokens.heartbeatKey(interval: draft.interval)
                monitor.heartbeat.interval = draft.interval
                // Its job has to learn the new address first.
                if monitor.heartbeat.deadline != nil { monitor.heartbeat.deadline = change.now + draft.interval }
            }
            monitor.updatedAt = change.now
            try HeartbeatMonitors.update(monitor, in: change.transaction)
            try Self.audit("heartbeat_monitor.updated", monitor, by: caller, in: change)
            return (monitor, .heartbeat(id))
        }
    }

    public func delete(_ id: HeartbeatMonitor.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete heartbeat monitors")
        try await configuration.change { change in
            let monitor = try Self.find(id, by: caller, in: change.transaction)
            try HeartbeatMonitors.delete(id, in: change.transaction)
            try Self.audit("heartbeat_monitor.deleted", monitor, by: caller, in: change)
            return ((), .heartbeat(id))
        }
    }

    private static func find(
        _ id: HeartbeatMonitor.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> HeartbeatMonitorRecord {
        guard let monitor = try HeartbeatMonitors.find(id, scope: caller.reach, in: transaction) else {
            throw Failure(.notFound, "There is no heartbeat monitor \(id).")
        }
        return monitor
    }

    private static func checkSource(
        _ source: AlertSource.ID?, current: AlertSource.ID?, by caller: Caller, in transaction: any Transaction
    ) throws {
        guard let source, source != current else { return }
        guard try AlertSources.find(source, scope: caller.reach, in: transaction) != nil else {
            throw Failure.invalid("alertSource", "there is no alert source \(source).")
        }
    }

    private static func audit(
        _ action: String, _ monitor: HeartbeatMonitorRecord, by caller: Caller, in change: Change
    ) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "heartbeat_monitor", id: monitor.id.rawValue,
            details: "Heartbeat monitor “\(monitor.name)”")
    }
}
