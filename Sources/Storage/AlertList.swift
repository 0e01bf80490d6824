public import Alerting

/// Which alerts a list is about; an empty list or `nil` asks for nothing.
public struct AlertFilter: Equatable, Sendable {
    public var statuses: [AlertStatus]
    public var sources: [AlertSource.ID]
    public var policies: [EscalationPolicy.ID]
    /// Alerts that one of these was paged for, accepted or was handed.
    public var responders: [User.ID]
    /// On the time of raising; `from` included, `until` excluded.
    public var from: Timestamp?
    public var until: Timestamp?
    /// Found anywhere in the summary or the key, without case for ASCII.
    public var text: String?

    public init(
        statuses: [AlertStatus] = [], sources: [AlertSource.ID] = [], policies: [EscalationPolicy.ID] = [],
        responders: [User.ID] = [], from: Timestamp? = nil, until: Timestamp? = nil, text: String? = nil
    ) {
        self.statuses = statuses
        self.sources = sources
        self.policies = policies
        self.responders = responders
        self.from = from
        self.until = until
        self.text = text
    }
}

/// Many alerts of the `alerts` table.
public enum AlertList {
    /// Newest first.
    public static func list(
        _ filter: AlertFilter, scope: Scope, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [AlertRecord] {
        var (condition, arguments) = condition(filter, scope, isOrdered: true)
        arguments.add("limit", .init(page.limit))
        arguments.add("offset", .init(page.offset))
        return try transaction.query(
            """
            SELECT \(Alerts.columns) FROM alerts a WHERE \(condition)
            ORDER BY a.raised_at_ms DESC, a.id DESC LIMIT :limit OFFSET :offset
            """,
            arguments
        ).map(AlertRecord.init)
    }

    /// - Parameter most: where counting ends; `nil`: with the last.
    public static func count(
        _ filter: AlertFilter, scope: Scope, most: Int? = nil, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        var (condition, arguments) = condition(filter, scope, isOrdered: false)
        guard let most else {
            return try transaction.query("SELECT count(*) AS count FROM alerts a WHERE \(condition)", arguments)
                .first?.int("count") ?? 0
        }
        arguments.add("most", .init(most))
        return try transaction.query(
            "SELECT count(*) AS count FROM (SELECT a.id FROM alerts a WHERE \(condition) LIMIT :most) c", arguments
        ).first?.int("count") ?? 0
    }

    /// Open alerts by status, whatever the account; for metrics.
    public static func openCounts(in transaction: any Transaction) throws(StorageError) -> [AlertStatus: Int] {
        let rows = try transaction.query(
            """
            SELECT status, count(*) AS count FROM alerts WHERE status <> 'resolved'
            GROUP BY status ORDER BY status LIMIT 10
            """, [:])
        var counts: [AlertStatus: Int] = [:]
        for row in rows { counts[try row.name("status")] = try row.int("count") }
        return counts
    }

    private static func condition(
        _ filter: AlertFilter, _ scope: Scope, isOrdered: Bool
    ) -> (String, Arguments) {
        var parts = ["a.account_id = :account"]
        var arguments: Arguments = ["account": .init(scope.account)]
        if isOrdered, Set(filter.statuses) == [.pending, .accepted] {
            // In these words an index has the open ones in order, however many are resolved.
            parts.append("a.status <> 'resolved'")
        } else if !filter.statuses.isEmpty {
            let names = Set(filter.statuses.map(\.rawValue)).sorted().map { "'\($0)'" }
            parts.append("a.status IN (\(names.joined(separator: ", ")))")
        }
        if !filter.sources.isEmpty {
            parts.append("a.alert_source_id IN (\(arguments.list(filter.sources, as: "source")))")
        }
        if !filter.policies.isEmpty {
            parts.append("a.escalation_policy_id IN (\(arguments.list(filter.policies, as: "policy")))")
        }
        if !filter.responders.isEmpty {
            let users = arguments.list(filter.responders, as: "user")
            let actors = filter.responders.map { "'user:\($0)'" }.joined(separator: ", ")
            parts.append(
                """
                (a.assigned_user_id IN (\(users)) OR a.accepted_by IN (\(actors)) OR EXISTS
                (SELECT 1 FROM messages m WHERE m.alert_id = a.id AND m.user_id IN (\(users))))
                """)
        }
        if let from = filter.from {
            parts.append("a.raised_at_ms >= :from")
            arguments.add("from", .init(from))
        }
        if let until = filter.until {
            parts.append("a.raised_at_ms < :until")
            arguments.add("until", .init(until))
        }
        if let text = filter.text, !text.isEmpty {
            parts.append("(lower(a.summary) LIKE :text ESCAPE '!' OR lower(a.alert_key) LIKE :text ESCAPE '!')")
            arguments.add("text", .text(likePattern(text.lowercased())))
        }
        return (parts.joined(separator: " AND ") + scope.sourceCondition("a.alert_source_id"), arguments)
    }
}
