public import Alerting

/// Sensu: the event that a handler gets, of Sensu Go or of Sensu Core, posted as it is.
///
/// Source: docs.sensu.io, sensu-go/latest/reference/events and sensu-core/1.8/reference/events, read 2026-11-27.
public enum Sensu: Integration {
    public static let kind = IntegrationKind(
        type: "SENSU", path: "sensu", name: "Sensu", category: .infrastructure)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let text = try payload.required("check.status")
        guard let status = Int(text), status >= 0 else {
            throw .unsupported(field: "check.status", value: Limits.cut(text, to: 100))
        }
        if payload["check.is_silenced"] == "true" { return [] }
        guard let host = payload["entity.metadata.name", "client.name", "entity.name"] else {
            throw .missing(field: "entity.metadata.name")
        }
        guard let check = payload["check.metadata.name", "check.name"] else { throw .missing(field: "check.name") }
        let namespace = payload["entity.metadata.namespace"]
        return [
            AlertEvent(
                kind: status == 0 ? .resolve : .alert,
                alertKey: [namespace, host, check].compactMap(\.self).joined(separator: "/"),
                summary: "\(check) on \(host)\(payload["check.output"].map { ": " + $0 } ?? "")",
                details: payload.lines([
                    ("Output", "check.output"), ("Status", "check.status"), ("Occurrences", "check.occurrences"),
                    ("Occurrences", "occurrences"), ("Address", "client.address"),
                ]),
                priority: status == 1 ? .low : nil,
                links: payload.link("check.metadata.annotations.runbook_url", text: "Runbook"),
                labels: payload.json["entity"]?["metadata"].map { VendorPayload($0).labels("labels") } ?? [:],
                customDetails: payload.json,
                occurredAt: payload.time("check.executed") ?? payload.time("timestamp"))
        ]
    }
}
