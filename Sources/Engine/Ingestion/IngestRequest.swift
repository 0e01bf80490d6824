public import Alerting
public import Integrations
import Storage

/// A request to a known alert source, read and ready to be decided.
public struct IngestRequest: Sendable {
    public var source: SourceEntry
    public var request: WebhookRequest
    public var events: [AlertEvent]
    /// Why the request was not understood; its events then are the alert about it, or none.
    public var fault: String?
    public var receivedAt: Timestamp

    /// Reads `request` as the source's integration does. What cannot be read becomes an alert about itself.
    public init(_ request: WebhookRequest, source: SourceEntry, receivedAt: Timestamp) {
        self.source = source
        self.request = request
        self.receivedAt = receivedAt
        do throws(IntegrationError) {
            events =
                if let reader = source.integration { try reader.events(from: request, settings: source.settings) } else
                {
                    try EventsAPI.events(from: request, settings: source.settings)
                }
        } catch {
            fault = error.message
            events = [Self.unreadable(request, source: source, fault: error.message)]
        }
    }

    /// A generic event whose body was taken apart already; a fault in it raises nothing.
    public init(
        _ request: WebhookRequest, event: Result<AlertEvent, IntegrationError>, source: SourceEntry,
        receivedAt: Timestamp
    ) {
        self.source = source
        self.request = request
        self.receivedAt = receivedAt
        switch event {
        case .success(let event): events = [event]
        case .failure(let error):
            events = []
            fault = error.message
        }
    }

    /// The alert key of a source's alert about what could not be read.
    static let unreadableKey = "unreadable notification"

    private static func unreadable(_ request: WebhookRequest, source: SourceEntry, fault: String) -> AlertEvent {
        let name = source.integration?.name ?? source.record.name
        let body = Limits.cut(String(decoding: request.body, as: UTF8.self), to: 4000)
        let query = request.query.isEmpty ? "" : "\nQuery: \(Limits.cut(request.query, to: 1000))"
        return AlertEvent(
            kind: .alert, alertKey: unreadableKey, summary: "\(name): unreadable notification",
            details: """
                A request to the alert source “\(source.record.name)” could not be read: \(fault)
                Open the source's event explorer to see it whole and to say where state and key are found.
                \(query)
                \(body)
                """)
    }

    /// What is kept of the headers: no credentials, no cookies.
    var storedHeaders: String {
        var members: [String: JSONValue] = [:]
        for header in request.headers.prefix(Limits.storedHeaders) {
            let isSecret =
                Self.secretHeaders.contains(header.name) || Self.secretWords.contains { header.name.contains($0) }
            members[header.name] = .string(isSecret ? "(hidden)" : Limits.cut(header.value, to: Limits.storedHeader))
        }
        return JSONValue.object(members).text
    }

    private static let secretHeaders: Set<String> = ["authorization", "proxy-authorization", "cookie", "set-cookie"]
    private static let secretWords = ["token", "secret", "password", "api-key", "apikey", "signature"]
}

/// What became of a request.
public struct IngestAnswer: Equatable, Sendable {
    /// Of the first event; `nil` when there was none.
    public var alertKey: String?
    /// The alert that the first event touched.
    public var alert: Alert.ID?
    public var reason: IntakeReason
}
