public import Alerting

/// Cloudflare's generic webhook of notifications.
///
/// Source: developers.cloudflare.com/notifications/reference/webhook-payload-schema and "Configure webhooks"
/// (`cf-webhook-auth`), read 2026-11-27.
public enum Cloudflare: Integration {
    public static let kind = IntegrationKind(
        type: "CLOUDFLARE", path: "cloudflare", name: "Cloudflare", category: .cloud,
        features: [.alertResolution, .dynamicRouting],
        signature: WebhookSignature(header: "cf-webhook-auth", proof: .secret))

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let text = try payload.required("text")
        guard let type = payload["alert_type"] else {
            // What Cloudflare sends when the webhook is set up.
            if text.contains("test message") { return [] }
            throw .missing(field: "alert_type")
        }
        let kind: AlertEvent.Kind
        switch payload["alert_event"] {
        case nil, "ALERT_STATE_EVENT_START": kind = .alert
        case "ALERT_STATE_EVENT_END": kind = .resolve
        case let event?: throw .unsupported(field: "alert_event", value: Limits.cut(event, to: 100))
        }
        let key = payload["alert_correlation_id"] ?? payload.joined("policy_id", "alert_type")
        return [
            AlertEvent(
                kind: kind, alertKey: key, summary: payload["name", "policy_name"] ?? type, details: text,
                labels: payload.labels("data"), customDetails: payload.json, occurredAt: payload.time("ts"))
        ]
    }
}
