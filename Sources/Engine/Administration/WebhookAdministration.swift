public import Alerting
import Foundation
public import Storage

/// Webhook integrations, as people see and change them. Their URLs and headers may be secrets: only who may change them
/// sees them.
public struct WebhookAdministration: Sendable {
    /// One as somebody wants it to be.
    public struct Draft: Equatable, Sendable {
        public var label: String
        public var url: String
        public var method: WebhookIntegration.Method
        public var headers: [HTTPCheck.Header]

        public init(
            label: String, url: String, method: WebhookIntegration.Method = .post, headers: [HTTPCheck.Header] = []
        ) {
            self.label = label
            self.url = url
            self.method = method
            self.headers = headers
        }

        /// - Throws: `Failure.invalid` that names the field.
        func checked() throws(Failure) -> Draft {
            var draft = self
            draft.label = try FieldRules.name(label, "label")
            draft.url = url.trimmingCharacters(in: .whitespacesAndNewlines)
            let parts = URLComponents(string: draft.url)
            guard draft.url.utf8.count <= Limits.monitorTarget, draft.url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }),
                let scheme = parts?.scheme?.lowercased(), ["http", "https"].contains(scheme),
                parts?.host?.isEmpty == false
            else { throw .invalid("url", "must be a URL that begins with http:// or https://.") }
            guard headers.count <= 20 else { throw .invalid("headers", "there may be at most 20.") }
            for header in headers { _ = try MonitorHeaders.checked(header.name, header.value, "headers") }
            return draft
        }
    }

    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By label.
    public func list(by caller: Caller) async throws -> [WebhookIntegration] {
        try caller.require(.user, to: "see webhook integrations")
        return try await configuration.read { try WebhookIntegrations.list(account: caller.account, in: $0) }
    }

    /// - Throws: `Failure.notFound` when there is none; so do all below.
    public func find(_ id: WebhookIntegration.ID, by caller: Caller) async throws -> WebhookIntegration {
        try caller.require(.user, to: "see webhook integrations")
        return try await configuration.read { try Self.find(id, by: caller, in: $0) }
    }

    /// The newest first.
    public func deliveries(of id: WebhookIntegration.ID, by caller: Caller) async throws -> [WebhookDelivery] {
        try caller.require(.user, to: "see webhook integrations")
        return try await configuration.read { transaction in
            _ = try Self.find(id, by: caller, in: transaction)
            return try WebhookDeliveries.list(of: id, limit: 100, in: transaction)
        }
    }

    public func create(_ draft: Draft, by caller: Caller) async throws -> WebhookIntegration {
        try caller.require(.user, to: "create webhook integrations")
        let draft = try draft.checked()
        return try await configuration.change { change in
            let webhook = WebhookIntegration(
                id: try change.newID(), account: caller.account, label: draft.label, url: draft.url,
                method: draft.method, headers: draft.headers, createdAt: change.now, updatedAt: change.now)
            try WebhookIntegrations.insert(webhook, in: change.transaction)
            try Self.audit("webhook_integration.created", webhook, by: caller, in: change)
            return (webhook, .webhook(webhook.id))
        }
    }

    public func update(
        _ id: WebhookIntegration.ID, with draft: Draft, by caller: Caller
    ) async throws -> WebhookIntegration {
        try caller.require(.user, to: "change webhook integrations")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var webhook = try Self.find(id, by: caller, in: change.transaction)
            (webhook.label, webhook.url, webhook.method, webhook.headers) = (
                draft.label, draft.url, draft.method, draft.headers
            )
            webhook.updatedAt = change.now
            try WebhookIntegrations.update(webhook, in: change.transaction)
            try Self.audit("webhook_integration.updated", webhook, by: caller, in: change)
            return (webhook, .webhook(id))
        }
    }

    public func delete(_ id: WebhookIntegration.ID, by caller: Caller) async throws {
        try caller.require(.user, to: "delete webhook integrations")
        try await configuration.change { change in
            let webhook = try Self.find(id, by: caller, in: change.transaction)
            try WebhookIntegrations.delete(id, in: change.transaction)
            try Self.audit("webhook_integration.deleted", webhook, by: caller, in: change)
            return ((), .webhook(id))
        }
    }

    /// Sends a passing test notification; how it went is among the deliveries.
    public func test(_ id: WebhookIntegration.ID, by caller: Caller) async throws -> WebhookDelivery {
        try caller.require(.user, to: "test webhook integrations")
        return try await configuration.change { change in
            let webhook = try Self.find(id, by: caller, in: change.transaction)
            let delivery = try change.queue(Self.testBody(at: change.now), to: webhook.id)
            return (delivery, .webhook(id))
        }
    }

    /// Resolves what it may have raised: nobody is paged by a test.
    private static func testBody(at now: Timestamp) -> JSONValue {
        .object([
            "version": .integer(Int64(MonitorMessage.version)), "status": .string("passing"),
            "message": .string("This is a test from Nightbell"),
            "monitor": .object([
                "uuid": .string("00000000-0000-4000-8000-000000000000"), "type": .string("http"),
                "label": .string("Test"), "target": .string("https://example.com/"),
            ]),
            "website": .object([
                "label": .string("example.com"), "domain_name": .string("https://example.com"),
            ]),
            "unix_created_date": .integer(now.milliseconds / 1000),
        ])
    }

    private static func find(
        _ id: WebhookIntegration.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> WebhookIntegration {
        guard let webhook = try WebhookIntegrations.find(id, account: caller.account, in: transaction) else {
            throw Failure(.notFound, "There is no webhook integration \(id).")
        }
        return webhook
    }

    private static func audit(
        _ action: String, _ webhook: WebhookIntegration, by caller: Caller, in change: Change
    ) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "webhook_integration", id: webhook.id.rawValue,
            details: "Webhook “\(webhook.label)”")
    }
}
