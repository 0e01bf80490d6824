import Integrations
import Storage

/// The URL that an alert source's tool posts to.
enum IngestURL {
    static func of(_ source: AlertSourceRecord, publicURL: String) -> String {
        let path = IntegrationCatalog.entry(type: source.integrationType)?.path ?? source.integrationType.lowercased()
        return "\(publicURL)/api/v1/events/\(path)/\(source.integrationKey)"
    }
}
