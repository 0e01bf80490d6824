public import Alerting

/// What is done outside when something happens to an alert.
public struct AlertActionRecord: Equatable, Sendable {
    public typealias ID = Identifier<AlertActionRecord>

    public var id: ID
    public var account: Account.ID
    public var name: String
    public var connector: ConnectorRecord.ID?
    /// As on the wire, such as `webhook`.
    public var kind: String
    /// Done by a person's press of a button only.
    public var isManual: Bool
    /// As they were sent; empty: the usual ones.
    public var triggers: [AlertTrigger]
    public var escalationEndedDelay: Duration
    public var notResolvedDelay: Duration
    public var params: JSONValue
    public var conditions: String?
    public var filter: JSONValue?
    /// By id; empty: those of its teams, and without teams all of the account.
    public var sources: [AlertSource.ID]
    /// By id.
    public var teams: [Team.ID]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: ID, account: Account.ID, name: String, connector: ConnectorRecord.ID? = nil, kind: String,
        isManual: Bool = false, triggers: [AlertTrigger] = [], escalationEndedDelay: Duration = .zero,
        notResolvedDelay: Duration = .zero, params: JSONValue = .object([:]), conditions: String? = nil,
        filter: JSONValue? = nil, sources: [AlertSource.ID] = [], teams: [Team.ID] = [], createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.connector = connector
        self.kind = kind
        self.isManual = isManual
        self.triggers = triggers
        self.escalationEndedDelay = escalationEndedDelay
        self.notResolvedDelay = notResolvedDelay
        self.params = params
        self.conditions = conditions
        self.filter = filter
        self.sources = sources
        self.teams = teams
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// What sets it off.
    public var activeTriggers: [AlertTrigger] {
        if isManual { return [] }
        if kind == "automation_rule" { return [Self.automationTrigger(params)].compactMap(\.self) }
        return triggers.isEmpty ? AlertTrigger.usual : triggers
    }

    /// What sets an action off that changes services: its settings say so, not its triggers.
    public static func automationTrigger(_ params: JSONValue) -> AlertTrigger? {
        switch params["alertType"]?.string?.uppercased() {
        case "CREATED": .created
        case "ACCEPTED": .acknowledged
        default: nil
        }
    }
}

/// The `alert_actions` table with its triggers, sources and teams.
public enum AlertActions {
    private static let columns = """
        x.id, x.account_id, x.name, x.connector_id, x.connector_kind, x.is_manual, x.trigger_names, \
        x.escalation_ended_ms, x.not_resolved_ms, x.params, x.conditions, x.alert_filter, x.created_at_ms, \
        x.updated_at_ms
        """

