public import Alerting

/// One event of one request, with what was decided; the event explorer's line.
public struct StoredEvent: Equatable, Sendable {
    public var id: AlertEvent.ID
    /// The request's first event, which carries method to body; the others leave them empty.
    public var request: AlertEvent.ID
    public var source: AlertSource.ID
    public var receivedAt: Timestamp
    public var method: String
    public var path: String
    public var query: String
    /// A JSON object of name to value, without secrets.
    public var headers: String
    public var body: [UInt8]
    /// `nil` when the request had no event in it or could not be read.
    public var kind: AlertEvent.Kind?
    public var key: String?
    public var summary: String
    public var reason: IntakeReason
    /// What the reader says, such as why a body could not be read.
    public var explanation: String?
    public var alert: Alert.ID?
    /// What each stage of the intake said, as JSON (`IntakeTrace`).
    public var trace: String?

    public init(
        id: AlertEvent.ID, request: AlertEvent.ID, source: AlertSource.ID, receivedAt: Timestamp, method: String = "",
        path: String = "", query: String = "", headers: String = "{}", body: [UInt8] = [],
        kind: AlertEvent.Kind? = nil, key: String? = nil, summary: String = "", reason: IntakeReason,
        explanation: String? = nil, alert: Alert.ID? = nil, trace: String? = nil
    ) {
        self.id = id
        self.request = request
        self.source = source
        self.receivedAt = receivedAt
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.kind = kind
        self.key = key
        self.summary = summary
        self.reason = reason
        self.explanation = explanation
        self.alert = alert
        self.trace = trace
    }
}

/// The `events` table.
public enum EventLog {
    private static let columns = """
        e.id, e.request_id, e.alert_source_id, e.received_at_ms, e.method, e.path, e.query, e.headers, e.body, \
        e.kind, e.alert_key, e.summary, e.reason, e.explanation, e.alert_id, e.trace
        """

    public static func insert(_ event: StoredEvent, in transaction: any Transaction) throws(StorageError) {
        try transaction.gather(
            inserting,
            [
                "id": .init(event.id), "request_id": .init(event.request), "source": .init(event.source),
                "received": .init(event.receivedAt), "method": .text(event.method), "path": .text(event.path),
                "query": .text(event.query), "headers": .text(event.headers), "body": .blob(event.body),
                "kind": .init(event.kind), "key": .init(event.key), "summary": .text(event.summary),
                "reason": .init(event.reason), "explanation": .init(event.explanation), "alert": .init(event.alert),
                "trace": .init(event.trace),
            ])
    }

    private static let inserting = GatheredStatement(
        .events,
        """
        INSERT INTO events (id, request_id, alert_source_id, received_at_ms, method, path, query, headers, body,
            kind, alert_key, summary, reason, explanation, alert_id, trace)
        VALUES (:id, :request_id, :source, :received, :method, :path, :query, :headers, :body, :kind, :key,
            :summary, :reason, :explanation, :alert, :trace)
        """)

    /// A source's, newest first.
    ///
    /// - Parameters:
    ///   - before: only older ones; `nil`: from the newest on.
    ///   - times: when they were received; the end does not count.
    public static func list(
        source: AlertSource.ID, before: AlertEvent.ID? = nil, reason: IntakeReason? = nil,
        times: Range<Timestamp>? = nil, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [StoredEvent] {
        var arguments: Arguments = [
            "source": .init(source), "before": .init(before ?? .init(Int64.max)), "limit": .init(limit),
        ]
        var extra = ""
        if let reason { extra += " AND e.reason = '\(reason.rawValue)'" }
        if let times {
            extra += " AND e.received_at_ms >= :from AND e.received_at_ms < :until"
            arguments.add("from", .init(times.lowerBound))
            arguments.add("until", .init(times.upperBound))
        }
        return try transaction.query(
            """
            SELECT \(columns) FROM events e WHERE e.alert_source_id = :source AND e.id < :before \(extra)
            ORDER BY e.id DESC LIMIT :limit
            """,
            arguments
        ).map(stored)
    }

    /// The events of one request, in its order.
    ///
    /// - Parameter request: the request's first event.
    public static func list(
        request: AlertEvent.ID, source: AlertSource.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [StoredEvent] {
        // They were written together, so that their ids are near.
        try transaction.query(
            """
            SELECT \(columns) FROM events e
            WHERE e.alert_source_id = :source AND e.id >= :request AND e.id < :end AND e.request_id = :request
            ORDER BY e.id LIMIT :limit
            """,
            [
                "source": .init(source), "request": .init(request),
                "end": .init(AlertEvent.ID(request.rawValue + 20_000)), "limit": .init(limit),
            ]
        ).map(stored)
    }

    /// The events that touched an alert, newest first.
    public static func list(
        alert: Alert.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [StoredEvent] {
        try transaction.query(
            "SELECT \(columns) FROM events e WHERE e.alert_id = :alert ORDER BY e.id DESC LIMIT :limit",
            ["alert": .init(alert), "limit": .init(limit)]
        ).map(stored)
    }

    public static func find(
        _ id: AlertEvent.ID, source: AlertSource.ID, in transaction: any Transaction
    ) throws(StorageError) -> StoredEvent? {
        try transaction.query(
            "SELECT \(columns) FROM events e WHERE e.id = :id AND e.alert_source_id = :source",
            ["id": .init(id), "source": .init(source)]
        ).first.map(stored)
    }

    /// Sources that have more than `kept` events.
    public static func overfullSources(
        keeping kept: Int, in transaction: any Transaction
    ) throws(StorageError) -> [AlertSource.ID] {
        try transaction.query(
            """
            SELECT s.id FROM alert_sources s
            WHERE EXISTS (SELECT 1 FROM events e WHERE e.alert_source_id = s.id ORDER BY e.id LIMIT 1 OFFSET :kept)
            ORDER BY s.id LIMIT 100
            """,
            ["kept": .init(kept)]
        ).map { row throws(StorageError) in try row.id("id") }
    }

    /// Forgets up to `limit` events received before `time`, oldest first.
    ///
    /// - Returns: how many.
    public static func prune(
        before time: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            """
            DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT :limit)
              AND received_at_ms < :time
            RETURNING id
            """,
            ["time": .init(time), "limit": .init(limit)]
        ).count
    }

    /// Forgets up to `limit` of a source's events beyond its newest `kept`.
    ///
    /// - Returns: how many.
    public static func prune(
        source: AlertSource.ID, keeping kept: Int, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            """
            DELETE FROM events WHERE id IN (SELECT id FROM events WHERE alert_source_id = :source
                ORDER BY id DESC LIMIT :limit OFFSET :kept)
            RETURNING id
            """,
            ["source": .init(source), "kept": .init(kept), "limit": .init(limit)]
        ).count
    }

    private static func stored(_ row: Row) throws(StorageError) -> StoredEvent {
        StoredEvent(
            id: try row.id("id"), request: try row.id("request_id"), source: try row.id("alert_source_id"),
            receivedAt: try row.time("received_at_ms"), method: try row.text("method"), path: try row.text("path"),
            query: try row.text("query"), headers: try row.text("headers"), body: try row.blob("body"),
            kind: try row.optionalName("kind"), key: try row.optionalText("alert_key"),
            summary: try row.text("summary"), reason: try row.name("reason"),
            explanation: try row.optionalText("explanation"), alert: try row.optionalID("alert_id"),
            trace: try row.optionalText("trace"))
    }
}
