/// Reads a condition's words; `and` binds tighter than `or`.
struct ConditionParser {
    private let tokens: [ConditionToken]
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    private(set) var periods: Set<PeriodReference> = []
    private(set) var usesCounters = false

    private static let roots: Set<String> = ["event", "alert", "context"]
    /// Words that a text of that spelling must be quoted for.
    private static let reserved: Set<String> = [
        "break", "at", "do", "as", "const", "continue", "def", "else", "end", "eq", "function", "for", "gte", "gt",
        "if", "import", "is", "let", "lte", "lt", "loop", "namespace", "package", "require", "return", "var", "void",
        "when", "while",
    ]

    init(_ text: String) throws(LanguageError) {
        bytes = Array(text.utf8)
        tokens = try ConditionLexer.tokens(of: text)
    }

    mutating func whole() throws(LanguageError) -> ConditionNode {
        guard !tokens.isEmpty else { throw LanguageError("there is no condition", line: 1, column: 1) }
        let node = try alternatives()
        guard position == tokens.count else {
            throw error(
                tokens[position].kind == .close
                    ? "a closing parenthesis has no opening one" : "“and”, “or” or the end was expected")
        }
        return node
    }

    private mutating func alternatives() throws(LanguageError) -> ConditionNode {
        var nodes = [try conjunction()]
        while takeWord("or") { nodes.append(try conjunction()) }
        return nodes.count == 1 ? nodes[0] : .or(nodes)
    }

    private mutating func conjunction() throws(LanguageError) -> ConditionNode {
        var nodes = [try term()]
        while takeWord("and") { nodes.append(try term()) }
        return nodes.count == 1 ? nodes[0] : .and(nodes)
    }

    private mutating func term() throws(LanguageError) -> ConditionNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Limits.conditionDepth else { throw error("it is nested too deeply") }
        if takeWord("not") { return .not(try term()) }
        if peek?.kind == .open {
            position += 1
            let node = try alternatives()
            guard peek?.kind == .close else { throw error("a closing parenthesis was expected") }
            position += 1
            return node
        }
        return try comparison()
    }

    private mutating func comparison() throws(LanguageError) -> ConditionNode {
        let left = try operand()
        let start = position
        guard let (comparator, isNegated) = comparator() else {
            guard position == start else { throw error("a comparison was expected after “not”") }
            guard peek == nil || peek?.kind == .close || isWord("and") || isWord("or") else {
                throw error("a comparison was expected")
            }
            return .value(left)
        }
        let rightStart = position
        let right = try operand()
        var comparison = ConditionComparison(
            left: left, comparator: comparator, isNegated: isNegated, right: right)
        try prepare(&comparison, at: rightStart)
        return .comparison(comparison)
    }

    /// Checks what can be known beforehand and gets it ready.
    private mutating func prepare(_ comparison: inout ConditionComparison, at start: Int) throws(LanguageError) {
        guard case .literal(let value) = comparison.right else { return }
        switch comparison.comparator {
        case .regex:
            guard let text = value.scalarText else { throw error("a regular expression was expected", at: start) }
            do throws(PatternError) {
                comparison.pattern = try Pattern(text, ignoresCase: true)
            } catch {
                throw self.error("in the regular expression, \(error.reason)", at: start)
            }
        case .isIn:
            guard let period = PeriodReference(value) else {
                throw error(
                    "support hours or a schedule was expected, such as {\"id\": 1, \"type\": \"SUPPORT_HOUR\"}",
                    at: start)
            }
            periods.insert(period)
        case .containsAny, .startsWithAny, .endsWithAny, .isOneOf:
            guard let list = value.array else { throw error("a list such as ['a', 'b'] was expected", at: start) }
            // Numbers in a list are compared as numbers.
            guard comparison.comparator != .isOneOf || list.allSatisfy({ $0.string != nil }) else { return }
            comparison.searches = ConditionEvaluationTexts.searches(value, comparison.comparator)
        case .contains, .exactContains, .startsWith, .endsWith, .equal, .notEqual, .matches, .exactMatches:
            comparison.searches = ConditionEvaluationTexts.searches(value, comparison.comparator)
        case .greater, .greaterOrEqual, .less, .lessOrEqual: break
        }
    }

    private mutating func comparator() -> (ConditionComparator, isNegated: Bool)? {
        let isNegated = takeWord("not")
        guard let token = peek else { return nil }
        if case .comparator(let found) = token.kind {
            position += 1
            return (found, isNegated)
        }
        guard token.kind == .word else { return nil }
        let word = token.word.lowercased()
        if let found = ConditionComparator(rawValue: word) {
            position += 1
            return (found, isNegated)
        }
        guard word.hasPrefix("not_") else { return nil }
        let rest = String(word.dropFirst(4))
        position += 1
        if let found = ConditionComparator(rawValue: rest) { return (found, !isNegated) }
        if rest.isEmpty, case .comparator(let found) = peek?.kind {
            position += 1
            return (found, !isNegated)
        }
        position -= 1
        return nil
    }

    private mutating func operand() throws(LanguageError) -> ConditionOperand {
        guard let token = peek else { throw error("a value was expected") }
        switch token.kind {
        case .open, .close, .comparator: throw error("a value was expected")
        case .text(let text):
            position += 1
            return .literal(.string(text))
        case .json(let value):
            position += 1
            return .literal(value)
        case .word:
            if ["and", "or", "not"].contains(token.word) || ConditionComparator(rawValue: token.word) != nil {
                throw error("a value was expected")
            }
            if Self.reserved.contains(token.word) { throw error("“\(token.word)” must be put into quotes") }
            let operand = try operand(of: token.word)
            position += 1
            return operand
        }
    }

    private mutating func operand(of word: String) throws(LanguageError) -> ConditionOperand {
        if word == "now" { return .now }
        for (name, isResetting) in [("trigger_count", false), ("resetting_trigger_count", true)]
        where word == name || word.hasPrefix(name + ".") {
            guard
                let counter = ConditionCounter(
                    duration: String(word.dropFirst(name.count + 1)), isResetting: isResetting)
            else { throw error("a duration from 5 seconds to 2 days was expected, such as \(name).10m") }
            usesCounters = true
            return .counter(counter)
        }
        let root = word.prefix { $0 != "." && $0 != "[" }
        guard Self.roots.contains(String(root)) else { return .literal(Self.literal(word)) }
        guard let path = ConditionPath.path(word) else { throw error("this path is not well formed") }
        guard path.steps.count <= Limits.languageDepth else { throw error("this path is too long") }
        return .path(path)
    }

    /// A word that is no path: a number, a truth value, nothing, or the text that it spells.
    static func literal(_ word: String) -> JSONValue {
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "nil", "null": return .null
        default: break
        }
        if let value = Int64(word) { return .integer(value) }
        let isNumeric = word.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        if isNumeric, let value = Double(word), value.isFinite { return .number(value) }
        return .string(word)
    }

    private var peek: ConditionToken? { position < tokens.count ? tokens[position] : nil }

    private func isWord(_ word: String) -> Bool {
        guard let token = peek, token.kind == .word else { return false }
        return token.word == word
    }

    private mutating func takeWord(_ word: String) -> Bool {
        guard isWord(word) else { return false }
        position += 1
        return true
    }

    /// - Parameter index: of the token; `nil`: the next one.
    private func error(_ reason: String, at index: Int? = nil) -> LanguageError {
        let index = index ?? position
        return LanguageError(reason, at: index < tokens.count ? tokens[index].offset : bytes.count, in: bytes)
    }
}

