/// A piece of a template: text, or what stands between double braces.
struct TemplateToken {
    enum Kind {
        case text(String)
        case value(TemplateReference, [TemplateCall])
        case open(TemplateReference, isInverted: Bool)
        case close(TemplateReference)
        case comment
    }

    var kind: Kind
    /// Where it stands, in bytes.
    var range: Range<Int>
    /// A reference as it was written, for the elements of a template.
    var source = ""

    /// Whether a line with nothing else on it leaves no line behind.
    var isBlock: Bool {
        switch kind {
        case .open, .close, .comment: true
        case .text, .value: false
        }
    }
}

/// Cuts a template into tokens.
struct TemplateParser {
    let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    mutating func tokens() throws(LanguageError) -> [TemplateToken] {
        var tokens: [TemplateToken] = []
        while position < bytes.count {
            if isAt("{{") {
                tokens.append(try tag())
            } else {
                tokens.append(text())
            }
            guard tokens.count <= Limits.templatePieces else { throw error("it has too many places", at: position) }
        }
        return tokens
    }

    /// Up to the next double braces. `\{{` stands for the braces themselves, `\\{{` for a backslash before a place.
    private mutating func text() -> TemplateToken {
        let start = position
        var literal: [UInt8] = []
        while position < bytes.count, !isAt("{{") {
            if isAt("\\\\{{") {
                literal.append(UInt8(ascii: "\\"))
                position += 2
            } else if isAt("\\{{") {
                literal += Array("{{".utf8)
                position += 3
            } else {
                literal.append(bytes[position])
                position += 1
            }
        }
        return TemplateToken(kind: .text(String(decoding: literal, as: UTF8.self)), range: start..<position)
    }

    private mutating func tag() throws(LanguageError) -> TemplateToken {
        let start = position
        let isTriple = isAt("{{{")
        position += isTriple ? 3 : 2
        skipBlanks()
        var token = TemplateToken(kind: .comment, range: start..<start)
        switch isTriple ? nil : peek {
        case UInt8(ascii: "!"):
            while position < bytes.count, !isAt("}}") { position += 1 }
        case UInt8(ascii: "#"), UInt8(ascii: "^"):
            let isInverted = peek == UInt8(ascii: "^")
            position += 1
            token.kind = .open(try plainReference(), isInverted: isInverted)
        case UInt8(ascii: "/"):
            position += 1
            token.kind = .close(try plainReference())
        case UInt8(ascii: ">"): throw error("partials are not supported", at: position)
        case UInt8(ascii: "="): throw error("other delimiters are not supported", at: position)
        default:
            if peek == UInt8(ascii: "&") { position += 1 }
            skipBlanks()
            let from = position
            let (reference, calls, end) = try reference()
            token.source = String(decoding: bytes[from..<end], as: UTF8.self)
            token.kind = .value(reference, calls)
        }
        skipBlanks()
        guard isAt(isTriple ? "}}}" : "}}") else {
            throw error(
                position < bytes.count ? "two closing braces were expected" : "the braces are not closed",
                at: position < bytes.count ? position : start)
        }
        position += isTriple ? 3 : 2
        token.range = start..<position
        return token
    }

    private mutating func plainReference() throws(LanguageError) -> TemplateReference {
        skipBlanks()
        let start = position
        let (found, calls, _) = try reference()
        guard calls.isEmpty else { throw error("a block has no function", at: start) }
        return found
    }

    /// A path with the calls behind it, and where the path ends.
    private mutating func reference() throws(LanguageError) -> (TemplateReference, [TemplateCall], Int) {
        skipBlanks()
        let start = position
        var steps: [ValuePath.Step] = []
        var calls: [TemplateCall] = []
        let isRelative = peek == UInt8(ascii: ".")
        if isRelative { position += 1 }
        var end = position
        while let next = peek, !isBlank(next), !isAt("}}") {
            if next == UInt8(ascii: "[") {
                steps.append(try index())
            } else {
                let nameStart = position
                let name = try name()
                if peek == UInt8(ascii: "(") {
                    calls.append(try call(name, at: nameStart))
                } else if calls.isEmpty {
                    steps.append(.member(name))
                } else {
                    throw error("a function was expected", at: nameStart)
                }
            }
            if calls.isEmpty { end = position }
            guard peek == UInt8(ascii: ".") else { continue }
            position += 1
            guard let after = peek, !isBlank(after), !isAt("}}") else {
                throw error("a name was expected after the dot", at: position)
            }
        }
        guard isRelative || !steps.isEmpty else { throw error("a name was expected", at: start) }
        guard steps.count <= Limits.languageDepth, calls.count <= Limits.languageDepth else {
            throw error("this is too long", at: start)
        }
        return (TemplateReference(path: ValuePath(steps), isRelative: isRelative), calls, end)
    }

