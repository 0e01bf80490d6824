/// Why bytes are not JSON, and where.
public struct JSONError: Error, Equatable, Sendable {
    public enum Reason: String, Sendable {
        case empty = "there is nothing to read"
        case endTooEarly = "the text ends too early"
        case textAfterEnd = "something follows the value's end"
        case valueExpected = "a value was expected"
        case nameExpected = "a member's name in quotes was expected"
        case colonExpected = "a colon was expected"
        case commaExpected = "a comma or a closing bracket was expected"
        case number = "the number is not well formed"
        case escape = "the escape after the backslash is unknown"
        case controlCharacter = "a control character stands unescaped in a text"
        case encoding = "the text is not UTF-8"
        case tooDeep = "it is nested too deeply"
        case tooLong = "it is too long"
    }

    public var reason: Reason
    /// Bytes before the place, a byte order mark included.
    public var offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// One sentence for a person.
    public var message: String { "Not valid JSON: \(reason.rawValue) (byte \(offset))." }
}

extension JSONValue {
    /// Reads one JSON value (RFC 8259) and nothing after it.
    ///
    /// Of members with one name the last wins. A lone surrogate (`\ud800`) becomes U+FFFD, a byte order mark is
    /// skipped, and nesting is limited to `depthLimit`.
    public static func parse(
        _ bytes: [UInt8], depthLimit: Int = Limits.jsonDepth
    ) throws(JSONError) -> JSONValue {
        try JSONOutline(bytes, depthLimit: depthLimit).value
    }

    public static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8))
    }
}

extension JSONOutline {
    /// The tree below `place`.
    public func value(at place: Int) -> JSONValue {
        bytes.withUnsafeBytes { value(at: place, in: $0) }
    }

    private func value(at place: Int, in bytes: UnsafeRawBufferPointer) -> JSONValue {
        let node = nodes[place]
        switch node.kind {
        case .null: return .null
        case .yes: return .bool(true)
        case .no: return .bool(false)
        case .number: return Self.number(UnsafeRawBufferPointer(rebasing: bytes[node.text.range]))
        case .text: return .string(text(node.text, in: bytes))
        case .array:
            var items: [JSONValue] = []
            forEachChild(of: place) { items.append(value(at: $0, in: bytes)) }
            return .array(items)
        case .object:
            var count = 0
            forEachChild(of: place) { _ in count += 1 }
            var members = [String: JSONValue](minimumCapacity: count)
            forEachChild(of: place) { members[text(nodes[$0].name, in: bytes)] = value(at: $0, in: bytes) }
            return .object(members)
        }
    }

    private func text(_ text: Text, in bytes: UnsafeRawBufferPointer) -> String {
        if let index = text.decodedIndex { return decoded[index] }
        return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[text.range]), as: UTF8.self)
    }

    private func forEachChild(of place: Int, _ body: (Int) -> Void) {
        var child = place + 1
        while child < nodes[place].next {
            body(child)
            child = nodes[child].next
        }
    }
}

// MARK: - Numbers

extension JSONOutline {
    private static func number(_ text: UnsafeRawBufferPointer) -> JSONValue {
        let isWhole = text.allSatisfy { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }
        if isWhole, text.count <= 18 { return .integer(small(text)) }
        return large(String(decoding: text, as: UTF8.self), isWhole: isWhole)
    }

    /// At most 18 digits cannot overflow.
    private static func small(_ digits: UnsafeRawBufferPointer) -> Int64 {
        let isNegative = digits[0] == UInt8(ascii: "-")
        var value: Int64 = 0
        for digit in digits.dropFirst(isNegative ? 1 : 0) { value = value &* 10 &+ Int64(digit - 0x30) }
        return isNegative ? -value : value
    }

    /// A `Double` gives back 15 significant digits whatever they are; with more it has to be asked.
    private static func large(_ text: String, isWhole: Bool) -> JSONValue {
        if isWhole { return Int64(text).map(JSONValue.integer) ?? .literal(text) }
        guard let value = Double(text), value.isFinite else { return .literal(text) }
        let mantissa = text.utf8.prefix { $0 | 0x20 != UInt8(ascii: "e") }
        let digits = mantissa.filter { (0x30...0x39).contains($0) }
        let significant = digits.drop { $0 == 0x30 }
        if value == 0, !significant.isEmpty { return .literal(text) }
        guard significant.count > 15 else { return .number(value) }
        let trimmed = String(decoding: significant, as: UTF8.self)
        return Self.significantDigits(of: value).hasPrefix(Self.withoutTrailingZeros(trimmed))
            ? .number(value) : .literal(text)
    }

    private static func significantDigits(of value: Double) -> String {
        let mantissa = String(value).utf8.prefix { $0 | 0x20 != UInt8(ascii: "e") }
        let digits = mantissa.filter { (0x30...0x39).contains($0) }
        return String(decoding: digits.drop { $0 == 0x30 }, as: UTF8.self)
    }

    private static func withoutTrailingZeros(_ digits: String) -> String {
        var digits = digits
        while digits.last == "0" { digits.removeLast() }
        return digits
    }
}
