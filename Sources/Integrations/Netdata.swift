public import Alerting

/// Netdata: the agent's ilert method and Netdata Cloud's webhook.
///
/// Source: learn.netdata.cloud, "ilert" and "Webhook" below alerts & notifications, and health/notifications/custom
/// (the
/// agent's variables), read 2026-11-27. ilert's guide names `severity` as what resolves ("clear", "resolved").
public enum Netdata: Integration {
    public static let kind = IntegrationKind(
        type: "NETDATA", path: "netdata", name: "Netdata", category: .infrastructure,
        features: [.alertResolution, .dynamicRouting, .links, .images])

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let kind = try payload.kind(
            at: "severity", "status", alert: ["critical", "warning"], resolve: ["clear", "resolved", "cleared"],
            ignored: ["removed", "undefined", "uninitialized", "unreachable", "reachable"])
        guard let kind else { return [] }
        let name = payload["alarm", "name", "alert"] ?? "An alert"
        let place = payload["host", "hostname", "node", "Rooms.0", "space"]
        let isWarning = payload["severity", "status"]?.lowercased() == "warning"
        var event = AlertEvent(
            kind: kind, alertKey: payload.joined("host", "hostname", "node", "chart", "alarm", "name", "alert"),
            summary: payload["summary", "message"] ?? "\(place.map { $0 + ": " } ?? "")\(name)",
            details: payload["info"] ?? "", priority: isWarning ? .low : nil,
            links: payload.link("alarm_url", text: "Netdata") + payload.link("goto_url", text: "Netdata")
                + payload.link("url", text: "Netdata"),
            images: payload.image("image"), customDetails: payload.json,
            occurredAt: payload.time("date") ?? payload.time("when"))
        for (title, path) in [
            ("Host", "host"), ("Chart", "chart"), ("Family", "family"), ("Class", "class"), ("Value", "value_string"),
            ("Duration", "duration"),
        ] { event.details.appendFact(title, payload[path]) }
        return [event]
    }
}
