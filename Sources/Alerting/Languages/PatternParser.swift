/// Reads a regular expression from left to right.
struct PatternParser {
    private let scalars: [UInt32]
    private var position = 0
    private var depth = 0
    private(set) var groups = 0
    private var ignoresCase: Bool
    private var isMultiline = false
    private var dotIncludesNewline = false

    private static let deepest = 50
    private static let mostRepeats = 1000

    init(_ text: String, ignoresCase: Bool) {
        scalars = text.unicodeScalars.map(\.value)
        self.ignoresCase = ignoresCase
    }

    mutating func whole() throws(PatternError) -> PatternNode {
        let node = try alternatives()
        guard position == scalars.count else { throw error("a closing parenthesis has no opening one") }
        return node
    }

    private mutating func alternatives() throws(PatternError) -> PatternNode {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var items: [PatternNode] = []
        while let next = peek, next != "|", next != ")" {
            let atom = try atom(next)
            items.append(try repeated(atom))
        }
        return items.count == 1 ? items[0] : items.isEmpty ? .empty : .sequence(items)
    }

    private mutating func atom(_ next: Unicode.Scalar) throws(PatternError) -> PatternNode {
        switch next {
        case "(": return try group()
        case "[":
            position += 1
            return .set(try set())
        case ".":
            position += 1
            return .any(includesNewline: dotIncludesNewline)
        case "^":
            position += 1
            return .assertion(isMultiline ? .lineStart : .textStart)
        case "$":
            position += 1
            return .assertion(isMultiline ? .lineEnd : .textEnd)
        case "\\": return try escape()
        case "*", "+", "?": throw error("there is nothing to repeat")
        default:
            position += 1
            return .scalar(ignoresCase ? PatternCase.folded(next.value) : next.value, ignoresCase: ignoresCase)
        }
    }

    private mutating func group() throws(PatternError) -> PatternNode {
        let start = position
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw error("groups are nested too deeply") }
        position += 1
        let flags = (ignoresCase, isMultiline, dotIncludesNewline)
        var number: Int?
        if take("?") {
            if let named = try namedGroup() { number = named } else if try flagsEndGroup() { return .empty }
        } else {
            groups += 1
            number = groups
        }
        let node = try alternatives()
        guard take(")") else { throw PatternError("a closing parenthesis is missing", at: start) }
        (ignoresCase, isMultiline, dotIncludesNewline) = flags
        return number.map { .group(node, number: $0) } ?? node
    }

    /// `?<name>`, `?P<name>` and `?'name'`; refuses look-behind.
    private mutating func namedGroup() throws(PatternError) -> Int? {
        let start = position
        _ = take("P")
        guard take("<") else {
            position = start
            return nil
        }
        guard let first = peek, first != "=", first != "!" else { throw error("look-behind is not supported") }
        while let next = peek, next != ">" {
            guard next.properties.isAlphabetic || ("0"..."9").contains(next) || next == "_" else {
                throw error("a group's name has letters and digits only")
            }
            position += 1
        }
        guard take(">") else { throw error("the group's name does not end") }
        groups += 1
        return groups
    }

    /// Reads `?:`, `?i)` or `?i:`; `true` when it was flags alone, which hold to the end of the group around.
    private mutating func flagsEndGroup() throws(PatternError) -> Bool {
        var isOn = true
        while let next = peek {
            position += 1
            switch next {
            case ":": return false
            case ")": return true
            case "-": isOn = false
            case "i": ignoresCase = isOn
            case "m": isMultiline = isOn
            case "s": dotIncludesNewline = isOn
            case "u", "U": break
            case "=", "!": throw error("look-ahead is not supported")
            case ">": throw error("atomic groups are not supported")
            default: throw error("this flag is not supported")
            }
        }
        throw error("a closing parenthesis is missing")
    }

    private mutating func repeated(_ node: PatternNode) throws(PatternError) -> PatternNode {
        var node = node
        var times = 0
        while let (least, most) = try count() {
            times += 1
            guard times <= 3 else { throw error("this is repeated too often") }
            let isGreedy = !take("?")
            if take("+") { throw error("possessive repetition is not supported") }
            if case .assertion = node { throw error("there is nothing to repeat") }
            node = .repetition(node, least: least, most: most, isGreedy: isGreedy)
        }
        return node
    }

    private mutating func count() throws(PatternError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard peek == "{" else { return nil }
        let start = position
        position += 1
        let least = number()
        var most = least
        if take(",") { most = number() }
        guard take("}"), least != nil || most != nil else {
            // Braces that count nothing are meant as they stand.
            position = start
            return nil
        }
        guard (least ?? 0) <= Self.mostRepeats, (most ?? 0) <= Self.mostRepeats, (least ?? 0) <= (most ?? Int.max)
        else { throw error("a count must be from 0 to \(Self.mostRepeats), the smaller one first") }
        return (least ?? 0, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let next = peek, ("0"..."9").contains(next) {
            value = min((value ?? 0) * 10 + Int(next.value - 0x30), 1_000_000)
            position += 1
        }
        return value
    }
}

