internal import Alerting

/// The XML of ilert's Nagios and Icinga plugins: a key and named entries, and nothing else that XML can do.
///
/// A reader of our own, bounded by the length of the body: a document type, and with it every entity that a sender
/// could define, is refused; elements may nest `maximumDepth` deep and `Limits.payloadFields` entries are kept.
struct PluginXML: Equatable {
    var integrationKey: String?
    /// By name, as sent; the first of two with one name counts.
    var entries: [String: String] = [:]

    static let maximumDepth = 16

    /// Whether a body begins as XML does.
    static func looksLikeXML(_ body: [UInt8]) -> Bool {
        let start = body.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        return body[start...].first { $0 > 0x20 } == UInt8(ascii: "<")
    }

    /// - Throws: `malformed` for what is not well-formed and for what is refused.
    init(_ body: [UInt8]) throws(IntegrationError) {
        var reader = XMLReader(Array(BodyText.decoded(body).utf8))
        try reader.read { path, name, text in
            switch path {
            case ["event", "apiKey"], ["event", "integrationKey"]: integrationKey = integrationKey ?? text.nonEmpty
            case ["event", "payload", "entry"]:
                guard let name = name?.nonEmpty, name.utf8.count <= Limits.payloadPath, entries[name] == nil,
                    entries.count < Limits.payloadFields
                else { return }
                entries[name] = text
            default: break
            }
        }
    }
}

/// Walks through elements; calls back at the end of each one that holds text only.
private struct XMLReader {
    private let bytes: [UInt8]
    private var position = 0
    private var path: [String] = []
    private var names: [String?] = []
    private var text: [UInt8] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read(
        _ onText: (_ path: [String], _ name: String?, _ text: String) -> Void
    ) throws(IntegrationError) {
        var hasRoot = false
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "<") else {
                text.append(bytes[position])
                position += 1
                continue
            }
            if starts("<!--") {
                try skip(past: "-->")
            } else if starts("<![CDATA[") {
                position += 9
                let start = position
                try skip(past: "]]>")
                // Its end is no text; an ampersand in it is one.
                text += Array(Self.escaped(bytes[start..<(position - 3)]))
            } else if starts("<?") {
                try skip(past: "?>")
            } else if starts("<!") {
                throw .malformed(reason: "A document type is not allowed in the XML.")
            } else if starts("</") {
                try close(onText)
            } else {
                guard !hasRoot || !path.isEmpty else { throw Self.broken }
                hasRoot = true
                try open(onText)
            }
        }
        guard path.isEmpty, hasRoot else { throw .malformed(reason: "The XML ends in the middle.") }
    }

    private static let broken = IntegrationError.malformed(reason: "The body is not well-formed XML.")

    private func starts(_ word: StaticString) -> Bool {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        let wanted = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        return bytes[position..<end].elementsEqual(wanted)
    }

    private mutating func skip(past word: StaticString) throws(IntegrationError) {
        while position < bytes.count, !starts(word) { position += 1 }
        guard position < bytes.count else { throw .malformed(reason: "The XML ends in the middle.") }
        position += word.utf8CodeUnitCount
    }

    private mutating func open(
        _ onText: (_ path: [String], _ name: String?, _ text: String) -> Void
    ) throws(IntegrationError) {
        guard path.count < PluginXML.maximumDepth else { throw .malformed(reason: "The XML nests too deep.") }
        let start = position + 1
        var quote: UInt8?
        position = start
        while position < bytes.count {
            let byte = bytes[position]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                break
            } else if byte == UInt8(ascii: "<") {
                throw Self.broken
            }
            position += 1
        }
        guard position < bytes.count else { throw .malformed(reason: "The XML ends in the middle.") }
        var tag = bytes[start..<position]
        position += 1
        let isEmpty = tag.last == UInt8(ascii: "/")
        if isEmpty { tag.removeLast() }
        let name = tag.prefix { $0 > 0x20 }
        guard !name.isEmpty else { throw Self.broken }
        path.append(String(decoding: name, as: UTF8.self))
        names.append(try Self.keyAttribute(in: tag.dropFirst(name.count)))
        text = []
        if isEmpty {
            onText(path, names.last ?? nil, "")
            path.removeLast()
            names.removeLast()
        }
    }

    private mutating func close(
        _ onText: (_ path: [String], _ name: String?, _ text: String) -> Void
    ) throws(IntegrationError) {
        let start = position + 2
        try skip(past: ">")
        let name = String(decoding: bytes[start..<(position - 1)], as: UTF8.self).trimmed
        guard path.last == name else { throw Self.broken }
        onText(path, names.last ?? nil, try Self.decoded(text))
        text = []
        path.removeLast()
        names.removeLast()
    }

    /// The value of `key="…"`.
    private static func keyAttribute(in attributes: ArraySlice<UInt8>) throws(IntegrationError) -> String? {
        var rest = attributes.drop { $0 <= 0x20 }
        while !rest.isEmpty {
            let name = rest.prefix { $0 != UInt8(ascii: "=") && $0 > 0x20 }
            rest = rest.dropFirst(name.count).drop { $0 <= 0x20 }
            guard rest.first == UInt8(ascii: "=") else { throw broken }
            rest = rest.dropFirst().drop { $0 <= 0x20 }
            guard let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
                throw broken
            }
            rest = rest.dropFirst()
            guard let end = rest.firstIndex(of: quote) else { throw broken }
            if name.elementsEqual("key".utf8) { return try decoded(Array(rest[..<end])) }
            rest = rest[(end + 1)...].drop { $0 <= 0x20 }
        }
        return nil
    }

    private static func escaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.flatMap { $0 == UInt8(ascii: "&") ? Array("&amp;".utf8) : [$0] }
    }

    /// The five entities of XML itself and character numbers; any other ampersand stands for itself.
    private static func decoded(_ bytes: [UInt8]) throws(IntegrationError) -> String {
        guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "&"),
                let end = bytes[index...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let character = character(String(decoding: bytes[(index + 1)..<end], as: UTF8.self))
            else {
                out.append(bytes[index])
                index += 1
                continue
            }
            out += Array(String(character).utf8)
            index = end + 1
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func character(_ name: String) -> Character? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.hasPrefix("#") else { return nil }
            let isHex = name.hasPrefix("#x")
            let number = UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10)
            return number.flatMap(Unicode.Scalar.init).map { Character($0) }
        }
    }
}
