/// A regular expression that is matched in bounded time, whatever it says and whatever it is matched against.
///
/// The dialect is what people write most: literals, `.`, classes, `\d \w \s \b`, anchors, groups (captured, named or
/// not), alternatives, greedy and lazy repetition, and the flags `(?i)`, `(?m)`, `(?s)`. What needs unbounded time or
/// is rarely meant is refused when it is written: back-references, look-around, atomic groups.
///
/// Each place of the program is tried at most once at each place of the text, so that the time is at most their
/// product; `Limits.patternSteps` bounds that in turn.
public struct Pattern: Equatable, Sendable {
    public let text: String
    let program: PatternProgram

    /// - Throws: `PatternError` for what is malformed, not supported, or larger than `Limits` allow.
    public init(_ text: String, ignoresCase: Bool = false) throws(PatternError) {
        guard text.utf8.count <= Limits.pattern else {
            throw PatternError("it may have at most \(Limits.pattern) characters", at: 0)
        }
        self.text = text
        var parser = PatternParser(text, ignoresCase: ignoresCase)
        let node = try parser.whole()
        program = try PatternProgram(node, groups: parser.groups)
    }

    /// The leftmost match; `nil` when there is none.
    ///
    /// - Parameter budget: how many steps it may take at most; what it might take goes off.
    /// - Throws: `PatternLimit` when the text is too long for this pattern or the budget.
    public func firstMatch(in text: String, budget: inout Int) throws(PatternLimit) -> PatternMatch? {
        var matcher = PatternMatcher(program, text)
        return try matcher.firstMatch(budget: &budget)
    }

    public func firstMatch(in text: String) throws(PatternLimit) -> PatternMatch? {
        var budget = Limits.patternSteps
        return try firstMatch(in: text, budget: &budget)
    }

    public func matches(_ text: String) throws(PatternLimit) -> Bool {
        try firstMatch(in: text) != nil
    }
}

public struct PatternError: Error, Equatable, Sendable {
    /// A part of a sentence, such as `a closing parenthesis is missing`.
    public var reason: String
    /// Characters before the place.
    public var offset: Int

    init(_ reason: String, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

/// The text is too long for the pattern to be tried in the time that an event has.
public struct PatternLimit: Error, Equatable, Sendable {}

public struct PatternMatch: Equatable, Sendable {
    public var whole: String
    /// The captured groups in the order of their parentheses; `nil` for one that took no part.
    public var groups: [String?]
}

/// What a pattern says, as a tree.
indirect enum PatternNode: Equatable, Sendable {
    case empty
    case scalar(UInt32, ignoresCase: Bool)
    case set(PatternSet)
    case any(includesNewline: Bool)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// - Parameter most: `nil`: any number.
    case repetition(PatternNode, least: Int, most: Int?, isGreedy: Bool)
    case group(PatternNode, number: Int)
    case assertion(PatternAssertion)
}

enum PatternAssertion: Equatable, Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, notWordBoundary
}

/// A set of characters.
struct PatternSet: Equatable, Sendable {
    struct Span: Equatable, Sendable {
        var first: UInt32
        var last: UInt32
    }

    var spans: [Span] = []
    var isNegated = false
    var ignoresCase = false

    static let digits = PatternSet(spans: [.init(first: 0x30, last: 0x39)])
    static let words = PatternSet(spans: [
        .init(first: 0x30, last: 0x39), .init(first: 0x41, last: 0x5A), .init(first: 0x5F, last: 0x5F),
        .init(first: 0x61, last: 0x7A),
    ])
    static let blanks = PatternSet(spans: [
        .init(first: 0x09, last: 0x0D), .init(first: 0x20, last: 0x20), .init(first: 0xA0, last: 0xA0),
    ])

    /// The spans between the spans, which have to be in order.
    var complement: [Span] {
        var gaps: [Span] = []
        var next: UInt32 = 0
        for span in spans {
            if span.first > next { gaps.append(Span(first: next, last: span.first - 1)) }
            next = span.last + 1
        }
        gaps.append(Span(first: next, last: 0x10_FFFF))
        return gaps
    }

    func contains(_ scalar: UInt32) -> Bool {
        if holds(scalar) { return !isNegated }
        guard ignoresCase else { return isNegated }
        let other = PatternCase.other(scalar)
        return (other != scalar && holds(other)) != isNegated
    }

    private func holds(_ scalar: UInt32) -> Bool {
        for span in spans where scalar >= span.first && scalar <= span.last { return true }
        return false
    }
}

/// Upper and lower case of single scalars.
enum PatternCase {
    static func folded(_ scalar: UInt32) -> UInt32 {
        if scalar < 0x80 { return (0x41...0x5A).contains(scalar) ? scalar | 0x20 : scalar }
        guard let found = Unicode.Scalar(scalar) else { return scalar }
        let lower = found.properties.lowercaseMapping.unicodeScalars
        return lower.count == 1 ? lower.first?.value ?? scalar : scalar
    }

    /// The same letter in the other case; itself where there is none.
    static func other(_ scalar: UInt32) -> UInt32 {
        let lower = folded(scalar)
        if lower != scalar { return lower }
        if scalar < 0x80 { return (0x61...0x7A).contains(scalar) ? scalar & ~0x20 : scalar }
        guard let found = Unicode.Scalar(scalar) else { return scalar }
        let upper = found.properties.uppercaseMapping.unicodeScalars
        return upper.count == 1 ? upper.first?.value ?? scalar : scalar
    }
}
