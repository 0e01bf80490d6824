public import Alerting

/// Better Stack Uptime's outgoing webhook of incidents (JSON:API).
///
/// Source: betterstack.com/docs/uptime/webhooks, read 2026-11-23.
public enum BetterStack: Integration {
    public static let kind = IntegrationKind(
        type: "BETTERSTACK", path: "betterstack", name: "Better Stack", category: .websites,
        features: [.alertResolution, .alertAcknowledgement, .dynamicRouting, .links, .images])

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        // Webhooks of monitors and of on-call contacts tell of edits.
        if let type = payload["data.type"], type != "incident" { return [] }
        let (kind, timePath) = try kind(payload)
        let name = payload["data.attributes.name"] ?? "A monitor"
        return [
            AlertEvent(
                kind: kind, alertKey: try payload.required("data.id"),
                summary: payload["data.attributes.cause"].map { "\(name): \($0)" } ?? name,
                details: payload.lines([
                    ("Target", "data.attributes.url"), ("Method", "data.attributes.http_method"),
                    ("Cause", "data.attributes.cause"),
                ]),
                links: payload.link("data.attributes.url", text: "Target"),
                images: payload.image("data.attributes.screenshot_url"), customDetails: payload.json,
                occurredAt: payload.time(timePath))
        ]
    }

    /// The event's word; without one the times tell.
    private static func kind(
        _ payload: VendorPayload
    ) throws(IntegrationError) -> (AlertEvent.Kind, timePath: String) {
        switch payload["event"]?.lowercased() {
        case "started": (.alert, "data.attributes.started_at")
        case "acknowledged": (.accept, "data.attributes.acknowledged_at")
        case "resolved": (.resolve, "data.attributes.resolved_at")
        case let event?: throw .unsupported(field: "event", value: event)
        case nil:
            if payload["data.attributes.resolved_at"] != nil {
                (.resolve, "data.attributes.resolved_at")
            } else if payload["data.attributes.started_at"] != nil {
                (.alert, "data.attributes.started_at")
            } else {
                throw .missing(field: "event")
            }
        }
    }
}
