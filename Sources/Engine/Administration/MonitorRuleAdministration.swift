public import Alerting
public import Storage

/// Rules that attach delivery groups to monitors, as people see and change them.
public typealias MonitorRuleAdministration = RecordAdministration<MonitorRule, MonitorRuleDraft>

/// A rule as somebody wants it to be.
public struct MonitorRuleDraft: Equatable, Sendable {
    public var label: String
    public var area: MonitorArea
    public var isActive: Bool
    /// Empty: all of the area.
    public var monitors: [Monitor.ID]
    public var groups: [DeliveryGroup.ID]

    public init(
        label: String, area: MonitorArea, isActive: Bool = true, monitors: [Monitor.ID] = [], groups: [DeliveryGroup.ID]
    ) {
        self.label = label
        self.area = area
        self.isActive = isActive
        self.monitors = monitors
        self.groups = groups
    }

    public init(_ rule: MonitorRule) {
        self.init(
            label: rule.label, area: rule.area, isActive: rule.isActive, monitors: rule.monitors, groups: rule.groups)
    }

    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> MonitorRuleDraft {
        var draft = self
        draft.label = try FieldRules.name(label, "label")
        guard monitors.count <= 1000 else { throw .invalid("monitors", "there may be at most 1000.") }
        guard (1...50).contains(groups.count) else { throw .invalid("deliveryGroups", "choose 1 to 50.") }
        return draft
    }

    func apply(to rule: inout MonitorRule, by caller: Caller, in change: Change) throws {
        try change.requireMonitors(monitors, besides: rule.monitors, for: caller)
        for group in groups where !rule.groups.contains(group) {
            guard try DeliveryGroups.find(group, account: caller.account, in: change.transaction) != nil else {
                throw Failure.invalid("deliveryGroups", "there is no delivery group \(group).")
            }
        }
        rule.label = label
        rule.area = area
        rule.isActive = isActive
        rule.monitors = Set(monitors).sorted()
        rule.groups = Set(groups).sorted()
        rule.updatedAt = change.now
    }
}

extension RecordAdministration where Record == MonitorRule, Wish == MonitorRuleDraft {
    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        let steps = Steps(
            noun: "rule", code: "monitor_rule", check: { draft throws(Failure) in try draft.checked() },
            make: { id, account, draft, now in
                MonitorRule(
                    id: id, account: account, label: draft.label, area: draft.area, createdAt: now, updatedAt: now)
            }, apply: { try $0.apply(to: &$1, by: $2, in: $3) }, id: { $0.id }, name: { $0.label },
            list: { try MonitorRules.list(account: $0, in: $1) },
            find: { try MonitorRules.find($0, account: $1, in: $2) },
            insert: { try MonitorRules.insert($0, in: $1) }, update: { try MonitorRules.update($0, in: $1) },
            delete: { try MonitorRules.delete($0, in: $1) }, change: { .monitorRule($0) })
        self.init(steps, store: store, onChange: onChange)
    }
}
