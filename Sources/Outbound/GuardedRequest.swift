public import Alerting
import Foundation

/// A request to a URL that somebody typed in.
public struct GuardedRequest: Sendable {
    public struct Limits: Sendable {
        /// For the name's look-up, and again for the connection.
        public var connect = Duration.seconds(5)
        /// Between two parts of the answer.
        public var read = Duration.seconds(10)
        /// For everything, redirects included.
        public var total = Duration.seconds(15)
        /// Bytes kept of the answer's body.
        public var responseBody = 64 * 1024

        public init() {}
    }

    public var method: String
    public var url: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    public var limits: Limits
    /// What nobody may read in the answer, beside what the URL and the headers hold of that.
    public var secrets: [String] = []

    public init(
        method: String = "POST", url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        limits: Limits = Limits()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
    }
}

public struct GuardedResponse: Equatable, Sendable {
    /// Why the body is not whole.
    public enum Cut: String, Sendable {
        case tooLarge, tooSlow, broken
    }

    public var status: Int
    /// Names in lower case, in order.
    public var headers: [[String]]
    public var body: [UInt8]
    public var cut: Cut?
    /// Takes the request's secrets out of what the other side says.
    var redaction = Redaction()

    /// The first header of this name, given in lower case.
    public func header(_ name: String) -> String? {
        headers.first { $0[0] == name }?[1]
    }

    /// What a status means for a message that was handed over by this request.
    public var outcome: DeliveryOutcome {
        switch status {
        case 200...299: .delivered(receipt: nil)
        case 408, 425, 429, 500...599: .retry(after: wish, reason: "http \(status)")
        default: .rejected(reason: "http \(status)")
        }
    }

    /// `Retry-After`, in seconds or as a time, at most an hour.
    var wish: Duration? {
        guard let text = header("retry-after") else { return nil }
        if let seconds = Int(text) { return Self.limited(.seconds(seconds)) }
        return WireTime.read(text).flatMap(wait)
    }

    /// How long until `time` by the other side's own clock; `nil` when it does not say what that shows.
    func wait(until time: Timestamp) -> Duration? {
        header("date").flatMap(WireTime.read).map { Self.limited(time - $0) }
    }

    private static func limited(_ wish: Duration) -> Duration { min(max(wish, .zero), .seconds(3600)) }
}

/// Why there is no answer; no case carries a URL, a header or anything else that could be secret.
public enum GuardedFailure: Error, Equatable, Sendable {
    case invalid(reason: String)
    /// The host is, or is also, at an internal address.
    case addressRefused
    case nameUnknown
    /// Nothing was sent.
    case unreachable
    /// The certificate or the encryption is not acceptable; nothing was sent.
    case notTrusted
    case timedOut
    /// The connection ended before an answer.
    case broken
    case redirectRefused
    /// Too many requests are under way.
    case busy
    case closed

    /// One sentence.
    public var reason: String {
        switch self {
        case .invalid(let reason): reason
        case .addressRefused: "The URL leads to an address in a private or local network, which is not allowed."
        case .nameUnknown: "The host's name is unknown."
        case .unreachable: "The host cannot be reached."
        case .notTrusted: "The host's certificate or encryption is not acceptable."
        case .timedOut: "The host did not answer in time."
        case .broken: "The connection ended before the answer."
        case .redirectRefused: "The host redirects to somewhere else, which is not followed."
        case .busy: "Too many requests are under way."
        case .closed: "The server is shutting down."
        }
    }

    /// What it means for a message that this request was to hand over.
    public var outcome: DeliveryOutcome {
        switch self {
        case .invalid, .addressRefused, .redirectRefused: .rejected(reason: reason)
        case .nameUnknown, .unreachable, .notTrusted, .busy, .closed: .retry(after: nil, reason: reason)
        case .timedOut, .broken: .unknown(reason: reason)
        }
    }
}

/// A URL taken apart and checked: `http` or `https`, a host, no surprises.
struct GuardedURL: Equatable, Sendable {
    var isEncrypted: Bool
    /// Lower case; an IPv6 address without brackets.
    var host: String
    var port: Int
    /// Path and query, percent-encoded.
    var target: String
    /// `user:password` of the URL, which goes into a header.
    var credentials: String?

    init(_ text: String) throws(GuardedFailure) {
        guard text.utf8.count <= 4096 else { throw .invalid(reason: "The URL is longer than 4096 characters.") }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme)
        else { throw .invalid(reason: "The URL does not begin with http:// or https://.") }
        isEncrypted = scheme == "https"
        var host = (parts.encodedHost ?? "").lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let isAddress = host.contains(":") && IPAddress(host) != nil && !host.contains("%")
        guard !host.isEmpty, host.utf8.count <= 253,
            isAddress || host.utf8.allSatisfy({ Mailbox.isAlphanumeric($0) || ".-_".utf8.contains($0) })
        else { throw .invalid(reason: "The URL has no valid host.") }
        self.host = host
        port = parts.port ?? (isEncrypted ? 443 : 80)
        guard (1...65_535).contains(port) else { throw .invalid(reason: "The URL's port is not from 1 to 65535.") }
        let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        target = path + (parts.percentEncodedQuery.map { "?" + $0 } ?? "")
        credentials = parts.user.map { "\($0):\(parts.password ?? "")" }
    }

    /// Without credentials and fragment.
    var text: String {
        let name = host.contains(":") ? "[\(host)]" : host
        let isDefault = port == (isEncrypted ? 443 : 80)
        return (isEncrypted ? "https://" : "http://") + name + (isDefault ? "" : ":\(port)") + target
    }

    /// Where a `Location` leads; `nil` unless that is the same host and port, or its encrypted side.
    func redirected(to location: String) -> GuardedURL? {
        guard let base = URL(string: text), let absolute = URL(string: location, relativeTo: base)?.absoluteString
        else { return nil }
        // What cannot be read is not followed.
        guard var next = try? GuardedURL(absolute), next.host == host else { return nil }
        let isUpgrade = !isEncrypted && port == 80 && next.isEncrypted && next.port == 443
        guard isUpgrade || (next.isEncrypted == isEncrypted && next.port == port) else { return nil }
        next.credentials = next.credentials ?? credentials
        return next
    }
}
