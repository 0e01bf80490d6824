public import Alerting

/// UptimeRobot's "Webhook" alert contact: its variables as query string, form or JSON.
///
/// Source: help.uptimerobot.com, "Webhook Integration", and a recorded query, read 2026-11-23.
public enum UptimeRobot: Integration {
    public static let kind = IntegrationKind(
        type: "UPTIMEROBOT", path: "uptimerobot", name: "UptimeRobot", category: .websites)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let monitor = payload["monitorID"]
        let name = payload["monitorFriendlyName", "monitorURL"] ?? "A monitor"
        var event = AlertEvent(
            kind: .alert, alertKey: monitor, details: payload["alertDetails"].flatMap(set) ?? "",
            links: payload.link("monitorURL", text: "Target"), customDetails: payload.json,
            occurredAt: payload.time("alertDateTime"))
        switch try payload.required("alertType") {
        case "1": event.summary = "\(name) is down"
        case "2":
            event.kind = .resolve
            event.summary = "\(name) is up"
        case "3":
            // A certificate or domain that expires is a matter of its own: the monitor going up must not close it.
            event.alertKey = monitor.map { $0 + "/expiry" }
            event.summary = "\(name): certificate or domain expires"
            event.priority = .low
        case let type: throw .unsupported(field: "alertType", value: type)
        }
        return [event]
    }

    /// A variable without a value arrives as its own name: `*alertDetails*`.
    private static func set(_ value: String) -> String? {
        value.hasPrefix("*") && value.hasSuffix("*") ? nil : value
    }
}
