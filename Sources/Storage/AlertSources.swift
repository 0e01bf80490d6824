public import Alerting

public struct AlertSourceRecord: Equatable, Sendable {
    public var id: AlertSource.ID
    public var account: Account.ID
    public var name: String
    /// As on the wire, such as `RAPIDSPIKE`.
    public var integrationType: String
    public var integrationKey: String
    public var policy: EscalationPolicy.ID
    public var isActive: Bool
    /// As on the wire, such as `ONE_ALERT_PER_EMAIL`.
    public var alertCreation: String
    public var groupingWindow: Duration?
    public var autoResolution: Duration?
    /// As on the wire, such as `HIGH`.
    public var priorityRule: String
    public var severity: Int?
    /// How the owner says that requests are read; an integration's own form.
    public var mapping: JSONValue?
    /// Every other field of the wire contract, as it was sent.
    public var fields: JSONValue
    /// By id.
    public var teams: [Team.ID]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: AlertSource.ID, account: Account.ID, name: String, integrationType: String, integrationKey: String,
        policy: EscalationPolicy.ID, isActive: Bool = true, alertCreation: String = "ONE_ALERT_PER_EMAIL",
        groupingWindow: Duration? = nil, autoResolution: Duration? = nil, priorityRule: String = "HIGH",
        severity: Int? = nil, mapping: JSONValue? = nil, fields: JSONValue = .object([:]), teams: [Team.ID] = [],
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.integrationType = integrationType
        self.integrationKey = integrationKey
        self.policy = policy
        self.isActive = isActive
        self.alertCreation = alertCreation
        self.groupingWindow = groupingWindow
        self.autoResolution = autoResolution
        self.priorityRule = priorityRule
        self.severity = severity
        self.mapping = mapping
        self.fields = fields
        self.teams = teams
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// How many characters of an integration key may be looked up by; the rest is compared in constant time.
    public static let keyPrefixLength = 16

