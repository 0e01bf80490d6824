public import Alerting

extension AlertSourceRecord {
    /// What the intake follows.
    public var rules: AlertSourceRules {
        AlertSourceRules(
            isActive: isActive, grouping: grouping,
            priorityRule: PriorityRule(rawValue: priorityRule.lowercased()) ?? .high,
            allowsEventPriority: allowsEventPriority,
            raisesWithSupportHours: raisesWithSupportHours, severity: severity, autoResolution: autoResolution)
    }

    /// Older clients say it inside of the support hours that they write out.
    private var raisesWithSupportHours: Bool {
        fields["autoRaiseAlerts"]?.bool ?? fields["supportHours"]?["autoRaiseAlerts"]?.bool ?? false
    }

    private var grouping: GroupingRule {
        switch alertCreation {
        case "ONE_PENDING_ALERT_ALLOWED", "ONE_PENDING_INCIDENT_ALLOWED": .untilAccepted
        case "ONE_OPEN_ALERT_ALLOWED", "ONE_OPEN_INCIDENT_ALLOWED": .untilResolved
        case "ONE_ALERT_GROUPED_PER_WINDOW", "ONE_INCIDENT_GROUPED_PER_WINDOW":
            groupingWindow.map(GroupingRule.window) ?? .never
        case "ONE_ALERT_PER_EMAIL_SUBJECT", "ONE_INCIDENT_PER_EMAIL_SUBJECT": .summary
        case "INTELLIGENT_GROUPING":
            .similar(threshold: fields["scoreThreshold"]?.double ?? GroupingRule.usualThreshold, within: groupingWindow)
        // Every event an alert of its own, or per key, which groups in every mode.
        default: .never
        }
    }

    /// Two tools send a priority that counts whatever the source's rule is, and so does one that is mapped.
    private var allowsEventPriority: Bool {
        ["GRAFANA", "SERVICENOW"].contains(integrationType) || fields["priorityTemplate"]?["valueTemplate"] != nil
    }

    /// The support hours that the source's priority follows.
    public var supportHours: PeriodReference? {
        (fields["supportHours"]?["id"]?.integer).map { PeriodReference(kind: .supportHours, id: $0) }
    }
}
