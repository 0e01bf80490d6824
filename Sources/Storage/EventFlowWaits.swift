public import Alerting

/// An event that is kept at a node of an event flow.
public struct EventFlowWait: Equatable, Sendable {
    public typealias ID = Identifier<EventFlowWait>

    public var id: ID
    public var flow: EventFlow.ID
    /// Of the flow's tree.
    public var node: Int64
    public var integrationType: String
    public var event: AlertEvent
    public var due: Timestamp
    public var createdAt: Timestamp

    public init(
        id: ID, flow: EventFlow.ID, node: Int64, integrationType: String, event: AlertEvent, due: Timestamp,
        createdAt: Timestamp
    ) {
        self.id = id
        self.flow = flow
        self.node = node
        self.integrationType = integrationType
        self.event = event
        self.due = due
        self.createdAt = createdAt
    }
}

/// The `event_flow_waits` table, and `event_flow_counters` beside it.
public enum EventFlowWaits {
    public static func insert(_ wait: EventFlowWait, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO event_flow_waits (id, event_flow_id, node_id, integration_type, event_key, event, due_at_ms,
                created_at_ms)
            VALUES (:id, :flow, :node, :type, :key, :event, :due, :created_at)
            """,
            [
                "id": .init(wait.id), "flow": .init(wait.flow), "node": .integer(wait.node),
                "type": .text(wait.integrationType),
                "key": .init(wait.event.alertKey.flatMap(AlertKey.init)?.folded),
                "event": .text(JSONColumn.text(of: wait.event.json)), "due": .init(wait.due),
                "created_at": .init(wait.createdAt),
            ])
    }

    /// How many events wait in a flow, counted up to `limit`.
    public static func count(
        in flow: EventFlow.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            """
            SELECT count(*) AS count FROM
                (SELECT id FROM event_flow_waits WHERE event_flow_id = :flow ORDER BY id LIMIT :limit) w
            """,
            ["flow": .init(flow), "limit": .init(limit)]
        ).first?.int("count") ?? 0
    }

    /// Forgets the waiting events of a key, which somebody takes care of or which is well again.
    ///
    /// - Returns: how many there were.
    public static func cancel(
        _ key: AlertKey, in flow: EventFlow.ID, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            "DELETE FROM event_flow_waits WHERE event_flow_id = :flow AND event_key = :key RETURNING id",
            ["flow": .init(flow), "key": .text(key.folded)]
        ).count
    }

    /// Removes and returns up to `limit` whose time has come, in the order of their instants. What follows is decided
    /// in the same transaction.
    public static func claimDue(
        at now: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [EventFlowWait] {
        try transaction.query(
            """
            DELETE FROM event_flow_waits WHERE due_at_ms <= :now AND id IN (
                SELECT id FROM event_flow_waits WHERE due_at_ms <= :now ORDER BY due_at_ms, id LIMIT :limit)
            RETURNING id, event_flow_id, node_id, integration_type, event, due_at_ms, created_at_ms
            """,
            ["now": .init(now), "limit": .init(limit)]
        ).map(wait).sorted { ($0.due, $0.id) < ($1.due, $1.id) }
    }

    public static func nextDue(in transaction: any Transaction) throws(StorageError) -> Timestamp? {
        try transaction.query("SELECT due_at_ms FROM event_flow_waits ORDER BY due_at_ms, id LIMIT 1", [:])
            .first?.time("due_at_ms")
    }

    private static func wait(_ row: Row) throws(StorageError) -> EventFlowWait {
        guard let event = AlertEvent(json: try JSONColumn.value(of: row.text("event"), "event")) else {
            throw .unreadable(column: "event")
        }
        return EventFlowWait(
            id: try row.id("id"), flow: try row.id("event_flow_id"), node: try row.integer("node_id"),
            integrationType: try row.text("integration_type"), event: event, due: try row.time("due_at_ms"),
            createdAt: try row.time("created_at_ms"))
    }

    // MARK: - Counters

    public static func counters(
        of flow: EventFlow.ID, in transaction: any Transaction
    ) throws(StorageError) -> ConditionCounters {
        var counters = ConditionCounters()
        for row in try transaction.query(
            """
            SELECT name, count, ends_at_ms FROM event_flow_counters WHERE event_flow_id = :flow
            ORDER BY name LIMIT 500
            """,
            ["flow": .init(flow)])
        {
            counters.windows[try row.text("name")] = .init(
                count: try row.int("count"), endsAt: try row.time("ends_at_ms"))
        }
        return counters
    }

    /// Writes what differs between `old` and `new`.
    public static func update(
        from old: ConditionCounters, to new: ConditionCounters, of flow: EventFlow.ID, in transaction: any Transaction
    ) throws(StorageError) {
        for (name, window) in new.windows where old.windows[name] != window {
            try transaction.execute(
                """
                INSERT INTO event_flow_counters (event_flow_id, name, count, ends_at_ms)
                VALUES (:flow, :name, :count, :ends)
                ON CONFLICT (event_flow_id, name)
                DO UPDATE SET count = excluded.count, ends_at_ms = excluded.ends_at_ms
                """,
                [
                    "flow": .init(flow), "name": .text(name), "count": .init(window.count),
                    "ends": .init(window.endsAt),
                ])
        }
        for name in old.windows.keys where new.windows[name] == nil {
            try transaction.execute(
                "DELETE FROM event_flow_counters WHERE event_flow_id = :flow AND name = :name",
                ["flow": .init(flow), "name": .text(name)])
        }
    }
}
