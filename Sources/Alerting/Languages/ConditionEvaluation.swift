/// Answers a condition.
struct ConditionEvaluation<Scope: ValueScope> {
    private let scope: Scope
    private let environment: ConditionEnvironment
    private(set) var counters: ConditionCounters
    /// Of all its regular expressions together.
    private var budget = Limits.patternSteps

    init(scope: Scope, environment: ConditionEnvironment, counters: ConditionCounters) {
        self.scope = scope
        self.environment = environment
        self.counters = counters
    }

    mutating func isTrue(_ node: ConditionNode) -> Bool {
        switch node {
        case .and(let nodes):
            for node in nodes where !isTrue(node) { return false }
            return true
        case .or(let nodes):
            for node in nodes where isTrue(node) { return true }
            return false
        case .not(let node): return !isTrue(node)
        case .value(let operand): return ConditionValues.bool(value(of: operand)) == true
        case .comparison(let comparison): return isTrue(comparison)
        }
    }

    private mutating func isTrue(_ comparison: ConditionComparison) -> Bool {
        guard let answer = answer(comparison) else { return false }
        let isTrue = answer != comparison.isNegated
        if isTrue {
            for case .counter(let counter) in [comparison.left, comparison.right] where counter.isResetting {
                counters.reset(counter)
            }
        }
        return isTrue
    }

    /// `nil` when the two cannot be compared.
    private mutating func answer(_ comparison: ConditionComparison) -> Bool? {
        let left = value(of: comparison.left)
        switch comparison.comparator {
        case .equal, .matches, .exactMatches: return isEqual(left, comparison)
        case .notEqual: return isEqual(left, comparison).map { !$0 }
        case .greater, .greaterOrEqual, .less, .lessOrEqual:
            return isOrdered(left, comparison.comparator, value(of: comparison.right), comparison)
        case .contains, .exactContains, .startsWith, .endsWith, .containsAny, .startsWithAny, .endsWithAny:
            if let searches = comparison.searches {
                return ConditionEvaluationTexts.isFound(searches, in: left, comparison.comparator)
            }
            guard let right = value(of: comparison.right),
                let searches = ConditionEvaluationTexts.searches(right, comparison.comparator)
            else { return nil }
            return ConditionEvaluationTexts.isFound(searches, in: left, comparison.comparator)
        case .regex: return isMatch(left, comparison)
        case .isOneOf:
            if case .string(let text) = left, let searches = comparison.searches {
                return searches.contains { $0.equals(text) }
            }
            guard let list = value(of: comparison.right)?.array else { return nil }
            return list.contains { ConditionValues.areEqual(left, $0, ignoringCase: true) == true }
        case .isIn:
            guard let time = time(of: comparison.left, left),
                let period = PeriodReference(value(of: comparison.right))
            else { return nil }
            return environment.isIn(period, time)
        }
    }

    private mutating func isEqual(_ left: JSONValue?, _ comparison: ConditionComparison) -> Bool? {
        if case .string(let text) = left, let search = comparison.searches?.first, search.equals(text) { return true }
        if comparison.left == .now || comparison.right == .now {
            let right = value(of: comparison.right)
            guard let first = time(of: comparison.left, left), let second = time(of: comparison.right, right) else {
                return nil
            }
            return first == second
        }
        return ConditionValues.areEqual(
            left, value(of: comparison.right), ignoringCase: comparison.comparator.ignoresCase)
    }

    private func isOrdered(
        _ left: JSONValue?, _ comparator: ConditionComparator, _ right: JSONValue?, _ comparison: ConditionComparison
    ) -> Bool? {
        if comparison.left != .now, comparison.right != .now,
            let order = ConditionValues.numericOrder(left, right)
        {
            return holds(comparator, order)
        }
        guard let first = time(of: comparison.left, left), let second = time(of: comparison.right, right) else {
            return nil
        }
        return holds(comparator, first < second ? -1 : first == second ? 0 : 1)
    }

    private func holds(_ comparator: ConditionComparator, _ order: Int) -> Bool? {
        switch comparator {
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .equal, .notEqual, .matches, .exactMatches, .contains, .exactContains, .regex, .startsWith, .endsWith,
            .containsAny, .startsWithAny, .endsWithAny, .isOneOf, .isIn:
            nil
        }
    }

