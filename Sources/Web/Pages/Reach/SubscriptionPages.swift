import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Buttons with which somebody hears of alerts and services without being paged.
struct SubscriptionPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.post("/alerts/:id/subscription") { request, context in
            let id: Alert.ID = try site.visit(request, context).id()
            return try await set(.alert(id), back: Links.alert(id), request, context)
        }
        group.post("/alert-sources/:id/subscription") { request, context in
            let id: AlertSource.ID = try site.visit(request, context).id()
            return try await set(.source(id), back: Links.source(id), request, context)
        }
        group.post("/services/:id/subscription") { request, context in
            let id: ServiceRecord.ID = try site.visit(request, context).id()
            return try await set(.service(id), back: Links.service(id), request, context)
        }
    }

    private func set(
        _ target: SubscriptionTarget, back link: String, _ request: Request, _ context: WebContext
    ) async throws -> Response {
        let visit = try site.visit(request, context)
        let isOn = visit.form["on"] == "true"
        let back = Links.inside(visit.form["back"], else: link)
        let done = isOn ? "You have subscribed." : "You have unsubscribed."
        return try await site.act(back: back, done: done) {
            if isOn {
                try await site.engine.subscriptions.subscribe(to: target, by: visit.caller)
            } else {
                try await site.engine.subscriptions.unsubscribe(from: target, by: visit.caller)
            }
        }
    }
}

/// What the button says.
struct SubscriptionCard {
    let isSubscribed: Bool
    /// A part of a sentence.
    let what: String
    let action: String
}
