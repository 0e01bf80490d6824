public import Alerting

/// Nagios by ilert's plugin: XML with the key in the body, or the same variables as JSON or form.
///
/// Source: the plugin's requests, read 2026-11-23; see `PluginNotification`. The plugin deletes what is answered by
/// another 4xx than 429 and keeps the rest.
public enum Nagios: Integration {
    public static let kind = IntegrationKind(
        type: "NAGIOS", path: "nagios", name: "Nagios", category: .infrastructure,
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
