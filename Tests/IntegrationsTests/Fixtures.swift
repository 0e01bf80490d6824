import Alerting
import Foundation
import Integrations

/// The recorded and made-up bodies below `Fixtures/`.
enum Fixture {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: path)))
    }

    /// A fixture as a request; the content type follows the file's extension.
    static func request(_ path: String) throws -> WebhookRequest {
        request(path, bytes: try bytes(path))
    }

    /// The same with other bytes.
    static func request(_ path: String, bytes: [UInt8]) -> WebhookRequest {
        switch path.split(separator: ".").last {
        case "query": WebhookRequest(method: "GET", query: String(decoding: bytes, as: UTF8.self).trimmed, body: [])
        case "form": form(String(decoding: bytes, as: UTF8.self).trimmed)
        default: WebhookRequest(headers: [.init("Content-Type", "application/json")], body: bytes)
        }
    }

    static func form(_ text: String) -> WebhookRequest {
        WebhookRequest(
            headers: [.init("Content-Type", "application/x-www-form-urlencoded")], body: Array(text.utf8))
    }

    static func json(_ text: String) -> WebhookRequest {
        WebhookRequest(headers: [.init("Content-Type", "application/json")], body: Array(text.utf8))
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}

extension Integration {
    /// Through the catalog's door, as ingestion calls it, with every part within its limit.
    static func read(
        _ request: WebhookRequest, _ settings: IntegrationSettings = .init()
    ) throws(IntegrationError) -> [AlertEvent] {
        guard let entry = IntegrationCatalog.entry(type: kind.type) else { throw .missing(field: kind.type) }
        return try entry.events(from: request, settings: settings)
    }
}
