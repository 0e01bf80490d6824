public import Alerting

/// Honeycomb's webhook recipient for triggers and burn alerts.
///
/// Source: docs.honeycomb.io/notify/webhooks and honeycombio/examples, webhook-listener-triggers, read 2026-11-27.
public enum Honeycomb: Integration {
    public static let kind = IntegrationKind(
        type: "HONEYCOMB", path: "honeycomb", name: "Honeycomb", category: .applications,
        signature: WebhookSignature(header: "X-Honeycomb-Webhook-Token", proof: .secret))

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        // Test messages come with the status of a trigger and say so.
        if payload["is_test", "isTest"] == "true" { return [] }
        let kind = try payload.kind(at: "status", alert: ["triggered"], resolve: ["ok", "resolved"])
        guard let kind else { return [] }
        guard let key = payload["id", "trigger_id", "name"] else { throw .missing(field: "id") }
        return [
            AlertEvent(
                kind: kind, alertKey: key, summary: payload["summary", "name"] ?? "A Honeycomb trigger",
                details: payload.lines([
                    ("Description", "description"), ("Trigger", "trigger_description"), ("Operator", "operator"),
                    ("Threshold", "threshold"),
                ]),
                links: payload.link("result_url", text: "Result") + payload.link("trigger_url", text: "Trigger"),
                customDetails: payload.json, occurredAt: payload.time("timestamp"))
        ]
    }
}
