public import Alerting

/// PagerDuty's Events API v2, so that whatever can page through PagerDuty can page here; and PagerDuty's own outgoing
/// webhook (v3).
///
/// Source: PagerDuty/developer-docs, docs/events-API-v2 (overview, trigger, change events), and
/// developer.pagerduty.com/docs "Webhooks v3", read 2026-11-27. Severities set the alert's severity; they never lower
/// its priority, as PagerDuty's own default does not.
public enum PagerDuty: Integration {
    public static let kind = IntegrationKind(
        type: "PAGERDUTY", path: "pagerduty", name: "PagerDuty Events API v2", category: .paging,
        features: [.alertResolution, .alertAcknowledgement, .dynamicRouting, .links, .images],
        guide: "integrations/pagerduty",
        signature: WebhookSignature(header: "X-PagerDuty-Signature", proof: .anyHexadecimal(prefix: "v1=")),
        answers: .pagerDuty)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        if payload.json["event"]?["event_type"] != nil { return try webhook(payload) }
        if payload["event_action"] == nil, request.path.contains("/change/") {
            // A change pages nobody; the event explorer keeps it.
            _ = try payload.required("payload.summary")
            return []
        }
        guard
            let kind = try payload.kind(
                at: "event_action", alert: ["trigger"], resolve: ["resolve"], accept: ["acknowledge"])
        else { return [] }
        let key = payload["dedup_key"]
        if kind != .alert, key == nil { throw .missing(field: "dedup_key") }
        let summary = kind == .alert ? try payload.required("payload.summary") : payload["payload.summary"] ?? ""
        return [
            AlertEvent(
                kind: kind, alertKey: key, summary: summary,
                details: payload.lines([
                    ("Source", "payload.source"), ("Component", "payload.component"), ("Group", "payload.group"),
                    ("Class", "payload.class"), ("Severity", "payload.severity"), ("Client", "client"),
                ]),
                severity: try severity(payload), links: links(payload), images: images(payload),
                labels: payload.json["payload"].map { VendorPayload($0).labels("custom_details") } ?? [:],
                customDetails: payload.json, occurredAt: payload.time("payload.timestamp"))
        ]
    }

    public static func integrationKey(in request: WebhookRequest) -> String? {
        (try? JSONValue.parse(request.body))?["routing_key"]?.string?.nonEmpty  // What is no JSON has no key.
    }

    private static func severity(_ payload: VendorPayload) throws(IntegrationError) -> Int? {
        switch payload["payload.severity"]?.lowercased() {
        case nil: nil
        case "critical": 1
        case "error": 2
        case "warning": 3
        case "info": 4
        case let severity?: throw .unsupported(field: "payload.severity", value: severity)
        }
    }

    private static func links(_ payload: VendorPayload) -> [AlertLink] {
        let sent = (payload.json["links"]?.array ?? []).prefix(Limits.links).compactMap { link in
            link["href"]?.string?.webAddress.map { AlertLink(href: $0, text: link["text"]?.scalarText) }
        }
        return sent + payload.link("client_url", text: payload["client"] ?? "Client")
    }

    private static func images(_ payload: VendorPayload) -> [AlertImage] {
        (payload.json["images"]?.array ?? []).prefix(Limits.images).compactMap { image in
            image["src"]?.string?.webAddress.map {
                AlertImage(source: $0, href: image["href"]?.string?.webAddress, alternative: image["alt"]?.scalarText)
            }
        }
    }

    private static func webhook(_ payload: VendorPayload) throws(IntegrationError) -> [AlertEvent] {
        let kind = try payload.kind(
            at: "event.event_type",
            alert: ["incident.triggered", "incident.reopened", "incident.unacknowledged", "incident.escalated"],
            resolve: ["incident.resolved"], accept: ["incident.acknowledged"],
            ignored: [
                "pagey.ping", "incident.annotated", "incident.delegated", "incident.reassigned",
                "incident.priority_updated", "incident.responder.added", "incident.responder.replied",
                "incident.status_update_published", "incident.conference_bridge.updated", "incident.service_updated",
                "incident.incident_type.changed", "incident.custom_field_values.updated",
            ])
        guard let kind else { return [] }
        return [
            AlertEvent(
                kind: kind, alertKey: try payload.required("event.data.id"),
                summary: payload["event.data.title"] ?? "A PagerDuty incident",
                details: payload.lines([
                    ("Service", "event.data.service.summary"), ("Number", "event.data.number"),
                    ("Urgency", "event.data.urgency"),
                ]),
                links: payload.link("event.data.html_url", text: "PagerDuty"), customDetails: payload.json,
                occurredAt: payload.time("event.occurred_at"))
        ]
    }
}
