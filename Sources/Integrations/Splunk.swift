public import Alerting

/// Splunk's webhook alert action. It says that a search found something and never that it is over.
///
/// Source: help.splunk.com, "Use a webhook alert action" (10.0), read 2026-11-27.
public enum Splunk: Integration {
    public static let kind = IntegrationKind(
        type: "SPLUNK", path: "splunk", name: "Splunk", category: .applications, features: [.dynamicRouting, .links])

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        guard let key = payload["search_name", "sid"] else { throw .missing(field: "sid") }
        let result = payload.labels("result").sorted { $0.key < $1.key }.prefix(100)
        return [
            AlertEvent(
                kind: .alert, alertKey: payload.joined("app", "search_name") ?? key,
                summary: payload["search_name"] ?? "A Splunk search found something",
                details: result.map { "\($0.key): \($0.value)" }.joined(separator: "\n"),
                links: payload.link("results_link", text: "Results"), customDetails: payload.json,
                occurredAt: payload.time("result._time"))
        ]
    }
}
