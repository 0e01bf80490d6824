public import Alerting

/// Icinga by ilert's plugin: XML with the key in the body, or the same variables as JSON or form.
///
/// Source: the plugin's requests, read 2026-11-23; see `PluginNotification`.
public enum Icinga: Integration {
    public static let kind = IntegrationKind(
        type: "ICINGA", path: "icinga", name: "Icinga", category: .infrastructure,
        features: [.alertResolution, .alertAcknowledgement, .dynamicRouting, .links, .comments],
        guide: "integrations/nagios")

    public static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent] {
        try PluginNotification(request).events()
    }

    public static func integrationKey(in request: WebhookRequest) -> String? {
        PluginNotification.integrationKey(in: request)
    }
}
