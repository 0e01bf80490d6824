import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Integrations
import NIOCore
import Synchronization

/// Hands raw requests to reception and its answers back. The busiest path of the server: bytes are copied once.
final class IngestDoor: Sendable {
    /// Bytes; a shorter segment of a URL is no integration key but the name of an integration.
    static let shortestKey = 16

    let reception: any EventReceiver
    private let publicURL: String
    /// Of our own requests.
    private let instance: String
    /// Begins every `correlation-id` of this process.
    private let correlationPrefix = String(UInt64.random(in: 0...UInt64.max), radix: 36) + "-"
    private let correlationCount = Atomic<UInt64>(0)

    convenience init(_ services: WebServices) {
        self.init(
            services.engine.reception, publicURL: services.settings.publicURL, instance: services.settings.instance)
    }

    /// - Parameter instance: empty: none is refused.
    init(_ reception: any EventReceiver, publicURL: String, instance: String) {
        self.reception = reception
        self.publicURL = publicURL
        self.instance = instance
    }

    func receive(_ request: Request, key: String) async throws -> Response {
        let answer = try await reception.receive(webhook(request), key: key)
        return response(answer, to: request)
    }

    func receiveGeneric(_ request: Request) async throws -> Response {
        let answer = try await reception.receiveGeneric(webhook(request))
        return response(answer, to: request)
    }

    /// A request to an address that names an integration and no key: the key is in the request.
    func receiveKeyed(_ request: Request, integration: String) async throws -> Response {
        let entry = IntegrationCatalog.entry(path: integration)
        guard let entry, !entry.isGenericEvent else { return try await receiveGeneric(request) }
        return response(try await reception.receiveKeyed(webhook(request), integration: entry), to: request)
    }

    func webhook(_ request: Request) async throws -> WebhookRequest {
        let fields = request.headers
        if let instance = fields[Self.instanceHeader], instance == self.instance {
            throw APIError(
                .badRequest, "ERROR",
                "This request was sent by this very installation; alerts must not raise alerts about themselves.")
        }
        if let encoding = fields[.contentEncoding], !encoding.isEmpty, encoding.lowercased() != "identity" {
            throw APIError(.unsupportedMediaType, "ERROR", "Send the body without Content-Encoding.")
        }
        if let length = fields[.contentLength].flatMap({ Int($0) }), length > Limits.ingestBody {
            throw Self.tooLarge
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Limits.ingestBody)
        } catch is NIOTooManyBytesError {
            throw Self.tooLarge
        }
        return WebhookRequest(
            method: request.method.rawValue, path: request.uri.path,
            headers: fields.map { WebhookRequest.Header(lowercased: $0.name.canonicalName, $0.value) },
            query: request.uri.query ?? "", body: [UInt8](buffer: body))
    }

    /// What a request that was taken is answered with, in its sender's words.
    func response(_ answer: IngestAnswer, to request: Request) -> Response {
        let correlation = request.headers[Self.correlationHeader]
        return switch answer.dialect {
        case .standard: standardAnswer(answer, correlation: correlation).response
        case .zabbix: ZabbixAnswer.response(answer, standardAnswer(answer, correlation: correlation).response)
        case .pagerDuty: JSONAnswer.response(PagerDutyDoor.answer(answer), status: .accepted)
        case .opsgenie: JSONAnswer.response(OpsgenieDoor.answer(answer), status: .accepted)
        }
    }

    /// `{"alertKey":…,"alertUrl":…,"responseCode":…}`, written by hand: it is written a lot.
    ///
    /// - Parameter correlation: what the request has in the field of that name, by which its sender knows it again.
    func standardAnswer(_ answer: IngestAnswer, correlation: String?) -> FinishedAnswer {
        var json: [UInt8] = []
        json.reserveCapacity(192)
        json.append(UInt8(ascii: "{"))
        if let key = answer.alertKey {
            json.append(contentsOf: #""alertKey":"#.utf8)
            JSONValue.append(text: key, to: &json)
            json.append(UInt8(ascii: ","))
        }
        if let alert = answer.alert {
            json.append(contentsOf: #""alertUrl":"#.utf8)
            JSONValue.append(text: "\(publicURL)/alerts/\(alert)", to: &json)
            json.append(UInt8(ascii: ","))
        }
        json.append(contentsOf: #""responseCode":""#.utf8)
        json.append(contentsOf: (Self.responseCodes[answer.reason] ?? "").utf8)
        json.append(contentsOf: #""}"#.utf8)
        let correlation = correlation.map { String($0.prefix(100)) } ?? nextCorrelation()
        return JSONAnswer.finished(json, status: .accepted, headers: [Self.correlationHeader: correlation])
    }

    private func nextCorrelation() -> String {
        correlationPrefix + String(correlationCount.add(1, ordering: .relaxed).newValue, radix: 36)
    }

    private static let tooLarge = Failure(
        .tooLarge, "The body is larger than \(Limits.ingestBody / 1024) KiB.")
    static let instanceHeader = HTTPField.Name("X-Nightbell-Instance")!
    static let correlationHeader = HTTPField.Name("correlation-id")!
    private static let responseCodes = Dictionary(
        uniqueKeysWithValues: IntakeReason.allCases.map { ($0, $0.rawValue.uppercased()) })
}
