import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Who is told of monitors: webhooks and the delivery groups that use them.
struct IntegrationsPage: HTMLPage {
    static let template = "integrations"
    let frame: Frame
    let problem: String?
    let webhooks: [Webhook]
    let hasWebhooks: Bool
    let groups: [Group]
    let hasGroups: Bool
    let mayConfigure: Bool
    /// Of the forms that add one, as they were typed.
    let label: String
    let url: String
    let headers: String
    let methods: [Choice]
    let webhookChoices: [Choice]
    let sourceChoices: [Choice]
    let hasSources: Bool

    struct Webhook {
        let label: String
        let url: String
        let method: String
        let link: String
        let deliveries: [Delivery]
        let hasDeliveries: Bool
    }

    struct Delivery {
        let at: Moment
        let state: String
        let style: String
        let outcome: String
        let body: String
    }

    struct Group {
        let label: String
        let colour: String
        let sensitivity: String
        let receivers: String
        let rules: String
        let link: String
    }
}

struct IntegrationPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/integrations") { request, context in
            try await response(Form(), problem: nil, try site.visit(request, context))
        }
        group.post("/integrations/webhooks", use: addWebhook)
        group.post("/integrations/webhooks/:id/test") { request, context in
            let visit = try site.visit(request, context)
            return try await site.act(
                back: Links.integrations, done: "A test is on its way; reload to see how it went."
            ) { _ = try await webhooks.test(visit.id(), by: visit.caller) }
        }
        group.post("/integrations/webhooks/:id/deletion") { request, context in
            let visit = try site.visit(request, context)
            return try await site.act(back: Links.integrations, done: "The webhook was deleted.") {
                try await webhooks.delete(visit.id(), by: visit.caller)
            }
        }
        group.post("/integrations/groups", use: addGroup)
        group.post("/integrations/groups/:id/deletion") { request, context in
            let visit = try site.visit(request, context)
            return try await site.act(back: Links.integrations, done: "The delivery group was deleted.") {
                try await groups.delete(visit.id(), by: visit.caller)
            }
        }
    }

    private var webhooks: WebhookAdministration { site.services.administration.webhooks }
    private var groups: DeliveryGroupAdministration { site.services.administration.deliveryGroups }

    @Sendable private func addWebhook(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let form = visit.form
        do {
            let draft = WebhookAdministration.Draft(
                label: form["label"], url: form["url"],
                method: WebhookIntegration.Method(rawValue: form["requestType"]) ?? .post,
                headers: try Self.headers(form.raw("headers")))
            let made = try await webhooks.create(draft, by: visit.caller)
            return site.seeOther(
                Links.integrations,
                .done("The webhook “\(made.label)” is added. Put it on a delivery group, or nothing is sent."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(form, problem: failure.sentence, visit)
        }
    }

    @Sendable private func addGroup(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let form = visit.form
        do {
            guard let minutes = Int(form.optional("sensitivity") ?? "0") else {
                throw Failure(.invalid, "Enter for how many minutes a monitor fails before the group is told.")
            }
            let draft = DeliveryGroupAdministration.Draft(
                label: form["groupLabel"],
                colour: form.optional("colour") ?? DeliveryGroupAdministration.Draft.usualColour,
                sensitivity: .minutes(minutes),
                emails: form["emails"].split { $0 == "," || $0.isWhitespace }.map(String.init),
                areas: form.all("area").compactMap(MonitorArea.init),
                webhooks: form.all("webhook").compactMap { WebhookIntegration.ID($0) },
                sources: form.all("source").compactMap { AlertSource.ID($0) })
            let made = try await groups.create(draft, by: visit.caller)
            return site.seeOther(Links.integrations, .done("The delivery group “\(made.label)” is added."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(form, problem: failure.sentence, visit)
        }
    }

    private func response(_ form: Form, problem: String?, _ visit: Visit) async throws -> Response {
        let hooks = try await webhooks.list(by: visit.caller)
        let groups = try await groups.list(by: visit.caller)
        let sources = try await site.services.administration.sources.list(page: Page(limit: 2000), by: visit.caller)
        var shown: [IntegrationsPage.Webhook] = []
        for hook in hooks {
            let deliveries = try await webhooks.deliveries(of: hook.id, by: visit.caller)
            shown.append(IntegrationsPage.Webhook(hook, Array(deliveries.prefix(10)), visit.moments))
        }
        let labels = Dictionary(uniqueKeysWithValues: hooks.map { ($0.id, $0.label) })
        let names = Dictionary(uniqueKeysWithValues: sources.map { ($0.id, $0.name) })
        let page = IntegrationsPage(
            frame: site.frame("Integrations", .integrations, visit.context), problem: problem, webhooks: shown,
            hasWebhooks: !hooks.isEmpty, groups: groups.map { IntegrationsPage.Group($0, labels, names) },
            hasGroups: !groups.isEmpty, mayConfigure: visit.mayConfigure, label: form["label"], url: form["url"],
            headers: form.raw("headers"),
            methods: WebhookIntegration.Method.allCases.reversed().map { method in
                Choice(
                    method.rawValue, method.rawValue.uppercased(),
                    isChosen: method.rawValue == (form.optional("requestType") ?? "post"))
            },
            webhookChoices: hooks.map { Choice("\($0.id)", $0.label, isChosen: false) },
            sourceChoices: sources.map { Choice("\($0.id)", $0.name, isChosen: false) }, hasSources: !sources.isEmpty)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    /// One `Name: value` a line.
    private static func headers(_ text: String) throws(Failure) -> [HTTPCheck.Header] {
        var headers: [HTTPCheck.Header] = []
        for line in text.split(separator: "\n") where line.contains(where: { !$0.isWhitespace }) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw Failure(.invalid, "Write one header a line, such as X-Token: abc.") }
            headers.append(
                HTTPCheck.Header(
                    name: String(parts[0].filter { !$0.isWhitespace }),
                    value: String(parts[1].drop { $0.isWhitespace }).replacing("\r", with: "")))
        }
        return headers
    }
}

extension IntegrationsPage.Webhook {
    fileprivate init(_ webhook: WebhookIntegration, _ deliveries: [WebhookDelivery], _ moments: Moments) {
        label = webhook.label
        url = webhook.url
        method = webhook.method.rawValue.uppercased()
        link = Links.webhook(webhook.id)
        self.deliveries = deliveries.map { delivery in
            let outcome = delivery.httpStatus.map { "Status \($0)" } ?? delivery.reason ?? "On its way"
            return IntegrationsPage.Delivery(
                at: moments.moment(delivery.triedAt ?? delivery.createdAt), state: delivery.status.words,
                style: delivery.status.style, outcome: outcome, body: delivery.body)
        }
        hasDeliveries = !deliveries.isEmpty
    }
}

extension IntegrationsPage.Group {
    fileprivate init(
        _ group: DeliveryGroup, _ webhooks: [WebhookIntegration.ID: String], _ sources: [AlertSource.ID: String]
    ) {
        label = group.label
        colour = group.colour
        let minutes = group.sensitivity.components.seconds / 60
        sensitivity = minutes == 0 ? "At once" : "After \(Moments.words(group.sensitivity))"
        let all =
            group.webhooks.compactMap { webhooks[$0] } + group.emails
            + group.sources.map { sources[$0] ?? "Alert source \($0)" }
        receivers = all.isEmpty ? "Nobody" : all.joined(separator: ", ")
        rules =
            group.areas.isEmpty
            ? "Only monitors that name it" : "All of: \(group.areas.map(\.words).joined(separator: ", "))"
        link = Links.deliveryGroup(group.id)
    }
}

extension MonitorArea {
    var words: String {
        switch self {
        case .website: "websites"
        case .server: "servers"
        case .tools: "tools"
        }
    }
}

extension WebhookDelivery.Status {
    var words: String {
        switch self {
        case .waiting: "Waiting"
        case .delivered: "Delivered"
        case .failed: "Failed"
        }
    }

    /// The class of its badge.
    var style: String {
        switch self {
        case .waiting: "disabled"
        case .delivered: "active"
        case .failed: "pending"
        }
    }
}
