public import Alerting

/// Somewhere else that is told of monitors by a request.
public struct WebhookIntegration: Equatable, Sendable {
    public typealias ID = Identifier<WebhookIntegration>

    public enum Method: String, Sendable, CaseIterable {
        case get, post
    }

    public var id: ID
    public var account: Account.ID
    public var label: String
    public var url: String
    public var method: Method
    public var headers: [HTTPCheck.Header]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public init(
        id: ID, account: Account.ID, label: String, url: String, method: Method, headers: [HTTPCheck.Header] = [],
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.label = label
        self.url = url
        self.method = method
        self.headers = headers
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// One request that is to be sent, or was.
public struct WebhookDelivery: Equatable, Sendable {
    public typealias ID = Identifier<WebhookDelivery>

    public enum Status: String, Sendable, CaseIterable {
        case waiting, delivered, failed
    }

    public var id: ID
    public var integration: WebhookIntegration.ID
    public var body: String
    public var status: Status
    public var attempts: Int
    /// `nil` when it is over.
    public var due: Timestamp?
    public var httpStatus: Int?
    /// The beginning of what was answered.
    public var answer: String
    /// Why there was no answer.
    public var reason: String?
    public var createdAt: Timestamp
    public var triedAt: Timestamp?

    public init(
        id: ID, integration: WebhookIntegration.ID, body: String, status: Status = .waiting, attempts: Int = 0,
        due: Timestamp?, httpStatus: Int? = nil, answer: String = "", reason: String? = nil, createdAt: Timestamp,
        triedAt: Timestamp? = nil
    ) {
        self.id = id
        self.integration = integration
        self.body = body
        self.status = status
        self.attempts = attempts
        self.due = due
        self.httpStatus = httpStatus
        self.answer = answer
        self.reason = reason
        self.createdAt = createdAt
        self.triedAt = triedAt
    }
}

/// The `webhook_integrations` table.
public enum WebhookIntegrations {
    private static let columns =
        "w.id, w.account_id, w.label, w.url, w.method, w.headers, w.created_at_ms, w.updated_at_ms"

    public static func insert(_ webhook: WebhookIntegration, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO webhook_integrations (id, account_id, label, url, method, headers, created_at_ms, updated_at_ms)
            VALUES (:id, :account, :label, :url, :method, :headers, :created, :updated)
            """,
            [
                "id": .init(webhook.id), "account": .init(webhook.account), "label": .text(webhook.label),
                "url": .text(webhook.url), "method": .init(webhook.method),
                "headers": .text(JSONColumn.text(of: json(webhook.headers))), "created": .init(webhook.createdAt),
                "updated": .init(webhook.updatedAt),
            ])
    }

    public static func update(_ webhook: WebhookIntegration, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE webhook_integrations SET label = :label, url = :url, method = :method, headers = :headers,
                updated_at_ms = :updated
            WHERE id = :id
            """,
            [
                "label": .text(webhook.label), "url": .text(webhook.url), "method": .init(webhook.method),
                "headers": .text(JSONColumn.text(of: json(webhook.headers))), "updated": .init(webhook.updatedAt),
                "id": .init(webhook.id),
            ])
    }

    public static func delete(_ id: WebhookIntegration.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM webhook_integrations WHERE id = :id", ["id": .init(id)])
    }

    /// By label.
    public static func list(
        account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> [WebhookIntegration] {
        try transaction.query(
            """
            SELECT \(columns) FROM webhook_integrations w WHERE w.account_id = :account
            ORDER BY w.label, w.id LIMIT 1000
            """,
            ["account": .init(account)]
        ).map(webhook)
    }

    public static func find(
        _ id: WebhookIntegration.ID, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> WebhookIntegration? {
        try transaction.query(
            "SELECT \(columns) FROM webhook_integrations w WHERE w.id = :id AND w.account_id = :account",
            ["id": .init(id), "account": .init(account)]
        ).first.map(webhook)
    }

    /// Whatever its account; for the engine.
    public static func find(
        _ id: WebhookIntegration.ID, in transaction: any Transaction
    ) throws(StorageError) -> WebhookIntegration? {
        try transaction.query(
            "SELECT \(columns) FROM webhook_integrations w WHERE w.id = :id", ["id": .init(id)]
        ).first.map(webhook)
    }

    private static func json(_ headers: [HTTPCheck.Header]) -> JSONValue {
        .array(headers.map { .object(["key": .string($0.name), "value": .string($0.value)]) })
    }

    private static func webhook(_ row: Row) throws(StorageError) -> WebhookIntegration {
        let headers = try JSONColumn.value(of: row.text("headers"), "headers").array ?? []
        return WebhookIntegration(
            id: try row.id("id"), account: try row.id("account_id"), label: try row.text("label"),
            url: try row.text("url"), method: try row.name("method"),
            headers: headers.compactMap { header in
                header["key"]?.string.map { HTTPCheck.Header(name: $0, value: header["value"]?.string ?? "") }
            },
            createdAt: try row.time("created_at_ms"), updatedAt: try row.time("updated_at_ms"))
    }
}

/// The `webhook_deliveries` table: what is to be sent, and the last that was.
public enum WebhookDeliveries {
    /// How many are kept of an integration.
    public static let kept = 200
    private static let columns = """
        id, webhook_integration_id, body, status, attempts, due_at_ms, http_status, answer, reason, created_at_ms, \
        tried_at_ms
        """

    /// Queues one and forgets the oldest that are over, beyond `kept`.
    public static func insert(_ delivery: WebhookDelivery, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO webhook_deliveries (id, webhook_integration_id, body, status, attempts, due_at_ms, answer,
                created_at_ms)
            VALUES (:id, :integration, :body, :status, :attempts, :due, :answer, :created)
            """,
            [
                "id": .init(delivery.id), "integration": .init(delivery.integration), "body": .text(delivery.body),
                "status": .init(delivery.status), "attempts": .init(delivery.attempts), "due": .init(delivery.due),
                "answer": .text(delivery.answer), "created": .init(delivery.createdAt),
            ])
        try transaction.execute(
            """
            DELETE FROM webhook_deliveries WHERE due_at_ms IS NULL AND id IN (SELECT id FROM webhook_deliveries
                WHERE webhook_integration_id = :integration ORDER BY id DESC LIMIT 20 OFFSET :kept)
            """,
            ["integration": .init(delivery.integration), "kept": .init(kept)])
    }

    /// Takes up to `limit` that are due until `lease`: whoever dies while sending finds them again.
    public static func claimDue(
        at now: Timestamp, until lease: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [WebhookDelivery] {
        try transaction.query(
            """
            UPDATE webhook_deliveries SET due_at_ms = :lease, attempts = attempts + 1, tried_at_ms = :now
            WHERE due_at_ms <= :now AND id IN (SELECT id FROM webhook_deliveries WHERE due_at_ms <= :now
                ORDER BY due_at_ms, id LIMIT :limit)
            RETURNING \(columns)
            """,
            ["now": .init(now), "lease": .init(lease), "limit": .init(limit)]
        ).map(delivery).sorted { $0.id < $1.id }
    }

    /// Writes how an attempt went.
    public static func record(_ delivery: WebhookDelivery, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE webhook_deliveries SET status = :status, due_at_ms = :due, http_status = :code, answer = :answer,
                reason = :reason
            WHERE id = :id
            """,
            [
                "status": .init(delivery.status), "due": .init(delivery.due),
                "code": .init(delivery.httpStatus.map(Int64.init)), "answer": .text(delivery.answer),
                "reason": .init(delivery.reason), "id": .init(delivery.id),
            ])
    }

    /// The newest first.
    public static func list(
        of integration: WebhookIntegration.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [WebhookDelivery] {
        try transaction.query(
            """
            SELECT \(columns) FROM webhook_deliveries WHERE webhook_integration_id = :integration
            ORDER BY id DESC LIMIT :limit
            """,
            ["integration": .init(integration), "limit": .init(limit)]
        ).map(delivery)
    }

    public static func nextDue(in transaction: any Transaction) throws(StorageError) -> Timestamp? {
        try transaction.query(
            """
            SELECT due_at_ms FROM webhook_deliveries WHERE due_at_ms IS NOT NULL ORDER BY due_at_ms, id LIMIT 1
            """, [:]
        ).first?.time("due_at_ms")
    }

    private static func delivery(_ row: Row) throws(StorageError) -> WebhookDelivery {
        WebhookDelivery(
            id: try row.id("id"), integration: try row.id("webhook_integration_id"), body: try row.text("body"),
            status: try row.name("status"), attempts: try row.int("attempts"), due: try row.optionalTime("due_at_ms"),
            httpStatus: try row.optionalInteger("http_status").map(Int.init), answer: try row.text("answer"),
            reason: try row.optionalText("reason"), createdAt: try row.time("created_at_ms"),
            triedAt: try row.optionalTime("tried_at_ms"))
    }
}
