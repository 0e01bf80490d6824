public import Alerting
public import Storage

/// An alert action as somebody wants it to be.
public struct AlertActionDraft: Equatable, Sendable {
    public var name: String
    /// As on the wire, such as `webhook`.
    public var kind: String
    public var connector: ConnectorRecord.ID?
    public var isManual: Bool
    public var triggers: [AlertTrigger]
    public var escalationEndedDelay: Duration
    public var notResolvedDelay: Duration
    public var params: JSONValue
    public var conditions: String?
    public var filter: JSONValue?
    public var sources: [AlertSource.ID]
    public var teams: [Team.ID]

    public init(
        name: String, kind: String, connector: ConnectorRecord.ID? = nil, isManual: Bool = false,
        triggers: [AlertTrigger] = [], escalationEndedDelay: Duration = .zero, notResolvedDelay: Duration = .zero,
        params: JSONValue = .object([:]), conditions: String? = nil, filter: JSONValue? = nil,
        sources: [AlertSource.ID] = [], teams: [Team.ID] = []
    ) {
        self.name = name
        self.kind = kind
        self.connector = connector
        self.isManual = isManual
        self.triggers = triggers
        self.escalationEndedDelay = escalationEndedDelay
        self.notResolvedDelay = notResolvedDelay
        self.params = params
        self.conditions = conditions
        self.filter = filter
        self.sources = sources
        self.teams = teams
    }

    /// The action as it is, to change a part of it.
    public init(_ action: AlertActionRecord) {
        self.init(
            name: action.name, kind: action.kind, connector: action.connector, isManual: action.isManual,
            triggers: action.triggers, escalationEndedDelay: action.escalationEndedDelay,
            notResolvedDelay: action.notResolvedDelay, params: action.params, conditions: action.conditions,
            filter: action.filter, sources: action.sources, teams: action.teams)
    }

    private static let endedDelays: ClosedRange<Duration> = .zero ... .seconds(7200)
    private static let resolvedDelays: ClosedRange<Duration> = .zero ... .seconds(172_800)
    private static let most = 1000

    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> AlertActionDraft {
        var draft = self
        draft.name = try FieldRules.name(name)
        guard let found = ActionKind.named(kind) else {
            throw .invalid("connectorType", "there is nothing behind \(Limits.cut(kind, to: 40)) here.")
        }
        guard params.object != nil else { throw .invalid("params", "must be an object.") }
        try found.check(params, found.fields, "params")
        if kind == ServiceAutomation.kind { _ = try ServiceAutomation(params) }
        guard !found.needsConnector || connector != nil else { throw .invalid("connectorId", "is needed.") }
        guard Self.endedDelays.contains(escalationEndedDelay) else {
            throw .invalid("escalationEndedDelaySec", "must be 0 to 7200.")
        }
        guard Self.resolvedDelays.contains(notResolvedDelay) else {
            throw .invalid("notResolvedDelaySec", "must be 0 to 172800.")
        }
        draft.sources = Set(sources).sorted()
        guard draft.sources.count <= Self.most else { throw .invalid("alertSources", "there may be at most 1000.") }
        if let text = conditions, text.contains(where: { !$0.isWhitespace }) {
            do throws(LanguageError) {
                _ = try Condition(text)
            } catch {
                throw .invalid("conditions", error.message)
            }
        } else {
            draft.conditions = nil
        }
        _ = try AlertActionFilter(filter)
        return draft
    }

    func write(to action: inout AlertActionRecord) {
        action.name = name
        action.kind = kind
        action.connector = connector
        action.isManual = isManual
        action.triggers = triggers
        action.escalationEndedDelay = escalationEndedDelay
        action.notResolvedDelay = notResolvedDelay
        action.params = params
        action.conditions = conditions
        action.filter = filter
        action.sources = sources
    }
}

/// Alert actions, as people see and change them.
public struct AlertActionAdministration: Sendable {
    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By name and id.
    public func list(
        source: AlertSource.ID? = nil, connector: ConnectorRecord.ID? = nil, page: Page, by caller: Caller
    ) async throws -> [AlertActionRecord] {
        try await configuration.read { transaction in
            try AlertActions.list(
                source: source, connector: connector, scope: caller.scope, page: page, in: transaction)
        }
    }

    /// - Throws: `Failure.notFound` when there is none that the caller may see; so do all below.
    public func find(_ id: AlertActionRecord.ID, by caller: Caller) async throws -> AlertActionRecord {
        try await configuration.read { try Self.find(id, by: caller, in: $0) }
    }

