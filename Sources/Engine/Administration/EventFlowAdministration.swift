public import Alerting
import Integrations
public import Storage

/// An event flow as somebody wants it to be.
public struct EventFlowDraft: Equatable, Sendable {
    public var name: String
    /// The tree as on the wire; numbers of nodes may be missing.
    public var root: JSONValue
    /// `nil`: as they are, none on creation.
    public var teams: [Team.ID]?

    public init(name: String, root: JSONValue, teams: [Team.ID]? = nil) {
        self.name = name
        self.root = root
        self.teams = teams
    }

    /// The flow as it is, to change a part of it.
    public init(_ flow: EventFlowRecord) {
        self.init(name: flow.name, root: flow.root, teams: flow.teams)
    }

    /// A tree in which nothing follows yet.
    public static let emptyRoot = JSONValue.object([
        "nodeType": .string("ROOT"), "name": .string("Incoming event"),
        "branches": .array([.object(["branchType": .string("CATCH_ALL")])]),
    ])

    /// Bytes of JSON.
    private static let mostBytes = 512 * 1024

    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> (draft: EventFlowDraft, flow: EventFlow) {
        var draft = self
        draft.name = try FieldRules.name(name)
        guard root.object != nil else { throw .invalid("root", "is needed: a node of the type ROOT.") }
        draft.root = EventFlow.numbered(root)
        guard draft.root.bytes().count <= Self.mostBytes else {
            throw .invalid("root", "may have at most \(Self.mostBytes) bytes.")
        }
        return (draft, try EventFlow(root: draft.root))
    }
}

/// Event flows, as people see and change them.
public struct EventFlowAdministration: Sendable {
    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By name and id.
    public func list(page: Page, by caller: Caller) async throws -> [EventFlowRecord] {
        try await configuration.read { try EventFlows.list(scope: caller.scope, page: page, in: $0) }
    }

    /// - Throws: `Failure.notFound` when there is none that the caller may see; so do all below.
    public func find(_ id: EventFlow.ID, by caller: Caller) async throws -> EventFlowRecord {
        try await configuration.read { try Self.find(id, by: caller, in: $0) }
    }

    public func find(name: String, by caller: Caller) async throws -> EventFlowRecord {
        try await configuration.read { transaction in
            guard let found = try EventFlows.find(name: name, scope: caller.reach, in: transaction) else {
                throw Failure(.notFound, "There is no event flow named “\(Limits.cut(name, to: 100))”.")
            }
            return found
        }
    }

    /// Its newest events.
    public func events(of id: EventFlow.ID, limit: Int, by caller: Caller) async throws -> [EventFlowEvent] {
        try await configuration.read { transaction in
            _ = try Self.find(id, by: caller, in: transaction)
            return try EventFlowLog.list(flow: id, limit: limit, in: transaction)
        }
    }

    public func event(
        _ event: EventFlowEvent.ID, of id: EventFlow.ID, by caller: Caller
    ) async throws -> EventFlowEvent {
        try await configuration.read { transaction in
            _ = try Self.find(id, by: caller, in: transaction)
            guard let found = try EventFlowLog.find(event, flow: id, in: transaction) else {
                throw Failure(.notFound, "There is no such event, or it was forgotten because of its age.")
            }
            return found
        }
    }

    /// The flow ready to lead events through it, to be tried; nothing is written by that.
    public func trial(of id: EventFlow.ID, by caller: Caller) async throws -> FlowEntry {
        try await configuration.read { transaction in
            try FlowEntry.load(Self.find(id, by: caller, in: transaction), in: transaction)
        }
    }

    /// With a key for the generic event.
    public func create(_ draft: EventFlowDraft, by caller: Caller) async throws -> EventFlowRecord {
        try caller.require(.user, to: "create event flows")
        let (draft, flow) = try draft.checked()
        return try await configuration.change { change in
            let record = EventFlowRecord(
                id: try change.newID(), account: caller.account, name: draft.name, root: draft.root,
                teams: try TeamLinks.checked(draft.teams, by: caller, in: change.transaction),
                createdAt: change.now, updatedAt: change.now)
            try Self.check(flow, against: nil, by: caller, in: change.transaction)
            try EventFlows.insert(record, in: change.transaction)
            try EventFlows.setReferences(flow.references, of: record.id, in: change.transaction)
            try Self.insertKey(of: record.id, type: EventsAPI.kind.type, in: change)
            try Self.audit("event_flow.created", record, by: caller, in: change)
            return (record, .eventFlow(record.id))
        }
    }

    public func update(
        _ id: EventFlow.ID, with draft: EventFlowDraft, by caller: Caller
    ) async throws -> EventFlowRecord {
        try caller.require(.user, to: "change event flows")
        let (draft, flow) = try draft.checked()
        return try await configuration.change { change in
            var record = try Self.find(id, by: caller, in: change.transaction)
            try Self.check(flow, against: record, by: caller, in: change.transaction)
            record.teams = try TeamLinks.checked(
                draft.teams, current: record.teams, by: caller, in: change.transaction)
            record.name = draft.name
            record.root = draft.root
            record.updatedAt = change.now
            try EventFlows.update(record, in: change.transaction)
            try EventFlows.setReferences(flow.references, of: id, in: change.transaction)
            try Self.audit("event_flow.updated", record, by: caller, in: change)
            return (record, .eventFlow(id))
        }
    }

    /// With its keys, its record and the events that wait in it.
    public func delete(_ id: EventFlow.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete event flows")
        try await configuration.change { change in
            let record = try Self.find(id, by: caller, in: change.transaction)
            try EventFlows.delete(id, in: change.transaction)
            try Self.audit("event_flow.deleted", record, by: caller, in: change)
            return ((), .eventFlow(id))
        }
    }

