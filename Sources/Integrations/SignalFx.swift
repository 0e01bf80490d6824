public import Alerting

/// Splunk Observability Cloud (SignalFx): the webhook of a detector.
///
/// Source: dev.splunk.com/observability, "Webhook integration overview" as described by
/// api-evangelist/splunk-observability, read 2026-11-27.
public enum SignalFx: Integration {
    public static let kind = IntegrationKind(
        type: "SIGNALFX", path: "signalfx", name: "Splunk Observability Cloud", category: .infrastructure,
        features: [.alertResolution, .dynamicRouting, .links, .images],
        signature: WebhookSignature(header: "X-SFX-Signature", proof: .base64))

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        let payload = try VendorPayload(request)
        let kind = try payload.kind(
            at: "status", "statusExtended", alert: ["anomalous", "too high", "too low"],
            resolve: ["ok", "stopped", "manually resolved"])
        guard let kind else { return [] }
        return [
            AlertEvent(
                kind: kind, alertKey: try payload.required("incidentId"),
                summary: payload["messageTitle", "rule", "detector"] ?? "A detector", details: text(payload),
                priority: ["info", "minor"].contains(payload["severity"]?.lowercased()) ? .low : nil,
                links: payload.link("detectorUrl", text: "Detector") + payload.link("runbookUrl", text: "Runbook"),
                images: payload.image("imageUrl"), customDetails: payload.json, occurredAt: payload.time("timestamp"))
        ]
    }

    private static func text(_ payload: VendorPayload) -> String {
        var text = payload["messageBody", "description"] ?? ""
        text.appendFact("Detector", payload["detector"])
        text.appendFact("Severity", payload["severity"])
        text.appendFact("Tip", payload["tip"])
        return text
    }
}