    /// What an integration key is looked up by: its beginning. A mail address, whose beginning says little, has a hash
    /// (64-bit FNV-1a) instead; `nil` for what is too short to be a key.
    public static func keyPrefix(of key: String) -> String? {
        guard key.utf8.contains(UInt8(ascii: "@")) else {
            return key.utf8.count < keyPrefixLength ? nil : String(key.prefix(keyPrefixLength))
        }
        let hash = key.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// The `alert_sources` table and its teams.
public enum AlertSources {
    private static let columns = """
        s.id, s.account_id, s.name, s.integration_type, s.integration_key, s.escalation_policy_id, s.is_active, \
        s.alert_creation, s.grouping_window_ms, s.auto_resolution_ms, s.priority_rule, s.severity, s.mapping, \
        s.fields, s.created_at_ms, s.updated_at_ms
        """

    public static func insert(_ source: AlertSourceRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO alert_sources (id, account_id, name, integration_type, integration_key, key_prefix,
                escalation_policy_id, is_active, alert_creation, grouping_window_ms, auto_resolution_ms,
                priority_rule, severity, mapping, fields, created_at_ms, updated_at_ms)
            VALUES (:id, :account_id, :name, :integration_type, :integration_key, :key_prefix, :policy, :is_active,
                :alert_creation, :grouping_window_ms, :auto_resolution_ms, :priority_rule, :severity, :mapping,
                :fields, :created_at_ms, :updated_at_ms)
            """,
            [
                "id": .init(source.id), "account_id": .init(source.account), "name": .text(source.name),
                "integration_type": .text(source.integrationType), "integration_key": .text(source.integrationKey),
                "key_prefix": .text(prefix(of: source.integrationKey)), "policy": .init(source.policy),
                "is_active": .init(source.isActive), "alert_creation": .text(source.alertCreation),
                "grouping_window_ms": .init(source.groupingWindow),
                "auto_resolution_ms": .init(source.autoResolution), "priority_rule": .text(source.priorityRule),
                "severity": .init(source.severity.map(Int64.init)),
                "mapping": .init(source.mapping.map(JSONColumn.text)),
                "fields": .text(JSONColumn.text(of: source.fields)), "created_at_ms": .init(source.createdAt),
                "updated_at_ms": .init(source.updatedAt),
            ])
        try teamLinks.set(source.teams, of: source.id, in: transaction)
    }

    /// Writes all but id, account and time of creation.
    public static func update(_ source: AlertSourceRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE alert_sources SET name = :name, integration_type = :integration_type,
                integration_key = :integration_key, key_prefix = :key_prefix, escalation_policy_id = :policy,
                is_active = :is_active, alert_creation = :alert_creation, grouping_window_ms = :grouping_window_ms,
                auto_resolution_ms = :auto_resolution_ms, priority_rule = :priority_rule, severity = :severity,
                mapping = :mapping, fields = :fields, updated_at_ms = :updated_at_ms
            WHERE id = :id
            """,
            [
                "name": .text(source.name), "integration_type": .text(source.integrationType),
                "integration_key": .text(source.integrationKey),
                "key_prefix": .text(prefix(of: source.integrationKey)), "policy": .init(source.policy),
                "is_active": .init(source.isActive), "alert_creation": .text(source.alertCreation),
                "grouping_window_ms": .init(source.groupingWindow),
                "auto_resolution_ms": .init(source.autoResolution), "priority_rule": .text(source.priorityRule),
                "severity": .init(source.severity.map(Int64.init)),
                "mapping": .init(source.mapping.map(JSONColumn.text)),
                "fields": .text(JSONColumn.text(of: source.fields)), "updated_at_ms": .init(source.updatedAt),
                "id": .init(source.id),
            ])
        try teamLinks.set(source.teams, of: source.id, in: transaction)
    }

    /// Removes the source with its alerts and events.
    public static func delete(_ id: AlertSource.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM alerts WHERE alert_source_id = :id", ["id": .init(id)])
        try transaction.execute("DELETE FROM events WHERE alert_source_id = :id", ["id": .init(id)])
        try transaction.execute("DELETE FROM alert_sources WHERE id = :id", ["id": .init(id)])
    }

    /// Of all sources that are switched on, oldest first.
    public static func keyPrefixes(limit: Int, in transaction: any Transaction) throws(StorageError) -> [String] {
        try transaction.query(
            "SELECT key_prefix FROM alert_sources WHERE is_active = 1 ORDER BY id LIMIT :limit", ["limit": .init(limit)]
        ).map { row throws(StorageError) in try row.text("key_prefix") }
    }

    /// By integration key, whatever the caller; the part after the prefix must still be compared.
    public static func find(
        keyPrefix: String, in transaction: any Transaction
    ) throws(StorageError) -> AlertSourceRecord? {
        try records(
            transaction.query(
                "SELECT \(columns) FROM alert_sources s WHERE s.key_prefix = :prefix", ["prefix": .text(keyPrefix)]),
            in: transaction
        ).first
    }

    /// Whatever its teams; for the engine.
    public static func find(
        _ id: AlertSource.ID, in transaction: any Transaction
    ) throws(StorageError) -> AlertSourceRecord? {
        try records(
            transaction.query("SELECT \(columns) FROM alert_sources s WHERE s.id = :id", ["id": .init(id)]),
            in: transaction
        ).first
    }

    /// One that the caller may see; `nil` otherwise.
    public static func find(
        _ id: AlertSource.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> AlertSourceRecord? {
        try list(scope: scope, extra: "AND s.id = \(id)", [:], Page(limit: 1), in: transaction).first
    }

    public static func find(
        name: String, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> AlertSourceRecord? {
        try list(scope: scope, extra: "AND s.name = :name", ["name": .text(name)], Page(limit: 1), in: transaction)
            .first
    }

    /// By name and id.
    public static func list(
        scope: Scope, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [AlertSourceRecord] {
        try list(scope: scope, extra: "", [:], page, in: transaction)
    }

    /// The names of up to ten sources that use a policy, by name.
    public static func names(
        using policy: EscalationPolicy.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> [String] {
        try list(
            scope: scope, extra: "AND s.escalation_policy_id = \(policy)", [:], Page(limit: 10), in: transaction
        ).map(\.name)
    }

    /// How many open alerts each source has, by status; sources without any are missing.
    public static func openCounts(
        account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> [AlertSource.ID: [AlertStatus: Int]] {
        let rows = try transaction.query(
            """
            SELECT alert_source_id, status, count(*) AS count FROM alerts
            WHERE status <> 'resolved' AND account_id = :account
            GROUP BY alert_source_id, status ORDER BY alert_source_id, status LIMIT 100000
            """,
            ["account": .init(account)])
        var counts: [AlertSource.ID: [AlertStatus: Int]] = [:]
        for row in rows {
            counts[try row.id("alert_source_id"), default: [:]][try row.name("status")] = try row.int("count")
        }
        return counts
    }

    /// How many open alerts one source has, by status.
    public static func openCounts(
        of source: AlertSource.ID, in transaction: any Transaction
    ) throws(StorageError) -> [AlertStatus: Int] {
        let rows = try transaction.query(
            """
            SELECT status, count(*) AS count FROM alerts WHERE status <> 'resolved' AND alert_source_id = :source
            GROUP BY status ORDER BY status LIMIT 10
            """,
            ["source": .init(source)])
        var counts: [AlertStatus: Int] = [:]
        for row in rows { counts[try row.name("status")] = try row.int("count") }
        return counts
    }

    static func prefix(of key: String) -> String { AlertSourceRecord.keyPrefix(of: key) ?? key }

    private static func list(
        scope: Scope, extra: String, _ arguments: Arguments, _ page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [AlertSourceRecord] {
        let all = arguments.with(scope, page)
        return try records(
            transaction.query(
                """
                SELECT \(columns) FROM alert_sources s
                WHERE s.account_id = :account \(extra) \(scope.sourceCondition("s.id"))
                ORDER BY s.name, s.id LIMIT :limit OFFSET :offset
                """,
                all), in: transaction)
    }

    private static let teamLinks = LinkTable<AlertSource, Team>(
        "alert_source_teams", owner: "alert_source_id", member: "team_id", limit: 10_000)

    private static func records(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [AlertSourceRecord] {
        var sources = try rows.map(record)
        try teamLinks.read(into: &sources, id: \.id, \.teams, in: transaction)
        return sources
    }

    private static func record(_ row: Row) throws(StorageError) -> AlertSourceRecord {
        let mapping: JSONValue? =
            if let text = try row.optionalText("mapping") { try JSONColumn.value(of: text, "mapping") } else { nil }
        return AlertSourceRecord(
            id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"),
            integrationType: try row.text("integration_type"), integrationKey: try row.text("integration_key"),
            policy: try row.id("escalation_policy_id"), isActive: try row.bool("is_active"),
            alertCreation: try row.text("alert_creation"),
            groupingWindow: try row.optionalInteger("grouping_window_ms").map { .milliseconds($0) },
            autoResolution: try row.optionalInteger("auto_resolution_ms").map { .milliseconds($0) },
            priorityRule: try row.text("priority_rule"),
            severity: try row.optionalInteger("severity").map(Int.init), mapping: mapping,
            fields: try JSONColumn.value(of: row.text("fields"), "fields"),
            createdAt: try row.time("created_at_ms"), updatedAt: try row.time("updated_at_ms"))
    }
}
