public import Alerting

/// Checkmk by a notification script: JSON with members of its own, or Checkmk's variables (`NOTIFY_…`) as they are, in
/// XML or JSON.
///
/// Source: the Checkmk provider of keephq/keep and ilert's plugin, read 2026-11-23; see `PluginNotification`.
public enum Checkmk: Integration {
    public static let kind = IntegrationKind(
        type: "CHECKMK", path: "checkmk", aliases: ["checkmk-ext"], name: "Checkmk", category: .infrastructure,
        features: [.alertResolution, .alertAcknowledgement, .dynamicRouting, .links, .comments],
        guide: "integrations/nagios")

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        if PluginXML.looksLikeXML(request.body) { return try PluginNotification(request).events() }
        let payload = try VendorPayload(request)
        if payload["NOTIFY_HOSTNAME", "HOSTNAME"] != nil { return try PluginNotification(request).events() }
        let kind: AlertEvent.Kind
        let type = try payload.required("notification_type").uppercased()
        switch type {
        case "PROBLEM": kind = .alert
        case "RECOVERY": kind = .resolve
        case "ACKNOWLEDGEMENT": kind = .accept
        case _ where type.hasPrefix("DOWNTIME") || type.hasPrefix("FLAPPING"): return []
        default: throw .unsupported(field: "notification_type", value: type)
        }
        let place = [try payload.required("host"), payload["service"]].compactMap(\.self).joined(separator: "/")
        return [
            AlertEvent(
                kind: kind, alertKey: place, summary: payload["summary"] ?? "\(place) is \(payload["status"] ?? type)",
                details: payload.lines([
                    ("Host", "host"), ("Service", "service"), ("Address", "address"), ("Change", "event"),
                    ("Output", "output"), ("More", "long_output"), ("Site", "site"),
                ]),
                links: payload.link("url", text: "Checkmk"), customDetails: payload.json)
        ]
    }

    public static func integrationKey(in request: WebhookRequest) -> String? {
        PluginNotification.integrationKey(in: request)
    }
}
