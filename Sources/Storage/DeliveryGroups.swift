public import Alerting

/// Who is told of a failing monitor, how, and after how long.
public struct DeliveryGroup: Equatable, Sendable {
    public typealias ID = Identifier<DeliveryGroup>

    public var id: ID
    public var account: Account.ID
    public var label: String
    /// Such as `#cc3344`.
    public var colour: String
    /// How long a monitor fails before the group is told.
    public var sensitivity: Duration
    public var emails: [String]
    /// By id, as the next.
    public var webhooks: [WebhookIntegration.ID]
    public var sources: [AlertSource.ID]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: ID, account: Account.ID, label: String, colour: String, sensitivity: Duration, emails: [String] = [],
        webhooks: [WebhookIntegration.ID] = [], sources: [AlertSource.ID] = [],
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.label = label
        self.colour = colour
        self.sensitivity = sensitivity
        self.emails = emails
        self.webhooks = webhooks
        self.sources = sources
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// The `delivery_groups` table with its links, and who of them is to be told of what.
public enum DeliveryGroups {
    private static let columns = """
        g.id, g.account_id, g.label, g.colour, g.sensitivity_ms, g.emails, g.created_at_ms, g.updated_at_ms
        """

    public static func insert(_ group: DeliveryGroup, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO delivery_groups (id, account_id, label, colour, sensitivity_ms, emails, created_at_ms,
                updated_at_ms)
            VALUES (:id, :account, :label, :colour, :sensitivity, :emails, :created, :updated)
            """,
            [
                "id": .init(group.id), "account": .init(group.account), "label": .text(group.label),
                "colour": .text(group.colour), "sensitivity": .init(group.sensitivity),
                "emails": .text(JSONColumn.text(of: .array(group.emails.map(JSONValue.string)))),
                "created": .init(group.createdAt), "updated": .init(group.updatedAt),
            ])
        try setLinks(of: group, in: transaction)
    }

    public static func update(_ group: DeliveryGroup, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE delivery_groups SET label = :label, colour = :colour, sensitivity_ms = :sensitivity,
                emails = :emails, updated_at_ms = :updated
            WHERE id = :id
            """,
            [
                "label": .text(group.label), "colour": .text(group.colour), "sensitivity": .init(group.sensitivity),
                "emails": .text(JSONColumn.text(of: .array(group.emails.map(JSONValue.string)))),
                "updated": .init(group.updatedAt), "id": .init(group.id),
            ])
        try setLinks(of: group, in: transaction)
    }

    public static func delete(_ id: DeliveryGroup.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM delivery_groups WHERE id = :id", ["id": .init(id)])
    }

