import Integrations
import Storage

/// The path that an alert source's tool posts to.
enum IngestPath {
    static func of(_ source: AlertSourceRecord) -> String {
        let path = IntegrationCatalog.entry(type: source.integrationType)?.path ?? source.integrationType.lowercased()
        return "/api/v1/events/\(path)/\(source.integrationKey)"
    }
}
