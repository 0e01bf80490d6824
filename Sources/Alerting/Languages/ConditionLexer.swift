/// A word of a condition.
struct ConditionToken: Equatable {
    enum Kind: Equatable {
        case open, close
        case comparator(ConditionComparator)
        /// A word as it stands: a path, a number, a keyword, a bare text.
        case word
        case text(String)
        /// A JSON list or object.
        case json(JSONValue)
    }

    var kind: Kind
    /// As it was written; for words only.
    var word: String = ""
    /// Bytes before it.
    var offset: Int
}

/// Cuts a condition into words.
struct ConditionLexer {
    private let bytes: [UInt8]
    private var position = 0

    static func tokens(of text: String) throws(LanguageError) -> [ConditionToken] {
        var lexer = ConditionLexer(bytes: Array(text.utf8))
        var tokens: [ConditionToken] = []
        while let token = try lexer.next() {
            tokens.append(token)
            guard tokens.count <= Limits.conditionWords else { throw lexer.error("it has too many words") }
        }
        return tokens
    }

    private mutating func next() throws(LanguageError) -> ConditionToken? {
        while let byte = peek, Self.isBlank(byte) { position += 1 }
        guard let byte = peek else { return nil }
        let start = position
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"):
            position += 1
            return ConditionToken(kind: byte == UInt8(ascii: "(") ? .open : .close, offset: start)
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            return ConditionToken(kind: .text(try quoted(byte)), offset: start)
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            return ConditionToken(kind: .json(try value(depth: 0)), offset: start)
        case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: ">"), UInt8(ascii: "<"):
            return ConditionToken(kind: .comparator(try comparator()), offset: start)
        default:
            let word = try word()
            return ConditionToken(kind: .word, word: word, offset: start)
        }
    }

    private mutating func comparator() throws(LanguageError) -> ConditionComparator {
        for found: ConditionComparator in [.equal, .notEqual, .greaterOrEqual, .lessOrEqual, .greater, .less] {
            let spelling = Array(found.rawValue.utf8)
            if bytes[position...].starts(with: spelling) {
                position += spelling.count
                return found
            }
        }
        throw error(peek == UInt8(ascii: "=") ? "equality is written ==" : "a comparison was expected")
    }

    /// Up to a blank, a parenthesis, a comma or a comparison; brackets with their content belong to it.
    private mutating func word() throws(LanguageError) -> String {
        let start = position
        while let byte = peek, !Self.isBlank(byte), !"()=!<>,'\"{}]".utf8.contains(byte) {
            if byte == UInt8(ascii: "[") {
                try skipBrackets()
            } else {
                position += 1
            }
        }
        guard position > start else { throw error("this was not expected here") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func skipBrackets() throws(LanguageError) {
        let start = position
        position += 1
        var quote: UInt8?
        while let byte = peek {
            position += 1
            if byte == UInt8(ascii: "\\") {
                position = min(position + 1, bytes.count)
            } else if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
            } else if byte == UInt8(ascii: "]") {
                return
            }
        }
        position = start
        throw error("a closing bracket is missing")
    }

    private mutating func quoted(_ quote: UInt8) throws(LanguageError) -> String {
        let start = position
        var text: [UInt8] = []
        position += 1
        while let byte = peek {
            position += 1
            if byte == quote { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), let escaped = peek, escaped == quote || escaped == byte {
                position += 1
                text.append(escaped)
            } else {
                text.append(byte)
            }
        }
        position = start
        throw error("the quotes are not closed")
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    func error(_ reason: String) -> LanguageError { LanguageError(reason, at: position, in: bytes) }
}

// MARK: - Lists and objects

extension ConditionLexer {
    /// JSON, where texts may stand in single quotes too and simple words in none.
    private mutating func value(depth: Int) throws(LanguageError) -> JSONValue {
        guard depth < Limits.languageDepth else { throw error("it is nested too deeply") }
        skipBlanks()
        guard let byte = peek else { throw error("a value was expected") }
        switch byte {
        case UInt8(ascii: "["): return .array(try items(depth: depth))
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try quoted(byte))
        default:
            let start = position
            while let byte = peek, !Self.isBlank(byte), !",:[]{}'\"()".utf8.contains(byte) { position += 1 }
            guard position > start else { throw error("a value was expected") }
            return ConditionParser.literal(String(decoding: bytes[start..<position], as: UTF8.self))
        }
    }

    private mutating func items(depth: Int) throws(LanguageError) -> [JSONValue] {
        position += 1
        var items: [JSONValue] = []
        if takeAfterBlanks("]") { return items }
        while true {
            items.append(try value(depth: depth + 1))
            if takeAfterBlanks("]") { return items }
            guard takeAfterBlanks(",") else { throw error("a comma or a closing bracket was expected") }
        }
    }

    private mutating func members(depth: Int) throws(LanguageError) -> [String: JSONValue] {
        position += 1
        var members: [String: JSONValue] = [:]
        if takeAfterBlanks("}") { return members }
        while true {
            guard let name = try value(depth: depth + 1).scalarText else { throw error("a name was expected") }
            guard takeAfterBlanks(":") else { throw error("a colon was expected") }
            members[name] = try value(depth: depth + 1)
            if takeAfterBlanks("}") { return members }
            guard takeAfterBlanks(",") else { throw error("a comma or a closing brace was expected") }
        }
    }

    private mutating func skipBlanks() {
        while let byte = peek, Self.isBlank(byte) { position += 1 }
    }

    private mutating func takeAfterBlanks(_ scalar: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard peek == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }
}
