public import Alerting

/// Site24x7's "Webhooks" third-party integration with its default JSON.
///
/// Source: target/goalert, site24x7/site24x7.go, and a recorded body, read 2026-11-23.
public enum Site24x7: Integration {
    public static let kind = IntegrationKind(
        type: "SITE24X7", path: "site24x7", name: "Site24x7", category: .websites)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let status = try payload.required("STATUS")
        let kind: AlertEvent.Kind
        switch status.uppercased() {
        case "DOWN", "TROUBLE", "CRITICAL": kind = .alert
        case "UP": kind = .resolve
        case "MAINTENANCE", "SUSPENDED": return []
        default: throw .unsupported(field: "STATUS", value: status)
        }
        let name = payload["MONITORNAME"] ?? "A monitor"
        return [
            AlertEvent(
                kind: kind, alertKey: try payload.required("MONITOR_ID"),
                summary: "\(name) is \(status.lowercased())",
                details: payload.lines([
                    ("Target", "MONITORURL"), ("Type", "MONITORTYPE"), ("Reason", "INCIDENT_REASON"),
                    ("Details", "INCIDENT_DETAILS"), ("Failed locations", "FAILED_LOCATIONS"),
                    ("Group", "MONITOR_GROUPNAME"),
                ]),
                links: payload.link("MONITOR_DASHBOARD_LINK", text: "Site24x7")
                    + payload.link("MONITORURL", text: "Target"),
                customDetails: payload.json,
                // When the monitor is up again, this is still the time at which it went down.
                occurredAt: kind == .alert ? payload.time("INCIDENT_TIME_ISO") : nil)
        ]
    }
}
