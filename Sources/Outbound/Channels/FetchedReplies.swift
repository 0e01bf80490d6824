public import Alerting
public import Engine
import Foundation
public import Logging
public import ServiceLifecycle

/// A provider that can be asked for what people wrote.
public protocol ReplySource: Sendable {
    /// As in `Sender.name`.
    var name: String { get }
    /// What it lists, the oldest first.
    func fetch() async throws(ReplySourceError) -> [FetchedReply]
}

/// Why a provider could not be asked; without addresses and secrets.
public struct ReplySourceError: Error, Equatable, Sendable, CustomStringConvertible {
    public var description: String
}

/// Asks providers that cannot reach this server for what people wrote; one node at a time does.
public struct ReplyPoller: Service {
    private let source: any ReplySource
    private let desk: FetchedReplyDesk
    private let lease: NodeLease
    private let interval: Duration
    private let logger: Logger
    /// Longer than one question and its answers take.
    private static let leaseMargin = Duration.seconds(60)

    /// - Parameters:
    ///   - lease: held by the node that asks.
    ///   - interval: between two questions.
    public init(
        source: any ReplySource, desk: FetchedReplyDesk, lease: NodeLease, interval: Duration = .seconds(10),
        logger: Logger
    ) {
        self.source = source
        self.desk = desk
        self.lease = lease
        self.interval = interval
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await ask()
                } catch {
                    if !Task.isCancelled {
                        logger.warning(
                            "replies not fetched",
                            metadata: ["provider": "\(source.name)", "reason": "\(error)"])
                    }
                }
                // Ended by a shutdown only.
                try? await Task.sleep(for: interval)
            }
            // It ends by itself soon.
            try? await lease.release()
        }
    }

    /// One question, if this node may ask.
    ///
    /// - Returns: how many replies were new; `nil`: another node asks.
    @discardableResult
    func ask() async throws -> Int? {
        guard try await lease.hold(for: interval + Self.leaseMargin) else { return nil }
        return try await desk.take(try await source.fetch(), of: source.name)
    }
}

/// Messages to our numbers as Twilio lists them.
///
/// Source: Twilio, "Messages resource", list, read 2026-11-27: newest first; `direction` is `inbound` for what people
/// wrote; `date_sent` as in RFC 2822.
public struct TwilioReplies: ReplySource {
    public let name = "Twilio"
    private let settings: TwilioSettings
    private let client: GuardedHTTPClient

    public init(settings: TwilioSettings, client: GuardedHTTPClient) {
        self.settings = settings
        self.client = client
    }

    public func fetch() async throws(ReplySourceError) -> [FetchedReply] {
        var found = try await fetch(to: settings.from.hasPrefix("MG") ? nil : settings.from)
        if let number = settings.whatsAppFrom { found += try await fetch(to: "whatsapp:\(number)") }
        return found
    }

    /// - Parameter number: `nil`: whatever the account's.
    private func fetch(to number: String?) async throws(ReplySourceError) -> [FetchedReply] {
        let path = "/2010-04-01/Accounts/\(FormText.encode(settings.accountSID))/Messages.json"
        let query = FormText.encode((number.map { [("To", $0)] } ?? []) + [("PageSize", "100")])
        let credentials = Data("\(settings.accountSID):\(settings.authToken)".utf8).base64EncodedString()
        let body = try await client.list(
            "\(settings.baseURL)\(path)?\(query)", headers: [("Authorization", "Basic \(credentials)")])
        let listed = (body["messages"]?.array ?? []).prefix(100).compactMap(Self.reply)
        return listed.reversed()
    }

    private static func reply(_ message: JSONValue) -> FetchedReply? {
        guard message["direction"]?.string == "inbound", let id = message["sid"]?.string,
            let from = message["from"]?.string, let text = message["body"]?.string
        else { return nil }
        let isWhatsApp = from.hasPrefix("whatsapp:")
        return FetchedReply(
            id: id, from: isWhatsApp ? String(from.dropFirst(9)) : from, text: text,
            channel: isWhatsApp ? .whatsapp : .sms, sentAt: message["date_sent"]?.string.flatMap(WireTime.read))
    }
}

