public import Alerting

/// Prometheus Alertmanager's webhook, version 4: one notification may carry several alerts.
///
/// Source: prometheus/alertmanager, template/template.go (`Data`, `Alert`), read 2026-11-23.
public enum PrometheusAlertmanager: Integration {
    public static let kind = IntegrationKind(
        type: "PROMETHEUS", path: "prometheus", name: "Prometheus Alertmanager", category: .infrastructure)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        try events(of: try VendorPayload(request))
    }

    /// Grafana sends the same shape with more members.
    static func events(of payload: VendorPayload) throws(IntegrationError) -> [AlertEvent] {
        guard let alerts = payload.json["alerts"]?.array else { throw .missing(field: "alerts") }
        guard !alerts.isEmpty else { throw .missing(field: "alerts.0") }
        guard alerts.count <= Limits.eventsPerRequest else {
            throw .malformed(reason: "The notification carries more than \(Limits.eventsPerRequest) alerts.")
        }
        var events: [AlertEvent] = []
        for alert in alerts {
            events.append(try event(VendorPayload(alert), in: payload))
        }
        return events
    }

    private static func event(
        _ alert: VendorPayload, in payload: VendorPayload
    ) throws(IntegrationError) -> AlertEvent {
        guard let status = alert["status"] ?? payload["status"] else { throw .missing(field: "alerts.status") }
        let kind: AlertEvent.Kind
        switch status.lowercased() {
        case "firing": kind = .alert
        case "resolved": kind = .resolve
        default: throw .unsupported(field: "alerts.status", value: status)
        }
        let labels = alert.labels("labels")
        return AlertEvent(
            kind: kind, alertKey: alert["fingerprint"] ?? key(of: labels, in: payload),
            summary: summary(alert, labels, in: payload), details: details(alert, labels),
            links: alert.link("generatorURL", text: "Source") + alert.link("dashboardURL", text: "Dashboard")
                + alert.link("panelURL", text: "Panel") + alert.link("annotations.runbook_url", text: "Runbook")
                + payload.link("externalURL", text: "Alertmanager"),
            images: alert.image("imageURL"), labels: labels, customDetails: alert.json,
            occurredAt: alert.time(kind == .alert ? "startsAt" : "endsAt"))
    }

    /// Old versions send no fingerprint: the labels name an alert.
    private static func key(of labels: [String: String], in payload: VendorPayload) -> String? {
        guard !labels.isEmpty else { return payload["groupKey"] }
        return labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    private static func summary(
        _ alert: VendorPayload, _ labels: [String: String], in payload: VendorPayload
    ) -> String {
        if let text = alert["annotations.summary", "annotations.title"] { return text }
        let name = labels["alertname"] ?? payload["title", "groupKey"] ?? "An alert"
        return labels["instance"].map { "\(name) on \($0)" } ?? name
    }

    private static func details(_ alert: VendorPayload, _ labels: [String: String]) -> String {
        let text = alert["annotations.description", "annotations.message", "annotations.summary"]
        let lines = labels.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
        return [text, alert["valueString"], lines].compactMap { $0?.nonEmpty }.joined(separator: "\n\n")
    }
}
