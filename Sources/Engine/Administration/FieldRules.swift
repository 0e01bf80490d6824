import Alerting
import Foundation

/// What texts in the configuration must look like; each rule answers the text as it is kept.
enum FieldRules {
    /// A name of anything: trimmed, 1 to 255 characters, on one line.
    static func name(_ text: String, _ field: String = "name") throws(Failure) -> String {
        let name = try words(text, field, limit: Limits.name)
        guard !name.isEmpty else { throw .invalid(field, "enter 1 to \(Limits.name) characters.") }
        return name
    }

    /// Trimmed, on one line; may be empty.
    static func words(_ text: String, _ field: String, limit: Int) throws(Failure) -> String {
        let words = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard words.utf8.count <= limit * 4, words.count <= limit else {
            throw .invalid(field, "may have at most \(limit) characters.")
        }
        guard !words.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .invalid(field, "may not contain line breaks or other control characters.")
        }
        return words
    }

    /// An email address such as `alice@example.org`: ASCII, without a display name, at most 254 characters.
    static func email(_ text: String, _ field: String = "email") throws(Failure) -> String {
        let address = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let wrong = Failure.invalid(field, "is no email address; write one such as alice@example.org.")
        guard address.utf8.allSatisfy({ $0 < 128 }) else {
            throw .invalid(
                field,
                "has letters beyond ASCII, which not every mail server delivers to; write an international domain "
                    + "in its ASCII form, which begins with xn--.")
        }
        guard address.utf8.count <= 254, let at = address.lastIndex(of: "@") else { throw wrong }
        let local = address[..<at]
        let labels = address[address.index(after: at)...].split(separator: ".", omittingEmptySubsequences: false)
        guard (1...64).contains(local.utf8.count), local.first != ".", local.last != ".", !local.contains(".."),
            local.utf8.allSatisfy({ isLetterOrDigit($0) || ".!#$%&'*+/=?^_`{|}~-".utf8.contains($0) }),
            labels.allSatisfy({ label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            })
        else { throw wrong }
        return address
    }

    /// A phone number in E.164 form, such as `+4930123456`; blanks, dots, dashes and brackets are left out.
    static func phoneNumber(_ text: String, _ field: String = "target") throws(Failure) -> String {
        var number = text.filter { !" .-/()\u{A0}".contains($0) }
        if number.hasPrefix("00") { number = "+" + number.dropFirst(2) }
        let digits = number.dropFirst()
        guard number.first == "+", (8...15).contains(digits.count), digits.first != "0",
            digits.utf8.allSatisfy({ (48...57).contains($0) })
        else { throw .invalid(field, "is no phone number in international form, such as +4930123456.") }
        return number
    }

    /// An IANA name such as `Europe/Berlin`.
    static func timeZone(_ text: String, _ field: String = "timezone") throws(Failure) -> String {
        let isPlain = text.utf8.allSatisfy { isLetterOrDigit($0) || "/_+-".utf8.contains($0) }
        guard (1...64).contains(text.utf8.count), isPlain, TimeZone(identifier: text) != nil else {
            throw .invalid(field, "is no known time zone; write one such as Europe/Berlin.")
        }
        return text
    }

    /// `en` or `de`.
    static func language(_ text: String, _ field: String = "language") throws(Failure) -> String {
        let language = text.lowercased()
        guard ["en", "de"].contains(language) else { throw .invalid(field, "must be en or de.") }
        return language
    }

    /// A country's two letters, such as `DE`.
    static func region(_ text: String, _ field: String = "region") throws(Failure) -> String {
        let region = text.uppercased()
        guard region.utf8.count == 2, region.utf8.allSatisfy({ (65...90).contains($0) }) else {
            throw .invalid(field, "must be a country's two letters, such as DE.")
        }
        return region
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}
