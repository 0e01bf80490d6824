public import Alerting

/// A mail address, with a name to show when there is one.
public struct Mailbox: Equatable, Sendable {
    public let name: String?
    public let address: String

    /// The part after the `@`.
    public var domain: String { String(address.split(separator: "@").last ?? "") }

    /// - Throws: `invalid` when `address` cannot be one; the sentence does not repeat it.
    public init(name: String? = nil, address: String) throws(Failure) {
        if let reason = Self.whyInvalid(address) { throw Failure(.invalid, reason) }
        self.name = name
        self.address = address
    }

    /// Reads `alice@example.com`, `Alice <alice@example.com>` and `"Alice, on call" <alice@example.com>`.
    public init(_ text: String) throws(Failure) {
        let text = text.trimmed
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            try self.init(address: text)
            return
        }
        var name = String(text[..<open]).trimmed
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") {
            name = String(name.dropFirst().dropLast()).replacing("\\\"", with: "\"").replacing("\\\\", with: "\\")
        }
        try self.init(name: name.isEmpty ? nil : name, address: String(text[text.index(after: open)...].dropLast()))
    }

    /// Why this cannot be an address that mail is sent to, as a sentence; `nil` when it can.
    ///
    /// Narrower than RFC 5321 on purpose: no quoted local parts, nothing beyond ASCII. What passes needs no
    /// quoting in a header or an SMTP command.
    public static func whyInvalid(_ address: String) -> String? {
        let bytes = Array(address.utf8)
        guard bytes.count <= 254 else { return "The mail address is longer than 254 characters." }
        guard bytes.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            return "The mail address has blanks, control characters or letters beyond ASCII."
        }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            return "The mail address does not have the form name@domain."
        }
        guard parts[0].utf8.count <= 64, parts[0].utf8.allSatisfy(isLocal) else {
            return "The part of the mail address before the @ is too long or has characters that are not allowed."
        }
        guard isDomain(parts[1]) else { return "The part of the mail address after the @ is not a domain." }
        return nil
    }

    private static func isLocal(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
    }

    private static func isDomain(_ text: Substring) -> Bool {
        if text.hasPrefix("["), text.hasSuffix("]") {
            return text.utf8.count > 2
                && text.dropFirst().dropLast().utf8.allSatisfy {
                    isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":")
                }
        }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        }
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}

extension String {
    fileprivate var trimmed: String {
        var rest = Substring(self)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
