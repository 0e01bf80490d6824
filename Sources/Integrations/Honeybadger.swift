public import Alerting

/// Honeybadger's webhook (payload v2 and v3): errors, sites, check-ins and alarms.
///
/// Source: docs.honeybadger.io/guides/integrations/payloads/v2 and v3, read 2026-11-27.
public enum Honeybadger: Integration {
    public static let kind = IntegrationKind(
        type: "HONEYBADGER", path: "honeybadger", name: "Honeybadger", category: .applications)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let kind = try payload.kind(
            at: "event",
            alert: [
                "occurred", "rate_exceeded", "unresolved", "volume_spike", "down", "cert_will_expire",
                "check_in_missing", "alarm_alert",
            ],
            resolve: ["resolved", "up", "check_in_reporting", "alarm_ok"],
            ignored: ["assigned", "commented", "deployed"])
        guard let kind else { return [] }
        let isExpiry = payload["event"] == "cert_will_expire"
        return [
            AlertEvent(
                // A certificate that expires is a matter of its own: the site going up must not close it.
                kind: kind, alertKey: try key(payload) + (isExpiry ? "/certificate" : ""),
                summary: payload["message"] ?? "Honeybadger",
                details: payload.lines([
                    ("Project", "project.name"), ("Error", "fault.klass"), ("Message", "fault.message"),
                    ("Environment", "fault.environment"), ("Site", "site.url"), ("Reason", "outage.reason"),
                ]),
                priority: isExpiry ? .low : nil,
                links: payload.link("notice.url", text: "Honeybadger") + payload.link("fault.url", text: "Honeybadger")
                    + payload.link("links.html", text: "Honeybadger") + payload.link("site.url", text: "Site"),
                customDetails: payload.json)
        ]
    }

    private static func key(_ payload: VendorPayload) throws(IntegrationError) -> String {
        for noun in ["fault", "site", "check_in", "alarm"] {
            if let id = payload[noun + ".id"] { return "\(noun)/\(id)" }
        }
        guard let id = payload["project.id"], payload["event"] == "volume_spike" else {
            throw .missing(field: "fault.id")
        }
        return "project/\(id)"
    }
}
