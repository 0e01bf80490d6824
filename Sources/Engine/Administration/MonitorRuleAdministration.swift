public import Alerting
public import Storage

/// Rules that attach delivery groups to monitors, as people see and change them.
public struct MonitorRuleAdministration: Sendable {
    /// One as somebody wants it to be.
    public struct Draft: Equatable, Sendable {
        public var label: String
        public var area: MonitorArea
        public var isActive: Bool
        /// Empty: all of the area.
        public var monitors: [Monitor.ID]
        public var groups: [DeliveryGroup.ID]

        public init(
            label: String, area: MonitorArea, isActive: Bool = true, monitors: [Monitor.ID] = [],
            groups: [DeliveryGroup.ID]
        ) {
            self.label = label
            self.area = area
            self.isActive = isActive
            self.monitors = monitors
            self.groups = groups
        }

        /// - Throws: `Failure.invalid` that names the field.
        func checked() throws(Failure) -> Draft {
            var draft = self
            draft.label = try FieldRules.name(label, "label")
            guard monitors.count <= 1000 else { throw .invalid("monitors", "there may be at most 1000.") }
            guard (1...50).contains(groups.count) else { throw .invalid("deliveryGroups", "choose 1 to 50.") }
            return draft
        }
    }

    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By label.
    public func list(by caller: Caller) async throws -> [MonitorRule] {
        try await configuration.read { try MonitorRules.list(account: caller.account, in: $0) }
    }

    /// - Throws: `Failure.notFound` when there is none; so do all below.
    public func find(_ id: MonitorRule.ID, by caller: Caller) async throws -> MonitorRule {
        try await configuration.read { try Self.find(id, by: caller, in: $0) }
    }

    public func create(_ draft: Draft, by caller: Caller) async throws -> MonitorRule {
        try caller.require(.user, to: "create rules")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var rule = MonitorRule(
                id: try change.newID(), account: caller.account, label: draft.label, area: draft.area,
                createdAt: change.now, updatedAt: change.now)
            try Self.apply(draft, to: &rule, by: caller, in: change)
            try MonitorRules.insert(rule, in: change.transaction)
            try Self.audit("monitor_rule.created", rule, by: caller, in: change)
            return (rule, .monitorRule(rule.id))
        }
    }

    public func update(_ id: MonitorRule.ID, with draft: Draft, by caller: Caller) async throws -> MonitorRule {
        try caller.require(.user, to: "change rules")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var rule = try Self.find(id, by: caller, in: change.transaction)
            try Self.apply(draft, to: &rule, by: caller, in: change)
            rule.updatedAt = change.now
            try MonitorRules.update(rule, in: change.transaction)
            try Self.audit("monitor_rule.updated", rule, by: caller, in: change)
            return (rule, .monitorRule(id))
        }
    }

    public func delete(_ id: MonitorRule.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete rules")
        try await configuration.change { change in
            let rule = try Self.find(id, by: caller, in: change.transaction)
            try MonitorRules.delete(id, in: change.transaction)
            try Self.audit("monitor_rule.deleted", rule, by: caller, in: change)
            return ((), .monitorRule(id))
        }
    }

    private static func apply(
        _ draft: Draft, to rule: inout MonitorRule, by caller: Caller, in change: Change
    ) throws {
        for monitor in draft.monitors where !rule.monitors.contains(monitor) {
            guard try Monitors.find(monitor, scope: caller.reach, in: change.transaction) != nil else {
                throw Failure.invalid("monitors", "there is no monitor \(monitor).")
            }
        }
        for group in draft.groups where !rule.groups.contains(group) {
            guard try DeliveryGroups.find(group, account: caller.account, in: change.transaction) != nil else {
                throw Failure.invalid("deliveryGroups", "there is no delivery group \(group).")
            }
        }
        rule.label = draft.label
        rule.area = draft.area
        rule.isActive = draft.isActive
        rule.monitors = Set(draft.monitors).sorted()
        rule.groups = Set(draft.groups).sorted()
    }

    private static func find(
        _ id: MonitorRule.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> MonitorRule {
        guard let rule = try MonitorRules.find(id, account: caller.account, in: transaction) else {
            throw Failure(.notFound, "There is no rule \(id).")
        }
        return rule
    }

    private static func audit(_ action: String, _ rule: MonitorRule, by caller: Caller, in change: Change) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "monitor_rule", id: rule.id.rawValue,
            details: "Rule “\(rule.label)”")
    }
}
