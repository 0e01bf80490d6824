public import Alerting
public import Storage

/// Alert sources, as people see and change them.
public struct AlertSourceAdministration: Sendable {
    private let configuration: Configuration
    private let isKnownType: @Sendable (String) -> Bool
    private let mailDomain: String

    /// - Parameters:
    ///   - isKnownType: whether something is an `integrationType`.
    ///   - mailDomain: what the addresses of sources that take mails end in.
    ///   - onChange: told after each commit.
    public init(
        store: Store, isKnownType: @escaping @Sendable (String) -> Bool, mailDomain: String = "localhost",
        onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }
    ) {
        configuration = Configuration(store: store, onChange: onChange)
        self.isKnownType = isKnownType
        self.mailDomain = mailDomain
    }

    /// By name and id.
    public func list(page: Page, by caller: Caller) async throws -> [AlertSourceRecord] {
        try await configuration.read { transaction in
            try AlertSources.list(scope: caller.scope, page: page, in: transaction)
        }
    }

    /// How many open alerts each source has, by status; sources without any are missing.
    public func openCounts(by caller: Caller) async throws -> [AlertSource.ID: [AlertStatus: Int]] {
        try await configuration.read { transaction in
            try AlertSources.openCounts(account: caller.account, in: transaction)
        }
    }

    /// - Throws: `Failure.notFound` when there is none that the caller may see; so do all below.
    public func find(_ id: AlertSource.ID, by caller: Caller) async throws -> AlertSourceRecord {
        try await configuration.read { transaction in try Self.find(id, by: caller, in: transaction) }
    }

    /// - Parameter reference: an id or an integration key.
    public func find(reference: String, by caller: Caller) async throws -> AlertSourceRecord {
        if let id = AlertSource.ID(reference) { return try await find(id, by: caller) }
        let prefix = AlertSourceRecord.keyPrefix(of: reference) ?? ""
        return try await configuration.read { transaction in
            guard let source = try AlertSources.find(keyPrefix: prefix, in: transaction),
                Tokens.areEqual(source.integrationKey, reference)
            else { throw Failure(.notFound, "There is no alert source with this id or integration key.") }
            return try Self.find(source.id, by: caller, in: transaction)
        }
    }

    public func find(name: String, by caller: Caller) async throws -> AlertSourceRecord {
        try await configuration.read { transaction in
            guard let source = try AlertSources.find(name: name, scope: caller.reach, in: transaction) else {
                throw Failure(.notFound, "There is no alert source named “\(Limits.cut(name, to: 100))”.")
            }
            return source
        }
    }

    public func create(_ draft: AlertSourceDraft, by caller: Caller) async throws -> AlertSourceRecord {
        try await create(draft, policyName: nil, by: caller)
    }

    /// Makes a source and, in the same transaction, an escalation policy for it whose one level is the caller; the
    /// draft's own policy does not count. The caller has 15 minutes to accept and is then called once more.
    public func createWithPolicy(
        _ draft: AlertSourceDraft, policyName: String, by caller: Caller
    ) async throws -> AlertSourceRecord {
        try await create(draft, policyName: FieldRules.name(policyName, "escalationPolicy"), by: caller)
    }

    /// Replaces all but the mapping and an integration key that is no mail address.
    public func update(
        _ id: AlertSource.ID, with draft: AlertSourceDraft, by caller: Caller
    ) async throws -> AlertSourceRecord {
        let draft = try draft.checked(isKnownType: isKnownType)
        return try await change(id, by: caller, action: "alert_source.updated") { source, change in
            source.integrationKey = try key(for: draft, current: source, in: change.transaction)
            if draft.policy != source.policy {
                try Self.checkPolicy(draft.policy, by: caller, in: change.transaction)
                let name = try EscalationPolicies.find(draft.policy, in: change.transaction)?.name ?? ""
                try EscalationPolicyAdministration.note(
                    .sourceMoved, on: AlertFilter(statuses: [.pending, .accepted], sources: [id]), text: name,
                    by: caller, in: change)
            }
            source.teams = try TeamLinks.checked(
                draft.teams, current: source.teams, by: caller, in: change.transaction)
            let hours = try SupportHoursAdministration.checkedUse(
                draft.fields["supportHours"], current: source.fields["supportHours"], by: caller,
                in: change.transaction)
            try SupportHoursList.setUse(hours, by: id, in: change.transaction)
            try draft.writeSecret(of: id, in: change.transaction)
            let old = source
            draft.write(to: &source)
            if source.changesSupportHours(of: old) {
                try Timers.set(.supportHours, ofLowAlertsFrom: id, due: change.now, in: change.transaction)
            }
        }
    }

    /// Whether requests to the source must be signed.
    public func hasWebhookSecret(_ id: AlertSource.ID, by caller: Caller) async throws -> Bool {
        try await configuration.read { transaction in
            let source = try Self.find(id, by: caller, in: transaction)
            return try WebhookSecrets.find(source.id, in: transaction) != nil
        }
    }

    /// Gives the source a new integration key; the old one stops at once.
    public func rotateKey(_ id: AlertSource.ID, by caller: Caller) async throws -> AlertSourceRecord {
        try await change(id, by: caller, action: "alert_source.key_rotated") { source, _ in
            source.integrationKey = newKey(type: source.integrationType, name: source.name)
        }
    }

    /// Says how the source's requests are read.
    ///
    /// - Parameter mapping: an integration's own form; `nil`: as the integration does by itself.
    public func setMapping(
        _ mapping: JSONValue?, of id: AlertSource.ID, by caller: Caller
    ) async throws -> AlertSourceRecord {
        guard (mapping?.bytes().count ?? 0) <= Limits.mapping else {
            throw Failure.invalid("mapping", "may have at most \(Limits.mapping) bytes.")
        }
        return try await change(id, by: caller, action: "alert_source.mapping_set") { source, _ in
            source.mapping = mapping
        }
    }

    /// Removes the source with its alerts and events.
    public func delete(_ id: AlertSource.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete alert sources")
        try await configuration.change { change in
            let source = try Self.find(id, by: caller, in: change.transaction)
            try EventFlowAdministration.checkUnused(.source, id.rawValue, in: change.transaction)
            try AlertSources.delete(id, in: change.transaction)
            try Self.audit("alert_source.deleted", source, by: caller, in: change)
            return ((), .alertSource(id))
        }
    }

    private func create(
        _ draft: AlertSourceDraft, policyName: String?, by caller: Caller
    ) async throws -> AlertSourceRecord {
        try caller.require(.user, to: "create alert sources")
        let draft = try draft.checked(isKnownType: isKnownType)
        return try await configuration.change { change in
            let key = try self.key(for: draft, current: nil, in: change.transaction)
            let teams = try TeamLinks.checked(draft.teams, by: caller, in: change.transaction)
            var source = AlertSourceRecord(
                id: try change.newID(), account: caller.account, name: draft.name,
                integrationType: draft.integrationType, integrationKey: key, policy: draft.policy, teams: teams,
                createdAt: change.now, updatedAt: change.now)
            draft.write(to: &source)
            if let policyName {
                source.policy = try Self.makePolicy(policyName, teams: teams, by: caller, in: change)
            } else {
                try Self.checkPolicy(draft.policy, by: caller, in: change.transaction)
            }
            let hours = try SupportHoursAdministration.checkedUse(
                draft.fields["supportHours"], current: nil, by: caller, in: change.transaction)
            try AlertSources.insert(source, in: change.transaction)
            try draft.writeSecret(of: source.id, in: change.transaction)
            try SupportHoursList.setUse(hours, by: source.id, in: change.transaction)
            try HeartbeatSources.follow(source, in: change)
            try Self.audit("alert_source.created", source, by: caller, in: change)
            return (source, .alertSource(source.id))
        }
    }

    /// The key of a source as it is to be: mails have an address that may be chosen, all else a secret that may not.
    private func key(
        for draft: AlertSourceDraft, current: AlertSourceRecord?, in transaction: any Transaction
    ) throws -> String {
        let made = { newKey(type: draft.integrationType, name: draft.name) }
        guard MailAddresses.isMail(draft.integrationType) else {
            let isMailNow = current.map { MailAddresses.isMail($0.integrationType) } ?? false
            return isMailNow ? made() : current?.integrationKey ?? made()
        }
        guard let wanted = draft.integrationKey, !wanted.isEmpty else {
            return current.flatMap { MailAddresses.isMail($0.integrationType) ? $0.integrationKey : nil } ?? made()
        }
        if wanted == current?.integrationKey { return wanted }
        let address = try MailAddresses.checked(wanted, domain: mailDomain)
        let prefix = AlertSourceRecord.keyPrefix(of: address) ?? address
        if let other = try AlertSources.find(keyPrefix: prefix, in: transaction), other.id != current?.id {
            throw Failure.invalid("integrationKey", "is the address of another alert source.")
        }
        return address
    }

    private func newKey(type: String, name: String) -> String {
        MailAddresses.isMail(type)
            ? MailAddresses.made(from: name, domain: mailDomain) : Tokens.integrationKey(type: type)
    }

    private func change(
        _ id: AlertSource.ID, by caller: Caller, action: String,
        _ body: @escaping @Sendable (inout AlertSourceRecord, Change) throws -> Void
    ) async throws -> AlertSourceRecord {
        try caller.require(.user, to: "change alert sources")
        return try await configuration.change { change in
            var source = try Self.find(id, by: caller, in: change.transaction)
            try body(&source, change)
            source.updatedAt = change.now
            try AlertSources.update(source, in: change.transaction)
            try HeartbeatSources.follow(source, in: change)
            try Self.audit(action, source, by: caller, in: change)
            return (source, .alertSource(id))
        }
    }

    private static func find(
        _ id: AlertSource.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> AlertSourceRecord {
        guard let source = try AlertSources.find(id, scope: caller.reach, in: transaction) else {
            throw Failure(.notFound, "There is no alert source \(id).")
        }
        return source
    }

    private static func checkPolicy(
        _ id: EscalationPolicy.ID, by caller: Caller, in transaction: any Transaction
    ) throws {
        guard try EscalationPolicies.find(id, scope: caller.reach, in: transaction) != nil else {
            throw Failure.invalid("escalationPolicy", "there is no escalation policy \(id).")
        }
    }

    private static func makePolicy(
        _ name: String, teams: [Team.ID], by caller: Caller, in change: Change
    ) throws -> EscalationPolicy.ID {
        let policy = PolicyRecord(
            id: try change.newID(), account: caller.account, name: name,
            levels: [EscalationLevel(targets: [.user(caller.user)], timeout: .minutes(15))], isRepeating: true,
            frequency: 1, teams: teams, createdAt: change.now, updatedAt: change.now)
        try EscalationPolicies.insert(policy, in: change.transaction)
        try change.audit(
            "escalation_policy.created", account: caller.account, by: caller.user, target: "escalation_policy",
            id: policy.id.rawValue, details: "Escalation policy “\(name)”")
        return policy.id
    }

    private static func audit(
        _ action: String, _ source: AlertSourceRecord, by caller: Caller, in change: Change
    ) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "alert_source", id: source.id.rawValue,
            details: "Alert source “\(source.name)”")
    }
}