    // MARK: - Keys

    /// By id.
    ///
    /// - Parameter flow: `nil`: of all flows that the caller may see.
    public func integrations(
        of flow: EventFlow.ID?, page: Page, by caller: Caller
    ) async throws -> [EventFlowIntegration] {
        try await configuration.read { transaction in
            try EventFlowIntegrations.list(flow: flow, scope: caller.scope, page: page, in: transaction)
        }
    }

    public func integration(
        _ id: EventFlowIntegration.ID, by caller: Caller
    ) async throws -> EventFlowIntegration {
        try await configuration.read { try Self.integration(id, by: caller, in: $0) }
    }

    /// Gives a flow one more key.
    ///
    /// - Parameter type: the format that comes under it, such as `PROMETHEUS`.
    public func addIntegration(
        _ type: String, to id: EventFlow.ID, by caller: Caller
    ) async throws -> EventFlowIntegration {
        try caller.require(.user, to: "change event flows")
        guard let entry = IntegrationCatalog.entry(type: type), !entry.kind.isMail else {
            throw Failure.invalid("integrationType", "there is no reader for \(Limits.cut(type, to: 40)).")
        }
        return try await configuration.change { change in
            let record = try Self.find(id, by: caller, in: change.transaction)
            let page = Page(limit: Limits.flowKeys)
            let present = try EventFlowIntegrations.list(
                flow: id, scope: caller.reach, page: page, in: change.transaction)
            guard present.count < Limits.flowKeys else {
                throw Failure.invalid("integrationType", "a flow has \(Limits.flowKeys) keys at most.")
            }
            let made = try Self.insertKey(of: id, type: entry.type, in: change)
            try Self.audit("event_flow.key_added", record, by: caller, in: change)
            return (made, .eventFlow(id))
        }
    }

    /// What comes under the key is refused from then on.
    public func deleteIntegration(_ id: EventFlowIntegration.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "change event flows")
        try await configuration.change { change in
            let integration = try Self.integration(id, by: caller, in: change.transaction)
            let record = try Self.find(integration.flow, by: caller, in: change.transaction)
            try EventFlowIntegrations.delete(id, in: change.transaction)
            try Self.audit("event_flow.key_removed", record, by: caller, in: change)
            return ((), .eventFlow(record.id))
        }
    }

    // MARK: - Checks

    /// - Throws: `Failure.conflict` while event flows name the thing.
    static func checkUnused(
        _ kind: EventFlows.Reference, _ id: Int64, in transaction: any Transaction
    ) throws {
        let names = try EventFlows.users(of: kind, id, in: transaction)
        guard names.isEmpty else {
            throw Failure(.conflict, "In use by event flows: \(names.joined(separator: ", ")).")
        }
    }

    /// What nodes name must be there for the caller, or have been named before.
    private static func check(
        _ flow: EventFlow, against current: EventFlowRecord?, by caller: Caller, in transaction: any Transaction
    ) throws {
        // A stored tree that cannot be read any more names nothing.
        let old = current.flatMap { try? EventFlow(root: $0.root) }
        for route in flow.routes {
            let isOld = old?.routes.contains { $0.source == route.source } ?? false
            guard try isOld || AlertSources.find(route.source, scope: caller.reach, in: transaction) != nil else {
                throw Failure.invalid("alertSourceId", "there is no alert source \(route.source).")
            }
            guard let policy = route.policy, old?.routes.contains(where: { $0.policy == policy }) != true else {
                continue
            }
            guard try EscalationPolicies.find(policy, scope: caller.reach, in: transaction) != nil else {
                throw Failure.invalid("escalationPolicyId", "there is no escalation policy \(policy).")
            }
        }
        for hours in flow.hours where old?.hours.contains(hours) != true {
            guard try SupportHoursList.find(hours, scope: caller.reach, in: transaction) != nil else {
                throw Failure.invalid("supportHoursId", "there are no support hours \(hours).")
            }
        }
    }

    @discardableResult
    private static func insertKey(
        of flow: EventFlow.ID, type: String, in change: Change
    ) throws -> EventFlowIntegration {
        let integration = EventFlowIntegration(
            id: try change.newID(), flow: flow, type: type, key: Tokens.integrationKey(type: "FLOW"),
            createdAt: change.now)
        try EventFlowIntegrations.insert(integration, in: change.transaction)
        return integration
    }

    private static func integration(
        _ id: EventFlowIntegration.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> EventFlowIntegration {
        guard let found = try EventFlowIntegrations.find(id, scope: caller.reach, in: transaction) else {
            throw Failure(.notFound, "There is no integration \(id) of an event flow.")
        }
        return found
    }

    private static func find(
        _ id: EventFlow.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> EventFlowRecord {
        guard let record = try EventFlows.find(id, scope: caller.reach, in: transaction) else {
            throw Failure(.notFound, "There is no event flow \(id).")
        }
        return record
    }

    private static func audit(
        _ action: String, _ flow: EventFlowRecord, by caller: Caller, in change: Change
    ) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "event_flow", id: flow.id.rawValue,
            details: "Event flow “\(flow.name)”")
    }
}

extension EventFlow {
    /// What its nodes name.
    fileprivate var references: [(EventFlows.Reference, Int64)] {
        routes.map { (.source, $0.source.rawValue) }
            + routes.compactMap { route in
                route.policy.map { (.policy, $0.rawValue) }
            } + hours.map { (.hours, $0.rawValue) }
    }
}
