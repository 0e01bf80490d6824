public import Alerting

/// Datadog's Webhooks integration with the members of ilert's template.
///
/// Source: docs.datadoghq.com/integrations/webhooks (variables), roxy-wi/IncidentRelay docs/integrations/datadog.md
/// (transitions), read 2026-11-23.
public enum Datadog: Integration {
    public static let kind = IntegrationKind(
        type: "DATADOG", path: "datadog", name: "Datadog", category: .infrastructure,
        features: [.alertResolution, .dynamicRouting, .links, .images])

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let transition = try payload.required("alert_transition")
        var event = AlertEvent(
            kind: .alert, alertKey: payload["alert_cycle_key", "alert_id"],
            summary: payload["title"] ?? "A Datadog monitor", details: text(payload["body"] ?? ""),
            links: payload.link("link", text: "Datadog"), images: payload.image("snapshot"),
            customDetails: payload.json, occurredAt: payload.time("date"))
        switch transition.lowercased() {
        case "triggered", "re-triggered", "no data", "re-no data", "renotify": break
        case "warn", "re-warn": event.priority = .low
        case "recovered": event.kind = .resolve
        default: throw .unsupported(field: "alert_transition", value: transition)
        }
        return [event]
    }

    /// Datadog marks Markdown with `%%%` lines around it.
    private static func text(_ body: String) -> String {
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.filter { $0.trimmed != "%%%" }.joined(separator: "\n").trimmed
    }
}
