public import Alerting

/// PRTG's "Execute HTTP Action" with the postdata of the guide: a form of PRTG's placeholders.
///
/// Source: paessler.com/manuals/prtg, "List of placeholders for notifications" (status words, "Down ended (now: Up)"),
/// and docs.itoc360.com, "PRTG Network Monitor" (a form, no headers), read 2026-11-27.
public enum PRTG: Integration {
    public static let kind = IntegrationKind(
        type: "PRTG", path: "prtg", name: "PRTG", category: .infrastructure)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let status = try payload.required("status")
        let kind: AlertEvent.Kind
        var priority: Priority?
        switch state(in: status) {
        case "down": kind = .alert
        case "warning", "unusual":
            kind = .alert
            priority = .low
        case "up": kind = .resolve
        case "paused", "unknown", "collecting": return []
        default: throw .unsupported(field: "status", value: Limits.cut(status, to: 100))
        }
        let place = payload.joined("device", "sensor", "name") ?? "A sensor"
        return [
            AlertEvent(
                kind: kind, alertKey: payload["sensorid"] ?? place, summary: "\(place) is \(status)",
                details: payload.lines([
                    ("Message", "message"), ("Host", "host"), ("Group", "group"), ("Probe", "probe"),
                    ("Last value", "lastvalue"), ("Down for", "down"),
                ]),
                priority: priority,
                links: payload.link("link", text: "PRTG") + payload.link("linksensor", text: "PRTG"),
                customDetails: payload.json)
        ]
    }

    /// The first word of the state now: `Up` of `Down ended (now: Up)`, `Down` of `Down (Acknowledged)`.
    private static func state(in status: String) -> String? {
        let now = status.firstRange(of: "now: ").map { status[$0.upperBound...] } ?? status[...]
        return now.split { !$0.isLetter }.first?.lowercased()
    }
}
