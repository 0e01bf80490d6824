public import Alerting

/// How to reach the mail server: read from `smtp://user:password@host:port` or `smtps://…`.
public struct SMTPSettings: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    public enum Encryption: String, Equatable, Sendable {
        /// TLS from the first byte (`smtps`).
        case implicit
        /// Nothing is sent before STARTTLS.
        case required
        /// STARTTLS when the server offers it.
        case offered
        case never
    }

    public var host: String
    public var port: Int
    public var encryption: Encryption
    public var user: String?
    public var password: String?
    /// A file of certificates to trust instead of the system's.
    public var certificateFile: String?
    /// What we call ourselves; `nil`: the sender's domain.
    public var greeting: String?
    /// Connections open at a time.
    public var connections = 4
    public var connectLimit = Duration.seconds(5)
    /// For one mail, the connection's opening included.
    public var totalLimit = Duration.seconds(15)
    /// For a connection to become free.
    public var waitLimit = Duration.seconds(10)

    /// - Parameter url: `smtp://` or `smtps://`, percent-encoded credentials, a host, a port (else 465 for smtps, 587
    ///   with credentials, 25 without), and after a `?`, joined by `&`: `starttls=required|offered|never`,
    ///   `ca-file=PATH`, `helo=NAME`.
    ///
    /// Without `starttls`: required when credentials go to another machine, never used on this one (whose mail
    /// servers come with certificates that nobody signed), else used when offered. Certificates are always checked.
    /// - Throws: `invalid` with a sentence that repeats nothing secret.
    public init(url: String) throws(Failure) {
        let scheme = url.prefix { $0 != ":" }
        let isImplicit = scheme.lowercased() == "smtps"
        guard isImplicit || scheme.lowercased() == "smtp", url[scheme.endIndex...].hasPrefix("://") else {
            throw Failure(.invalid, "The mail server's URL begins with neither smtp:// nor smtps://.")
        }
        let rest = url[scheme.endIndex...].dropFirst(3)
        let query = rest.firstIndex(of: "?")
        var authority = rest[..<(query ?? rest.endIndex)]
        if authority.hasSuffix("/") { authority.removeLast() }
        // The last @, so that a password with an @ in it is understood too.
        if let at = authority.lastIndex(of: "@") {
            (user, password) = try Self.credentials(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        let defaultPort = isImplicit ? 465 : user == nil ? 25 : 587
        (host, port) = try Self.place(authority, defaultPort: defaultPort)
        let isHere = Self.isLoopback(host)
        encryption = isImplicit ? .implicit : isHere ? .never : user == nil ? .offered : .required
        if let query { try read(rest[rest.index(after: query)...], isImplicit: isImplicit) }
        if encryption != .implicit, encryption != .required, user != nil, !isHere {
            throw Failure(.invalid, "The mail server's URL would send a password to another machine unencrypted.")
        }
    }

    /// Without credentials.
    public var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(encryption == .implicit ? "smtps" : "smtp")://\(name):\(port)"
    }

    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }

    private static func credentials(_ text: Substring) throws(Failure) -> (String, String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let user = decoded(parts[0]), let password = decoded(parts[1]), !user.isEmpty,
            !(user + password).unicodeScalars.contains(where: { $0.value < 32 })
        else {
            throw Failure(.invalid, "The mail server's URL has credentials that are not percent-encoded user:password.")
        }
        return (user, password)
    }

    private static func place(_ text: Substring, defaultPort: Int) throws(Failure) -> (String, Int) {
        var host = text
        var digits: Substring?
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else {
                throw Failure(.invalid, "The mail server's URL has something else than a port behind its host.")
            }
            digits = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            digits = text[text.index(after: colon)...]
        }
        let isAddress = text.hasPrefix("[")
        guard !host.isEmpty, host.utf8.count <= 253,
            host.utf8.allSatisfy({ Mailbox.isAlphanumeric($0) || ".-_".utf8.contains($0) || isAddress && $0 == 58 })
        else { throw Failure(.invalid, "The mail server's URL has no valid host.") }
        guard let digits else { return (String(host), defaultPort) }
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(digits), (1...65_535).contains(port)
        else { throw Failure(.invalid, "The mail server's URL has a port that is not a number from 1 to 65535.") }
        return (String(host), port)
    }

    private mutating func read(_ query: Substring, isImplicit: Bool) throws(Failure) {
        for item in query.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let value = Self.decoded(parts[1]), !value.isEmpty else {
                throw Failure(.invalid, "The mail server's URL has an option that is not name=value.")
            }
            switch parts[0] {
            case "starttls":
                guard !isImplicit, let choice = Encryption(rawValue: value), choice != .implicit else {
                    throw Failure(.invalid, "The option starttls is required, offered or never, and for smtp:// only.")
                }
                encryption = choice
            case "ca-file": certificateFile = value
            case "helo":
                guard value.utf8.allSatisfy({ Mailbox.isAlphanumeric($0) || ".-".utf8.contains($0) }) else {
                    throw Failure(.invalid, "The option helo of the mail server's URL is not a host name.")
                }
                greeting = value
            default: throw Failure(.invalid, "The mail server's URL knows the options starttls, ca-file and helo only.")
            }
        }
    }

    /// `nil` when a `%` is not followed by two hexadecimal digits or the bytes are not UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest.removeFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isLoopback(_ host: String) -> Bool {
        host.lowercased() == "localhost" || host == "::1"
            || host.hasPrefix("127.") && host.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 }
    }
}
