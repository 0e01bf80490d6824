public import Alerting

/// Checkmk by a notification script that sends JSON.
///
/// Source: the Checkmk provider of keephq/keep, read 2026-11-23.
public enum Checkmk: Integration {
    public static let kind = IntegrationKind(
        type: "CHECKMK", path: "checkmk", aliases: ["checkmk-ext"], name: "Checkmk", category: .infrastructure,
        features: [.alertResolution, .alertAcknowledgement, .dynamicRouting])

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
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
}
