public import Alerting

/// Google Cloud Monitoring's webhook notification channel.
///
/// Source: Agilicus/stackdriver-google-chat, README.md (both states), and servicenow.com, "Sample payload from Google
/// Monitor", read 2026-11-27.
public enum GoogleCloudMonitoring: Integration {
    public static let kind = IntegrationKind(
        type: "STACKDRIVER", path: "stackdriver", aliases: ["google-cloud-monitoring"], name: "Google Cloud Monitoring",
        category: .cloud)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        // The console's "Send test notification".
        if payload["version"] == "test" { return [] }
        let kind = try payload.kind(
            at: "incident.state", alert: ["open"], resolve: ["closed"], accept: ["acknowledged"])
        guard let kind else { return [] }
        return [
            AlertEvent(
                kind: kind, alertKey: try payload.required("incident.incident_id"),
                summary: payload["incident.summary", "incident.policy_name"] ?? "A Google Cloud incident",
                details: payload.lines([
                    ("Policy", "incident.policy_name"), ("Condition", "incident.condition_name"),
                    ("Resource", "incident.resource_name"), ("Severity", "incident.severity"),
                    ("Documentation", "incident.documentation.content"), ("Value", "incident.observed_value"),
                    ("Threshold", "incident.threshold_value"), ("Project", "incident.scoping_project_id"),
                ]),
                priority: payload["incident.severity"]?.lowercased() == "warning" ? .low : nil,
                links: payload.link("incident.url", text: "Google Cloud"),
                labels: payload.json["incident"].map { VendorPayload($0).labels("policy_user_labels") } ?? [:],
                customDetails: payload.json,
                occurredAt: payload.time(kind == .resolve ? "incident.ended_at" : "incident.started_at"))
        ]
    }
}
