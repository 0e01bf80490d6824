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
    /// skipped, and nesting is limited to `Limits.jsonDepth`.
    public static func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes)
        return try reader.document()
    }

    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
            try parse(UnsafeRawBufferPointer(buffer))
        }
    }

    public static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8))
    }
}

/// Walks the bytes once, building the whole tree.
private struct JSONReader {
    private let bytes: UnsafeRawBufferPointer
    private let end: Int
    private var position = 0
    private var depth = 0
    /// Members of the objects that are open, the innermost last: a dictionary of known size never grows.
    private var pending: [JSONMember] = []

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        end = bytes.count
    }

    mutating func document() throws(JSONError) -> JSONValue {
        if end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
        skipBlanks()
        guard position < end else { throw JSONError(.empty, at: position) }
        let value = try value()
        skipBlanks()
        guard position == end else { throw JSONError(.textAfterEnd, at: position) }
        return value
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        guard position < end else { throw JSONError(.endTooEarly, at: position) }
        switch bytes[position] {
        case UInt8(ascii: "\""): return .string(try text())
        case UInt8(ascii: "{"): return .object(try members())
        case UInt8(ascii: "["): return .array(try items())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func members() throws(JSONError) -> [String: JSONValue] {
        try enter()
        if take("}") { return [:] }
        let first = pending.count
        while true {
            guard position < end else { throw JSONError(.endTooEarly, at: position) }
            guard bytes[position] == UInt8(ascii: "\"") else { throw JSONError(.nameExpected, at: position) }
            let name = try text()
            skipBlanks()
            guard position < end else { throw JSONError(.endTooEarly, at: position) }
            guard bytes[position] == UInt8(ascii: ":") else { throw JSONError(.colonExpected, at: position) }
            position += 1
            skipBlanks()
            pending.append(JSONMember(name: name, value: try value()))
            if try isLast(before: "}") { return closed(from: first) }
        }
    }

    private mutating func closed(from first: Int) -> [String: JSONValue] {
        var members = [String: JSONValue](minimumCapacity: pending.count - first)
        for member in pending[first...] { members[member.name] = member.value }
        pending.removeSubrange(first...)
        return members
    }

    private mutating func items() throws(JSONError) -> [JSONValue] {
        try enter()
        var items: [JSONValue] = []
        if take("]") { return items }
        while true {
            items.append(try value())
            if try isLast(before: "]") { return items }
        }
    }

    /// Steps over an opening bracket and the blanks after it.
    private mutating func enter() throws(JSONError) {
        guard depth < Limits.jsonDepth else { throw JSONError(.tooDeep, at: position) }
        depth += 1
        position += 1
        skipBlanks()
    }

    /// Steps over a comma (`false`) or the closing bracket (`true`).
    private mutating func isLast(before closing: Unicode.Scalar) throws(JSONError) -> Bool {
        skipBlanks()
        if take(closing) { return true }
        guard position < end else { throw JSONError(.endTooEarly, at: position) }
        guard bytes[position] == UInt8(ascii: ",") else { throw JSONError(.commaExpected, at: position) }
        position += 1
        skipBlanks()
        return false
    }

    /// Steps over the closing bracket when it stands here.
    private mutating func take(_ closing: Unicode.Scalar) -> Bool {
        guard position < end, bytes[position] == UInt8(ascii: closing) else { return false }
        position += 1
        depth -= 1
        return true
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let count = word.utf8CodeUnitCount
        guard position + count <= end else { throw JSONError(.endTooEarly, at: end) }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] {
            throw JSONError(.valueExpected, at: position)
        }
        position += count
        return value
    }

    private mutating func skipBlanks() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }
}

// MARK: - Texts

