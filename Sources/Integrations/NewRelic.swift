public import Alerting

/// New Relic: the webhook of workflows with its default payload, and the one of the notification channels before them.
///
/// Source: zulip.com/integrations/newrelic (default payload), docs.newrelic.com, "Workflow variables" and "Webhook
/// notification channels", read 2026-11-27.
public enum NewRelic: Integration {
    public static let kind = IntegrationKind(
        type: "NEWRELIC", path: "newrelic", aliases: ["new-relic"], name: "New Relic", category: .applications,
        features: [.alertResolution, .alertAcknowledgement, .dynamicRouting, .links, .images])

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let kind = try payload.kind(
            at: "state", "current_state", alert: ["created", "activated", "open"],
            resolve: ["closed", "resolved", "deactivated"], accept: ["acknowledged"], ignored: ["test"])
        guard let kind else { return [] }
        guard let key = payload["issueId", "id", "incident_id"] else { throw .missing(field: "id") }
        return [
            AlertEvent(
                kind: kind, alertKey: key,
                summary: payload["title", "issueTitle", "condition_name", "details"] ?? "A New Relic issue",
                details: payload.lines([
                    ("Policy", "alertPolicyNames.0"), ("Policy", "policy_name"),
                    ("Condition", "alertConditionNames.0"), ("Details", "details"), ("Priority", "priority"),
                    ("Severity", "severity"), ("Entity", "impactedEntities.0"), ("Incidents", "totalIncidents"),
                ]),
                priority: ["medium", "low", "info"].contains(payload["priority", "severity"]?.lowercased())
                    ? .low : nil,
                links: payload.link("issueUrl", text: "New Relic") + payload.link("issuePageUrl", text: "New Relic")
                    + payload.link("incident_url", text: "New Relic") + payload.link("runbook_url", text: "Runbook"),
                images: payload.image("violationChartUrl"), customDetails: payload.json,
                occurredAt: payload.time(kind == .alert ? "createdAt" : "updatedAt"))
        ]
    }
}
