public import Alerting
import Storage

/// An alert that a person raises: what the API's `POST /alerts` and the page's form carry.
public struct ManualAlert: Equatable, Sendable {
    public var source: AlertSource.ID
    public var summary: String
    public var details: String
    public var priority: Priority?
    public var severity: Int?
    public var links: [AlertLink]
    public var images: [AlertImage]
    public var labels: [String: String]
    public var customDetails: JSONValue?
    /// `nil`: the source's policy.
    public var policy: EscalationPolicy.ID?
    /// Handed to this person at once; the policy follows.
    public var assigned: User.ID?

    public init(
        source: AlertSource.ID, summary: String, details: String = "", priority: Priority? = nil,
        severity: Int? = nil, links: [AlertLink] = [], images: [AlertImage] = [], labels: [String: String] = [:],
        customDetails: JSONValue? = nil, policy: EscalationPolicy.ID? = nil, assigned: User.ID? = nil
    ) {
        self.source = source
        self.summary = summary
        self.details = details
        self.priority = priority
        self.severity = severity
        self.links = links
        self.images = images
        self.labels = labels
        self.customDetails = customDetails
        self.policy = policy
        self.assigned = assigned
    }
}

extension AlertDesk {
    /// - Throws: `Failure.invalid` for an empty or long summary, an unknown source, policy or user.
    public func raise(_ manual: ManualAlert, by caller: Caller) async throws -> Alert.ID {
        try caller.require(.responder, to: "raise alerts")
        let summary = manual.summary.trimmingBlanks
        guard !summary.isEmpty else { throw Failure(.invalid, "The field \"summary\" is missing.") }
        guard summary.count <= Limits.summary else {
            throw Failure(.invalid, "The field \"summary\" has more than \(Limits.summary) characters.")
        }
        let id = try await store.write { change in
            try Self.insert(manual, summary: summary, by: caller, change)
        }
        wakeups.alertsChanged()
        return id
    }

    private static func insert(
        _ manual: ManualAlert, summary: String, by caller: Caller, _ change: Change
    ) throws -> Alert.ID {
        guard let source = try AlertSources.find(manual.source, scope: caller.scope, in: change.transaction) else {
            throw Failure(.invalid, "There is no alert source \(manual.source).")
        }
        let policyID = manual.policy ?? source.policy
        guard let policy = try EscalationPolicies.find(policyID, in: change.transaction),
            policy.account == caller.account
        else { throw Failure(.invalid, "There is no escalation policy \(policyID).") }
        let id: Alert.ID = try change.newID()
        let hours = try SupportHoursList.hours(of: source, in: change.transaction)
        let (usual, _) = source.rules.priorityRule.priority(isSupported: hours?.isDuring(change.now))
        let alert = Alert(
            id: id, account: source.account, source: source.id, key: "nb-\(id)",
            priority: source.rules.priorityRule == .low ? .low : manual.priority ?? usual,
            severity: manual.severity ?? source.severity, summary: summary,
            details: Limits.cut(manual.details, to: Limits.details), links: manual.links, images: manual.images,
            labels: manual.labels, customDetails: manual.customDetails, policy: policyID,
            escalation: Escalation(policy: policy.policy, raisedAt: change.now), raisedAt: change.now,
            lastEventAt: change.now)
        try Alerts.insert(alert, in: change.transaction)
        if let key = AlertKey(alert.key) {
            try AlertKeys.open(key, alert: id, source: source.id, at: change.now, in: change.transaction)
        }
        try change.note(.raisedByUser, on: id, by: .user(caller.user))
        try Timers.set(
            AlertTimer(alert: id, kind: .escalation, due: alert.escalation.due ?? change.now), in: change.transaction)
        if let after = source.rules.autoResolution {
            try Timers.set(
                AlertTimer(alert: id, kind: .autoResolution, due: change.now + after), in: change.transaction)
        }
        if alert.priority == .low { try change.watchSupportHours(of: id, source.rules, hours) }
        if let user = manual.assigned, let record = try Alerts.find(id, in: change.transaction) {
            try hand(record, to: user, by: caller, change)
        }
        return id
    }
}
