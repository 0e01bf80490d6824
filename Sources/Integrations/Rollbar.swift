public import Alerting

/// Rollbar's webhook of items.
///
/// Source: rollbar.com/docs/webhooks and api-evangelist/rollbar, rollbar-webhook-payload-schema.json, read 2026-11-27.
public enum Rollbar: Integration {
    public static let kind = IntegrationKind(
        type: "ROLLBAR", path: "rollbar", name: "Rollbar", category: .applications)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let kind = try payload.kind(
            at: "event_name",
            alert: [
                "new_item", "reactivated_item", "reopened_item", "exp_repeat_item", "item_velocity", "occurrence",
            ],
            resolve: ["resolved_item"], ignored: ["deploy", "test"])
        guard let kind else { return [] }
        guard let key = payload["data.item.id", "data.occurrence.item_id"] else {
            throw .missing(field: "data.item.id")
        }
        return [
            AlertEvent(
                kind: kind, alertKey: key, summary: payload["data.item.title"] ?? "A Rollbar item",
                details: payload.lines([
                    ("Environment", "data.item.environment"), ("Level", "data.item.last_occurrence.level"),
                    ("Framework", "data.item.last_occurrence.framework"),
                    ("Occurrences", "data.item.total_occurrences"), ("Item", "data.item.counter"),
                ]),
                links: payload.link("data.url", text: "Rollbar")
                    + payload.link("data.item.public_item_url", text: "Rollbar"), customDetails: payload.json,
                occurredAt: kind == .alert ? payload.time("data.item.last_occurrence_timestamp") : nil)
        ]
    }
}