    private mutating func isMatch(_ left: JSONValue?, _ comparison: ConditionComparison) -> Bool? {
        guard let left, !left.isNull else { return false }
        guard let text = left.scalarText else { return nil }
        do {
            if let pattern = comparison.pattern { return try pattern.firstMatch(in: text, budget: &budget) != nil }
            guard let source = value(of: comparison.right)?.scalarText else { return nil }
            return try Pattern(source, ignoresCase: true).firstMatch(in: text, budget: &budget) != nil
        } catch {
            // Beyond the limits, or a text of the event that is no pattern: it cannot be compared.
            return nil
        }
    }

    private mutating func value(of operand: ConditionOperand) -> JSONValue? {
        switch operand {
        case .path(let path): scope.value(at: path)
        case .literal(let value): value
        case .now: .integer(environment.now.milliseconds)
        case .counter(let counter): .integer(Int64(counters.hit(counter, at: environment.now)))
        }
    }

    private func time(of operand: ConditionOperand, _ value: JSONValue?) -> Timestamp? {
        operand == .now ? environment.now : ConditionValues.time(value)
    }
}

/// How values of different kinds are compared.
enum ConditionValues {
    static func bool(_ value: JSONValue?) -> Bool? {
        switch value {
        case .bool(let isTrue): isTrue
        case .string(let text): text.lowercased() == "true" ? true : text.lowercased() == "false" ? false : nil
        case nil, .null, .integer, .number, .literal, .array, .object: nil
        }
    }

    static func double(_ value: JSONValue?) -> Double? {
        switch value {
        case .string(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        case .some(let value): value.double
        case nil: nil
        }
    }

    /// ISO 8601, or seconds or milliseconds since 1970.
    static func time(_ value: JSONValue?) -> Timestamp? {
        guard let value else { return nil }
        if let text = value.string, let time = Timestamp(iso8601: text) { return time }
        guard let number = double(value), abs(number) < 1e15 else { return nil }
        // Seconds reach 1e11 in the year 5138, milliseconds did in 1973.
        return Timestamp(milliseconds: Int64(abs(number) < 1e11 ? number * 1000 : number))
    }

    /// Missing is nil, and nil equals nothing but nil. `nil` when the kinds have nothing in common.
    static func areEqual(_ left: JSONValue?, _ right: JSONValue?, ignoringCase: Bool) -> Bool? {
        let (left, right) = (left ?? .null, right ?? .null)
        switch (left, right) {
        case (.null, .null): return true
        case (.null, _), (_, .null): return false
        case (.string(let first), .string(let second)):
            return TextSearch(second, ignoresCase: ignoringCase).equals(first)
        case (.integer(let first), .integer(let second)): return first == second
        case (.bool, _), (_, .bool):
            guard let first = bool(left), let second = bool(right) else { return nil }
            return first == second
        case (.array, _), (.object, _), (_, .array), (_, .object): return left == right
        case (.integer, _), (.number, _), (.literal, _), (.string, _):
            guard let first = double(left), let second = double(right) else {
                guard let first = left.scalarText, let second = right.scalarText else { return nil }
                return first == second
            }
            return first == second
        }
    }

    /// -1, 0 or 1; `nil` when one is no number.
    static func numericOrder(_ left: JSONValue?, _ right: JSONValue?) -> Int? {
        if case .integer(let first) = left, case .integer(let second) = right {
            return first < second ? -1 : first == second ? 0 : 1
        }
        guard let first = double(left), let second = double(right) else { return nil }
        return first < second ? -1 : first == second ? 0 : 1
    }
}

/// The comparisons that look for texts in texts.
enum ConditionEvaluationTexts {
    /// `nil` when there is no text to look for.
    static func searches(_ value: JSONValue, _ comparator: ConditionComparator) -> [TextSearch]? {
        let texts = (value.array ?? [value]).compactMap(\.scalarText)
        guard !texts.isEmpty || value.array != nil else { return nil }
        return texts.map { TextSearch($0, ignoresCase: comparator.ignoresCase) }
    }

    /// - Returns: `nil` for an object, which has no text.
    static func isFound(_ searches: [TextSearch], in value: JSONValue?, _ comparator: ConditionComparator) -> Bool? {
        guard let value, !value.isNull else { return false }
        if let items = value.array {
            return items.contains { item in
                item.scalarText.map { text in searches.contains { $0.equals(text) } } ?? false
            }
        }
        guard let text = value.scalarText else { return nil }
        return searches.contains { search in
            switch comparator {
            case .startsWith, .startsWithAny: search.starts(text)
            case .endsWith, .endsWithAny: search.ends(text)
            case .contains, .exactContains, .containsAny, .equal, .notEqual, .greater, .greaterOrEqual, .less,
                .lessOrEqual, .matches, .exactMatches, .regex, .isOneOf, .isIn:
                search.isContained(in: text)
            }
        }
    }
}