/// `event.customDetails.hosts[0]['odd key'].name`.
enum ConditionPath {
    static func path(_ text: String) -> ValuePath? {
        var steps: [ValuePath.Step] = []
        var rest = Array(text.utf8)[...]
        while let next = rest.first {
            if next == UInt8(ascii: "[") {
                guard let step = bracket(&rest) else { return nil }
                steps.append(step)
            } else {
                if !steps.isEmpty {
                    guard next == UInt8(ascii: ".") else { return nil }
                    rest.removeFirst()
                }
                guard let step = name(&rest) else { return nil }
                steps.append(step)
            }
        }
        return steps.isEmpty ? nil : ValuePath(steps)
    }

    private static func name(_ rest: inout ArraySlice<UInt8>) -> ValuePath.Step? {
        var name: [UInt8] = []
        while let next = rest.first, next != UInt8(ascii: "."), next != UInt8(ascii: "[") {
            rest.removeFirst()
            if next == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
                name.append(escaped)
            } else {
                name.append(next)
            }
        }
        return name.isEmpty ? nil : .member(String(decoding: name, as: UTF8.self))
    }

    private static func bracket(_ rest: inout ArraySlice<UInt8>) -> ValuePath.Step? {
        rest.removeFirst()
        var quote: UInt8?
        if let first = rest.first, first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") {
            quote = first
            rest.removeFirst()
        }
        var name: [UInt8] = []
        while let next = rest.popFirst() {
            if next == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
                name.append(escaped)
            } else if let open = quote, next == open {
                guard rest.popFirst() == UInt8(ascii: "]") else { return nil }
                return .member(String(decoding: name, as: UTF8.self))
            } else if quote == nil, next == UInt8(ascii: "]") {
                let text = String(decoding: name, as: UTF8.self)
                if let index = Int(text), index >= 0 { return .index(index) }
                return text.isEmpty ? nil : .member(text)
            } else {
                name.append(next)
            }
        }
        return nil
    }
}