/// Messages as any gateway lists them in JSON: where its list is, and what its members are called.
public struct SMSGatewayReplies: ReplySource {
    public let name = "SMS gateway"
    private let settings: SMSGatewayPolling
    private let client: GuardedHTTPClient

    public init(settings: SMSGatewayPolling, client: GuardedHTTPClient) {
        self.settings = settings
        self.client = client
    }

    public func fetch() async throws(ReplySourceError) -> [FetchedReply] {
        let body = try await client.list(
            settings.url, headers: settings.headers.map { (name: $0.name, value: $0.value) })
        guard let list = (settings.list.isEmpty ? body : body.member(settings.list))?.array else {
            throw ReplySourceError(description: "the gateway's answer has no list where it should be")
        }
        return list.prefix(200).compactMap { message in
            guard let id = message.member(settings.id)?.plainText, let from = message.member(settings.from)?.plainText,
                let text = message.member(settings.text)?.plainText, !id.isEmpty, id.utf8.count <= 200
            else { return nil }
            return FetchedReply(id: id, from: Self.number(from), text: text)
        }
    }

    /// In E.164 form: gateways leave the plus out, or write two zeros.
    static func number(_ text: String) -> String {
        let digits = text.filter { $0.isASCII && $0.isNumber }
        guard digits.count >= 7 else { return text }
        return "+" + (digits.hasPrefix("00") ? digits.dropFirst(2) : digits[...])
    }
}

/// Where a gateway lists what people wrote.
public struct SMSGatewayPolling: Equatable, Sendable {
    public var url: String
    public var headers: [SMSGatewaySettings.Header]
    /// Names with dots between them, from outside to inside; empty: the answer itself is the list.
    public var list = ""
    public var id = "id"
    public var from = "from"
    public var text = "text"

    /// - Parameters:
    ///   - headers: those of what is sent.
    ///   - fields: such as `list=data.messages id=id from=sender text=body`; what is not named is called as here.
    /// - Throws: `Failure.invalid` with a sentence.
    public init(url: String, headers: [SMSGatewaySettings.Header], fields: String = "") throws(Failure) {
        guard url.lowercased().hasPrefix("https://") || url.lowercased().hasPrefix("http://") else {
            throw Failure(.invalid, "The URL of the SMS gateway's list must begin with https:// or http://.")
        }
        self.url = url
        self.headers = headers
        for field in fields.split(separator: " ") {
            let parts = field.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw Self.wrongFields }
            switch parts[0] {
            case "list": list = parts[1]
            case "id": id = parts[1]
            case "from": from = parts[1]
            case "text": text = parts[1]
            default: throw Self.wrongFields
            }
        }
    }

    private static let wrongFields = Failure(
        .invalid, "The fields of the SMS gateway's list must be like list=messages id=id from=sender text=body.")
}

extension GuardedHTTPClient {
    fileprivate func list(
        _ url: String, headers: [(name: String, value: String)]
    ) async throws(ReplySourceError) -> JSONValue {
        var limits = GuardedRequest.Limits()
        limits.responseBody = 1024 * 1024
        switch await send(GuardedRequest(method: "GET", url: url, headers: headers, limits: limits)) {
        case .failure(let failure): throw ReplySourceError(description: failure.reason)
        case .success(let answer):
            guard (200...299).contains(answer.status), answer.cut == nil else {
                throw ReplySourceError(description: "http \(answer.status)")
            }
            do throws(JSONError) {
                return try JSONValue.parse(answer.body)
            } catch {
                throw ReplySourceError(description: "the answer is not JSON")
            }
        }
    }
}

extension JSONValue {
    /// - Parameter path: names with dots between them.
    fileprivate func member(_ path: String) -> JSONValue? {
        path.split(separator: ".").reduce(Optional(self)) { value, name in value?[String(name)] }
    }

    /// A text, or a whole number as text.
    fileprivate var plainText: String? { string ?? integer.map(String.init) }
}