extension JSONReader {
    private mutating func text() throws(JSONError) -> String {
        position += 1
        let start = position
        var allBits: UInt8 = 0
        while position < end {
            let byte = bytes[position]
            allBits |= byte
            if byte == UInt8(ascii: "\"") {
                let raw = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
                guard let text = allBits < 0x80 ? String(decoding: raw, as: UTF8.self) : Self.decoded(raw) else {
                    throw JSONError(.encoding, at: start)
                }
                position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try textWithEscapes(from: start) }
            guard byte >= 0x20 else { throw JSONError(.controlCharacter, at: position) }
            position += 1
        }
        throw JSONError(.endTooEarly, at: end)
    }

    private mutating func textWithEscapes(from start: Int) throws(JSONError) -> String {
        var decoded = [UInt8](bytes[start..<position])
        while position < end {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = decoded.withUnsafeBytes({ Self.decoded($0) }) else {
                    throw JSONError(.encoding, at: start)
                }
                return text
            case UInt8(ascii: "\\"): try escape(into: &decoded)
            case 0..<0x20: throw JSONError(.controlCharacter, at: position - 1)
            default: decoded.append(byte)
            }
        }
        throw JSONError(.endTooEarly, at: end)
    }

    private static func decoded(_ bytes: UnsafeRawBufferPointer) -> String? {
        String(validating: bytes, as: UTF8.self)
    }

    private mutating func escape(into decoded: inout [UInt8]) throws(JSONError) {
        guard position < end else { throw JSONError(.endTooEarly, at: end) }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): decoded.append(contentsOf: try scalar().utf8)
        default: throw JSONError(.escape, at: position - 2)
        }
    }

    /// The scalar behind `\u`, of two escapes when they are a surrogate pair; U+FFFD for half a pair.
    private mutating func scalar() throws(JSONError) -> Character {
        let first = try fourHexDigits()
        guard (0xD800..<0xDC00).contains(first) else { return Character(Unicode.Scalar(first) ?? "\u{FFFD}") }
        let afterFirst = position
        guard position + 6 <= end, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        position += 2
        let second = try fourHexDigits()
        guard (0xDC00..<0xE000).contains(second) else {
            position = afterFirst
            return "\u{FFFD}"
        }
        let joined = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        return Character(Unicode.Scalar(joined) ?? "\u{FFFD}")
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        guard position + 4 <= end else { throw JSONError(.endTooEarly, at: end) }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = bytes[position]
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
            default: throw JSONError(.escape, at: position)
            }
            position += 1
        }
        return value
    }
}

// MARK: - Numbers

extension JSONReader {
    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        guard position < end else { throw JSONError(.endTooEarly, at: end) }
        guard isDigit else { throw JSONError(start == position ? .valueExpected : .number, at: position) }
        let firstDigit = position
        if bytes[position] == UInt8(ascii: "0") {
            position += 1
            guard !isDigit else { throw JSONError(.number, at: position) }
        } else {
            skipDigits()
        }
        let wholeDigits = position - firstDigit
        var isWhole = true
        if position < end, bytes[position] == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            try digits()
        }
        if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            position += 1
            if position < end, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
        if isWhole, wholeDigits <= 18 { return .integer(smallInteger(from: start)) }
        return Self.large(String(decoding: bytes[start..<position], as: UTF8.self), isWhole: isWhole)
    }

    private var isDigit: Bool { position < end && (0x30...0x39).contains(bytes[position]) }

    private mutating func skipDigits() {
        while isDigit { position += 1 }
    }

    private mutating func digits() throws(JSONError) {
        guard position < end else { throw JSONError(.endTooEarly, at: end) }
        guard isDigit else { throw JSONError(.number, at: position) }
        skipDigits()
    }

    /// At most 18 digits cannot overflow.
    private func smallInteger(from start: Int) -> Int64 {
        let isNegative = bytes[start] == UInt8(ascii: "-")
        var value: Int64 = 0
        for index in (isNegative ? start + 1 : start)..<position {
            value = value &* 10 &+ Int64(bytes[index] - 0x30)
        }
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
