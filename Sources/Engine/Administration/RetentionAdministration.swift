import Alerting
public import Storage

/// How long an account keeps what is over.
public struct RetentionAdministration: Sendable {
    private let configuration: Configuration

    init(store: Store) {
        configuration = Configuration(store: store, onChange: { _ in })
    }

    /// A rule for every kind.
    public func rules(by caller: Caller) async throws -> [RetentionRule.Kind: RetentionRule] {
        try caller.require(.admin, to: "see how long things are kept")
        return try await configuration.read { try RetentionRules.all(of: caller.account, in: $0) }
    }

    /// - Throws: `Failure.invalid` that names the field: the kind, and `Days` or `Count`.
    public func update(_ rules: [RetentionRule.Kind: RetentionRule], by caller: Caller) async throws {
        try caller.require(.admin, to: "change how long things are kept")
        for (kind, rule) in rules.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard RetentionRule.possibleDays.contains(rule.days) else {
                throw Failure.invalid("\(kind.rawValue)Days", Self.sentence(RetentionRule.possibleDays, "days"))
            }
            guard RetentionRule.possibleCount.contains(rule.count) else {
                throw Failure.invalid("\(kind.rawValue)Count", Self.sentence(RetentionRule.possibleCount, ""))
            }
        }
        try await configuration.change { change in
            for (kind, rule) in rules {
                try RetentionRules.set(kind, to: rule, of: caller.account, in: change.transaction)
            }
            let words = rules.sorted { $0.key.rawValue < $1.key.rawValue }
                .map { "\($0.key.rawValue) \($0.value.days) days, \($0.value.count) at most" }
            try change.audit(
                "retention.updated", account: caller.account, by: caller.user, target: "account",
                id: caller.account.rawValue, details: words.joined(separator: "; "))
            return ((), .account)
        }
    }

    private static func sentence(_ range: ClosedRange<Int>, _ unit: String) -> String {
        "must be a whole number from \(range.lowerBound) to \(range.upperBound)\(unit.isEmpty ? "" : " " + unit)."
    }
}
