public import Alerting

/// Sentry's integration platform webhooks: issues, issue alerts and metric alerts.
///
/// Source: docs.sentry.io/integrations/integration-platform/webhooks (issues, issue-alerts, metric-alerts), read
/// 2026-11-23.
public enum Sentry: Integration {
    public static let kind = IntegrationKind(
        type: "SENTRY", path: "sentry", name: "Sentry", category: .applications,
        signature: WebhookSignature(header: "Sentry-Hook-Signature", proof: .hexadecimal(prefix: "")))

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        switch request.header("sentry-hook-resource") {
        case "issue": return try issue(payload)
        case "event_alert": return try issueAlert(payload)
        case "metric_alert": return try metricAlert(payload)
        case "installation", "comment", "error", "seer": return []
        case nil where payload.json["data"]?["issue"] != nil: return try issue(payload)
        case nil where payload.json["data"]?["event"] != nil: return try issueAlert(payload)
        case nil where payload.json["data"]?["metric_alert"] != nil: return try metricAlert(payload)
        case nil: throw .missing(field: "Sentry-Hook-Resource")
        case let resource?: throw .unsupported(field: "Sentry-Hook-Resource", value: resource)
        }
    }

    private static func issue(_ payload: VendorPayload) throws(IntegrationError) -> [AlertEvent] {
        let kind: AlertEvent.Kind
        switch try payload.required("action").lowercased() {
        case "created", "unresolved": kind = .alert
        case "resolved", "archived", "ignored": kind = .resolve
        case "assigned": return []
        case let action: throw .unsupported(field: "action", value: action)
        }
        return [
            AlertEvent(
                kind: kind, alertKey: try payload.required("data.issue.id"),
                summary: payload["data.issue.title"] ?? "A Sentry issue",
                details: payload.lines([
                    ("Project", "data.issue.project.name"), ("Level", "data.issue.level"),
                    ("Where", "data.issue.culprit"), ("Issue", "data.issue.shortId"), ("Events", "data.issue.count"),
                ]),
                links: payload.link("data.issue.web_url", text: "Sentry")
                    + payload.link("data.issue.permalink", text: "Sentry"),
                customDetails: payload.json)
        ]
    }

    /// Keyed by the issue, so that the issue's resolution closes it.
    private static func issueAlert(_ payload: VendorPayload) throws(IntegrationError) -> [AlertEvent] {
        [
            AlertEvent(
                kind: .alert, alertKey: try payload.required("data.event.issue_id"),
                summary: payload["data.event.title", "data.triggered_rule"] ?? "A Sentry issue",
                details: payload.lines([
                    ("Rule", "data.triggered_rule"), ("Level", "data.event.level"), ("Where", "data.event.culprit"),
                    ("Environment", "data.event.environment"),
                ]),
                links: payload.link("data.event.web_url", text: "Sentry"), customDetails: payload.json,
                occurredAt: payload.time("data.event.datetime"))
        ]
    }

    private static func metricAlert(_ payload: VendorPayload) throws(IntegrationError) -> [AlertEvent] {
        var event = AlertEvent(
            kind: .alert, alertKey: "metric-" + (try payload.required("data.metric_alert.id")),
            summary: payload["data.description_title", "data.metric_alert.title"] ?? "A Sentry metric alert",
            details: payload["data.description_text"] ?? "", links: payload.link("data.web_url", text: "Sentry"),
            customDetails: payload.json)
        switch try payload.required("action").lowercased() {
        case "critical": break
        case "warning": event.priority = .low
        case "resolved": event.kind = .resolve
        case let action: throw .unsupported(field: "action", value: action)
        }
        return [event]
    }
}
