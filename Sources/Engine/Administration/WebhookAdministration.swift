public import Alerting
import Foundation
public import Storage

/// Webhook integrations, as people see and change them. Their URLs and headers may be secrets: only who may change them
/// sees them.
public typealias WebhookAdministration = RecordAdministration<WebhookIntegration, WebhookDraft>

/// A webhook integration as somebody wants it to be.
public struct WebhookDraft: Equatable, Sendable {
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
    func checked() throws(Failure) -> WebhookDraft {
        var draft = self
        draft.label = try FieldRules.name(label, "label")
        draft.url = url.trimmingCharacters(in: .whitespacesAndNewlines)
        let parts = URLComponents(string: draft.url)
        guard draft.url.utf8.count <= Limits.monitorTarget, draft.url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }),
            let scheme = parts?.scheme?.lowercased(), ["http", "https"].contains(scheme), parts?.host?.isEmpty == false
        else { throw .invalid("url", "must be a URL that begins with http:// or https://.") }
        guard headers.count <= 20 else { throw .invalid("headers", "there may be at most 20.") }
        for header in headers { _ = try MonitorHeaders.checked(header.name, header.value, "headers") }
        return draft
    }

    func apply(to webhook: inout WebhookIntegration, in change: Change) {
        (webhook.label, webhook.url, webhook.method, webhook.headers) = (label, url, method, headers)
        webhook.updatedAt = change.now
    }
}

extension RecordAdministration where Record == WebhookIntegration, Wish == WebhookDraft {
    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        let steps = Steps(
            noun: "webhook integration", code: "webhook_integration", reader: .user,
            check: { draft throws(Failure) in try draft.checked() },
            make: { id, account, draft, now in
                WebhookIntegration(
                    id: id, account: account, label: draft.label, url: draft.url, method: draft.method,
                    headers: draft.headers, createdAt: now, updatedAt: now)
            }, apply: { $0.apply(to: &$1, in: $3) }, id: { $0.id }, name: { $0.label },
            list: { try WebhookIntegrations.list(account: $0, in: $1) },
            find: { try WebhookIntegrations.find($0, account: $1, in: $2) },
            insert: { try WebhookIntegrations.insert($0, in: $1) },
            update: { try WebhookIntegrations.update($0, in: $1) },
            delete: { try WebhookIntegrations.delete($0, in: $1) }, change: { .webhook($0) })
        self.init(steps, store: store, onChange: onChange)
    }

    /// The newest first.
    public func deliveries(of id: ID, by caller: Caller) async throws -> [WebhookDelivery] {
        try mayRead(caller)
        return try await configuration.read { transaction in
            _ = try find(id, by: caller, in: transaction)
            return try WebhookDeliveries.list(of: id, limit: 100, in: transaction)
        }
    }

    /// Sends a passing test notification; how it went is among the deliveries.
    public func test(_ id: ID, by caller: Caller) async throws -> WebhookDelivery {
        try caller.require(.user, to: "test webhook integrations")
        return try await configuration.change { change in
            let webhook = try find(id, by: caller, in: change.transaction)
            let delivery = try change.queue(MonitorMessage.test(at: change.now), to: webhook.id)
            return (delivery, .webhook(id))
        }
    }
}
