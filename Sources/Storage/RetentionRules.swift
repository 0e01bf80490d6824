public import Alerting

/// How long, and how many, of what is over an account keeps.
public struct RetentionRule: Equatable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        /// Requests in the event explorer.
        case events
        /// Resolved alerts, with their timeline and messages.
        case alerts
        /// The audit log, and messages that are about no alert.
        case logs
    }

    public var days: Int
    public var count: Int

    public init(days: Int, count: Int) {
        self.days = days
        self.count = count
    }

    public static let possibleDays = 1...3650
    public static let possibleCount = 100...100_000_000

    /// What holds where the account says nothing else.
    public static func usual(_ kind: Kind) -> RetentionRule {
        switch kind {
        case .events: RetentionRule(days: 30, count: 1_000_000)
        case .alerts: RetentionRule(days: 400, count: 1_000_000)
        case .logs: RetentionRule(days: 400, count: 100_000)
        }
    }
}

/// The `retention_rules` table.
public enum RetentionRules {
    /// A rule for every kind.
    public static func all(
        of account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> [RetentionRule.Kind: RetentionRule] {
        var rules = Dictionary(
            uniqueKeysWithValues: RetentionRule.Kind.allCases.map { ($0, RetentionRule.usual($0)) })
        let rows = try transaction.query(
            "SELECT kind, kept_days, kept_count FROM retention_rules WHERE account_id = :account ORDER BY kind",
            ["account": .init(account)])
        for row in rows {
            rules[try row.name("kind")] = RetentionRule(
                days: try row.int("kept_days"), count: try row.int("kept_count"))
        }
        return rules
    }

    public static func set(
        _ kind: RetentionRule.Kind, to rule: RetentionRule, of account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO retention_rules (account_id, kind, kept_days, kept_count)
            VALUES (:account, :kind, :days, :count)
            ON CONFLICT (account_id, kind) DO UPDATE SET kept_days = excluded.kept_days,
                kept_count = excluded.kept_count
            """,
            [
                "account": .init(account), "kind": .init(kind), "days": .init(rule.days), "count": .init(rule.count),
            ])
    }

    /// All accounts, oldest first.
    public static func accounts(limit: Int, in transaction: any Transaction) throws(StorageError) -> [Account.ID] {
        try transaction.query("SELECT id FROM accounts ORDER BY id LIMIT :limit", ["limit": .init(limit)])
            .map { row throws(StorageError) in try row.id("id") }
    }
}
