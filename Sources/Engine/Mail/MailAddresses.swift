import Alerting
import Foundation
import Integrations
import Storage

/// The addresses of alert sources that mails are sent to, which are their integration keys.
enum MailAddresses {
    static func isMail(_ integrationType: String) -> Bool {
        IntegrationCatalog.entry(type: integrationType)?.kind.isMail ?? false
    }

    /// An address that nobody guesses: `shop-k3x9w2pq@bell.example`.
    static func made(from name: String, domain: String) -> String {
        let plain = name.folding(options: .diacriticInsensitive, locale: nil).lowercased()
        let words = plain.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let start = words.joined(separator: "-").prefix(30)
        return "\(start.isEmpty ? "" : start + "-")\(Tokens.random(8).lowercased())@\(domain)"
    }

    /// What somebody wants the address to be, in lower case; the domain is added where it is missing.
    ///
    /// - Throws: `Failure.invalid` that names the field.
    static func checked(_ text: String, domain: String) throws(Failure) -> String {
        var address = text.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        if !address.contains("@") { address += "@" + domain }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard address.utf8.count <= 254, parts.count == 2, isLocal(parts[0]), isDomain(parts[1]) else {
            throw .invalid(
                "integrationKey",
                "must be a mail address, such as shop@\(domain), without blanks and letters beyond ASCII."
            )
        }
        return address
    }

    private static func isLocal(_ text: Substring) -> Bool {
        (1...64).contains(text.utf8.count) && !text.hasPrefix(".") && !text.hasSuffix(".") && !text.contains("..")
            && text.utf8.allSatisfy { isWord($0) || "-_.+".utf8.contains($0) }
    }

    private static func isDomain(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...122).contains(byte) }
}
