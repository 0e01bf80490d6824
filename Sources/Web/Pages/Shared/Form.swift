import Foundation

/// A form's or a query's fields, in order; a name may come several times.
struct Form: Equatable, Sendable {
    private(set) var fields: [Field] = []

    struct Field: Equatable, Sendable {
        var name: String
        var value: String
    }

    private static let mostFields = 5000

    init() {}

    /// Reads `a=1&b=two+words`; a part that cannot be decoded stays as it is.
    init(urlEncoded text: String) {
        for part in text.split(separator: "&", maxSplits: Self.mostFields).prefix(Self.mostFields) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            fields.append(Field(name: Self.decode(pair[0]), value: pair.count > 1 ? Self.decode(pair[1]) : ""))
        }
    }

    /// The first value, without blanks at both ends; empty when there is none.
    subscript(name: String) -> String {
        raw(name).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The first value as it was typed, such as a password; line breaks are single ones.
    func raw(_ name: String) -> String {
        fields.first { $0.name == name }?.value.replacing("\r\n", with: "\n") ?? ""
    }

    /// The value, or `nil` when it is missing or blank.
    func optional(_ name: String) -> String? {
        let value = self[name]
        return value.isEmpty ? nil : value
    }

    func all(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    func has(_ name: String) -> Bool {
        fields.contains { $0.name == name }
    }

    mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// `?a=1&b=2`; nothing without fields.
    var query: String {
        guard !fields.isEmpty else { return "" }
        return "?" + fields.map { Self.encode($0.name) + "=" + Self.encode($0.value) }.joined(separator: "&")
    }

    static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    private static func decode(_ text: Substring) -> String {
        let spaced = String(text.replacing("+", with: " "))
        return spaced.removingPercentEncoding ?? spaced
    }
}
