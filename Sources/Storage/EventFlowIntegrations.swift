public import Alerting

/// One way into an event flow: a key, and the format that comes under it.
public struct EventFlowIntegration: Equatable, Sendable {
    public typealias ID = Identifier<EventFlowIntegration>

    public var id: ID
    public var flow: EventFlow.ID
    /// As on the wire, such as `PROMETHEUS`.
    public var type: String
    public var key: String
    public var createdAt: Timestamp

    public init(id: ID, flow: EventFlow.ID, type: String, key: String, createdAt: Timestamp) {
        self.id = id
        self.flow = flow
        self.type = type
        self.key = key
        self.createdAt = createdAt
    }
}

/// The `event_flow_integrations` table.
public enum EventFlowIntegrations {
    private static let columns = "i.id, i.event_flow_id, i.integration_type, i.integration_key, i.created_at_ms"

    public static func insert(
        _ integration: EventFlowIntegration, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO event_flow_integrations (id, event_flow_id, integration_type, integration_key, key_prefix,
                created_at_ms)
            VALUES (:id, :flow, :type, :key, :prefix, :created_at)
            """,
            [
                "id": .init(integration.id), "flow": .init(integration.flow), "type": .text(integration.type),
                "key": .text(integration.key),
                "prefix": .text(String(integration.key.prefix(AlertSourceRecord.keyPrefixLength))),
                "created_at": .init(integration.createdAt),
            ])
    }

    public static func delete(_ id: EventFlowIntegration.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM event_flow_integrations WHERE id = :id", ["id": .init(id)])
    }

    public static func find(
        keyPrefix: String, in transaction: any Transaction
    ) throws(StorageError) -> EventFlowIntegration? {
        try transaction.query(
            "SELECT \(columns) FROM event_flow_integrations i WHERE i.key_prefix = :prefix",
            ["prefix": .text(keyPrefix)]
        ).first.map(integration)
    }

    /// One of a flow that the caller may see; `nil` otherwise.
    public static func find(
        _ id: EventFlowIntegration.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> EventFlowIntegration? {
        try list(flow: nil, extra: "AND i.id = \(id)", scope: scope, page: Page(limit: 1), in: transaction).first
    }

    /// By id.
    ///
    /// - Parameter flow: `nil`: of all flows that the caller may see.
    public static func list(
        flow: EventFlow.ID?, scope: Scope, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [EventFlowIntegration] {
        try list(flow: flow, extra: "", scope: scope, page: page, in: transaction)
    }

    private static func list(
        flow: EventFlow.ID?, extra: String, scope: Scope, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [EventFlowIntegration] {
        let ofFlow = flow.map { "AND f.id = \($0)" } ?? ""
        return try transaction.query(
            """
            SELECT \(columns) FROM event_flow_integrations i JOIN event_flows f ON f.id = i.event_flow_id
            WHERE f.account_id = :account \(ofFlow) \(extra) \(scope.eventFlowCondition("f.id"))
            ORDER BY i.id LIMIT :limit OFFSET :offset
            """,
            ["account": .init(scope.account), "limit": .init(page.limit), "offset": .init(page.offset)]
        ).map(integration)
    }

    private static func integration(_ row: Row) throws(StorageError) -> EventFlowIntegration {
        EventFlowIntegration(
            id: try row.id("id"), flow: try row.id("event_flow_id"), type: try row.text("integration_type"),
            key: try row.text("integration_key"), createdAt: try row.time("created_at_ms"))
    }
}
