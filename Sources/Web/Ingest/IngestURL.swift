import Integrations
import Storage

/// The URL that an alert source's tool posts to, or writes to.
enum IngestURL {
    static func of(_ source: AlertSourceRecord, publicURL: String) -> String {
        if ["HEARTBEAT", "HEARTBEAT2"].contains(source.integrationType) {
            return "\(publicURL)/api/heartbeats/\(source.integrationKey)"
        }
        if IntegrationCatalog.entry(type: source.integrationType)?.kind.isMail == true {
            return "mailto:\(source.integrationKey)"
        }
        let path = IntegrationCatalog.entry(type: source.integrationType)?.path ?? source.integrationType.lowercased()
        return "\(publicURL)/api/v1/events/\(path)/\(source.integrationKey)"
    }
}
