public import Alerting

/// Gatus by its ilert alerting provider, or by a custom one that sends the same members.
///
/// Source: TwiN/gatus, alerting/provider/ilert/ilert.go, read 2026-11-23.
public enum Gatus: Integration {
    public static let kind = IntegrationKind(type: "GATUS", path: "gatus", name: "Gatus", category: .websites)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let status = try payload.required("status")
        let kind: AlertEvent.Kind
        switch status.lowercased() {
        case "firing", "triggered": kind = .alert
        case "resolved": kind = .resolve
        default: throw .unsupported(field: "status", value: status)
        }
        let name = try payload.required("name")
        let place = [payload["group"], name].compactMap(\.self).joined(separator: "/")
        let title = payload["title"] ?? place
        return [
            AlertEvent(
                kind: kind, alertKey: place, summary: kind == .alert ? "\(title) is failing" : "\(title) is healthy",
                details: details(payload), links: payload.link("url", text: "Target"), customDetails: payload.json)
        ]
    }

    private static func details(_ payload: VendorPayload) -> String {
        let conditions = payload.json["condition_results"]?.array ?? []
        let lines = conditions.prefix(50).compactMap { result in
            result["condition"]?.string.map { "\(result["success"]?.bool == true ? "passed" : "failed"): \($0)" }
        }
        return ([payload["details", "alert.Description"]].compactMap(\.self) + lines).joined(separator: "\n")
    }
}
