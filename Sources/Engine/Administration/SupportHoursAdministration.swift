public import Alerting
public import Storage

/// Support hours as somebody wants them to be.
public struct SupportHoursDraft: Equatable, Sendable {
    public var name: String
    public var hours: SupportHours
    /// `nil`: as they are, none on creation.
    public var teams: [Team.ID]?

    public init(name: String, hours: SupportHours, teams: [Team.ID]? = nil) {
        self.name = name
        self.hours = hours
        self.teams = teams
    }

    /// The hours as they are, to change a part of them.
    public init(_ record: SupportHoursRecord) {
        self.init(name: record.name, hours: record.hours, teams: record.teams)
    }

    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> SupportHoursDraft {
        var draft = self
        draft.name = try FieldRules.name(name)
        _ = try FieldRules.timeZone(hours.zone.name)
        guard !hours.days.isEmpty || hours.exceptions.contains(where: { $0.status == .during }) else {
            throw .invalid("supportDays", "set the hours of at least one day.")
        }
        guard hours.exceptions.count <= Limits.supportExceptions else {
            throw .invalid("exceptions", "there may be at most \(Limits.supportExceptions).")
        }
        for (index, exception) in hours.exceptions.enumerated() {
            draft.hours.exceptions[index].name = try FieldRules.words(
                exception.name, "exceptions[\(index)].name", limit: Limits.name)
        }
        return draft
    }
}

/// Support hours, as people see and change them.
public struct SupportHoursAdministration: Sendable {
    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By name and id.
    public func list(page: Page, by caller: Caller) async throws -> [SupportHoursRecord] {
        try await configuration.read { transaction in
            try SupportHoursList.list(scope: caller.scope, page: page, in: transaction)
        }
    }

    /// - Throws: `Failure.notFound` when there are none that the caller may see; so do all below.
    public func find(_ id: SupportHours.ID, by caller: Caller) async throws -> SupportHoursRecord {
        try await configuration.read { transaction in try Self.find(id, by: caller, in: transaction) }
    }

    public func find(name: String, by caller: Caller) async throws -> SupportHoursRecord {
        try await configuration.read { transaction in
            guard let found = try SupportHoursList.find(name: name, scope: caller.reach, in: transaction) else {
                throw Failure(.notFound, "There are no support hours named “\(Limits.cut(name, to: 100))”.")
            }
            return found
        }
    }

    /// The names of up to ten alert sources that follow them.
    public func users(of id: SupportHours.ID, by caller: Caller) async throws -> [String] {
        try await configuration.read { transaction in
            try SupportHoursList.users(of: id, scope: caller.reach, in: transaction)
        }
    }

    public func create(_ draft: SupportHoursDraft, by caller: Caller) async throws -> SupportHoursRecord {
        try caller.require(.user, to: "create support hours")
        let draft = try draft.checked()
        return try await configuration.change { change in
            let record = SupportHoursRecord(
                id: try change.newID(), account: caller.account, name: draft.name, hours: draft.hours,
                teams: try TeamLinks.checked(draft.teams, by: caller, in: change.transaction),
                createdAt: change.now, updatedAt: change.now)
            try SupportHoursList.insert(record, in: change.transaction)
            try Self.audit("support_hours.created", record, by: caller, in: change)
            return (record, .supportHours(record.id))
        }
    }

    public func update(
        _ id: SupportHours.ID, with draft: SupportHoursDraft, by caller: Caller
    ) async throws -> SupportHoursRecord {
        try caller.require(.user, to: "change support hours")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var record = try Self.find(id, by: caller, in: change.transaction)
            record.teams = try TeamLinks.checked(
                draft.teams, current: record.teams, by: caller, in: change.transaction)
            record.name = draft.name
            if record.hours != draft.hours {
                // Pending alerts that wait for these hours are looked at again.
                for source in try SupportHoursList.sources(of: id, in: change.transaction) {
                    try Timers.set(.supportHours, ofLowAlertsFrom: source, due: change.now, in: change.transaction)
                }
            }
            record.hours = draft.hours
            record.updatedAt = change.now
            try SupportHoursList.update(record, in: change.transaction)
            try Self.audit("support_hours.updated", record, by: caller, in: change)
            return (record, .supportHours(id))
        }
    }

    /// - Throws: `Failure.conflict` while alert sources follow them.
    public func delete(_ id: SupportHours.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete support hours")
        try await configuration.change(conflict: "They are in use; take them from what uses them first.") { change in
            let record = try Self.find(id, by: caller, in: change.transaction)
            let count = try SupportHoursList.uses(of: id, in: change.transaction)
            guard count == 0 else {
                let names = try SupportHoursList.users(of: id, scope: caller.reach, in: change.transaction)
                let list = names.isEmpty ? "" : ": \(names.joined(separator: ", "))"
                throw Failure(
                    .conflict,
                    "\(count) alert source\(count == 1 ? "" : "s") follow\(count == 1 ? "s" : "") them\(list).")
            }
            let policies = try EscalationPolicyAdministration.names(
                conditionedBy: id, account: record.account, by: caller, in: change.transaction)
            guard policies.isEmpty else {
                let names = policies.prefix(10).map { "“\($0)”" }.joined(separator: ", ")
                throw Failure(.conflict, "Levels of escalation policies depend on them: \(names).")
            }
            try EventFlowAdministration.checkUnused(.hours, id.rawValue, in: change.transaction)
            try SupportHoursList.delete(id, in: change.transaction)
            try Self.audit("support_hours.deleted", record, by: caller, in: change)
            return ((), .supportHours(id))
        }
    }

    /// What an alert source's `supportHours` field names.
    ///
    /// - Parameter current: what it named before; that may stay although the caller does not see it.
    /// - Throws: `Failure.invalid` for hours that the caller does not see, or that are written out wrongly.
    static func checkedUse(
        _ field: JSONValue?, current: JSONValue?, by caller: Caller, in transaction: any Transaction
    ) throws -> SupportHours.ID? {
        guard let field, !field.isNull else { return nil }
        guard field.object != nil else { throw Failure.invalid("supportHours", "must be {\"id\": …}.") }
        if let id = SupportHoursList.id(in: field) {
            let isCurrent = current.flatMap { SupportHoursList.id(in: $0) } == id
            guard try isCurrent || SupportHoursList.find(id, scope: caller.reach, in: transaction) != nil else {
                throw Failure.invalid("supportHours", "there are no support hours \(id).")
            }
            return id
        }
        _ = try SupportHours(inline: field)
        return nil
    }

    private static func find(
        _ id: SupportHours.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> SupportHoursRecord {
        guard let record = try SupportHoursList.find(id, scope: caller.reach, in: transaction) else {
            throw Failure(.notFound, "There are no support hours \(id).")
        }
        return record
    }

    private static func audit(
        _ action: String, _ record: SupportHoursRecord, by caller: Caller, in change: Change
    ) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "support_hours", id: record.id.rawValue,
            details: "Support hours “\(record.name)”")
    }
}
