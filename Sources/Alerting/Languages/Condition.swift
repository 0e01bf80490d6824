/// A question about an event or an alert that is answered with yes or no (ICL): `event.priority == HIGH and
/// event.summary contains 'disk'`.
///
/// Source: ilert's condition language, https://docs.ilert.com/rest-api/developing-ilert-apps/icl, read 2026-08-22.
public struct Condition: Equatable, Sendable {
    public let text: String
    let root: ConditionNode
    /// The support hours and schedules that it asks about.
    public let periods: Set<PeriodReference>
    /// Whether its answer depends on how often it was asked.
    public let usesCounters: Bool

    /// - Throws: `LanguageError` for text that is no condition.
    public init(_ text: String) throws(LanguageError) {
        guard text.utf8.count <= Limits.condition else {
            throw LanguageError("a condition may have at most \(Limits.condition) bytes", line: 1, column: 1)
        }
        self.text = text
        var parser = try ConditionParser(text)
        root = try parser.whole()
        periods = parser.periods
        usesCounters = parser.usesCounters
    }

    /// The answer. What cannot be compared makes that comparison false, never an error.
    ///
    /// - Parameter counters: how often its counters were asked; changed by asking.
    public func isTrue(
        of scope: some ValueScope, in environment: ConditionEnvironment, counters: inout ConditionCounters
    ) -> Bool {
        var evaluation = ConditionEvaluation(scope: scope, environment: environment, counters: counters)
        defer { if usesCounters { counters = evaluation.counters } }
        return evaluation.isTrue(root)
    }

    /// For conditions without counters; with them, every question is the first.
    public func isTrue(of scope: some ValueScope, in environment: ConditionEnvironment) -> Bool {
        var counters = ConditionCounters()
        return isTrue(of: scope, in: environment, counters: &counters)
    }
}

/// What a condition may know beside the thing that it is asked about.
public struct ConditionEnvironment: Sendable {
    public var now: Timestamp
    /// Whether support hours are on, or somebody is on call, at a time; `nil` when there are no such hours.
    public var isIn: @Sendable (PeriodReference, Timestamp) -> Bool?

    public init(now: Timestamp, isIn: @escaping @Sendable (PeriodReference, Timestamp) -> Bool? = { _, _ in nil }) {
        self.now = now
        self.isIn = isIn
    }
}

/// What `is_in` asks about: `{"id": 1, "type": "SUPPORT_HOUR"}`.
public struct PeriodReference: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case supportHours = "SUPPORT_HOUR"
        case schedule = "ON_CALL_SCHEDULE"
    }

    public var kind: Kind
    public var id: Int64

    public init(kind: Kind, id: Int64) {
        self.kind = kind
        self.id = id
    }

    init?(_ value: JSONValue?) {
        guard let text = value?["type"]?.string, let kind = Kind(rawValue: text.uppercased()),
            let id = value?["id"]?.integer ?? (value?["id"]?.string).flatMap({ Int64($0) })
        else { return nil }
        self.init(kind: kind, id: id)
    }
}

/// How often the counters of conditions were asked within their windows.
///
/// A window begins with the first question and ends after the counter's duration; then counting starts again at 1.
public struct ConditionCounters: Equatable, Sendable {
    public struct Window: Equatable, Sendable {
        public var count: Int
        public var endsAt: Timestamp

        public init(count: Int, endsAt: Timestamp) {
            self.count = count
            self.endsAt = endsAt
        }
    }

    /// By counter, such as `trigger_count.PT10M`.
    public var windows: [String: Window]

    public init(windows: [String: Window] = [:]) {
        self.windows = windows
    }

    /// Counts one question and says which it is in its window, from 1.
    mutating func hit(_ counter: ConditionCounter, at now: Timestamp) -> Int {
        let name = counter.name
        var window = windows[name] ?? Window(count: 0, endsAt: now + counter.duration)
        if window.endsAt <= now { window = Window(count: 0, endsAt: now + counter.duration) }
        window.count += 1
        windows[name] = window
        return window.count
    }

    mutating func reset(_ counter: ConditionCounter) {
        windows[counter.name] = nil
    }
}

/// `trigger_count.10m`, or `resetting_trigger_count.10m`, which starts again when its limit is hit.
struct ConditionCounter: Equatable, Sendable {
    var duration: Duration
    var isResetting: Bool

    var name: String { (isResetting ? "resetting_trigger_count." : "trigger_count.") + duration.iso8601 }

    static let durations: ClosedRange<Duration> = .seconds(5) ... .days(2)

    /// Reads `10m`, `3h`, `PT90S`.
    init?(duration text: String, isResetting: Bool) {
        let upper = text.uppercased()
        let isShort = upper.first?.isNumber == true
        let unit = upper.hasSuffix("D") ? "P" : "PT"
        guard let duration = Duration(iso8601: isShort ? unit + upper : upper), Self.durations.contains(duration)
        else { return nil }
        self.duration = duration
        self.isResetting = isResetting
    }
}

indirect enum ConditionNode: Equatable, Sendable {
    case and([ConditionNode])
    case or([ConditionNode])
    case not(ConditionNode)
    case comparison(ConditionComparison)
    /// A value that is asked by itself; only true is true.
    case value(ConditionOperand)
}

struct ConditionComparison: Equatable, Sendable {
    var left: ConditionOperand
    var comparator: ConditionComparator
    var isNegated: Bool
    var right: ConditionOperand
    /// The right side's texts, ready to be searched for, when they are known beforehand.
    var searches: [TextSearch]?
    var pattern: Pattern?
}

enum ConditionOperand: Equatable, Sendable {
    case path(ValuePath)
    case literal(JSONValue)
    case now
    case counter(ConditionCounter)
}

enum ConditionComparator: String, Sendable, CaseIterable {
    case equal = "=="
    case notEqual = "!="
    case greater = ">"
    case greaterOrEqual = ">="
    case less = "<"
    case lessOrEqual = "<="
    case matches
    case exactMatches = "exact_matches"
    case contains
    case exactContains = "exact_contains"
    case regex
    case startsWith = "starts_with"
    case endsWith = "ends_with"
    case containsAny = "contains_any"
    case startsWithAny = "starts_with_any"
    case endsWithAny = "ends_with_any"
    case isOneOf = "in"
    case isIn = "is_in"

    var ignoresCase: Bool { self != .exactMatches && self != .exactContains }

    /// Whether its right side is a list of texts to be searched for.
    var searchesTexts: Bool {
        switch self {
        case .contains, .exactContains, .startsWith, .endsWith, .containsAny, .startsWithAny, .endsWithAny: true
        case .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual, .matches, .exactMatches, .regex,
            .isOneOf, .isIn:
            false
        }
    }
}
