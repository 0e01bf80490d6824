public import Alerting

/// Opsgenie's alert API, so that whatever can page through Opsgenie can page here; and Opsgenie's own outgoing webhook.
///
/// Source: docs.opsgenie.com/docs/alert-api and the OpenAPI document of Opsgenie's REST API, read 2026-11-27. P4 and P5
/// ("low", "informational") have low priority. What has no counterpart here (tags, responders, snooze, …) is taken and
/// kept in the event explorer.
public enum Opsgenie: Integration {
    public static let kind = IntegrationKind(
        type: "OPSGENIE", path: "opsgenie", name: "Opsgenie alert API", category: .paging,
        features: [.alertResolution, .alertAcknowledgement, .dynamicRouting, .comments],
        guide: "integrations/opsgenie", answers: .opsgenie)

    /// Where the API's own requests begin.
    public static let root = "/v2/alerts"

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        guard request.path.hasPrefix(root + "/") else {
            guard request.body.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else {
                throw .malformed(reason: "The body must be a JSON object.")
            }
            let payload = try VendorPayload(request)
            if payload.json["alert"]?.object != nil, payload["action"] != nil { return try webhook(payload) }
            return [try created(payload)]
        }
        let parts = request.path.dropFirst(root.utf8.count + 1).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let identifier = FormDecoding.decoded(parts[0].utf8).nonEmpty else {
            throw .unsupported(field: "path", value: Limits.cut(request.path, to: 100))
        }
        return try action(String(parts[1]), on: identifier, request)
    }

    public static func integrationKey(in request: WebhookRequest) -> String? {
        guard let value = request.header("authorization"), value.hasPrefix(folded: "geniekey ") else { return nil }
        return value.dropFirst("GenieKey ".count).nonEmpty
    }

    private static func created(_ payload: VendorPayload) throws(IntegrationError) -> AlertEvent {
        let priority = try level(payload["priority"])
        var event = AlertEvent(
            kind: .alert, alertKey: payload["alias"], summary: try payload.required("message"),
            details: payload["description"] ?? "", priority: priority.map { $0 > 3 ? .low : .high },
            severity: priority, labels: payload.labels("details"), customDetails: payload.json)
        event.details.appendFact("Entity", payload["entity"])
        event.details.appendFact("Source", payload["source"])
        event.details.appendFact("Tags", tags(payload.json["tags"]))
        if let note = payload["note"] { event.comments = [AlertComment(creator: payload["user"] ?? "", content: note)] }
        return event
    }

    /// `P1` to `P5`.
    private static func level(_ text: String?) throws(IntegrationError) -> Int? {
        guard let text else { return nil }
        guard text.utf8.count == 2, text.hasPrefix(folded: "p"), let level = Int(text.dropFirst()),
            (1...5).contains(level)
        else { throw .unsupported(field: "priority", value: Limits.cut(text, to: 100)) }
        return level
    }

    private static func tags(_ value: JSONValue?) -> String? {
        value?.array?.prefix(50).compactMap(\.scalarText).joined(separator: ", ").nonEmpty
    }

    private static func action(
        _ name: String, on key: String, _ request: WebhookRequest
    ) throws(IntegrationError) -> [AlertEvent] {
        // The body is optional.
        let content = RequestContent(request)
        if let problem = content.problem { throw .malformed(reason: problem.message) }
        let json = content.payload?.value ?? .object([:])
        let note = json["note"]?.scalarText?.nonEmpty
        let comments = note.map { [AlertComment(creator: json["user"]?.scalarText ?? "", content: $0)] } ?? []
        let kind: AlertEvent.Kind
        switch name {
        case "close": kind = .resolve
        case "acknowledge": kind = .accept
        case "notes":
            guard note != nil else { throw .missing(field: "note") }
            kind = .comment
        case "unacknowledge", "snooze", "escalate", "assign", "teams", "responders", "tags", "details", "actions",
            "message", "description", "priority":
            return []
        default: throw .unsupported(field: "path", value: Limits.cut(name, to: 100))
        }
        return [AlertEvent(kind: kind, alertKey: key, comments: comments, customDetails: json)]
    }

    private static func webhook(_ payload: VendorPayload) throws(IntegrationError) -> [AlertEvent] {
        let kind = try payload.kind(
            at: "action", alert: ["create", "unacknowledge"], resolve: ["close", "delete"], accept: ["acknowledge"],
            ignored: [
                "addnote", "addtags", "removetags", "addrecipient", "addteam", "assignownership", "takeownership",
                "snooze", "snoozeended", "escalate", "escalatenext", "adddetails", "removedetails", "updatepriority",
                "updatemessage", "updatedescription", "addresponder", "unacknowledged", "seen", "custom",
            ])
        guard let kind else { return [] }
        let priority = try level(payload["alert.priority"])
        return [
            AlertEvent(
                kind: kind, alertKey: payload["alert.alias", "alert.alertId"],
                summary: payload["alert.message"] ?? "An Opsgenie alert", details: payload["alert.description"] ?? "",
                priority: priority.map { $0 > 3 ? .low : .high }, severity: priority, customDetails: payload.json)
        ]
    }
}
