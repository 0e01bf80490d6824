public import Alerting
public import Engine

/// Any service that sends an SMS at an HTTP request: how its request looks, and which answer is a yes.
///
/// `{to}`, `{text}`, `{id}` and `{from}` stand for the number, the words, the message's own number (the same at a
/// repetition) and the sender; each is written as its place needs it: percent-encoded in the URL and in a form, escaped
/// in JSON.
public struct SMSGatewaySettings: Equatable, Sendable {
    public enum Success: Equatable, Sendable {
        /// Any status from 200 to 299.
        case status
        /// Such a status, and a body with these words in it.
        case body(containing: String)
    }

    public var method: String
    public var url: String
    public var headers: [Header]
    public var body: String
    public var from: String
    public var success: Success

    public struct Header: Equatable, Sendable {
        public var name: String
        public var value: String
    }

    /// - Parameters:
    ///   - headers: one a line, `Name: value`.
    ///   - success: `2xx`, or `contains WORDS`.
    /// - Throws: `Failure.invalid` with a sentence.
    public init(
        url: String, method: String = "POST", headers: String = "", body: String = "", from: String = "",
        success: String = "2xx"
    ) throws(Failure) {
        guard ["GET", "POST", "PUT"].contains(method.uppercased()) else {
            throw Failure(.invalid, "The method of the SMS gateway must be GET, POST or PUT.")
        }
        guard url.lowercased().hasPrefix("https://") || url.lowercased().hasPrefix("http://") else {
            throw Failure(.invalid, "The URL of the SMS gateway must begin with https:// or http://.")
        }
        guard url.contains("{to}") || body.contains("{to}"), url.contains("{text}") || body.contains("{text}") else {
            throw Failure(.invalid, "The URL or the body of the SMS gateway must contain {to} and {text}.")
        }
        self.method = method.uppercased()
        self.url = url
        self.body = body
        self.from = from
        self.headers = []
        for line in headers.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
                throw Failure(.invalid, "Each line of the SMS gateway's headers must be Name: value.")
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            self.headers.append(Header(name: String(line[..<colon]), value: String(value)))
        }
        if success == "2xx" {
            self.success = .status
        } else if success.hasPrefix("contains "), success.count > 9 {
            self.success = .body(containing: String(success.dropFirst(9)))
        } else {
            throw Failure(.invalid, "The success rule of the SMS gateway must be 2xx or \"contains WORDS\".")
        }
    }

    var contentType: String {
        headers.first { $0.name.lowercased() == "content-type" }?.value
            ?? (body.first == "{" || body.first == "[" ? "application/json" : "application/x-www-form-urlencoded")
    }
}

/// Sends SMS through a gateway that the operator describes.
public struct SMSGatewaySender: Sender {
    public let channel = Channel.sms
    public let name = "SMS gateway"
    public let places: Int
    private let settings: SMSGatewaySettings
    private let client: GuardedHTTPClient

    public init(settings: SMSGatewaySettings, client: GuardedHTTPClient, places: Int = 16) {
        self.settings = settings
        self.client = client
        self.places = places
    }

    public func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        let isJSON = settings.contentType.lowercased().contains("json")
        let body = Self.fill(settings.body, message, from: settings.from) {
            isJSON ? Self.json($0) : FormText.encode($0)
        }
        var headers = settings.headers.map { (name: $0.name, value: $0.value) }
        if !headers.contains(where: { $0.name.lowercased() == "content-type" }), !body.isEmpty {
            headers.append((name: "Content-Type", value: settings.contentType))
        }
        let request = GuardedRequest(
            method: settings.method,
            url: Self.fill(settings.url, message, from: settings.from, FormText.encode), headers: headers,
            body: settings.method == "GET" ? [] : Array(body.utf8))
        switch await client.send(request) {
        case .failure(let failure): return failure.outcome
        case .success(let answer): return outcome(answer)
        }
    }

    private func outcome(_ answer: GuardedResponse) -> DeliveryOutcome {
        guard case .delivered = answer.outcome, case .body(let words) = settings.success else { return answer.outcome }
        guard !String(decoding: answer.body, as: UTF8.self).contains(words) else { return answer.outcome }
        // Many gateways answer 200 to everything; whether a repetition helps, only their text would say.
        return .retry(after: nil, reason: "the gateway's answer is no success")
    }

    /// One pass: what a message says is never read as a place to be filled.
    private static func fill(
        _ template: String, _ message: OutgoingMessage, from: String, _ encode: (String) -> String
    ) -> String {
        let values = ["to": message.address, "text": message.brief, "id": "\(message.id)", "from": from]
        var result = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "}"),
                let value = values[String(rest[rest.index(after: open)..<close])]
            else {
                result.append("{")
                rest = rest.dropFirst()
                continue
            }
            result += encode(value)
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    /// The inside of a JSON string.
    private static func json(_ text: String) -> String {
        String(JSONValue.string(text).text.dropFirst().dropLast())
    }
}
