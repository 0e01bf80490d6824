public import Alerting

/// LibreNMS: its ilert transport, which sends the generic event, and its API transport with a template of JSON.
///
/// Source: docs.librenms.org/Alerting/Transports/Ilert and /Alerting/Templates; the template of
/// docs.keephq.dev, "LibreNMS", read 2026-11-27.
public enum LibreNMS: Integration {
    public static let kind = IntegrationKind(
        type: "LIBRENMS", path: "librenms", name: "LibreNMS", category: .infrastructure,
        features: [.alertResolution, .alertAcknowledgement, .dynamicRouting, .links, .images])

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        if payload["eventType"] != nil { return [try EventsAPI.submission(from: payload.json).event.get()] }
        let kind = try payload.kind(
            at: "state", "status",
            alert: ["1", "3", "4", "5", "alert", "alerting", "worse", "better", "changed", "problem", "firing"],
            resolve: ["0", "ok", "recovered", "recovery", "clear", "resolved"],
            accept: ["2", "acknowledged", "ack"])
        guard let kind else { return [] }
        var event = AlertEvent(
            kind: kind, alertKey: payload["alert_id", "id"] ?? payload.joined("hostname", "rule", "name"),
            summary: payload["title", "name", "rule"] ?? "A LibreNMS alert",
            details: payload["msg", "message", "alert_notes", "description"] ?? "",
            priority: payload["severity"]?.lowercased() == "warning" ? .low : nil,
            links: payload.link("device_url", text: "LibreNMS") + payload.link("alert_url", text: "LibreNMS"),
            customDetails: payload.json, occurredAt: payload.time("timestamp"))
        for (title, path) in [
            ("Host", "hostname"), ("Name", "sysName"), ("Location", "location"), ("Severity", "severity"),
            ("Rule", "rule"), ("Elapsed", "elapsed"),
        ] { event.details.appendFact(title, payload[path]) }
        return [event]
    }

    public static func integrationKey(in request: WebhookRequest) -> String? {
        EventsAPI.integrationKey(in: request)
    }
}
