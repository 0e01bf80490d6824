public import Alerting

/// Something that is offered to others and that they rely on.
public struct ServiceRecord: Equatable, Sendable {
    public typealias ID = Identifier<ServiceRecord>

    public var id: ID
    public var account: Account.ID
    public var name: String
    /// `nil`: none. Unique in the account, whatever its case.
    public var alias: String?
    public var details: String
    public var status: ServiceStatus
    /// What people said last; alerts may hold another status.
    public var ownStatus: ServiceStatus
    public var hasOneOpenIncidentOnly: Bool
    /// Whether status pages show how it was.
    public var showsUptimeHistory: Bool
    /// `labels`, `links` and `iconUrl` as they were sent; an object.
    public var fields: JSONValue
    /// By id.
    public var teams: [Team.ID]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: ID, account: Account.ID, name: String, alias: String? = nil, details: String = "",
        status: ServiceStatus = .operational, ownStatus: ServiceStatus? = nil, hasOneOpenIncidentOnly: Bool = false,
        showsUptimeHistory: Bool = true, fields: JSONValue = .object([:]), teams: [Team.ID] = [],
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.alias = alias
        self.details = details
        self.status = status
        self.ownStatus = ownStatus ?? status
        self.hasOneOpenIncidentOnly = hasOneOpenIncidentOnly
        self.showsUptimeHistory = showsUptimeHistory
        self.fields = fields
        self.teams = teams
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// The `services` table with its teams.
public enum Services {
    private static let columns = """
        v.id, v.account_id, v.name, v.alias, v.description, v.status, v.own_status, v.one_open_incident_only, \
        v.shows_uptime_history, v.fields, v.created_at_ms, v.updated_at_ms
        """

    public static func insert(_ service: ServiceRecord, in transaction: any Transaction) throws(StorageError) {
        var arguments = settings(of: service)
        arguments.add("account", .init(service.account))
        arguments.add("status", .init(service.status))
        arguments.add("own", .init(service.ownStatus))
        arguments.add("created", .init(service.createdAt))
        try transaction.execute(
            """
            INSERT INTO services (id, account_id, name, alias, alias_folded, description, status, own_status,
                one_open_incident_only, shows_uptime_history, fields, created_at_ms, updated_at_ms)
            VALUES (:id, :account, :name, :alias, :folded, :details, :status, :own, :one_only, :shows_history, :fields,
                :created, :updated)
            """, arguments)
        try teamLinks.set(service.teams, of: service.id, in: transaction)
    }

    /// Writes what people set, but for the status.
    public static func update(_ service: ServiceRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE services SET name = :name, alias = :alias, alias_folded = :folded, description = :details,
                one_open_incident_only = :one_only, shows_uptime_history = :shows_history, fields = :fields,
                updated_at_ms = :updated
            WHERE id = :id
            """, settings(of: service))
        try teamLinks.set(service.teams, of: service.id, in: transaction)
    }

    private static func settings(of service: ServiceRecord) -> Arguments {
        [
            "id": .init(service.id), "name": .text(service.name), "alias": .init(service.alias),
            "folded": .init(service.alias?.lowercased()), "details": .text(service.details),
            "one_only": .init(service.hasOneOpenIncidentOnly), "shows_history": .init(service.showsUptimeHistory),
            "fields": .text(JSONColumn.text(of: service.fields)), "updated": .init(service.updatedAt),
        ]
    }

    /// - Returns: `false` when the service did not have the status `old` any more.
    public static func setStatus(
        _ status: ServiceStatus, own: ServiceStatus, of id: ServiceRecord.ID, was old: ServiceStatus,
        in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            "UPDATE services SET status = :new, own_status = :own WHERE id = :id AND status = :old RETURNING id",
            ["new": .init(status), "own": .init(own), "id": .init(id), "old": .init(old)]
        ).isEmpty
    }

    public static func delete(_ id: ServiceRecord.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM services WHERE id = :id", ["id": .init(id)])
    }

    /// Whatever its teams; for the engine.
    public static func find(
        _ id: ServiceRecord.ID, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> ServiceRecord? {
        try list([id], account: account, in: transaction).first
    }

    /// Those that are there, whatever their teams, by name.
    public static func list(
        _ ids: [ServiceRecord.ID], account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> [ServiceRecord] {
        guard !ids.isEmpty else { return [] }
        var arguments: Arguments = ["account": .init(account)]
        let wanted = arguments.list(ids, as: "service")
        return try records(
            transaction.query(
                """
                SELECT \(columns) FROM services v WHERE v.account_id = :account AND v.id IN (\(wanted))
                ORDER BY v.name, v.id LIMIT 1000
                """, arguments), in: transaction)
    }

    /// One that the caller may see; `nil` otherwise.
    public static func find(
        _ id: ServiceRecord.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> ServiceRecord? {
        try list("AND v.id = \(id)", [:], scope, Page(limit: 1), in: transaction).first
    }

    public static func find(
        name: String, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> ServiceRecord? {
        try list("AND v.name = :name", ["name": .text(name)], scope, Page(limit: 1), in: transaction).first
    }

    /// Whoever may see it: an alias is taken for all.
    public static func holder(
        ofAlias alias: String, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> ServiceRecord.ID? {
        try transaction.query(
            "SELECT id FROM services WHERE account_id = :account AND alias_folded = :alias",
            ["account": .init(account), "alias": .text(alias.lowercased())]
        ).first?.id("id")
    }

    /// By name and id.
    public static func list(
        scope: Scope, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [ServiceRecord] {
        try list("", [:], scope, page, in: transaction)
    }

    private static func list(
        _ extra: String, _ arguments: Arguments, _ scope: Scope, _ page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [ServiceRecord] {
        let all = arguments.with(scope, page)
        return try records(
            transaction.query(
                """
                SELECT \(columns) FROM services v
                WHERE v.account_id = :account \(extra) \(scope.serviceCondition("v.id"))
                ORDER BY v.name, v.id LIMIT :limit OFFSET :offset
                """, all), in: transaction)
    }

    private static let teamLinks = LinkTable<ServiceRecord, Team>(
        "service_teams", owner: "service_id", member: "team_id")

    private static func records(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [ServiceRecord] {
        var records: [ServiceRecord] = []
        for row in rows {
            records.append(
                ServiceRecord(
                    id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"),
                    alias: try row.optionalText("alias"), details: try row.text("description"),
                    status: try row.name("status"), ownStatus: try row.name("own_status"),
                    hasOneOpenIncidentOnly: try row.bool("one_open_incident_only"),
                    showsUptimeHistory: try row.bool("shows_uptime_history"),
                    fields: try JSONColumn.value(of: row.text("fields"), "fields"),
                    createdAt: try row.time("created_at_ms"), updatedAt: try row.time("updated_at_ms")))
        }
        try teamLinks.read(into: &records, id: \.id, \.teams, in: transaction)
        return records
    }
}
