public import Alerting

/// One event that came to an event flow, and where it went.
public struct EventFlowEvent: Equatable, Sendable {
    public typealias ID = Identifier<EventFlowEvent>

    public enum Outcome: String, Sendable, CaseIterable {
        case routed, waiting, dropped, unreadable
        /// It had waited.
        case resumed
        /// The alert source that it was to go to is gone.
        case sourceGone = "source_gone"

        /// One sentence.
        public var sentence: String {
            switch self {
            case .routed: "Routed to an alert source."
            case .waiting: "Waits at a node."
            case .dropped: "Dropped: no way led to an alert source."
            case .unreadable: "Could not be read."
            case .resumed: "Waited, and was then routed to an alert source."
            case .sourceGone: "Lost: the alert source that it was to go to is gone."
            }
        }
    }

    public var id: ID
    public var flow: EventFlow.ID
    public var receivedAt: Timestamp
    public var integrationType: String
    public var method: String
    public var path: String
    public var query: String
    /// A JSON object of name to value, without secrets.
    public var headers: String
    /// Empty for the second and later events of a request, and for what had waited.
    public var body: [UInt8]
    public var kind: AlertEvent.Kind?
    public var key: String?
    public var summary: String
    public var outcome: Outcome
    /// The intake's, or why it could not be read.
    public var reason: String?
    /// What each node did: a JSON list of `[number, name, sentence]`.
    public var trace: String
    public var source: AlertSource.ID?
    public var alert: Alert.ID?

    public init(
        id: ID, flow: EventFlow.ID, receivedAt: Timestamp, integrationType: String, method: String = "",
        path: String = "", query: String = "", headers: String = "{}", body: [UInt8] = [],
        kind: AlertEvent.Kind? = nil, key: String? = nil, summary: String = "", outcome: Outcome,
        reason: String? = nil, trace: String = "[]", source: AlertSource.ID? = nil, alert: Alert.ID? = nil
    ) {
        self.id = id
        self.flow = flow
        self.receivedAt = receivedAt
        self.integrationType = integrationType
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.kind = kind
        self.key = key
        self.summary = summary
        self.outcome = outcome
        self.reason = reason
        self.trace = trace
        self.source = source
        self.alert = alert
    }
}

/// The `event_flow_events` table.
public enum EventFlowLog {
    private static let columns = """
        e.id, e.event_flow_id, e.received_at_ms, e.integration_type, e.method, e.path, e.query, e.headers, e.body, \
        e.kind, e.alert_key, e.summary, e.outcome, e.reason, e.trace, e.alert_source_id, e.alert_id
        """

    public static func insert(_ event: EventFlowEvent, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO event_flow_events (id, event_flow_id, received_at_ms, integration_type, method, path, query,
                headers, body, kind, alert_key, summary, outcome, reason, trace, alert_source_id, alert_id)
            VALUES (:id, :flow, :received, :type, :method, :path, :query, :headers, :body, :kind, :key, :summary,
                :outcome, :reason, :trace, :source, :alert)
            """,
            [
                "id": .init(event.id), "flow": .init(event.flow), "received": .init(event.receivedAt),
                "type": .text(event.integrationType), "method": .text(event.method), "path": .text(event.path),
                "query": .text(event.query), "headers": .text(event.headers), "body": .blob(event.body),
                "kind": .init(event.kind), "key": .init(event.key), "summary": .text(event.summary),
                "outcome": .init(event.outcome), "reason": .init(event.reason), "trace": .text(event.trace),
                "source": .init(event.source), "alert": .init(event.alert),
            ])
    }

    /// A flow's, newest first.
    public static func list(
        flow: EventFlow.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [EventFlowEvent] {
        try transaction.query(
            """
            SELECT \(columns) FROM event_flow_events e WHERE e.event_flow_id = :flow ORDER BY e.id DESC LIMIT :limit
            """,
            ["flow": .init(flow), "limit": .init(limit)]
        ).map(event)
    }

    /// - Returns: `nil` when it is another flow's or was forgotten.
    public static func find(
        _ id: EventFlowEvent.ID, flow: EventFlow.ID, in transaction: any Transaction
    ) throws(StorageError) -> EventFlowEvent? {
        try transaction.query(
            "SELECT \(columns) FROM event_flow_events e WHERE e.id = :id AND e.event_flow_id = :flow",
            ["id": .init(id), "flow": .init(flow)]
        ).first.map(event)
    }

    /// Forgets up to `limit` events from before `time`, and as many of flows that have more than `keeping`.
    ///
    /// - Returns: how many.
    public static func prune(
        before time: Timestamp, keeping: Int, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        var forgotten = try transaction.query(
            """
            DELETE FROM event_flow_events WHERE id IN (SELECT id FROM event_flow_events
                WHERE received_at_ms < :time ORDER BY id LIMIT :limit) RETURNING id
            """,
            ["time": .init(time), "limit": .init(limit)]
        ).count
        let full = try transaction.query(
            """
            SELECT event_flow_id FROM event_flow_events GROUP BY event_flow_id HAVING count(*) > :keeping
            ORDER BY event_flow_id LIMIT 100
            """,
            ["keeping": .init(keeping)])
        for row in full {
            let flow: EventFlow.ID = try row.id("event_flow_id")
            forgotten += try transaction.query(
                """
                DELETE FROM event_flow_events WHERE id IN (SELECT id FROM event_flow_events
                    WHERE event_flow_id = :flow AND id <= (SELECT id FROM event_flow_events WHERE event_flow_id = :flow
                        ORDER BY id DESC LIMIT 1 OFFSET :keeping) ORDER BY id LIMIT :limit) RETURNING id
                """,
                ["flow": .init(flow), "keeping": .init(keeping), "limit": .init(limit)]
            ).count
        }
        return forgotten
    }

    private static func event(_ row: Row) throws(StorageError) -> EventFlowEvent {
        EventFlowEvent(
            id: try row.id("id"), flow: try row.id("event_flow_id"), receivedAt: try row.time("received_at_ms"),
            integrationType: try row.text("integration_type"), method: try row.text("method"),
            path: try row.text("path"), query: try row.text("query"), headers: try row.text("headers"),
            body: try row.blob("body"), kind: try row.optionalName("kind"), key: try row.optionalText("alert_key"),
            summary: try row.text("summary"), outcome: try row.name("outcome"),
            reason: try row.optionalText("reason"), trace: try row.text("trace"),
            source: try row.optionalID("alert_source_id"), alert: try row.optionalID("alert_id"))
    }
}
