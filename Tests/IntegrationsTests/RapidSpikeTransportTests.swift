import Alerting
import Foundation
import Integrations
import Testing

/// The same notification in every wrapping that a webhook may use.
@Suite struct RapidSpikeTransportTests {
    private let body = #"{"status":"failing","monitor":{"uuid":"m-1","label":"Café & Bar"},"website":{"label":"Shop"}}"#

    @Test(arguments: [
        "application/json", "text/plain", "application/x-www-form-urlencoded", "application/xml", "", "nonsense",
    ])
    func `given JSON, when it is labelled as anything, then it is read`(contentType: String) throws {
        try expectAlert(WebhookRequest(headers: [.init("content-type", contentType)], body: Array(body.utf8)))
    }

    @Test func `given JSON without any header, when read, then it is understood`() throws {
        try expectAlert(WebhookRequest(body: Array(body.utf8)))
    }

    @Test(arguments: ["payload", "data", "json", "Payload", "anything"])
    func `given a form field that holds JSON, when read, then it is opened`(name: String) throws {
        try expectAlert(Fixture.form("\(name)=\(encoded(body))"))
    }

    @Test func `given a form field with JSON beside others, when read, then both count`() throws {
        let request = Fixture.form("time=2026-01-01+10%3A00%3A00&payload=\(encoded(body))")

        try expectAlert(request)
        #expect(try RapidSpike.read(request).first?.occurredAt == Timestamp(iso8601: "2026-01-01T10:00:00Z"))
    }

    @Test(arguments: [
        "status=failing&monitor.uuid=m-1&monitor.label=Caf%C3%A9+%26+Bar&website.label=Shop",
        "status=failing&monitor[uuid]=m-1&monitor[label]=Caf%C3%A9+%26+Bar&website[label]=Shop",
        "status=failing&monitor%5Buuid%5D=m-1&monitor%5Blabel%5D=Caf%E9+%26+Bar&website%5Blabel%5D=Shop",
        "status=passing&status=failing&monitor_uuid=m-1&monitor_label=Caf%C3%A9 %26 Bar&website=Shop",
    ])
    func `given a form or a query, when read, then it is understood in any spelling`(fields: String) throws {
        try expectAlert(Fixture.form(fields))
        try expectAlert(WebhookRequest(method: "GET", query: fields, body: []))
        try expectAlert(WebhookRequest(method: "POST", query: fields, body: []))
    }

    @Test func `given a query and a body, when both name the state, then the body wins`() throws {
        try expectAlert(WebhookRequest(query: "status=passing&uuid=other", body: Array(body.utf8)))
    }

    @Test func `given a query that holds JSON, when read, then it is opened`() throws {
        try expectAlert(WebhookRequest(method: "GET", query: "payload=\(encoded(body))", body: []))
    }

    @Test(arguments: ["", "="])
    func `given JSON that was percent-encoded as a whole, when read, then it is opened`(ending: String) throws {
        try expectAlert(Fixture.form(encoded(body) + ending))
    }

    @Test func `given JSON in a JSON text, when read, then it is opened once`() throws {
        try expectAlert(Fixture.json(JSONValue.string(body).text))
    }

    @Test(arguments: ["multipart/form-data; boundary=XyZ", "multipart/form-data; boundary=\"XyZ\"", "text/plain"])
    func `given multipart fields, when read, then they are understood`(contentType: String) throws {
        let lines = [
            "--XyZ", "Content-Disposition: form-data; name=\"status\"", "", "failing", "--XyZ",
            "Content-Disposition: form-data; name=\"monitor[uuid]\"", "", "m-1", "--XyZ",
            "Content-Disposition: form-data; name=\"monitor_label\"", "Content-Type: text/plain; charset=utf-8", "",
            "Café & Bar", "--XyZ", "Content-Disposition: form-data; name=\"website\"", "", "Shop", "--XyZ--", "",
        ]

        try expectAlert(
            WebhookRequest(
                headers: [.init("Content-Type", contentType)], body: Array(lines.joined(separator: "\r\n").utf8)))
    }

    @Test(arguments: [String.Encoding.utf8, .isoLatin1, .utf16, .utf16LittleEndian, .utf16BigEndian])
    func `given another encoding, when read, then the texts are right`(encoding: String.Encoding) throws {
        let data = try #require(body.data(using: encoding))

        try expectAlert(WebhookRequest(body: Array(data)))
    }

    @Test func `given a byte order mark and blanks, when read, then they do not matter`() throws {
        try expectAlert(WebhookRequest(body: [0xEF, 0xBB, 0xBF] + Array("\r\n \(body)\n".utf8)))
    }

    @Test func `given an empty request, when read, then it is unreadable`() {
        #expect(throws: IntegrationError.malformed(reason: "The request is empty.")) {
            try RapidSpike.read(WebhookRequest(body: []))
        }
    }

    @Test func `given a truncated body, when read, then the reason says where it ends`() throws {
        let bytes = try Fixture.bytes("rapidspike/firing.json")

        for count in stride(from: 1, to: bytes.count - 2, by: 7) {
            #expect(throws: IntegrationError.self) { try RapidSpike.read(WebhookRequest(body: Array(bytes[..<count]))) }
        }
        #expect(
            throws: IntegrationError.malformed(
                reason: "Not valid JSON: the text ends too early (byte 60).")
        ) {
            try RapidSpike.read(WebhookRequest(body: Array(bytes[..<60])))
        }
    }

    @Test func `given a status never seen, when read, then it is unreadable`() {
        let request = Fixture.json(#"{"status":"sideways","monitor":{"uuid":"m-1","label":"Home"}}"#)

        #expect(
            throws: IntegrationError.malformed(reason: "No field says whether the monitor is failing or passing.")
        ) { try RapidSpike.read(request) }
    }

    private func expectAlert(_ request: WebhookRequest, _ location: SourceLocation = #_sourceLocation) throws {
        let event = try #require(try RapidSpike.read(request).first, sourceLocation: location)
        #expect(event.kind == .alert, sourceLocation: location)
        #expect(event.alertKey == "m-1", sourceLocation: location)
        #expect(event.summary == "Shop - Café & Bar is failing", sourceLocation: location)
        #expect(event.customDetails != nil, sourceLocation: location)
    }

    private func encoded(_ text: String) -> String {
        text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
