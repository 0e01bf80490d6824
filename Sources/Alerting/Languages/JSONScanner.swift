/// Walks the bytes of a JSON text once and notes where each value stands.
struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer
    private let end: Int
    private let depthLimit: Int
    private var position = 0
    private var depth = 0
    private(set) var nodes: [JSONOutline.Node] = []
    /// Texts whose bytes are not themselves: with escapes, or beyond ASCII.
    private(set) var decoded: [String] = []

    init(_ bytes: UnsafeRawBufferPointer, depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
        end = bytes.count
        nodes.reserveCapacity(24)
    }

    mutating func document() throws(JSONError) {
        if end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
        skipBlanks()
        guard position < end else { throw JSONError(.empty, at: position) }
        try value(name: .none)
        skipBlanks()
        guard position == end else { throw JSONError(.textAfterEnd, at: position) }
    }

    private mutating func value(name: JSONOutline.Text) throws(JSONError) {
        guard position < end else { throw JSONError(.endTooEarly, at: position) }
        switch bytes[position] {
        case UInt8(ascii: "\""): add(.text, name, try text())
        case UInt8(ascii: "{"): try container(.object, name)
        case UInt8(ascii: "["): try container(.array, name)
        case UInt8(ascii: "t"): add(.yes, name, try word("true"))
        case UInt8(ascii: "f"): add(.no, name, try word("false"))
        case UInt8(ascii: "n"): add(.null, name, try word("null"))
        default: add(.number, name, try number())
        }
    }

    private mutating func add(_ kind: JSONOutline.Kind, _ name: JSONOutline.Text, _ text: JSONOutline.Text) {
        nodes.append(JSONOutline.Node(kind: kind, name: name, text: text, next: nodes.count + 1))
    }

    /// A container stands before all that is in it, and knows what comes after that.
    private mutating func container(_ kind: JSONOutline.Kind, _ name: JSONOutline.Text) throws(JSONError) {
        guard depth < depthLimit else { throw JSONError(.tooDeep, at: position) }
        depth += 1
        let node = nodes.count
        let start = position
        add(kind, name, .none)
        position += 1
        skipBlanks()
        if kind == .object { try members() } else { try items() }
        depth -= 1
        nodes[node].text = JSONOutline.Text(start, position)
        nodes[node].next = nodes.count
    }

    private mutating func members() throws(JSONError) {
        if take("}") { return }
        while true {
            guard position < end else { throw JSONError(.endTooEarly, at: position) }
            guard bytes[position] == UInt8(ascii: "\"") else { throw JSONError(.nameExpected, at: position) }
            let name = try text()
            skipBlanks()
            guard position < end else { throw JSONError(.endTooEarly, at: position) }
            guard bytes[position] == UInt8(ascii: ":") else { throw JSONError(.colonExpected, at: position) }
            position += 1
            skipBlanks()
            try value(name: name)
            if try isLast(before: "}") { return }
        }
    }

    private mutating func items() throws(JSONError) {
        if take("]") { return }
        while true {
            try value(name: .none)
            if try isLast(before: "]") { return }
        }
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
        return true
    }

    private mutating func word(_ word: StaticString) throws(JSONError) -> JSONOutline.Text {
        let count = word.utf8CodeUnitCount
        guard position + count <= end else { throw JSONError(.endTooEarly, at: end) }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] {
            throw JSONError(.valueExpected, at: position)
        }
        position += count
        return JSONOutline.Text(position - count, position)
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

extension JSONScanner {
    private mutating func text() throws(JSONError) -> JSONOutline.Text {
        position += 1
        let start = position
        var allBits: UInt8 = 0
        while position < end {
            let byte = bytes[position]
            allBits |= byte
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                if allBits < 0x80 { return JSONOutline.Text(start, position) }
                return try keep(UnsafeRawBufferPointer(rebasing: bytes[start..<position]), from: start)
            }
            if byte == UInt8(ascii: "\\") { return try textWithEscapes(from: start) }
            guard byte >= 0x20 else { throw JSONError(.controlCharacter, at: position) }
            position += 1
        }
        throw JSONError(.endTooEarly, at: end)
    }

    private mutating func keep(
        _ text: some Collection<UInt8>, from start: Int
    ) throws(JSONError) -> JSONOutline.Text {
        guard let text = String(validating: text, as: UTF8.self) else { throw JSONError(.encoding, at: start) }
        decoded.append(text)
        return JSONOutline.Text(decoded: decoded.count - 1)
    }

    private mutating func textWithEscapes(from start: Int) throws(JSONError) -> JSONOutline.Text {
        var text = [UInt8](bytes[start..<position])
        while position < end {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try keep(text, from: start)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw JSONError(.controlCharacter, at: position - 1)
            default: text.append(byte)
            }
        }
        throw JSONError(.endTooEarly, at: end)
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard position < end else { throw JSONError(.endTooEarly, at: end) }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: try scalar().utf8)
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

extension JSONScanner {
    private mutating func number() throws(JSONError) -> JSONOutline.Text {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        guard position < end else { throw JSONError(.endTooEarly, at: end) }
        guard isDigit else { throw JSONError(start == position ? .valueExpected : .number, at: position) }
        if bytes[position] == UInt8(ascii: "0") {
            position += 1
            guard !isDigit else { throw JSONError(.number, at: position) }
        } else {
            skipDigits()
        }
        if position < end, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < end, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
        return JSONOutline.Text(start, position)
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
}
