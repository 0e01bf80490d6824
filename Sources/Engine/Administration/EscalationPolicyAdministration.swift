public import Alerting
public import Storage

/// Escalation policies, as people see and change them.
public struct EscalationPolicyAdministration: Sendable {
    /// How many open alerts are told that their policy was edited.
    private static let mostNotes = 1000

    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By name and id.
    public func list(page: Page, by caller: Caller) async throws -> [PolicyRecord] {
        try await configuration.read { transaction in
            try EscalationPolicies.list(scope: caller.scope, page: page, in: transaction)
        }
    }

    /// - Throws: `Failure.notFound` when there is none that the caller may see; so do all below.
    public func find(_ id: EscalationPolicy.ID, by caller: Caller) async throws -> PolicyRecord {
        try await configuration.read { transaction in try Self.find(id, by: caller, in: transaction) }
    }

    public func find(name: String, by caller: Caller) async throws -> PolicyRecord {
        try await configuration.read { transaction in
            guard let policy = try EscalationPolicies.find(name: name, scope: caller.reach, in: transaction) else {
                throw Failure(.notFound, "There is no escalation policy named “\(Limits.cut(name, to: 100))”.")
            }
            return policy
        }
    }

    /// The policy that routing keys lead to.
    ///
    /// - Parameter routingKey: one or several, comma-separated; the first that fits counts.
    /// - Throws: `Failure.notFound` when none fits, `Failure.forbidden` when it is one that the caller may not see.
    public func resolve(routingKey: String, by caller: Caller) async throws -> PolicyRecord {
        try await configuration.read { transaction in
            guard let policy = try RoutingKeys.policy(for: routingKey, account: caller.account, in: transaction) else {
                throw Failure(.notFound, "No escalation policy has this routing key.")
            }
            guard try EscalationPolicies.find(policy.id, scope: caller.reach, in: transaction) != nil else {
                throw Failure(.forbidden, "You may not see the escalation policy with this routing key.")
            }
            return policy
        }
    }

    public func create(_ draft: EscalationPolicyDraft, by caller: Caller) async throws -> PolicyRecord {
        try caller.require(.user, to: "create escalation policies")
        let draft = try draft.checked()
        return try await configuration.change(conflict: Self.conflict) { change in
            try Self.check(draft, of: nil, by: caller, in: change.transaction)
            let policy = PolicyRecord(
                id: try change.newID(), account: caller.account, name: draft.name, levels: draft.levels,
                delay: draft.delay, isRepeating: draft.isRepeating, frequency: draft.frequency,
                routingKey: draft.routingKey,
                teams: try TeamLinks.checked(draft.teams, by: caller, in: change.transaction), createdAt: change.now,
                updatedAt: change.now)
            try EscalationPolicies.insert(policy, in: change.transaction)
            try Self.audit("escalation_policy.created", policy, by: caller, in: change)
            return (policy, .policy(policy.id))
        }
    }

    /// Replaces all of the policy. Alerts that are open keep the levels that they were raised with; a line on their
    /// timelines says so.
    public func update(
        _ id: EscalationPolicy.ID, with draft: EscalationPolicyDraft, by caller: Caller
    ) async throws -> PolicyRecord {
        try caller.require(.user, to: "change escalation policies")
        let draft = try draft.checked()
        return try await configuration.change(conflict: Self.conflict) { change in
            let old = try Self.find(id, by: caller, in: change.transaction)
            return (try Self.replace(old, with: draft, by: caller, in: change), .policy(id))
        }
    }

    /// Replaces one level.
    ///
    /// - Parameter index: 0-based.
    /// - Throws: `Failure.notFound` when the policy has no such level.
    public func updateLevel(
        _ index: Int, of id: EscalationPolicy.ID, with level: EscalationLevel, by caller: Caller
    ) async throws -> PolicyRecord {
        try caller.require(.user, to: "change escalation policies")
        let level = try EscalationPolicyDraft.checked(level, "escalationRules[\(index)]")
        return try await configuration.change(conflict: Self.conflict) { change in
            let old = try Self.find(id, by: caller, in: change.transaction)
            guard old.policy.levels.indices.contains(index) else {
                throw Failure(.notFound, "Escalation policy \(id) has no level \(index).")
            }
            var draft = EscalationPolicyDraft(old)
            draft.levels[index] = level
            return (try Self.replace(old, with: draft, by: caller, in: change), .policy(id))
        }
    }

    /// - Throws: `Failure.conflict` that names the alert sources which use it.
    public func delete(_ id: EscalationPolicy.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete escalation policies")
        try await configuration.change { change in
            let policy = try Self.find(id, by: caller, in: change.transaction)
            let visible = try AlertSources.names(using: id, scope: caller.reach, in: change.transaction)
            guard visible.isEmpty else {
                let names = visible.map { "“\($0)”" }.joined(separator: ", ")
                throw Failure(.conflict, "Alert sources still use this escalation policy: \(names).")
            }
            let everybody = Scope(account: caller.account, user: caller.user, role: .admin)
            guard try AlertSources.names(using: id, scope: everybody, in: change.transaction).isEmpty else {
                throw Failure(.conflict, "An alert source of another team still uses this escalation policy.")
            }
            try EventFlowAdministration.checkUnused(.policy, id.rawValue, in: change.transaction)
            try Self.noteOnOpenAlerts(policy, .policyDeleted, by: caller, in: change)
            try EscalationPolicies.delete(id, in: change.transaction)
            try Self.audit("escalation_policy.deleted", policy, by: caller, in: change)
            return ((), .policy(id))
        }
    }