    public static func insert(_ action: AlertActionRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO alert_actions (id, account_id, name, connector_id, connector_kind, is_manual, trigger_names,
                escalation_ended_ms, not_resolved_ms, params, conditions, alert_filter, has_sources, has_teams,
                created_at_ms, updated_at_ms)
            VALUES (:id, :account, :name, :connector, :kind, :is_manual, :triggers, :escalation_ended, :not_resolved,
                :params, :conditions, :filter, :has_sources, :has_teams, :created_at, :updated_at)
            """, arguments(of: action, isNew: true))
        try setLinks(of: action, in: transaction)
    }

    /// Writes all but id, account and time of creation.
    public static func update(_ action: AlertActionRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE alert_actions SET name = :name, connector_id = :connector, connector_kind = :kind,
                is_manual = :is_manual, trigger_names = :triggers, escalation_ended_ms = :escalation_ended,
                not_resolved_ms = :not_resolved, params = :params, conditions = :conditions, alert_filter = :filter,
                has_sources = :has_sources, has_teams = :has_teams, updated_at_ms = :updated_at
            WHERE id = :id
            """, arguments(of: action, isNew: false))
        try setLinks(of: action, in: transaction)
    }

    /// Removes the action with its runs.
    public static func delete(_ id: AlertActionRecord.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM alert_actions WHERE id = :id", ["id": .init(id)])
    }

    /// Whatever its teams; for the engine.
    public static func find(
        _ id: AlertActionRecord.ID, in transaction: any Transaction
    ) throws(StorageError) -> AlertActionRecord? {
        try records(
            transaction.query("SELECT \(columns) FROM alert_actions x WHERE x.id = :id", ["id": .init(id)]),
            in: transaction
        ).first
    }

    /// One that the caller may see; `nil` otherwise.
    public static func find(
        _ id: AlertActionRecord.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> AlertActionRecord? {
        try list("AND x.id = \(id)", [:], scope, Page(limit: 1), in: transaction).first
    }

    public static func find(
        name: String, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> AlertActionRecord? {
        try list("AND x.name = :name", ["name": .text(name)], scope, Page(limit: 1), in: transaction).first
    }

    /// By name and id.
    ///
    /// - Parameters:
    ///   - source: only those that name it.
    ///   - connector: only those that use it.
    public static func list(
        source: AlertSource.ID? = nil, connector: ConnectorRecord.ID? = nil, scope: Scope, page: Page,
        in transaction: any Transaction
    ) throws(StorageError) -> [AlertActionRecord] {
        var extra = connector.map { "AND x.connector_id = \($0)" } ?? ""
        if let source {
            extra += """
                 AND EXISTS (SELECT 1 FROM alert_action_sources s
                    WHERE s.alert_action_id = x.id AND s.alert_source_id = \(source))
                """
        }
        return try list(extra, [:], scope, page, in: transaction)
    }

    /// The manual actions that an alert of a source may be passed on by, by name and id.
    public static func manual(
        for source: AlertSource.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> [AlertActionRecord] {
        try list(
            "AND x.is_manual = 1 AND \(AlertActionRuns.applies(to: "\(source)"))", [:], scope, Page(limit: 100),
            in: transaction)
    }

    private static func list(
        _ extra: String, _ arguments: Arguments, _ scope: Scope, _ page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [AlertActionRecord] {
        let all = arguments.with(scope, page)
        return try records(
            transaction.query(
                """
                SELECT \(columns) FROM alert_actions x
                WHERE x.account_id = :account \(extra) \(scope.alertActionCondition("x.id"))
                ORDER BY x.name, x.id LIMIT :limit OFFSET :offset
                """, all), in: transaction)
    }

    private static func arguments(of action: AlertActionRecord, isNew: Bool) -> Arguments {
        var arguments: Arguments = [
            "id": .init(action.id), "name": .text(action.name), "connector": .init(action.connector),
            "kind": .text(action.kind), "is_manual": .init(action.isManual),
            "triggers": .text(
                JSONColumn.text(of: .array(action.triggers.map { JSONValue.string($0.rawValue) }))),
            "escalation_ended": .init(action.escalationEndedDelay), "not_resolved": .init(action.notResolvedDelay),
            "params": .text(JSONColumn.text(of: action.params)), "conditions": .init(action.conditions),
            "filter": .init(action.filter.map(JSONColumn.text)), "has_sources": .init(!action.sources.isEmpty),
            "has_teams": .init(!action.teams.isEmpty), "updated_at": .init(action.updatedAt),
        ]
        if isNew {
            arguments.add("account", .init(action.account))
            arguments.add("created_at", .init(action.createdAt))
        }
        return arguments
    }

    private static let sourceLinks = LinkTable<AlertActionRecord, AlertSource>(
        "alert_action_sources", owner: "alert_action_id", member: "alert_source_id")
    private static let teamLinks = LinkTable<AlertActionRecord, Team>(
        "alert_action_teams", owner: "alert_action_id", member: "team_id")

    private static func setLinks(
        of action: AlertActionRecord, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "DELETE FROM alert_action_triggers WHERE alert_action_id = :id", ["id": .init(action.id)])
        for trigger in Set(action.activeTriggers) {
            try transaction.execute(
                "INSERT INTO alert_action_triggers (trigger_name, alert_action_id) VALUES (:trigger, :id)",
                ["trigger": .init(trigger), "id": .init(action.id)])
        }
        try sourceLinks.set(action.sources, of: action.id, in: transaction)
        try teamLinks.set(action.teams, of: action.id, in: transaction)
    }

    private static func records(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [AlertActionRecord] {
        var records = try rows.map(record)
        try sourceLinks.read(into: &records, id: \.id, \.sources, in: transaction)
        try teamLinks.read(into: &records, id: \.id, \.teams, in: transaction)
        return records
    }

    private static func record(_ row: Row) throws(StorageError) -> AlertActionRecord {
        let names = try JSONColumn.value(of: row.text("trigger_names"), "trigger_names").array ?? []
        return AlertActionRecord(
            id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"),
            connector: try row.optionalID("connector_id"), kind: try row.text("connector_kind"),
            isManual: try row.bool("is_manual"), triggers: names.compactMap { $0.string.flatMap(AlertTrigger.init) },
            escalationEndedDelay: .milliseconds(try row.integer("escalation_ended_ms")),
            notResolvedDelay: .milliseconds(try row.integer("not_resolved_ms")),
            params: try JSONColumn.value(of: row.text("params"), "params"),
            conditions: try row.optionalText("conditions"),
            filter: try row.optionalText("alert_filter").map { text throws(StorageError) in
                try JSONColumn.value(of: text, "alert_filter")
            },
            createdAt: try row.time("created_at_ms"), updatedAt: try row.time("updated_at_ms"))
    }
}
