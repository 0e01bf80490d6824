public import Alerting

/// Grafana's webhook contact point (9 and later) and the notification channel of the versions before.
///
/// Source: grafana.com/docs/grafana, "Configure the webhook notifier" (9.3 to latest), read 2026-11-23; recorded bodies
/// of the versions before.
public enum Grafana: Integration {
    public static let kind = IntegrationKind(
        type: "GRAFANA", path: "grafana", name: "Grafana", category: .infrastructure,
        features: [.alertResolution, .dynamicRouting, .links, .images],
        signature: WebhookSignature(header: "X-Grafana-Alerting-Signature", proof: .hexadecimal(prefix: "")))

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        if payload.json["alerts"] != nil { return try PrometheusAlertmanager.events(of: payload) }
        let kind: AlertEvent.Kind
        switch try payload.required("state").lowercased() {
        case "alerting", "no_data": kind = .alert
        case "ok": kind = .resolve
        case "paused", "pending": return []
        case let state: throw .unsupported(field: "state", value: state)
        }
        return [
            AlertEvent(
                kind: kind, alertKey: payload["ruleId", "ruleName"],
                summary: payload["title", "ruleName"] ?? "A Grafana alert", details: details(payload),
                links: payload.link("ruleUrl", text: "Grafana"), images: payload.image("imageUrl"),
                customDetails: payload.json)
        ]
    }

    private static func details(_ payload: VendorPayload) -> String {
        let matches = payload.json["evalMatches"]?.array ?? []
        let values = matches.prefix(50).compactMap { match in
            match["metric"]?.scalarText.map { "\($0): \(match["value"]?.scalarText ?? "no value")" }
        }
        return ([payload["message"]].compactMap(\.self) + values).joined(separator: "\n")
    }
}