    /// Takes somebody or something that is gone out of all policies; alerts that are open find it gone by themselves.
    static func remove(
        _ target: EscalationTarget, account: Account.ID, by caller: Caller, in change: Change
    ) throws {
        let everybody = Scope(account: account, user: caller.user, role: .admin)
        let policies = try EscalationPolicies.list(scope: everybody, page: Page(limit: 10_000), in: change.transaction)
        for var policy in policies where policy.policy.levels.contains(where: { $0.targets.contains(target) }) {
            for index in policy.policy.levels.indices { policy.policy.levels[index].targets.removeAll { $0 == target } }
            policy.updatedAt = change.now
            try EscalationPolicies.update(policy, in: change.transaction)
            try audit("escalation_policy.updated", policy, by: caller, in: change)
        }
    }

    private static let conflict = "Another escalation policy has this routing key, or was changed at the same moment."

    private static func find(
        _ id: EscalationPolicy.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> PolicyRecord {
        guard let policy = try EscalationPolicies.find(id, scope: caller.reach, in: transaction) else {
            throw Failure(.notFound, "There is no escalation policy \(id).")
        }
        return policy
    }

    private static func replace(
        _ old: PolicyRecord, with draft: EscalationPolicyDraft, by caller: Caller, in change: Change
    ) throws -> PolicyRecord {
        try check(draft, of: old, by: caller, in: change.transaction)
        let policy = PolicyRecord(
            id: old.id, account: old.account, name: draft.name, levels: draft.levels, delay: draft.delay,
            isRepeating: draft.isRepeating, frequency: draft.frequency, routingKey: draft.routingKey,
            teams: try TeamLinks.checked(draft.teams, current: old.teams, by: caller, in: change.transaction),
            createdAt: old.createdAt, updatedAt: change.now)
        try EscalationPolicies.update(policy, in: change.transaction)
        try audit("escalation_policy.updated", policy, by: caller, in: change)
        if policy.policy != old.policy { try noteOnOpenAlerts(policy, .policyChanged, by: caller, in: change) }
        return policy
    }

    /// What only the database knows: whether the targets exist and the routing key is free.
    private static func check(
        _ draft: EscalationPolicyDraft, of old: PolicyRecord?, by caller: Caller, in transaction: any Transaction
    ) throws {
        let present = Set((old?.policy.levels ?? []).flatMap(\.targets))
        for (index, level) in draft.levels.enumerated() {
            for target in level.targets where !present.contains(target) {
                try check(target, "escalationRules[\(index)]", by: caller, in: transaction)
            }
            let known = old?.policy.levels.compactMap(\.condition?.supportHours) ?? []
            if let hours = level.condition?.supportHours, !known.contains(hours),
                try SupportHoursList.find(.init(hours), scope: caller.reach, in: transaction) == nil
            {
                throw Failure.invalid("escalationRules[\(index)].supportHours", "there are no support hours \(hours).")
            }
        }
        guard let key = draft.routingKey, key != old?.routingKey else { return }
        let holder = try EscalationPolicies.find(routingKey: key, account: caller.account, in: transaction)
        guard holder == nil else { throw Failure(.conflict, "Another escalation policy has the routing key \(key).") }
    }

    private static func check(
        _ target: EscalationTarget, _ field: String, by caller: Caller, in transaction: any Transaction
    ) throws {
        switch target {
        case .user(let id):
            guard try Users.find(id, in: transaction)?.account == caller.account else {
                throw Failure.invalid("\(field).users", "there is no user \(id).")
            }
        case .team(let id):
            guard try Teams.find(id, scope: caller.reach, in: transaction) != nil else {
                throw Failure.invalid("\(field).teams", "there is no team \(id).")
            }
        case .schedule(let id):
            guard try OnCallSchedules.find(.init(id), scope: caller.reach, in: transaction) != nil else {
                throw Failure.invalid("\(field).schedules", "there is no on-call schedule \(id).")
            }
        }
    }

    private static func noteOnOpenAlerts(
        _ policy: PolicyRecord, _ kind: TimelineEntry.Kind, by caller: Caller, in change: Change
    ) throws {
        let open = AlertFilter(statuses: [.pending, .accepted], policies: [policy.id])
        try note(kind, on: open, text: policy.name, by: caller, in: change)
    }

    /// Writes one line on each alert that `filter` names, up to a limit; whoever may see them.
    static func note(
        _ kind: TimelineEntry.Kind, on filter: AlertFilter, text: String, by caller: Caller, in change: Change
    ) throws {
        let everybody = Scope(account: caller.account, user: caller.user, role: .admin)
        let alerts = try AlertList.list(filter, scope: everybody, page: Page(limit: mostNotes), in: change.transaction)
        for alert in alerts {
            try change.note(kind, on: alert.alert.id, by: .user(caller.user), text: text)
        }
    }

    /// The names of the policies with a level that support hours are a condition of, by name.
    static func names(
        conditionedBy hours: SupportHours.ID, account: Account.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> [String] {
        let everybody = Scope(account: account, user: caller.user, role: .admin)
        return try EscalationPolicies.list(scope: everybody, page: Page(limit: 10_000), in: transaction)
            .filter { $0.policy.levels.contains { $0.condition?.supportHours == hours.rawValue } }.map(\.name)
    }

    private static func audit(_ action: String, _ policy: PolicyRecord, by caller: Caller, in change: Change) throws {
        try change.audit(
            action, account: policy.account, by: caller.user, target: "escalation_policy", id: policy.id.rawValue,
            details: "Escalation policy “\(policy.name)”")
    }
}
