public import Alerting

/// StatusCake's webhook of a contact group: a form by POST, or the same fields by GET.
///
/// Source: the StatusCake provider of keephq/keep, which follows statuscake.com/kb "How to use the web hook URL", read
/// 2026-11-23.
public enum StatusCake: Integration {
    public static let kind = IntegrationKind(
        type: "STATUSCAKE", path: "statuscake", name: "StatusCake", category: .websites)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let status = try payload.required("Status")
        let kind: AlertEvent.Kind
        switch status.lowercased() {
        case "down": kind = .alert
        case "up": kind = .resolve
        default: throw .unsupported(field: "Status", value: status)
        }
        let name = payload["Name", "URL"] ?? "A test"
        return [
            AlertEvent(
                kind: kind, alertKey: payload["TestID", "Test_ID"] ?? place(payload),
                summary: "\(name) is \(status.lowercased())",
                details: payload.lines([
                    ("Target", "URL"), ("Status code", "StatusCode"), ("IP", "IP"), ("Tags", "Tags"),
                ]),
                links: payload.link("URL", text: "Target"), customDetails: withoutToken(payload.json))
        ]
    }

    /// Older accounts send no id: name and address together name a test.
    private static func place(_ payload: VendorPayload) -> String? {
        let parts = [payload["Name"], payload["URL"]].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: "/")
    }

    /// The token is made from the account's API key.
    private static func withoutToken(_ json: JSONValue) -> JSONValue {
        .object((json.object ?? [:]).filter { $0.key.lowercased() != "token" })
    }
}
