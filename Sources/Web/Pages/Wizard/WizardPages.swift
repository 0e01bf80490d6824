import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Integrations
import Storage

/// "Create alert source": four steps, additional settings, and the alert source's own page at the end.
struct WizardPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/alert-sources/new", use: show)
        group.post("/alert-sources", use: finish)
    }

    /// What the steps choose from.
    private struct Material: Sendable {
        var policies: [PolicyRecord]
        var teams: [TeamRecord]
        var hours: [SupportHoursRecord]
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "create alert sources")
        let material = try await material(visit)
        let draft = WizardDraft(visit.query, hasPolicies: !material.policies.isEmpty)
        let wanted = WizardStep(rawValue: visit.query["step"]) ?? .type
        let step = draft.step(for: wanted, policies: material.policies)
        // Somebody who pressed Next is told what is missing; a page that is merely opened asks for it.
        let problem = step == wanted ? nil : draft.problem(in: step, policies: material.policies)
        return page(step, draft, material, problem: problem, visit)
    }

    @Sendable private func finish(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let material = try await material(visit)
        let draft = WizardDraft(visit.form, hasPolicies: !material.policies.isEmpty)
        if let back = WizardStep(rawValue: visit.form["back"]) { return site.seeOther(draft.link(to: back)) }
        let step = draft.step(for: .settings, policies: material.policies)
        if step != .settings {
            return page(step, draft, material, problem: draft.problem(in: step, policies: material.policies), visit)
        }
        do {
            if let problem = draft.fields.priority.problem { throw Failure(.invalid, problem) }
            let sources = site.services.administration.sources
            let source =
                draft.isPolicyNew
                ? try await sources.createWithPolicy(draft.draft, policyName: draft.policyName, by: visit.caller)
                : try await sources.create(draft.draft, by: visit.caller)
            let name = draft.entry?.name ?? "your tool"
            return site.seeOther(
                Links.source(source.id), .done("The alert source is ready. Next: give its URL to \(name)."))
        } catch let failure as Failure where failure.isForTheForm {
            return page(.settings, draft, material, problem: failure.sentence, visit)
        }
    }

    private func material(_ visit: Visit) async throws -> Material {
        let scope = visit.caller.scope
        return try await site.engine.store.read { transaction in
            Material(
                policies: try EscalationPolicies.list(scope: scope, page: Page(limit: 500), in: transaction),
                teams: try Teams.list(scope: scope, page: Page(limit: 500), in: transaction),
                hours: try SupportHoursList.list(scope: scope, page: Page(limit: 500), in: transaction))
        }
    }

    private func page(
        _ step: WizardStep, _ draft: WizardDraft, _ material: Material, problem: String?, _ visit: Visit
    ) -> Response {
        let crumbs = [Frame.Crumb(label: "Alert sources", link: Links.sources)]
        let frame = site.frame("Create alert source", .sources, crumbs: crumbs, visit.context)
        let wizard = WizardFrame(step, draft, problem: problem)
        let status: HTTPResponse.Status = problem == nil ? .ok : .unprocessableContent
        let (fields, form) = (draft.fields, draft.form)
        switch step {
        case .type:
            return site.response(
                WizardTypePage(frame: frame, wizard: wizard, filter: form["filter"], chosen: draft.type),
                status: status, mayBeKept: true)
        case .name:
            let name = form.has("name") ? fields.name : ""
            return site.response(
                WizardNamePage(
                    frame: frame, wizard: wizard, integration: draft.entry?.name ?? "", name: name,
                    hasTeams: !material.teams.isEmpty,
                    teams: material.teams.map { Choice("\($0.id)", $0.name, isChosen: fields.teams.contains($0.id)) }),
                status: status, mayBeKept: true)
        case .escalation:
            return site.response(
                WizardEscalationPage(
                    frame: frame, wizard: wizard, hasPolicies: !material.policies.isEmpty,
                    isNew: draft.isPolicyNew,
                    policies: material.policies.map {
                        Choice("\($0.id)", $0.name, isChosen: $0.id == fields.policy)
                    }, policyName: draft.policyName, reader: visit.caller.name), status: status, mayBeKept: true)
        case .grouping:
            return site.response(
                WizardGroupingPage(frame: frame, wizard: wizard, grouping: GroupingChoices(fields)), status: status,
                mayBeKept: true)
        case .settings:
            return site.response(
                WizardSettingsPage(
                    frame: frame, wizard: wizard, integration: draft.entry?.name ?? "", name: fields.name,
                    priority: PriorityChoices(fields.priority, hours: material.hours),
                    templates: WizardSettingsPage.templates(form)), status: status, mayBeKept: true)
        }
    }
}