    public func find(name: String, by caller: Caller) async throws -> AlertActionRecord {
        try await configuration.read { transaction in
            guard let found = try AlertActions.find(name: name, scope: caller.reach, in: transaction) else {
                throw Failure(.notFound, "There is no alert action named “\(Limits.cut(name, to: 100))”.")
            }
            return found
        }
    }

    /// Its newest runs.
    public func runs(of id: AlertActionRecord.ID, limit: Int, by caller: Caller) async throws -> [AlertActionRun] {
        try await configuration.read { transaction in
            _ = try Self.find(id, by: caller, in: transaction)
            return try AlertActionRuns.list(action: id, limit: limit, in: transaction)
        }
    }

    public func create(_ draft: AlertActionDraft, by caller: Caller) async throws -> AlertActionRecord {
        try caller.require(.user, to: "create alert actions")
        let draft = try draft.checked()
        return try await configuration.change { change in
            try Self.check(draft, against: nil, by: caller, in: change.transaction)
            var record = AlertActionRecord(
                id: try change.newID(), account: caller.account, name: draft.name, kind: draft.kind,
                createdAt: change.now, updatedAt: change.now)
            draft.write(to: &record)
            record.teams = try TeamLinks.checked(draft.teams, by: caller, in: change.transaction)
            try AlertActions.insert(record, in: change.transaction)
            try Self.audit("alert_action.created", record, by: caller, in: change)
            return (record, .alertAction)
        }
    }

    public func update(
        _ id: AlertActionRecord.ID, with draft: AlertActionDraft, by caller: Caller
    ) async throws -> AlertActionRecord {
        try caller.require(.user, to: "change alert actions")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var record = try Self.find(id, by: caller, in: change.transaction)
            try Self.check(draft, against: record, by: caller, in: change.transaction)
            record.teams = try TeamLinks.checked(
                draft.teams, current: record.teams, by: caller, in: change.transaction)
            draft.write(to: &record)
            try change.releaseAll(by: record, but: ServiceAutomation.services(of: record))
            record.updatedAt = change.now
            try AlertActions.update(record, in: change.transaction)
            try Self.audit("alert_action.updated", record, by: caller, in: change)
            return (record, .alertAction)
        }
    }

    /// What is still to be done of it is not.
    public func delete(_ id: AlertActionRecord.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete alert actions")
        try await configuration.change { change in
            let record = try Self.find(id, by: caller, in: change.transaction)
            try change.releaseAll(by: record)
            try AlertActions.delete(id, in: change.transaction)
            try Self.audit("alert_action.deleted", record, by: caller, in: change)
            return ((), .alertAction)
        }
    }

    /// What an action names must be there for the caller, or have been named before.
    private static func check(
        _ draft: AlertActionDraft, against current: AlertActionRecord?, by caller: Caller,
        in transaction: any Transaction
    ) throws {
        for source in draft.sources where current?.sources.contains(source) != true {
            guard try AlertSources.find(source, scope: caller.reach, in: transaction) != nil else {
                throw Failure.invalid("alertSources", "there is no alert source \(source).")
            }
        }
        if let id = draft.connector {
            guard let connector = try Connectors.find(id, account: caller.account, in: transaction) else {
                throw Failure.invalid("connectorId", "there is no connector \(id).")
            }
            guard connector.kind == draft.kind else {
                throw Failure.invalid("connectorId", "is a connector for \(connector.kind).")
            }
        }
        if draft.kind == ServiceAutomation.kind {
            try ServiceAutomation(draft.params).check(
                besides: ServiceAutomation.services(of: current), by: caller, in: transaction)
        }
        guard draft.kind == "reroute" else { return }
        let policy = draft.params["escalationPolicyId"]?.scalarText.flatMap { EscalationPolicy.ID($0) }
        guard let policy, try EscalationPolicies.find(policy, scope: caller.reach, in: transaction) != nil else {
            throw Failure.invalid("params.escalationPolicyId", "there is no such escalation policy.")
        }
    }

    private static func find(
        _ id: AlertActionRecord.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> AlertActionRecord {
        guard let record = try AlertActions.find(id, scope: caller.reach, in: transaction) else {
            throw Failure(.notFound, "There is no alert action \(id).")
        }
        return record
    }

    private static func audit(
        _ action: String, _ record: AlertActionRecord, by caller: Caller, in change: Change
    ) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "alert_action", id: record.id.rawValue,
            details: "Alert action “\(record.name)”")
    }
}
