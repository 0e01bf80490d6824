public import Alerting
import Integrations
public import Storage

/// An alert source as somebody wants it to be.
public struct AlertSourceDraft: Equatable, Sendable {
    public var name: String
    /// As on the wire, such as `RAPIDSPIKE`.
    public var integrationType: String
    public var policy: EscalationPolicy.ID
    public var isActive: Bool
    /// As on the wire; spellings with `INCIDENT` are understood and kept.
    public var alertCreation: String
    /// Zero is as good as `nil`.
    public var groupingWindow: Duration?
    /// Zero is as good as `nil`.
    public var autoResolution: Duration?
    /// As on the wire.
    public var priorityRule: String
    /// 1 (worst) to 5.
    public var severity: Int?
    /// The mail address of a source that takes mails, its domain left out or not; `nil` or empty: as it is, or made up.
    /// Other sources' keys are not chosen.
    public var integrationKey: String?
    /// What the tool signs its requests with; empty: nothing is asked for, `nil`: as it is.
    public var webhookSecret: String?
    /// `nil`: as they are, none on creation.
    public var teams: [Team.ID]?
    /// Every other field of the wire contract, an object. It may be the whole body: members that have a place of
    /// their own here and those that only we write are left out.
    public var fields: JSONValue

    public init(
        name: String, integrationType: String, policy: EscalationPolicy.ID, isActive: Bool = true,
        alertCreation: String = "ONE_ALERT_PER_EMAIL", groupingWindow: Duration? = nil,
        autoResolution: Duration? = nil, priorityRule: String = "HIGH", severity: Int? = nil,
        teams: [Team.ID]? = nil, fields: JSONValue = .object([:])
    ) {
        self.name = name
        self.integrationType = integrationType
        self.policy = policy
        self.isActive = isActive
        self.alertCreation = alertCreation
        self.groupingWindow = groupingWindow
        self.autoResolution = autoResolution
        self.priorityRule = priorityRule
        self.severity = severity
        self.teams = teams
        self.fields = fields
    }

    /// The source as it is, to change a part of it.
    public init(_ source: AlertSourceRecord) {
        self.init(
            name: source.name, integrationType: source.integrationType, policy: source.policy,
            isActive: source.isActive, alertCreation: source.alertCreation, groupingWindow: source.groupingWindow,
            autoResolution: source.autoResolution, priorityRule: source.priorityRule, severity: source.severity,
            teams: source.teams, fields: source.fields)
    }

    public static let alertCreations = [
        "ONE_ALERT_PER_EMAIL", "ONE_ALERT_PER_EMAIL_SUBJECT", "ONE_PENDING_ALERT_ALLOWED", "ONE_OPEN_ALERT_ALLOWED",
        "OPEN_RESOLVE_ON_EXTRACTION", "ONE_ALERT_GROUPED_PER_WINDOW", "INTELLIGENT_GROUPING",
    ]
    public static let priorityRules = ["HIGH", "LOW", "HIGH_DURING_SUPPORT_HOURS", "LOW_DURING_SUPPORT_HOURS"]

    private static let legacyAlertCreations = [
        "ONE_INCIDENT_PER_EMAIL", "ONE_INCIDENT_PER_EMAIL_SUBJECT", "ONE_PENDING_INCIDENT_ALLOWED",
        "ONE_OPEN_INCIDENT_ALLOWED", "ONE_INCIDENT_GROUPED_PER_WINDOW",
    ]
    private static let ownFields: Set<String> = [
        "id", "teams", "name", "escalationPolicy", "integrationType", "integrationKey", "integrationUrl",
        "alertCreation", "status", "active", "webhookSecret", "alertPriorityRule", "severity", "bidirectional",
        "createdAt", "updatedAt",
    ]
    private static let groupingWindows: ClosedRange<Duration> = .minutes(1) ... .days(30)
    private static let autoResolutions: ClosedRange<Duration> = .minutes(1) ... .days(365)
    /// Bytes of JSON.
    private static let mostFields = 64 * 1024

