public import Alerting

/// Azure Monitor's common alert schema, and budget notifications.
///
/// Source: learn.microsoft.com/azure/azure-monitor/alerts, "Common alert schema" and "Sample alert payloads";
/// iLert/docs,
/// azure-alerts/budget.md, read 2026-11-27.
public enum AzureAlerts: Integration {
    public static let kind = IntegrationKind(
        type: "AZUREALERTS", path: "azurealerts", aliases: ["azure-alerts", "azure"], name: "Azure alerts",
        category: .cloud)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        guard payload.json["data"]?["essentials"] != nil else { return [try budget(payload)] }
        let kind = try payload.kind(
            at: "data.essentials.monitorCondition", alert: ["fired"], resolve: ["resolved"])
        guard let kind else { return [] }
        let rule = payload["data.essentials.alertRule"] ?? "An Azure alert"
        let target = payload["data.essentials.configurationItems.0", "data.essentials.alertTargetIDs.0"]
        // `Sev0` is the worst of five; the last two are "informational" and "verbose".
        let severity = payload["data.essentials.severity"].flatMap { Int($0.drop { $0.isLetter }) }.map { $0 + 1 }
        return [
            AlertEvent(
                kind: kind, alertKey: payload["data.essentials.alertId", "data.essentials.originAlertId"],
                summary: "\(rule)\(target.map { " on " + $0 } ?? "") is \(kind == .alert ? "fired" : "resolved")",
                details: payload.lines([
                    ("Description", "data.essentials.description"), ("Severity", "data.essentials.severity"),
                    ("Signal", "data.essentials.signalType"), ("Service", "data.essentials.monitoringService"),
                    ("Target", "data.essentials.alertTargetIDs.0"),
                    ("Metric", "data.alertContext.condition.allOf.0.metricName"),
                    ("Value", "data.alertContext.condition.allOf.0.metricValue"),
                    ("Threshold", "data.alertContext.condition.allOf.0.threshold"),
                ]),
                priority: severity.map { $0 > 3 ? .low : .high },
                severity: severity.flatMap { (1...5).contains($0) ? $0 : nil },
                links: payload.link("data.essentials.investigationLink", text: "Azure")
                    + payload.link("data.alertContext.condition.allOf.0.linkToSearchResultsUI", text: "Results"),
                labels: payload.json["data"].map { VendorPayload($0).labels("customProperties") } ?? [:],
                customDetails: payload.json,
                occurredAt: payload.time(
                    kind == .alert ? "data.essentials.firedDateTime" : "data.essentials.resolvedDateTime"))
        ]
    }

    private static func budget(_ payload: VendorPayload) throws(IntegrationError) -> AlertEvent {
        guard let name = payload["data.BudgetName"] else { throw .missing(field: "data.essentials") }
        return AlertEvent(
            kind: .alert, alertKey: payload.joined("data.SubscriptionId", "data.BudgetName"),
            summary: "The budget \(name) has reached its threshold",
            details: payload.lines([
                ("Spent", "data.SpendingAmount"), ("Budget", "data.Budget"), ("Unit", "data.Unit"),
                ("Subscription", "data.SubscriptionName"), ("From", "data.BudgetStartDate"),
            ]),
            priority: .low, customDetails: payload.json)
    }
}
