public import Alerting

/// HetrixTools' webhook of uptime monitors.
///
/// Source: docs.hetrixtools.com/webhook-notifications, read 2026-11-23.
public enum HetrixTools: Integration {
    public static let kind = IntegrationKind(
        type: "HETRIXTOOLS", path: "hetrixtools", name: "HetrixTools", category: .websites)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let status = try payload.required("monitor_status")
        let kind: AlertEvent.Kind
        switch status.lowercased() {
        case "offline": kind = .alert
        case "online": kind = .resolve
        default: throw .unsupported(field: "monitor_status", value: status)
        }
        let name = payload["monitor_name", "monitor_target"] ?? "A monitor"
        let errors = payload.labels("monitor_errors").sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        let facts = payload.lines([
            ("Target", "monitor_target"), ("Type", "monitor_type"), ("Category", "monitor_category"),
        ])
        return [
            AlertEvent(
                kind: kind, alertKey: try payload.required("monitor_id"), summary: "\(name) is \(status.lowercased())",
                details: ([facts] + errors).joined(separator: "\n"),
                links: payload.link("monitor_target", text: "Target"), customDetails: payload.json,
                occurredAt: payload.time("timestamp"))
        ]
    }
}
