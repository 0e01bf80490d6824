public import Alerting
public import Storage

/// A maintenance window as somebody wants it to be.
public struct MaintenanceWindowDraft: Equatable, Sendable {
    public var summary: String
    public var details: String
    /// An IANA name; how people see its times.
    public var timeZone: String
    public var start: Timestamp
    public var end: Timestamp
    public var mode: MaintenanceWindow.Mode
    public var sources: [AlertSource.ID]
    /// Their failures count for nothing while it lasts.
    public var monitors: [Monitor.ID]
    /// Kept and echoed.
    public var services: [Int64]
    public var notifications: MaintenanceWindowRecord.Notifications

    public init(
        summary: String, details: String = "", timeZone: String = "UTC", start: Timestamp, end: Timestamp,
        mode: MaintenanceWindow.Mode = .hold, sources: [AlertSource.ID], monitors: [Monitor.ID] = [],
        services: [Int64] = [],
        notifications: MaintenanceWindowRecord.Notifications = .init()
    ) {
        self.summary = summary
        self.details = details
        self.timeZone = timeZone
        self.start = start
        self.end = end
        self.mode = mode
        self.sources = sources
        self.monitors = monitors
        self.services = services
        self.notifications = notifications
    }

    /// The window as it is, to change a part of it.
    public init(_ window: MaintenanceWindowRecord) {
        self.init(
            summary: window.summary, details: window.details, timeZone: window.timeZone, start: window.span.start,
            end: window.span.end, mode: window.span.mode, sources: window.sources, monitors: window.monitors,
            services: window.services, notifications: window.notifications)
    }

    private static let longest = Duration.days(366)

    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> MaintenanceWindowDraft {
        var draft = self
        draft.summary = try FieldRules.name(summary, "summary")
        guard details.count <= Limits.comment else {
            throw .invalid("description", "may have at most \(Limits.comment) characters.")
        }
        draft.timeZone = try FieldRules.timeZone(timeZone)
        guard end > start else { throw .invalid("end", "must be after the start.") }
        guard end - start <= Self.longest else { throw .invalid("end", "a window may last a year at most.") }
        draft.sources = Set(sources).sorted()
        draft.monitors = Set(monitors).sorted()
        draft.services = Set(services).sorted()
        guard !draft.sources.isEmpty || !draft.monitors.isEmpty || !draft.services.isEmpty else {
            throw .invalid("alertSources", "choose at least one alert source or monitor.")
        }
        let counts = [
            ("alertSources", draft.sources.count), ("monitors", draft.monitors.count),
            ("services", draft.services.count),
        ]
        for (name, count) in counts {
            guard count <= Limits.maintenanceTargets else {
                throw .invalid(name, "there may be at most \(Limits.maintenanceTargets).")
            }
        }
        return draft
    }

    func write(to window: inout MaintenanceWindowRecord) {
        window.summary = summary
        window.details = details
        window.timeZone = timeZone
        window.span = MaintenanceWindow.Span(start: start, end: end, mode: mode)
        window.sources = sources
        window.monitors = monitors
        window.services = services
        window.notifications = notifications
    }
}

/// Maintenance windows, as people see and change them. Who may see all alert sources of a window sees the window.
public struct MaintenanceWindowAdministration: Sendable {
    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By start and id.
    public func list(
        _ filter: MaintenanceWindowFilter = .init(), page: Page, by caller: Caller
    ) async throws -> [MaintenanceWindowRecord] {
        let now = configuration.store.clock.now
        return try await configuration.read { transaction in
            try MaintenanceWindows.list(filter, scope: caller.scope, page: page, at: now, in: transaction)
        }
    }

    /// - Throws: `Failure.notFound` when there is none that the caller may see; so do all below.
    public func find(_ id: MaintenanceWindow.ID, by caller: Caller) async throws -> MaintenanceWindowRecord {
        try await configuration.read { transaction in try Self.find(id, by: caller, in: transaction) }
    }

    /// The alert sources of the account that are in maintenance now.
    public func sourcesInForce(by caller: Caller) async throws -> Set<AlertSource.ID> {
        let now = configuration.store.clock.now
        return try await configuration.read { transaction in
            try MaintenanceWindows.sourcesInForce(account: caller.account, at: now, in: transaction)
        }
    }

