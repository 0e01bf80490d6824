import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Integrations
import Storage

/// The form that changes an alert source.
struct AlertSourceEditPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/alert-sources/:id/edit", use: show)
        group.post("/alert-sources/:id", use: save)
    }

    private var sources: AlertSourceAdministration { site.services.administration.sources }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change alert sources")
        let source = try await sources.find(visit.id(), by: visit.caller)
        var fields = AlertSourceFields(source)
        fields.takeGrouping(from: visit.query)
        return try await response(
            source, fields, AlertSourceLimits(source), severity: source.severity, problem: nil, visit)
    }

    @Sendable private func save(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let source = try await sources.find(visit.id(), by: visit.caller)
        let fields = AlertSourceFields(visit.form)
        let severity = Int(visit.form["severity"])
        let limits = AlertSourceLimits(visit.form)
        do {
            var draft = AlertSourceDraft(source)
            if let problem = fields.priority.problem { throw Failure(.invalid, problem) }
            fields.write(to: &draft)
            draft.severity = severity
            try limits.write(to: &draft)
            // What is not typed stays: the secret is never shown again.
            draft.integrationKey = visit.form.optional("address")
            if visit.form["forgetSecret"] == "yes" {
                draft.webhookSecret = ""
            } else {
                draft.webhookSecret = visit.form.optional("webhookSecret")
            }
            _ = try await sources.update(source.id, with: draft, by: visit.caller)
            return site.seeOther(Links.source(source.id), .done("Saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(source, fields, limits, severity: severity, problem: failure.sentence, visit)
        }
    }

    private func response(
        _ source: AlertSourceRecord, _ fields: AlertSourceFields, _ limits: AlertSourceLimits, severity: Int?,
        problem: String?, _ visit: Visit
    ) async throws -> Response {
        let scope = visit.caller.scope
        let (policies, teams, hours) = try await site.engine.store.read { transaction in
            (
                try EscalationPolicies.list(scope: scope, page: Page(limit: 500), in: transaction),
                try Teams.list(scope: scope, page: Page(limit: 500), in: transaction),
                try SupportHoursList.list(scope: scope, page: Page(limit: 500), in: transaction)
            )
        }
        let entry = IntegrationCatalog.entry(type: source.integrationType)
        let isMail = entry?.kind.isMail ?? false
        let hasSecret = try await sources.hasWebhookSecret(source.id, by: visit.caller)
        let severities = ["None", "1 (worst)", "2", "3", "4", "5"].enumerated().map { index, words in
            Choice(index == 0 ? "" : "\(index)", words, isChosen: (severity ?? 0) == index)
        }
        let page = AlertSourceEditPage(
            frame: site.frame("Edit", .sources, crumbs: AlertSourceHead.crumbs(source), visit.context),
            problem: problem, link: Links.source(source.id), name: fields.name,
            policies: policies.map { Choice("\($0.id)", $0.name, isChosen: $0.id == fields.policy) },
            hasTeams: !teams.isEmpty,
            teams: teams.map { Choice("\($0.id)", $0.name, isChosen: fields.teams.contains($0.id)) },
            grouping: GroupingChoices(fields), priority: PriorityChoices(fields.priority, hours: hours),
            severities: severities, limits: limits,
            address: isMail ? visit.form.optional("address") ?? source.integrationKey : nil,
            signing: entry.flatMap { $0.kind.isMail ? nil : SigningWords($0) },
            hasWebhookSecret: hasSecret)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }
}

struct AlertSourceEditPage: HTMLPage {
    static let template = "source-edit"
    let frame: Frame
    let problem: String?
    let link: String
    let name: String
    let policies: [Choice]
    let hasTeams: Bool
    let teams: [Choice]
    let grouping: GroupingChoices
    let priority: PriorityChoices
    let severities: [Choice]
    let limits: AlertSourceLimits
    /// What mails are sent to; `nil`: it takes none.
    let address: String?
    /// `nil`: nothing is known of the tool.
    let signing: SigningWords?
    let hasWebhookSecret: Bool
}

/// How a tool proves that it knows the webhook secret.
struct SigningWords {
    let hint: String

    init(_ entry: IntegrationCatalog.Entry) {
        let other = "Authorization: Bearer, Basic (as the password) or X-Webhook-Secret"
        guard let signature = entry.kind.signature else {
            hint = "\(entry.name) must then send it with every request, as the header \(other)."
            return
        }
        let how = signature.proof == .secret ? "sends it as" : "signs with it by"
        hint = "\(entry.name) \(how) the header \(signature.header). A header \(other) is taken as well."
    }
}