    /// The draft as it is kept.
    ///
    /// - Throws: `Failure.invalid` that names the field.
    func checked(isKnownType: (String) -> Bool) throws(Failure) -> AlertSourceDraft {
        var draft = self
        draft.name = try FieldRules.name(name)
        guard isKnownType(integrationType) else {
            throw .invalid("integrationType", "there is no integration type \(Limits.cut(integrationType, to: 40)).")
        }
        guard Self.alertCreations.contains(alertCreation) || Self.legacyAlertCreations.contains(alertCreation) else {
            throw .invalid("alertCreation", "must be one of \(Self.alertCreations.joined(separator: ", ")).")
        }
        guard Self.priorityRules.contains(priorityRule) else {
            throw .invalid("alertPriorityRule", "must be one of \(Self.priorityRules.joined(separator: ", ")).")
        }
        draft.groupingWindow = try Self.checked(groupingWindow, "alertGroupingWindow", Self.groupingWindows)
        draft.autoResolution = try Self.checked(autoResolution, "autoResolutionTimeout", Self.autoResolutions)
        guard draft.groupingWindow != nil || !alertCreation.hasSuffix("_GROUPED_PER_WINDOW") else {
            throw .invalid("alertGroupingWindow", "is needed to group alerts by a time window, such as PT5M.")
        }
        guard (webhookSecret ?? "").utf8.count <= Limits.webhookSecret else {
            throw .invalid("webhookSecret", "may have at most \(Limits.webhookSecret) characters.")
        }
        guard severity.map((1...5).contains) ?? true else { throw .invalid("severity", "must be 1 to 5.") }
        try Self.checkRules(fields)
        guard case .object(let members) = fields else { throw .invalid("fields", "must be an object.") }
        draft.fields = .object(members.filter { !Self.ownFields.contains($0.key) })
        try HeartbeatSources.check(draft.fields, type: integrationType)
        try Self.check(EventLimit.field, in: members, EventLimit.range)
        try Self.check(AcceptTimeout.timeoutField, in: members, AcceptTimeout.timeouts)
        try Self.check(AcceptTimeout.answerField, in: members, AcceptTimeout.answers)
        guard draft.fields.bytes().count <= Self.mostFields else {
            throw .invalid("fields", "templates, filters and the like may have \(Self.mostFields) bytes in all.")
        }
        return draft
    }

    /// Templates, conditions and what else is followed of the fields that are kept as they were sent.
    private static func checkRules(_ fields: JSONValue) throws(Failure) {
        do throws(EventRulesFault) {
            _ = try EventRules(checking: fields)
        } catch {
            throw .invalid(error.field, error.sentence)
        }
        do throws(MailRulesFault) {
            _ = try MailRules(checking: fields)
        } catch {
            throw .invalid(error.field, error.reason)
        }
        if let score = fields["scoreThreshold"], !score.isNull {
            guard let value = score.double, (0...1).contains(value) else {
                throw .invalid("scoreThreshold", "must be a number from 0 to 1.")
            }
        }
        if let raises = fields["autoRaiseAlerts"], !raises.isNull, raises.bool == nil {
            throw .invalid("autoRaiseAlerts", "must be true or false.")
        }
    }

    /// Writes what this says over `source`, its teams left out.
    func write(to source: inout AlertSourceRecord) {
        source.name = name
        source.integrationType = integrationType
        source.policy = policy
        source.isActive = isActive
        source.alertCreation = alertCreation
        source.groupingWindow = groupingWindow
        source.autoResolution = autoResolution
        source.priorityRule = priorityRule
        source.severity = severity
        source.fields = fields
    }

    /// A whole number, when it is there.
    private static func check(
        _ field: String, in members: [String: JSONValue], _ range: ClosedRange<Int>
    ) throws(Failure) {
        guard let value = members[field], !value.isNull else { return }
        guard let number = value.integer, range.contains(Int(clamping: number)) else {
            throw .invalid(field, "must be \(range.lowerBound) to \(range.upperBound).")
        }
    }

    /// Keeps the webhook secret, or removes it, when there is a word about it.
    func writeSecret(of source: AlertSource.ID, in transaction: any Transaction) throws(StorageError) {
        guard let webhookSecret else { return }
        try WebhookSecrets.set(webhookSecret.isEmpty ? nil : webhookSecret, of: source, in: transaction)
    }

    private static func checked(
        _ duration: Duration?, _ field: String, _ range: ClosedRange<Duration>
    ) throws(Failure) -> Duration? {
        guard let duration, duration != .zero else { return nil }
        guard range.contains(duration) else {
            throw .invalid(field, "must be \(range.lowerBound.iso8601) to \(range.upperBound.iso8601).")
        }
        return duration
    }
}