// MARK: - Characters

extension PatternParser {
    private mutating func escape() throws(PatternError) -> PatternNode {
        position += 1
        guard let next = peek else { throw error("there is nothing after the backslash") }
        if let assertion = Self.assertions[next] {
            position += 1
            return .assertion(assertion)
        }
        if let set = Self.classes[next] {
            position += 1
            return .set(set)
        }
        if ("1"..."9").contains(next) { throw error("back-references are not supported") }
        let scalar = try escapedScalar(next)
        return .scalar(ignoresCase ? PatternCase.folded(scalar) : scalar, ignoresCase: ignoresCase)
    }

    private static let assertions: [Unicode.Scalar: PatternAssertion] = [
        "b": .wordBoundary, "B": .notWordBoundary, "A": .textStart, "z": .textEnd, "Z": .textEnd,
    ]
    private static let classes: [Unicode.Scalar: PatternSet] = [
        "d": .digits, "D": PatternSet(spans: PatternSet.digits.complement), "w": .words,
        "W": PatternSet(spans: PatternSet.words.complement), "s": .blanks,
        "S": PatternSet(spans: PatternSet.blanks.complement),
    ]
    private static let controls: [Unicode.Scalar: UInt32] = [
        "n": 0x0A, "r": 0x0D, "t": 0x09, "f": 0x0C, "v": 0x0B, "0": 0, "a": 7, "e": 0x1B,
    ]

    private mutating func escapedScalar(_ next: Unicode.Scalar) throws(PatternError) -> UInt32 {
        position += 1
        if let control = Self.controls[next] { return control }
        switch next {
        case "x": return try hexadecimal(2)
        case "u": return try hexadecimal(4)
        default:
            let isLetter = next.value < 0x80 && next.properties.isAlphabetic
            guard !isLetter else { throw PatternError("\\\(next) is not supported", at: position - 2) }
            return next.value
        }
    }

    private mutating func hexadecimal(_ width: Int) throws(PatternError) -> UInt32 {
        let braced = take("{")
        var text = ""
        while let next = peek, next.properties.isASCIIHexDigit, braced ? text.count < 6 : text.count < width {
            text.unicodeScalars.append(next)
            position += 1
        }
        guard let value = UInt32(text, radix: 16), braced ? take("}") : text.count == width,
            Unicode.Scalar(value) != nil
        else { throw error("a character's number in hexadecimal was expected") }
        return value
    }

    private mutating func set() throws(PatternError) -> PatternSet {
        let start = position
        var set = PatternSet(ignoresCase: ignoresCase)
        set.isNegated = take("^")
        var isFirst = true
        while let next = peek {
            if next == "]", !isFirst {
                position += 1
                return set
            }
            isFirst = false
            guard let first = try member(next, of: &set) else { continue }
            guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != 0x5D else {
                set.spans.append(.init(first: first, last: first))
                continue
            }
            position += 1
            guard let end = peek, let last = try member(end, of: &set), last >= first else {
                throw error("the range of characters is not one")
            }
            set.spans.append(.init(first: first, last: last))
        }
        throw PatternError("a closing bracket is missing", at: start)
    }

    /// One character; `nil` when it was a class, which went into the set.
    private mutating func member(_ next: Unicode.Scalar, of set: inout PatternSet) throws(PatternError) -> UInt32? {
        position += 1
        guard next == "\\" else {
            if next == "[", peek == ":" { throw error("classes such as [:alpha:] are not supported") }
            return next.value
        }
        guard let escaped = peek else { throw error("there is nothing after the backslash") }
        if let known = Self.classes[escaped] {
            position += 1
            set.spans += known.spans
            return nil
        }
        if escaped == "b" {
            position += 1
            return 8
        }
        return try escapedScalar(escaped)
    }

    private var peek: Unicode.Scalar? {
        position < scalars.count ? Unicode.Scalar(scalars[position]) : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }

    private func error(_ reason: String) -> PatternError { PatternError(reason, at: position) }
}