    public func create(
        _ draft: MaintenanceWindowDraft, by caller: Caller
    ) async throws -> MaintenanceWindowRecord {
        try caller.require(.user, to: "plan maintenance")
        let draft = try draft.checked()
        return try await configuration.change { change in
            guard draft.end > change.now else { throw Failure.invalid("end", "is over already.") }
            try Self.checkTargets(draft, by: caller, in: change.transaction)
            var window = MaintenanceWindowRecord(
                id: try change.newID(), account: caller.account, summary: draft.summary, timeZone: draft.timeZone,
                span: .init(start: draft.start, end: draft.end, mode: draft.mode), sources: [],
                createdBy: caller.user, createdAt: change.now, updatedAt: change.now)
            draft.write(to: &window)
            try MaintenanceWindows.insert(window, in: change.transaction)
            try MaintenanceNotices(change: change).tell(window, at: .creation)
            try Self.audit("maintenance_window.created", window, by: caller, in: change)
            return (window, .maintenance(window.id))
        }
    }

    public func update(
        _ id: MaintenanceWindow.ID, with draft: MaintenanceWindowDraft, by caller: Caller
    ) async throws -> MaintenanceWindowRecord {
        try caller.require(.user, to: "change maintenance")
        let draft = try draft.checked()
        return try await change(id, by: caller, action: "maintenance_window.updated") { window, change in
            try Self.checkTargets(draft, by: caller, in: change.transaction)
            draft.write(to: &window)
            // One that is over and is given a later end runs again; what it holds is raised at that end.
            let stage = MaintenanceWindowRecord.Stage(window.span, at: change.now)
            if window.stage != .planned || stage == .planned { window.stage = stage }
        }
    }

    /// Ends a window now; one that has not begun never does.
    public func end(_ id: MaintenanceWindow.ID, by caller: Caller) async throws -> MaintenanceWindowRecord {
        try caller.require(.user, to: "end maintenance")
        return try await change(id, by: caller, action: "maintenance_window.ended") { window, change in
            guard window.span.end > change.now else { throw Failure(.conflict, "This window is over already.") }
            window.span.start = min(window.span.start, change.now - .milliseconds(1))
            window.span.end = change.now
        }
    }

    /// What the window holds back is raised, if no other window covers its source.
    public func delete(_ id: MaintenanceWindow.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete maintenance")
        try await configuration.change { change in
            let window = try Self.find(id, by: caller, in: change.transaction)
            try MaintenanceWindows.delete(id, in: change.transaction)
            try Self.audit("maintenance_window.deleted", window, by: caller, in: change)
            return ((), .maintenance(id))
        }
    }

    private func change(
        _ id: MaintenanceWindow.ID, by caller: Caller, action: String,
        _ body: @escaping @Sendable (inout MaintenanceWindowRecord, Change) throws -> Void
    ) async throws -> MaintenanceWindowRecord {
        try await configuration.change { change in
            var window = try Self.find(id, by: caller, in: change.transaction)
            try body(&window, change)
            window.updatedAt = change.now
            try MaintenanceWindows.update(window, in: change.transaction)
            try Self.audit(action, window, by: caller, in: change)
            return (window, .maintenance(id))
        }
    }

    private static func find(
        _ id: MaintenanceWindow.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> MaintenanceWindowRecord {
        guard let window = try MaintenanceWindows.find(id, scope: caller.reach, in: transaction) else {
            throw Failure(.notFound, "There is no maintenance window \(id).")
        }
        return window
    }

    private static func checkTargets(
        _ draft: MaintenanceWindowDraft, by caller: Caller, in transaction: any Transaction
    ) throws {
        for monitor in draft.monitors {
            guard try Monitors.find(monitor, scope: caller.reach, in: transaction) != nil else {
                throw Failure.invalid("monitors", "there is no monitor \(monitor).")
            }
        }
        for source in draft.sources {
            guard try AlertSources.find(source, scope: caller.reach, in: transaction) != nil else {
                throw Failure.invalid("alertSources", "there is no alert source \(source).")
            }
        }
    }

    private static func audit(
        _ action: String, _ window: MaintenanceWindowRecord, by caller: Caller, in change: Change
    ) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "maintenance_window", id: window.id.rawValue,
            details: "Maintenance “\(window.summary)”")
    }
}
