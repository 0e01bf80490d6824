import Alerting
public import Logging
public import ServiceLifecycle
import Storage

/// Sends webhooks: claims them with a lease, calls, and writes down what was answered; tries again with growing pauses.
public final class WebhookLoop: Service {
    private let store: Store
    private let caller: (any WebhookCaller)?
    private let rhythm: Rhythm
    private static let lease = Duration.seconds(60)
    private static let batch = 20
    /// Attempts, the last of them some two and a half hours after the first.
    static let attempts = 12
    private static let kept = 2000

    /// - Parameter caller: `nil`: this node calls nobody.
    public init(store: Store, wakeups: Wakeups, caller: (any WebhookCaller)?, logger: Logger) {
        self.store = store
        self.caller = caller
        rhythm = Rhythm(name: "webhooks", waker: wakeups.webhooks, clock: store.clock, logger: logger)
    }

    public func run() async throws {
        await rhythm.run {
            try await self.runOnce()
        } nextDue: {
            try await self.store.read { try WebhookDeliveries.nextDue(in: $0) }
        }
    }

    /// - Returns: whether there may be more.
    @discardableResult
    public func runOnce() async throws -> Bool {
        guard let caller else { return false }
        let now = store.clock.now
        guard let next = try await store.read({ try WebhookDeliveries.nextDue(in: $0) }), next <= now else {
            return false
        }
        let claimed = try await store.write { change in
            let due = try WebhookDeliveries.claimDue(
                at: change.now, until: change.now + Self.lease, limit: Self.batch, in: change.transaction)
            return try due.map { ($0, try WebhookIntegrations.find($0.integration, in: change.transaction)) }
        }
        await withTaskGroup(of: (WebhookDelivery, WebhookAnswer).self) { group in
            for (delivery, webhook) in claimed {
                guard let webhook else { continue }
                group.addTask { (delivery, await caller.call(Self.call(delivery, webhook))) }
            }
            for await (delivery, answer) in group { await record(delivery, answer) }
        }
        return claimed.count == Self.batch
    }

    private static func call(_ delivery: WebhookDelivery, _ webhook: WebhookIntegration) -> WebhookCall {
        switch webhook.method {
        case .post:
            let type = HTTPCheck.Header(name: "Content-Type", value: "application/json")
            let hasType = webhook.headers.contains { $0.name.lowercased() == "content-type" }
            return WebhookCall(
                method: "POST", url: webhook.url, headers: (hasType ? [] : [type]) + webhook.headers,
                body: Array(delivery.body.utf8))
        case .get:
            // What we wrote ourselves can be read; otherwise nothing is added.
            let body = (try? JSONValue.parse(delivery.body)) ?? .null
            let mark = webhook.url.contains("?") ? "&" : "?"
            return WebhookCall(
                method: "GET", url: webhook.url + mark + MonitorMessage.query(body), headers: webhook.headers, body: [])
        }
    }

    private func record(_ delivery: WebhookDelivery, _ answer: WebhookAnswer) async {
        var delivery = delivery
        let isDone: Bool
        switch answer {
        case .answered(let status, let body):
            (delivery.httpStatus, delivery.answer, delivery.reason) = (status, Limits.cut(body, to: Self.kept), nil)
            isDone = (200...299).contains(status)
        case .failed(let reason):
            (delivery.httpStatus, delivery.answer, delivery.reason) = (nil, "", reason)
            isDone = false
        }
        let pause = Duration.seconds(min(5 << min(delivery.attempts - 1, 20), 3600))
        let recorded = delivery
        do {
            try await store.write { change in
                var delivery = recorded
                delivery.status = isDone ? .delivered : delivery.attempts >= Self.attempts ? .failed : .waiting
                delivery.due = delivery.status == .waiting ? change.now + pause : nil
                try WebhookDeliveries.record(delivery, in: change.transaction)
            }
        } catch {
            rhythm.logger.error("webhook not recorded", metadata: ["reason": "\(error)"])
        }
    }
}
