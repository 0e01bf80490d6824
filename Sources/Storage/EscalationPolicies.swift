public import Alerting

public struct PolicyRecord: Equatable, Sendable {
    public var id: EscalationPolicy.ID
    public var account: Account.ID
    public var name: String
    /// Levels and delay; its `repeats` follow from the two fields below.
    public var policy: EscalationPolicy
    public var isRepeating: Bool
    /// 1 to 9; only counts while `isRepeating`.
    public var frequency: Int
    public var routingKey: String?
    /// By id.
    public var teams: [Team.ID]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: EscalationPolicy.ID, account: Account.ID, name: String, levels: [EscalationLevel],
        delay: Duration = .zero, isRepeating: Bool = false, frequency: Int = 1, routingKey: String? = nil,
        teams: [Team.ID] = [], createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.policy = EscalationPolicy(levels: levels, repeats: isRepeating ? frequency : 0, delay: delay)
        self.isRepeating = isRepeating
        self.frequency = frequency
        self.routingKey = routingKey
        self.teams = teams
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// The `escalation_policies` table and its teams.
public enum EscalationPolicies {
    private static let columns = """
        p.id, p.account_id, p.name, p.structure, p.is_repeating, p.frequency, p.routing_key, p.created_at_ms, \
        p.updated_at_ms
        """

    /// - Throws: `StorageError.conflict` when another policy has this routing key.
    public static func insert(_ policy: PolicyRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO escalation_policies (id, account_id, name, structure, is_repeating, frequency, routing_key,
                created_at_ms, updated_at_ms)
            VALUES (:id, :account_id, :name, :structure, :is_repeating, :frequency, :routing_key, :created_at_ms,
                :updated_at_ms)
            """,
            [
                "id": .init(policy.id), "account_id": .init(policy.account), "name": .text(policy.name),
                "structure": .text(PolicyStructure.text(of: policy.policy)),
                "is_repeating": .init(policy.isRepeating), "frequency": .init(policy.frequency),
                "routing_key": .init(policy.routingKey), "created_at_ms": .init(policy.createdAt),
                "updated_at_ms": .init(policy.updatedAt),
            ])
        try teamLinks.set(policy.teams, of: policy.id, in: transaction)
    }

    public static func update(_ policy: PolicyRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE escalation_policies SET name = :name, structure = :structure, is_repeating = :is_repeating,
                frequency = :frequency, routing_key = :routing_key, updated_at_ms = :updated_at_ms
            WHERE id = :id
            """,
            [
                "name": .text(policy.name), "structure": .text(PolicyStructure.text(of: policy.policy)),
                "is_repeating": .init(policy.isRepeating), "frequency": .init(policy.frequency),
                "routing_key": .init(policy.routingKey), "updated_at_ms": .init(policy.updatedAt),
                "id": .init(policy.id),
            ])
        try teamLinks.set(policy.teams, of: policy.id, in: transaction)
    }

    /// - Throws: `StorageError.conflict` while an alert source uses it.
    public static func delete(_ id: EscalationPolicy.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM escalation_policies WHERE id = :id", ["id": .init(id)])
    }

    /// Whatever its teams; for the engine.
    public static func find(
        _ id: EscalationPolicy.ID, in transaction: any Transaction
    ) throws(StorageError) -> PolicyRecord? {
        try records(
            transaction.query(
                "SELECT \(columns) FROM escalation_policies p WHERE p.id = :id", ["id": .init(id)]), in: transaction
        ).first
    }

    /// One that the caller may see; `nil` otherwise.
    public static func find(
        _ id: EscalationPolicy.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> PolicyRecord? {
        try list(scope: scope, extra: "AND p.id = \(id)", [:], Page(limit: 1), in: transaction).first
    }

    public static func find(
        name: String, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> PolicyRecord? {
        try list(scope: scope, extra: "AND p.name = :name", ["name": .text(name)], Page(limit: 1), in: transaction)
            .first
    }

    public static func find(
        routingKey: String, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> PolicyRecord? {
        try records(
            transaction.query(
                "SELECT \(columns) FROM escalation_policies p WHERE p.account_id = :account AND p.routing_key = :key",
                ["account": .init(account), "key": .text(routingKey)]), in: transaction
        ).first
    }

    /// By name and id.
    public static func list(
        scope: Scope, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [PolicyRecord] {
        try list(scope: scope, extra: "", [:], page, in: transaction)
    }

    private static func list(
        scope: Scope, extra: String, _ arguments: Arguments, _ page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [PolicyRecord] {
        let all = arguments.with(scope, page)
        return try records(
            transaction.query(
                """
                SELECT \(columns) FROM escalation_policies p
                WHERE p.account_id = :account \(extra) \(scope.policyCondition("p.id"))
                ORDER BY p.name, p.id LIMIT :limit OFFSET :offset
                """,
                all), in: transaction)
    }

    private static let teamLinks = LinkTable<EscalationPolicy, Team>(
        "escalation_policy_teams", owner: "escalation_policy_id", member: "team_id", limit: 10_000)

    private static func records(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [PolicyRecord] {
        var policies: [PolicyRecord] = []
        for row in rows {
            let structure = try PolicyStructure.policy(of: row.text("structure"), "structure")
            policies.append(
                PolicyRecord(
                    id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"),
                    levels: structure.levels, delay: structure.delay, isRepeating: try row.bool("is_repeating"),
                    frequency: try row.int("frequency"), routingKey: try row.optionalText("routing_key"),
                    createdAt: try row.time("created_at_ms"), updatedAt: try row.time("updated_at_ms")))
        }
        try teamLinks.read(into: &policies, id: \.id, \.teams, in: transaction)
        return policies
    }
}
