import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Who is told of monitors, a section for each kind of integration.
struct IntegrationsPage: HTMLPage {
    static let template = "integrations"
    let frame: Frame
    let problem: String?
    let mayConfigure: Bool
    let webhooks: [Webhook]
    let hasWebhooks: Bool
    let emails: [Receiver]
    let hasEmails: Bool
    let sources: [Receiver]
    let hasSources: Bool
    let services: [Service]
    let groups: [Group]
    let hasGroups: Bool
    let rules: [Rule]
    let hasRules: Bool
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

    /// An address or an alert source, and the groups that tell it.
    struct Receiver {
        let label: String
        let link: String?
        let groups: String
    }

    /// A chat or a ticket system: what alert actions do there.
    struct Service {
        let title: String
        let add: String
        let actions: [Action]
        let hasActions: Bool

        struct Action {
            let name: String
            let link: String
        }
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

/// The page of all integrations, keys and probes.
struct IntegrationPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/integrations") { request, context in
            try await response(problem: nil, try site.visit(request, context))
        }
        group.post("/integrations/webhooks/:id/test") { request, context in
            let visit = try site.visit(request, context)
            return try await site.act(
                back: Links.integrations, done: "A test is on its way; reload to see how it went."
            ) { _ = try await webhooks.test(visit.id(), by: visit.caller) }
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
        IntegrationForms(site: site).add(to: group)
    }

    private var administration: Administration { site.services.administration }
    private var keys: RapidSpikeKeyring { administration.rapidSpikeKeys }
    private var apiBase: String { site.services.settings.publicURL + "/v1" }
    private var probes: ProbeAdministration { administration.probes }
    private var webhooks: WebhookAdministration { administration.webhooks }

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
            return try await response(problem: failure.sentence, visit)
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
            return try await response(problem: failure.sentence, visit)
        }
    }

    private func response(problem: String?, _ visit: Visit) async throws -> Response {
        let hooks = try await webhooks.list(by: visit.caller)
        let groups = try await administration.deliveryGroups.list(by: visit.caller)
        let sources = try await administration.sources.list(page: Page(limit: 2000), by: visit.caller)
        let monitors = try await administration.monitors.list(page: Page(limit: 2000), by: visit.caller)
        let actions = try await administration.actions.list(page: Page(limit: 1000), by: visit.caller)
        let rules = try await administration.monitorRules.list(by: visit.caller)
        let keys = try await keys.list(by: visit.caller)
        let probes = try await probes.list(by: visit.caller)
        var shown: [IntegrationsPage.Webhook] = []
        for hook in hooks {
            let deliveries = try await webhooks.deliveries(of: hook.id, by: visit.caller)
            shown.append(IntegrationsPage.Webhook(hook, Array(deliveries.prefix(10)), visit.moments))
        }
        let labels = Dictionary(uniqueKeysWithValues: hooks.map { ($0.id, $0.label) })
        let names = Dictionary(uniqueKeysWithValues: sources.map { ($0.id, $0.name) })
        let groupNames = Dictionary(uniqueKeysWithValues: groups.map { ($0.id, $0.label) })
        let monitorNames = Dictionary(uniqueKeysWithValues: monitors.map { ($0.id, $0.name) })
        let emails = IntegrationsPage.Receiver.emails(of: groups)
        let fed = IntegrationsPage.Receiver.sources(of: groups, names)
        let page = IntegrationsPage(
            frame: site.frame("Integrations", .integrations, visit.context), problem: problem,
            mayConfigure: visit.mayConfigure, webhooks: shown, hasWebhooks: !hooks.isEmpty, emails: emails,
            hasEmails: !emails.isEmpty, sources: fed, hasSources: !fed.isEmpty,
            services: IntegrationsPage.Service.all(actions),
            groups: groups.map { IntegrationsPage.Group($0, labels, names) }, hasGroups: !groups.isEmpty,
            rules: rules.map { IntegrationsPage.Rule($0, groupNames, monitorNames) }, hasRules: !rules.isEmpty,
            probes: probes.map { IntegrationsPage.Probe($0, visit.moments) }, hasProbes: !probes.isEmpty,
            mayAddProbes: visit.isAdministrator, apiBase: apiBase,
            keys: keys.map { .init(label: $0.label, publicKey: $0.publicKey, link: Links.rapidSpikeKey($0.id)) },
            hasKeys: !keys.isEmpty)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }
}
