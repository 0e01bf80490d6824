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
    let rules: [Rule]
    let hasRules: Bool
    let groupChoices: [Choice]
    let monitorChoices: [Choice]
    let hasMonitors: Bool
    let probes: [Probe]
    let hasProbes: Bool
    let mayAddProbes: Bool
    let apiBase: String
    let keys: [Key]
    let hasKeys: Bool

    struct Key {
        let label: String
        let publicKey: String
        let link: String
    }

    struct Rule {
        let label: String
        let monitors: String
        let groups: String
        let state: String
        let style: String
        let link: String
    }

    struct Probe {
        let name: String
        let region: String
        let state: String
        let style: String
        let seen: Moment?
        let link: String
    }

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
        group.post("/integrations/rules", use: addRule)
        group.post("/integrations/rules/:id/deletion") { request, context in
            let visit = try site.visit(request, context)
            return try await site.act(back: Links.integrations, done: "The rule was deleted.") {
                try await rules.delete(visit.id(), by: visit.caller)
            }
        }
        group.post("/integrations/rapidspike-keys", use: addKey)
        group.post("/integrations/rapidspike-keys/:id/deletion") { request, context in
            let visit = try site.visit(request, context)
            return try await site.act(back: Links.integrations, done: "The key was deleted.") {
                try await keys.delete(visit.id(), by: visit.caller)
            }
        }
        group.post("/integrations/probes", use: addProbe)
        group.post("/integrations/probes/:id/deletion") { request, context in
            let visit = try site.visit(request, context)
            return try await site.act(back: Links.integrations, done: "The probe was removed.") {
                try await probes.delete(visit.id(), by: visit.caller)
            }
        }
        group.post("/integrations/groups/:id/deletion") { request, context in
            let visit = try site.visit(request, context)
            return try await site.act(back: Links.integrations, done: "The delivery group was deleted.") {
                try await groups.delete(visit.id(), by: visit.caller)
            }
        }
    }

    private var rules: MonitorRuleAdministration { site.services.administration.monitorRules }
    private var keys: RapidSpikeKeyring { site.services.administration.rapidSpikeKeys }
    private var apiBase: String { site.services.settings.publicURL + "/v1" }
    private var probes: ProbeAdministration { site.services.administration.probes }
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
                webhooks: form.all("webhook").compactMap { WebhookIntegration.ID($0) },
                sources: form.all("source").compactMap { AlertSource.ID($0) })
            let made = try await groups.create(draft, by: visit.caller)
            return site.seeOther(Links.integrations, .done("The delivery group “\(made.label)” is added."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(form, problem: failure.sentence, visit)
        }
    }

    @Sendable private func addRule(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let form = visit.form
        do {
            let draft = MonitorRuleAdministration.Draft(
                label: form["ruleLabel"], area: MonitorArea(rawValue: form["area"]) ?? .website,
                monitors: form.all("monitor").compactMap { Monitor.ID($0) },
                groups: form.all("group").compactMap { DeliveryGroup.ID($0) })
            let made = try await rules.create(draft, by: visit.caller)
            return site.seeOther(Links.integrations, .done("The rule “\(made.label)” is added."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(form, problem: failure.sentence, visit)
        }
    }

    /// Shows the private key, once.
    @Sendable private func addKey(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        do {
            let key = try await keys.create(label: visit.form["keyLabel"], by: visit.caller)
            return site.response(
                RapidSpikeKeyPage(
                    frame: site.frame("Key", .integrations, visit.context), label: key.label, apiBase: apiBase,
                    publicKey: key.publicKey, secret: key.secret, back: Links.integrations))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(visit.form, problem: failure.sentence, visit)
        }
    }

    /// Shows the token, once.
    @Sendable private func addProbe(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        do {
            let (probe, token) = try await probes.create(
                name: visit.form["probeName"], region: visit.form["region"], by: visit.caller)
            let server = site.services.settings.publicURL
            return site.response(
                ProbeTokenPage(
                    frame: site.frame("Probe", .integrations, visit.context), name: probe.name, region: probe.region,
                    command: "nightbell probe --server \(server) --token \(token)", back: Links.integrations))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(visit.form, problem: failure.sentence, visit)
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
        let rules = try await rules.list(by: visit.caller)
        let keys = try await keys.list(by: visit.caller)
        let probes = try await probes.list(by: visit.caller)
        let monitors = try await site.services.administration.monitors.list(page: Page(limit: 500), by: visit.caller)
        let groupNames = Dictionary(uniqueKeysWithValues: groups.map { ($0.id, $0.label) })
        let monitorNames = Dictionary(uniqueKeysWithValues: monitors.map { ($0.id, $0.name) })
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
            sourceChoices: sources.map { Choice("\($0.id)", $0.name, isChosen: false) }, hasSources: !sources.isEmpty,
            rules: rules.map { IntegrationsPage.Rule($0, groupNames, monitorNames) }, hasRules: !rules.isEmpty,
            groupChoices: groups.map { Choice("\($0.id)", $0.label, isChosen: false) },
            monitorChoices: monitors.map { Choice("\($0.id)", $0.name, isChosen: false) },
            hasMonitors: !monitors.isEmpty, probes: probes.map { IntegrationsPage.Probe($0, visit.moments) },
            hasProbes: !probes.isEmpty, mayAddProbes: visit.isAdministrator,
            apiBase: apiBase,
            keys: keys.map { .init(label: $0.label, publicKey: $0.publicKey, link: Links.rapidSpikeKey($0.id)) },
            hasKeys: !keys.isEmpty)
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
