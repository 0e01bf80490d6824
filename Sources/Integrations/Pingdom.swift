public import Alerting

/// Pingdom's webhook of uptime and transaction checks.
///
/// Source: an event definition for these webhooks (gist simonfiddaman/f236e2f3) and a recorded body, read 2026-11-23;
/// that transaction checks say FAILING and SUCCESS is inferred.
public enum Pingdom: Integration {
    public static let kind = IntegrationKind(type: "PINGDOM", path: "pingdom", name: "Pingdom", category: .websites)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let state = try payload.required("current_state")
        let kind: AlertEvent.Kind
        switch state.uppercased() {
        case "DOWN", "FAILING": kind = .alert
        case "UP", "SUCCESS": kind = .resolve
        default: throw .unsupported(field: "current_state", value: state)
        }
        let name = payload["check_name"] ?? "A check"
        return [
            AlertEvent(
                kind: kind, alertKey: try payload.required("check_id"),
                summary: "\(name) is \(state.lowercased())",
                details: payload.lines([
                    ("Target", "check_params.full_url"), ("Host", "check_params.hostname"), ("Type", "check_type"),
                    ("Reason", "long_description"), ("Probe", "first_probe.location"),
                    ("Second probe", "second_probe.location"),
                ]),
                priority: payload["importance_level"]?.uppercased() == "LOW" ? .low : nil,
                links: payload.link("check_params.full_url", text: "Target"), customDetails: payload.json,
                occurredAt: payload.time("state_changed_timestamp"))
        ]
    }
}
