public import Alerting

/// Dynatrace's "Custom integration" of problem notifications with the members of ilert's template.
///
/// Source: iLert/docs, integrations/inbound-integrations/dynatrace.md, and developer.harness.io, "Configure
/// Dynatrace to
/// Send Webhooks" (placeholders), read 2026-11-27.
public enum Dynatrace: Integration {
    public static let kind = IntegrationKind(
        type: "DYNATRACE", path: "dynatrace", name: "Dynatrace", category: .applications)

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        // A problem that was merged goes on under another one's id.
        let kind = try payload.kind(
            at: "State", "ProblemStatus", alert: ["open"], resolve: ["resolved", "merged", "closed"])
        guard let kind else { return [] }
        var event = AlertEvent(
            kind: kind, alertKey: payload["ProblemID", "PID"], summary: payload["ProblemTitle"] ?? "A problem",
            details: payload["ProblemDetailsText", "ProblemDetails"] ?? "",
            links: payload.link("ProblemURL", text: "Dynatrace"), customDetails: payload.json)
        event.details.appendFact("Entity", payload["ImpactedEntity"])
        event.details.appendFact("Severity", payload["ProblemSeverity"])
        event.details.appendFact("Tags", payload["Tags"])
        return [event]
    }
}