    /// Up to a dot, a bracket, a parenthesis or a blank; a backslash takes the next character as it is.
    private mutating func name() throws(LanguageError) -> String {
        let start = position
        var name: [UInt8] = []
        while let next = peek, !isBlank(next), !isAt("}}"), !".[(".utf8.contains(next) {
            if next == UInt8(ascii: "\\"), position + 1 < bytes.count { position += 1 }
            name.append(bytes[position])
            position += 1
        }
        guard !name.isEmpty else { throw error("a name was expected", at: start) }
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func index() throws(LanguageError) -> ValuePath.Step {
        let start = position
        position += 1
        if let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
            let name = try quoted(quote)
            guard peek == UInt8(ascii: "]") else { throw error("a closing bracket was expected", at: position) }
            position += 1
            return .member(name)
        }
        var digits = ""
        while let next = peek, next != UInt8(ascii: "]"), !isAt("}}") {
            digits.unicodeScalars.append(Unicode.Scalar(next))
            position += 1
        }
        guard peek == UInt8(ascii: "]"), let index = Int(digits), index >= 0 else {
            throw error("a whole number in brackets was expected", at: start)
        }
        position += 1
        return .index(index)
    }

    private mutating func call(_ name: String, at start: Int) throws(LanguageError) -> TemplateCall {
        guard let function = TemplateFunction(rawValue: name) else {
            throw error("there is no function “\(Limits.cut(name, to: 60))”", at: start)
        }
        position += 1
        var arguments: [TemplateArgument] = []
        skipBlanks()
        while let next = peek, next != UInt8(ascii: ")") {
            arguments.append(try argument(next))
            skipBlanks()
            if peek == UInt8(ascii: ",") {
                position += 1
                skipBlanks()
            } else if peek != UInt8(ascii: ")") {
                throw error("a comma or a closing parenthesis was expected", at: position)
            }
        }
        guard peek == UInt8(ascii: ")") else { throw error("the parenthesis is not closed", at: start) }
        position += 1
        do throws(LanguageFault) {
            return try function.call(arguments)
        } catch {
            throw self.error(error.reason, at: start)
        }
    }

    private mutating func argument(_ next: UInt8) throws(LanguageError) -> TemplateArgument {
        if next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") { return .text(try quoted(next)) }
        var word: [UInt8] = []
        while let next = peek, !isBlank(next), !",)\"'".utf8.contains(next) {
            word.append(next)
            position += 1
        }
        guard !word.isEmpty else { throw error("an argument was expected", at: position) }
        let text = String(decoding: word, as: UTF8.self)
        return Int64(text).map(TemplateArgument.number) ?? .text(text)
    }

    private mutating func quoted(_ quote: UInt8) throws(LanguageError) -> String {
        let start = position
        var text: [UInt8] = []
        position += 1
        while let next = peek {
            position += 1
            if next == quote { return String(decoding: text, as: UTF8.self) }
            guard next == UInt8(ascii: "\\"), let escaped = peek else {
                text.append(next)
                continue
            }
            position += 1
            switch escaped {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0D)
            case quote, UInt8(ascii: "\\"): text.append(escaped)
            // A regular expression's own escapes stay as they are.
            default: text += [UInt8(ascii: "\\"), escaped]
            }
        }
        throw error("the quotes are not closed", at: start)
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private mutating func skipBlanks() {
        while let next = peek, isBlank(next) { position += 1 }
    }

    private func isAt(_ text: StaticString) -> Bool {
        guard position + text.utf8CodeUnitCount <= bytes.count else { return false }
        for index in 0..<text.utf8CodeUnitCount where bytes[position + index] != text.utf8Start[index] {
            return false
        }
        return true
    }

    private func error(_ reason: String, at offset: Int) -> LanguageError {
        LanguageError(reason, at: offset, in: bytes)
    }
}

/// What is wrong, where the place is the caller's to say.
struct LanguageFault: Error {
    var reason: String
}
