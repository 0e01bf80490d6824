public import Alerting

/// Any tool's webhook: state, key, summary and link are found by themselves or where the owner's mapping says.
///
/// It reads what `RapidSpike` reads: words for states and the usual names of members are no vendor's own.
public enum GenericWebhook: Integration {
    public static let kind = IntegrationKind(
        type: "TOOL", path: "tool", aliases: ["webhook", "generic"], name: "Generic webhook", category: .custom,
        features: [.alertResolution, .dynamicRouting, .links, .images])

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        try RapidSpike.events(from: request, settings: settings).map { event in
            var event = event
            if event.summary.hasPrefix("A RapidSpike monitor") {
                event.summary.replaceSubrange(
                    ..<event.summary.index(event.summary.startIndex, offsetBy: 20), with: "It")
            }
            return event
        }
    }
}
