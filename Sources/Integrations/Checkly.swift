public import Alerting

/// Checkly's webhook with the members of its ilert template.
///
/// Source: the alert types of Checkly's public OpenAPI document and of its page on alert states, read 2026-11-23.
public enum Checkly: Integration {
    public static let kind = IntegrationKind(
        type: "CHECKLY", path: "checkly", name: "Checkly", category: .websites,
        signature: WebhookSignature(header: "x-checkly-signature", proof: .hexadecimal(prefix: "")))

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let type = try payload.required("alert_type")
        var event = AlertEvent(
            kind: .alert, alertKey: try payload.required("check_id"),
            summary: payload["event", "check_name"] ?? "A check failed",
            details: payload.lines([
                ("Error", "check_error_message"), ("Response code", "api_check_response_status_code"),
                ("Response time", "response_time"), ("Location", "run_location"), ("Group", "group_name"),
                ("Tags", "tags"), ("Certificate of", "ssl_check_domain"), ("Days left", "ssl_days_remaining"),
            ]),
            links: payload.link("link", text: "Checkly"), customDetails: payload.json,
            occurredAt: payload.time("started_at"))
        switch type.uppercased() {
        case "ALERT_FAILURE", "ALERT_FAILURE_REMAIN", "ALERT_DEGRADED_FAILURE": break
        case "ALERT_DEGRADED", "ALERT_DEGRADED_REMAIN", "ALERT_FAILURE_DEGRADED": event.priority = .low
        case "ALERT_RECOVERY", "ALERT_DEGRADED_RECOVERY": event.kind = .resolve
        case "ALERT_SSL":
            // The check's recovery must not close the matter of its certificate.
            event.alertKey = event.alertKey.map { $0 + "/ssl" }
            event.priority = .low
        case "NO_ALERT": return []
        default: throw .unsupported(field: "alert_type", value: type)
        }
        return [event]
    }
}
