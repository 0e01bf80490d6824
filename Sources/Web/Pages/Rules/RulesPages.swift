import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// What an alert source makes of its events: conditions and templates, tried on what came last before they are saved.
struct RulesPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/alert-sources/:id/rules", use: show)
        group.post("/alert-sources/:id/rules", use: save)
    }

    private static let previews = 8

    private var sources: AlertSourceAdministration { site.services.administration.sources }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change alert sources")
        let source = try await sources.find(visit.id(), by: visit.caller)
        return try await response(RulesForm(source.fields), source, builder: .init(Form()), problem: nil, visit)
    }

    @Sendable private func save(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change alert sources")
        let source = try await sources.find(visit.id(), by: visit.caller)
        var form = RulesForm(visit.form)
        var builder = ConditionBuilder(visit.form)
        if visit.form["do"] == "build" {
            let target = visit.form["rowTarget"]
            if RulesForm.conditions.contains(target) {
                form.set(target, builder.added(to: form[target]))
                builder = ConditionBuilder(Form())
            }
        }
        do {
            guard visit.form["do"] == "save" else {
                return try await response(form, source, builder: builder, problem: Self.problem(form), visit)
            }
            var draft = AlertSourceDraft(source)
            draft.fields = form.write(over: source.fields)
            _ = try await sources.update(source.id, with: draft, by: visit.caller)
            return site.seeOther(Links.rules(source.id), .done("Saved. The next event follows these rules."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await response(form, source, builder: builder, problem: failure.sentence, visit)
        }
    }

    private static func problem(_ form: RulesForm) -> String? {
        do throws(EventRulesFault) {
            _ = try EventRules(checking: form.write(over: .object([:])))
            return nil
        } catch {
            return "\(error.field): \(error.sentence)"
        }
    }

    private func response(
        _ form: RulesForm, _ source: AlertSourceRecord, builder: ConditionBuilder, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let scope = visit.caller.scope
        let (facts, events) = try await site.engine.store.read { transaction in
            (
                try AlertSourceFacts(source.id, scope: scope, in: transaction),
                try EventLog.list(source: source.id, limit: 60, in: transaction)
            )
        }
        var tried = source
        tried.fields = problem == nil ? form.write(over: source.fields) : source.fields
        var trial = RulesTrial(tried, periods: try await site.engine.directory.periods(of: tried))
        let requests = events.filter { $0.id == $0.request }.prefix(Self.previews)
        var previews: [RulesPage.Preview] = []
        var natives: [AlertEvent] = []
        // Counters count in the order of the events.
        for stored in requests.reversed() {
            let outcomes = trial.outcomes(of: stored.webhookRequest, receivedAt: stored.receivedAt)
            natives += outcomes.map(\.native)
            previews += outcomes.prefix(5).map { RulesPage.Preview($0, stored, moments: visit.moments) }
        }
        let page = RulesPage(
            form, source: facts.source, builder: builder, problem: problem, previews: previews.reversed(),
            paths: EventPaths.all(of: natives),
            head: AlertSourceHead(facts, at: .rules, visit),
            frame: site.frame("Rules", .sources, crumbs: AlertSourceHead.crumbs(source), visit.context))
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }
}
