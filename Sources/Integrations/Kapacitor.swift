public import Alerting

/// Kapacitor's `post` event handler.
///
/// Source: docs.influxdata.com/kapacitor/v1/working/alerts and /reference/event_handlers/post, read 2026-11-27.
public enum Kapacitor: Integration {
    public static let kind = IntegrationKind(
        type: "KAPACITOR", path: "kapacitor", name: "Kapacitor", category: .infrastructure)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let kind = try payload.kind(at: "level", alert: ["critical", "warning", "info"], resolve: ["ok"])
        guard let kind else { return [] }
        let key = try payload.required("id")
        let series = payload.json["data"]?["series"]?[0]
        return [
            AlertEvent(
                kind: kind, alertKey: key, summary: payload["message"] ?? "\(key) is \(payload["level"] ?? "")",
                details: payload.lines([
                    ("Level", "level"), ("Before", "previousLevel"), ("Details", "details"),
                    ("Series", "data.series.0.name"),
                ]),
                priority: payload["level"]?.lowercased() == "critical" ? nil : .low,
                labels: series.map { VendorPayload($0).labels("tags") } ?? [:], customDetails: payload.json,
                occurredAt: payload.time("time"))
        ]
    }
}
