import Alerting
import Engine
import Integrations
import Storage

/// A request as the source's tool would send it, about a problem that does not exist.
struct TestEvent: Sendable {
    private let source: AlertSourceRecord

    /// `nil` for a tool whose requests are not at hand.
    init?(_ source: AlertSourceRecord) {
        let isGeneric = IntegrationCatalog.entry(type: source.integrationType)?.isGenericEvent ?? false
        let isKnown = TestEventBodies.pairs[source.integrationType] != nil
        guard isGeneric || isKnown || source.integrationType == RapidSpike.kind.type else { return nil }
        self.source = source
    }

    /// - Parameter isFailing: otherwise it says that all is well again.
    func request(isFailing: Bool, at now: Timestamp) -> WebhookRequest {
        guard let pair = TestEventBodies.pairs[source.integrationType] else {
            let isRapidSpike = source.integrationType == RapidSpike.kind.type
            let body = isRapidSpike ? rapidSpike(isFailing, now) : event(isFailing)
            return request(type: "application/json", body: body.bytes())
        }
        let text = isFailing ? pair.failing : pair.passing
        switch pair.form {
        case .json: return request(type: "application/json", body: Array(text.utf8))
        case .form: return request(type: "application/x-www-form-urlencoded", body: Array(text.utf8))
        case .query: return request(method: "GET", query: text)
        case .xml: return request(type: "application/xml", body: Array(text.utf8))
        case .mail: return request(method: Email.method, body: Array(text.utf8))
        }
    }

    private func request(
        method: String = "POST", type: String? = nil, query: String = "", body: [UInt8] = []
    ) -> WebhookRequest {
        let headers = [WebhookRequest.Header("User-Agent", "Nightbell test event")]
        return WebhookRequest(
            method: method, path: AlertSourceAddress.path(of: source),
            headers: headers + (type.map { [WebhookRequest.Header("Content-Type", $0)] } ?? []), query: query,
            body: body)
    }

    private func rapidSpike(_ isFailing: Bool, _ now: Timestamp) -> JSONValue {
        let state = isFailing ? "failing" : "passing"
        let number = String(source.id.rawValue)
        let uuid = "00000000-0000-4000-8000-" + String(repeating: "0", count: max(0, 12 - number.count)) + number
        return .object([
            "status": .string(state),
            "message": .string("Nightbell - Test event is \(state)"),
            "monitor": .object([
                "uuid": .string(uuid), "type": .string("http"), "label": .string("Test event"),
                "target": .string("/"),
            ]),
            "website": .object([
                "uuid": .string(uuid), "label": .string("Nightbell"),
                "domain_name": .string("https://example.com"),
            ]),
            "created_date": .string(String(now.iso8601.prefix(19)).replacing("T", with: " ")),
            "unix_created_date": .integer(now.milliseconds / 1000),
        ])
    }

    private func event(_ isFailing: Bool) -> JSONValue {
        .object([
            "integrationKey": .string(source.integrationKey),
            "eventType": .string(isFailing ? "ALERT" : "RESOLVE"), "alertKey": .string("nightbell-test-event"),
            "summary": .string("Test event of \(source.name)"),
            "details": .string("Sent from the alert source's page. Nothing is broken."),
        ])
    }
}
