public import Alerting

/// Uptime Kuma's "Webhook" notification: JSON, form data or GET.
///
/// Source: louislam/uptime-kuma, server/notification-providers/webhook.js and server/model/monitor.js, read 2026-11-23.
public enum UptimeKuma: Integration {
    public static let kind = IntegrationKind(
        type: "UPTIMEKUMA", path: "uptimekuma", name: "Uptime Kuma", category: .websites, isFeatured: true)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        guard let status = payload["heartbeat.status"] else { return try monitorless(payload) }
        let kind: AlertEvent.Kind
        switch status {
        case "0": kind = .alert
        case "1": kind = .resolve
        case "2", "3": return []  // Not confirmed yet; in maintenance.
        default: throw .unsupported(field: "heartbeat.status", value: status)
        }
        let name = payload["monitor.name"] ?? "A monitor"
        return [
            AlertEvent(
                kind: kind, alertKey: payload["monitor.id", "heartbeat.monitorID"],
                summary: payload["msg"] ?? "\(name) is \(kind == .alert ? "down" : "up")",
                details: payload.lines([
                    ("Monitor", "monitor.name"), ("Type", "monitor.type"), ("Target", "monitor.url"),
                    ("Host", "monitor.hostname"), ("Message", "heartbeat.msg"),
                ]),
                links: payload.link("monitor.url", text: "Target"), customDetails: payload.json,
                occurredAt: payload.time("heartbeat.time"))
        ]
    }

    /// Without monitor and heartbeat come the test message and warnings of a certificate that expires.
    private static func monitorless(_ payload: VendorPayload) throws(IntegrationError) -> [AlertEvent] {
        let message = try payload.required("msg")
        if message.hasSuffix("Testing") { return [] }
        let words = message.split(separator: " ")
        guard let will = words.firstIndex(of: "will"), message.contains("certificate") else {
            throw .missing(field: "heartbeat.status")
        }
        // The days that are left change from one warning to the next; what stands before them does not.
        return [
            AlertEvent(
                kind: .alert, alertKey: words[..<will].joined(separator: " "), summary: message, priority: .low,
                customDetails: payload.json)
        ]
    }
}
