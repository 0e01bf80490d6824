public import Alerting

/// Which delivery groups are told of which monitors.
public struct MonitorRule: Equatable, Sendable {
    public typealias ID = Identifier<MonitorRule>

    public var id: ID
    public var account: Account.ID
    public var label: String
    public var area: MonitorArea
    public var isActive: Bool
    /// By id, as the next; empty: all of the area.
    public var monitors: [Monitor.ID]
    public var groups: [DeliveryGroup.ID]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: ID, account: Account.ID, label: String, area: MonitorArea, isActive: Bool = true,
        monitors: [Monitor.ID] = [], groups: [DeliveryGroup.ID] = [], createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.label = label
        self.area = area
        self.isActive = isActive
        self.monitors = monitors
        self.groups = groups
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// The `monitor_rules` table with its monitors and delivery groups.
public enum MonitorRules {
    private static let columns =
        "r.id, r.account_id, r.label, r.area, r.is_active, r.created_at_ms, r.updated_at_ms"

    public static func insert(_ rule: MonitorRule, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO monitor_rules (id, account_id, label, area, is_active, created_at_ms, updated_at_ms)
            VALUES (:id, :account, :label, :area, :active, :created, :updated)
            """,
            [
                "id": .init(rule.id), "account": .init(rule.account), "label": .text(rule.label),
                "area": .init(rule.area), "active": .init(rule.isActive), "created": .init(rule.createdAt),
                "updated": .init(rule.updatedAt),
            ])
        try setLinks(of: rule, in: transaction)
    }

    public static func update(_ rule: MonitorRule, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE monitor_rules SET label = :label, area = :area, is_active = :active, updated_at_ms = :updated
            WHERE id = :id
            """,
            [
                "label": .text(rule.label), "area": .init(rule.area), "active": .init(rule.isActive),
                "updated": .init(rule.updatedAt), "id": .init(rule.id),
            ])
        try setLinks(of: rule, in: transaction)
    }

    public static func delete(_ id: MonitorRule.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM monitor_rules WHERE id = :id", ["id": .init(id)])
    }

    /// By label.
    public static func list(
        account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> [MonitorRule] {
        try linked(
            transaction.query(
                """
                SELECT \(columns) FROM monitor_rules r WHERE r.account_id = :account
                ORDER BY r.label, r.id LIMIT 1000
                """,
                ["account": .init(account)]), in: transaction)
    }

    public static func find(
        _ id: MonitorRule.ID, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> MonitorRule? {
        try linked(
            transaction.query(
                "SELECT \(columns) FROM monitor_rules r WHERE r.id = :id AND r.account_id = :account",
                ["id": .init(id), "account": .init(account)]), in: transaction
        ).first
    }

    /// The groups that active rules attach to a monitor.
    public static func groups(
        of monitor: MonitorRecord, in transaction: any Transaction
    ) throws(StorageError) -> Set<DeliveryGroup.ID> {
        let rows = try transaction.query(
            """
            SELECT DISTINCT g.delivery_group_id
            FROM monitor_rules r JOIN monitor_rule_groups g ON g.monitor_rule_id = r.id
            WHERE r.account_id = :account AND r.is_active = 1 AND r.area = :area
              AND (NOT EXISTS (SELECT 1 FROM monitor_rule_monitors m WHERE m.monitor_rule_id = r.id)
                OR EXISTS (SELECT 1 FROM monitor_rule_monitors m
                    WHERE m.monitor_rule_id = r.id AND m.monitor_id = :monitor))
            ORDER BY g.delivery_group_id LIMIT 1000
            """,
            [
                "account": .init(monitor.account), "area": .init(monitor.subject.kind.area),
                "monitor": .init(monitor.id),
            ])
        var groups: Set<DeliveryGroup.ID> = []
        for row in rows { groups.insert(try row.id("delivery_group_id")) }
        return groups
    }

    private static let monitorLinks = LinkTable<MonitorRule, Monitor>(
        "monitor_rule_monitors", owner: "monitor_rule_id", member: "monitor_id")
    private static let groupLinks = LinkTable<MonitorRule, DeliveryGroup>(
        "monitor_rule_groups", owner: "monitor_rule_id", member: "delivery_group_id")

    private static func setLinks(of rule: MonitorRule, in transaction: any Transaction) throws(StorageError) {
        try monitorLinks.set(rule.monitors, of: rule.id, in: transaction)
        try groupLinks.set(rule.groups, of: rule.id, in: transaction)
    }

    private static func linked(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [MonitorRule] {
        var rules: [MonitorRule] = []
        for row in rows {
            rules.append(
                MonitorRule(
                    id: try row.id("id"), account: try row.id("account_id"), label: try row.text("label"),
                    area: try row.name("area"), isActive: try row.bool("is_active"),
                    createdAt: try row.time("created_at_ms"), updatedAt: try row.time("updated_at_ms")))
        }
        try monitorLinks.read(into: &rules, id: \.id, \.monitors, in: transaction)
        try groupLinks.read(into: &rules, id: \.id, \.groups, in: transaction)
        return rules
    }
}