    /// By label.
    public static func list(
        account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> [DeliveryGroup] {
        try linked(
            transaction.query(
                """
                SELECT \(columns) FROM delivery_groups g WHERE g.account_id = :account
                ORDER BY g.label, g.id LIMIT 1000
                """,
                ["account": .init(account)]), in: transaction)
    }

    public static func find(
        _ id: DeliveryGroup.ID, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> DeliveryGroup? {
        try linked(
            transaction.query(
                "SELECT \(columns) FROM delivery_groups g WHERE g.id = :id AND g.account_id = :account",
                ["id": .init(id), "account": .init(account)]), in: transaction
        ).first
    }

    /// Has the groups told once `since` is as long ago as each one's sensitivity; one that waits already goes on.
    public static func notify(
        _ groups: [DeliveryGroup], of monitor: Monitor.ID, failingSince since: Timestamp,
        in transaction: any Transaction
    ) throws(StorageError) {
        for group in groups {
            try transaction.execute(
                """
                INSERT INTO monitor_notices (monitor_id, delivery_group_id, due_at_ms)
                VALUES (:monitor, :group, :due) ON CONFLICT (monitor_id, delivery_group_id) DO NOTHING
                """,
                [
                    "monitor": .init(monitor), "group": .init(group.id), "due": .init(since + group.sensitivity),
                ])
        }
    }

    /// Who of a monitor's groups is to be told, or was.
    public struct Notice: Equatable, Sendable {
        public var monitor: Monitor.ID
        public var group: DeliveryGroup.ID
        /// `nil`: it was told.
        public var due: Timestamp?
    }

    /// Up to `limit` that are due, earliest first.
    public static func dueNotices(
        at now: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [Notice] {
        try transaction.query(
            """
            SELECT monitor_id, delivery_group_id, due_at_ms FROM monitor_notices
            WHERE due_at_ms IS NOT NULL AND due_at_ms <= :now
            ORDER BY due_at_ms, monitor_id, delivery_group_id LIMIT :limit
            """,
            ["now": .init(now), "limit": .init(limit)]
        ).map(notice)
    }

    public static func notices(
        of monitor: Monitor.ID, in transaction: any Transaction
    ) throws(StorageError) -> [Notice] {
        try transaction.query(
            """
            SELECT monitor_id, delivery_group_id, due_at_ms FROM monitor_notices WHERE monitor_id = :monitor
            ORDER BY delivery_group_id LIMIT 1000
            """,
            ["monitor": .init(monitor)]
        ).map(notice)
    }

    /// - Returns: `false` when somebody else was first.
    public static func claim(_ notice: Notice, in transaction: any Transaction) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE monitor_notices SET due_at_ms = NULL
            WHERE monitor_id = :monitor AND delivery_group_id = :group AND due_at_ms IS NOT NULL
            RETURNING monitor_id
            """,
            ["monitor": .init(notice.monitor), "group": .init(notice.group)]
        ).isEmpty
    }

    public static func forgetNotices(
        of monitor: Monitor.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "DELETE FROM monitor_notices WHERE monitor_id = :monitor", ["monitor": .init(monitor)])
    }

    public static func nextNotice(in transaction: any Transaction) throws(StorageError) -> Timestamp? {
        try transaction.query(
            """
            SELECT due_at_ms FROM monitor_notices WHERE due_at_ms IS NOT NULL
            ORDER BY due_at_ms, monitor_id, delivery_group_id LIMIT 1
            """, [:]
        ).first?.time("due_at_ms")
    }

    private static func notice(_ row: Row) throws(StorageError) -> Notice {
        Notice(
            monitor: try row.id("monitor_id"), group: try row.id("delivery_group_id"),
            due: try row.optionalTime("due_at_ms"))
    }

    private static let webhookLinks = LinkTable<DeliveryGroup, WebhookIntegration>(
        "delivery_group_webhooks", owner: "delivery_group_id", member: "webhook_integration_id")
    private static let sourceLinks = LinkTable<DeliveryGroup, AlertSource>(
        "delivery_group_sources", owner: "delivery_group_id", member: "alert_source_id")

    private static func setLinks(of group: DeliveryGroup, in transaction: any Transaction) throws(StorageError) {
        try webhookLinks.set(group.webhooks, of: group.id, in: transaction)
        try sourceLinks.set(group.sources, of: group.id, in: transaction)
    }

    private static func linked(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [DeliveryGroup] {
        var groups = try rows.map(group)
        try webhookLinks.read(into: &groups, id: \.id, \.webhooks, in: transaction)
        try sourceLinks.read(into: &groups, id: \.id, \.sources, in: transaction)
        return groups
    }

    private static func group(_ row: Row) throws(StorageError) -> DeliveryGroup {
        return DeliveryGroup(
            id: try row.id("id"), account: try row.id("account_id"), label: try row.text("label"),
            colour: try row.text("colour"), sensitivity: .milliseconds(try row.integer("sensitivity_ms")),
            emails: (try JSONColumn.value(of: row.text("emails"), "emails").array ?? []).compactMap(\.string),
            createdAt: try row.time("created_at_ms"), updatedAt: try row.time("updated_at_ms"))
    }
}
