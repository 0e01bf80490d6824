public import Alerting

/// An account at another service, which alert actions use.
public struct ConnectorRecord: Equatable, Sendable {
    public typealias ID = Identifier<ConnectorRecord>

    public var id: ID
    public var account: Account.ID
    public var name: String
    /// As on the wire, such as `jira`.
    public var kind: String
    /// Addresses and secrets; never logged.
    public var params: JSONValue
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: ID, account: Account.ID, name: String, kind: String, params: JSONValue, createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.name = name
        self.kind = kind
        self.params = params
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// The `connectors` table.
public enum Connectors {
    private static let columns = "c.id, c.account_id, c.name, c.kind, c.params, c.created_at_ms, c.updated_at_ms"

    public static func insert(_ connector: ConnectorRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO connectors (id, account_id, name, kind, params, created_at_ms, updated_at_ms)
            VALUES (:id, :account, :name, :kind, :params, :created_at, :updated_at)
            """,
            [
                "id": .init(connector.id), "account": .init(connector.account), "name": .text(connector.name),
                "kind": .text(connector.kind), "params": .text(JSONColumn.text(of: connector.params)),
                "created_at": .init(connector.createdAt), "updated_at": .init(connector.updatedAt),
            ])
    }

    /// Writes name, kind and params.
    public static func update(_ connector: ConnectorRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE connectors SET name = :name, kind = :kind, params = :params, updated_at_ms = :updated_at
            WHERE id = :id
            """,
            [
                "name": .text(connector.name), "kind": .text(connector.kind),
                "params": .text(JSONColumn.text(of: connector.params)), "updated_at": .init(connector.updatedAt),
                "id": .init(connector.id),
            ])
    }

    /// - Throws: `StorageError.conflict` while alert actions use it.
    public static func delete(_ id: ConnectorRecord.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM connectors WHERE id = :id", ["id": .init(id)])
    }

    public static func find(
        _ id: ConnectorRecord.ID, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> ConnectorRecord? {
        try transaction.query(
            "SELECT \(columns) FROM connectors c WHERE c.id = :id AND c.account_id = :account",
            ["id": .init(id), "account": .init(account)]
        ).first.map(record)
    }

    /// Whatever its account; for requests that prove by a signature where they come from.
    public static func find(
        _ id: ConnectorRecord.ID, in transaction: any Transaction
    ) throws(StorageError) -> ConnectorRecord? {
        try transaction.query("SELECT \(columns) FROM connectors c WHERE c.id = :id", ["id": .init(id)])
            .first.map(record)
    }

    public static func find(
        name: String, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> ConnectorRecord? {
        try transaction.query(
            """
            SELECT \(columns) FROM connectors c WHERE c.name = :name AND c.account_id = :account ORDER BY c.id LIMIT 1
            """,
            ["name": .text(name), "account": .init(account)]
        ).first.map(record)
    }

    /// By name and id.
    public static func list(
        account: Account.ID, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [ConnectorRecord] {
        try transaction.query(
            """
            SELECT \(columns) FROM connectors c WHERE c.account_id = :account
            ORDER BY c.name, c.id LIMIT :limit OFFSET :offset
            """,
            ["account": .init(account), "limit": .init(page.limit), "offset": .init(page.offset)]
        ).map(record)
    }

    private static func record(_ row: Row) throws(StorageError) -> ConnectorRecord {
        ConnectorRecord(
            id: try row.id("id"), account: try row.id("account_id"), name: try row.text("name"),
            kind: try row.text("kind"), params: try JSONColumn.value(of: row.text("params"), "params"),
            createdAt: try row.time("created_at_ms"), updatedAt: try row.time("updated_at_ms"))
    }
}
