public import Alerting

public struct EventFlowRecord: Equatable, Sendable {
    public var id: EventFlow.ID
    public var account: Account.ID
    public var name: String
    /// The tree as on the wire, numbered; its ids of nodes are those of `EventFlow`.
    public var root: JSONValue
    /// By id.
    public var teams: [Team.ID]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: EventFlow.ID, account: Account.ID, name: String, root: JSONValue, teams: [Team.ID] = [],
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.root = root
        self.teams = teams
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// The `event_flows` table, its teams, and what flows refer to.
public enum EventFlows {
    /// What a node may name.
    public enum Reference: String, Sendable {
        case source, policy
        case hours = "support_hours"
    }

    private static let columns = "f.id, f.account_id, f.name, f.root, f.created_at_ms, f.updated_at_ms"

    public static func insert(_ flow: EventFlowRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO event_flows (id, account_id, name, root, created_at_ms, updated_at_ms)
            VALUES (:id, :account, :name, :root, :created_at, :updated_at)
            """,
            [
                "id": .init(flow.id), "account": .init(flow.account), "name": .text(flow.name),
                "root": .text(JSONColumn.text(of: flow.root)), "created_at": .init(flow.createdAt),
                "updated_at": .init(flow.updatedAt),
            ])
        try teamLinks.set(flow.teams, of: flow.id, in: transaction)
    }

    /// Writes all but id, account and time of creation.
    public static func update(_ flow: EventFlowRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            "UPDATE event_flows SET name = :name, root = :root, updated_at_ms = :updated_at WHERE id = :id",
            [
                "name": .text(flow.name), "root": .text(JSONColumn.text(of: flow.root)),
                "updated_at": .init(flow.updatedAt), "id": .init(flow.id),
            ])
        try teamLinks.set(flow.teams, of: flow.id, in: transaction)
    }

    /// Removes the flow with its keys, its record and what waits in it.
    public static func delete(_ id: EventFlow.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM event_flows WHERE id = :id", ["id": .init(id)])
    }

    /// Notes what the flow's nodes name.
    public static func setReferences(
        _ references: [(Reference, Int64)], of id: EventFlow.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute("DELETE FROM event_flow_references WHERE event_flow_id = :id", ["id": .init(id)])
        for (kind, reference) in references {
            try transaction.execute(
                """
                INSERT INTO event_flow_references (event_flow_id, kind, reference_id) VALUES (:id, :kind, :reference)
                ON CONFLICT (event_flow_id, kind, reference_id) DO NOTHING
                """,
                ["id": .init(id), "kind": .init(kind), "reference": .integer(reference)])
        }
    }

    /// The names of up to ten flows that name a thing, by name.
    public static func users(
        of kind: Reference, _ reference: Int64, in transaction: any Transaction
    ) throws(StorageError) -> [String] {
        try transaction.query(
            """
            SELECT f.name FROM event_flow_references r JOIN event_flows f ON f.id = r.event_flow_id
            WHERE r.kind = :kind AND r.reference_id = :reference ORDER BY f.name, f.id LIMIT 10
            """,
            ["kind": .init(kind), "reference": .integer(reference)]
        ).map { row throws(StorageError) in try row.text("name") }
    }

    /// Whatever its teams; for the engine.
    public static func find(
        _ id: EventFlow.ID, in transaction: any Transaction
    ) throws(StorageError) -> EventFlowRecord? {
        try records(
            transaction.query("SELECT \(columns) FROM event_flows f WHERE f.id = :id", ["id": .init(id)]),
            in: transaction
        ).first
    }

    /// One that the caller may see; `nil` otherwise.
    public static func find(
        _ id: EventFlow.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> EventFlowRecord? {
        try list(scope: scope, extra: "AND f.id = \(id)", [:], Page(limit: 1), in: transaction).first
    }

    public static func find(
        name: String, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> EventFlowRecord? {
        try list(scope: scope, extra: "AND f.name = :name", ["name": .text(name)], Page(limit: 1), in: transaction)
            .first
    }

    /// By name and id.
    public static func list(
        scope: Scope, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [EventFlowRecord] {
        try list(scope: scope, extra: "", [:], page, in: transaction)
    }

    private static func list(
        scope: Scope, extra: String, _ arguments: Arguments, _ page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [EventFlowRecord] {
        let all = arguments.with(scope, page)
        return try records(
            transaction.query(
                """
                SELECT \(columns) FROM event_flows f
                WHERE f.account_id = :account \(extra) \(scope.eventFlowCondition("f.id"))
                ORDER BY f.name, f.id LIMIT :limit OFFSET :offset
                """, all), in: transaction)
    }

    private static let teamLinks = LinkTable<EventFlow, Team>(
        "event_flow_teams", owner: "event_flow_id", member: "team_id", limit: 10_000)

    private static func records(
        _ rows: [Row], in transaction: any Transaction
    ) throws(StorageError) -> [EventFlowRecord] {
        var records = try rows.map(record)
        try teamLinks.read(into: &records, id: \.id, \.teams, in: transaction)
        return records
    }

    private static func record(_ row: Row) throws(StorageError) -> EventFlowRecord {
        EventFlowRecord(
            id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"),
            root: try JSONColumn.value(of: row.text("root"), "root"), createdAt: try row.time("created_at_ms"),
            updatedAt: try row.time("updated_at_ms"))
    }
}
