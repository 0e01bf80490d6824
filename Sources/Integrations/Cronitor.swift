public import Alerting

/// Cronitor's webhook.
///
/// Source: cronitor.io/docs/using-webhooks, read 2026-11-27.
public enum Cronitor: Integration {
    public static let kind = IntegrationKind(
        type: "CRONITOR", path: "cronitor", name: "Cronitor", category: .websites)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        guard let kind = try payload.kind(at: "type", alert: ["alert"], resolve: ["recovery"]) else { return [] }
        _ = try payload.required("id")
        let name = payload["monitor"] ?? "A monitor"
        return [
            AlertEvent(
                kind: kind, alertKey: payload.joined("id", "environment"),
                summary: "\(name) is \(kind == .alert ? "failing" : "healthy")",
                details: payload.lines([
                    ("Description", "description"), ("Rule", "rule"), ("Environment", "environment"),
                    ("Group", "group"),
                ]),
                links: payload.link("issue_url", text: "Issue") + payload.link("monitor_url", text: "Monitor"),
                customDetails: payload.json)
        ]
    }
}
