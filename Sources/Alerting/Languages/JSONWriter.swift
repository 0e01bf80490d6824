/// JSON text of values: compact, always valid.
extension JSONValue {
    /// Compact JSON with the members sorted by name, so that equal values have equal texts.
    public var text: String { String(decoding: bytes(), as: UTF8.self) }

    /// Compact JSON in UTF-8.
    public func bytes(sortedKeys: Bool = true) -> [UInt8] {
        var writer = JSONWriter(sortedKeys: sortedKeys)
        writer.write(self)
        return writer.bytes
    }

    /// Adds compact JSON with sorted members to what is there.
    public func append(to bytes: inout [UInt8]) {
        JSONWriter.append(to: &bytes) { $0.write(self) }
    }

    /// Adds `text` with its quotes.
    public static func append(text: String, to bytes: inout [UInt8]) {
        JSONWriter.append(to: &bytes) { $0.write(text) }
    }
}

private struct JSONWriter {
    let sortedKeys: Bool
    private(set) var bytes: [UInt8] = []

    init(sortedKeys: Bool) {
        self.sortedKeys = sortedKeys
        bytes.reserveCapacity(512)
    }

    /// Lends the bytes to a writer, so that they are not copied.
    static func append(to bytes: inout [UInt8], _ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(continuing: [])
        swap(&writer.bytes, &bytes)
        body(&writer)
        swap(&writer.bytes, &bytes)
    }

    private init(continuing bytes: [UInt8]) {
        sortedKeys = true
        self.bytes = bytes
    }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .number(let value): write(value)
        case .literal(let text): write(literal: text)
        case .string(let text): write(text)
        case .array(let items): write(items)
        case .object(let members): write(members)
        }
    }

    /// JSON has no word for infinity or not-a-number.
    private mutating func write(_ value: Double) {
        guard value.isFinite else { return append("null") }
        bytes.append(contentsOf: String(value).utf8)
    }

    /// A literal made by hand may hold anything: what is no number is written as a text.
    private mutating func write(literal text: String) {
        let isBare = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        // Why it is no number does not matter here.
        guard isBare, (try? JSONValue.parse(text)) != nil else { return write(text) }
        bytes.append(contentsOf: text.utf8)
    }

    mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { write(escaping: $0) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Most texts have nothing to escape and are copied in one go.
    private mutating func write(escaping text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        for index in text.indices where Self.isEscaped(text[index]) {
            bytes.append(contentsOf: text[start..<index])
            write(escape: text[index])
            start = index + 1
        }
        bytes.append(contentsOf: text[start...])
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    private mutating func write(escape byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        default:
            append("\\u00")
            bytes.append(Self.hexDigit(byte >> 4))
            bytes.append(Self.hexDigit(byte & 0xF))
        }
    }

    private mutating func write(_ items: [JSONValue]) {
        bytes.append(UInt8(ascii: "["))
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(item)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ members: [String: JSONValue]) {
        bytes.append(UInt8(ascii: "{"))
        if sortedKeys, members.count > 1 {
            var ordered = members.map { JSONMember(name: $0.key, value: $0.value) }
            ordered.sort { $0.name < $1.name }
            for member in ordered { write(member.name, member.value) }
        } else {
            for (name, value) in members { write(name, value) }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func write(_ name: String, _ value: JSONValue) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        write(name)
        bytes.append(UInt8(ascii: ":"))
        write(value)
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }
}
