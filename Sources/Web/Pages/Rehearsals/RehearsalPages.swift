import Alerting
import Engine
import Hummingbird
import Storage

/// The page that tries out who gets paged. Nothing is stored and nobody is paged.
struct RehearsalPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/who-gets-paged", use: new)
        group.post("/who-gets-paged", use: play)
    }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let sources = try await sources(visit)
        let wanted = AlertSource.ID(visit.query["source"])
        let source = sources.first { $0.id == wanted } ?? sources.first
        let form = RehearsalForm(source, zone: visit.user.timeZone, now: visit.moments.now)
        return page(form, sources, nil, problem: nil, visit)
    }

    @Sendable private func play(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.responder, to: "try out who gets paged")
        var form = RehearsalForm(visit.form)
        let sources = try await sources(visit)
        if visit.form["do"] == "sample" {
            if let source = sources.first(where: { $0.id == form.source }) {
                form.payload = RehearsalForm.sample(of: source, at: visit.moments.now)
            }
            return page(form, sources, nil, problem: nil, visit)
        }
        do {
            guard let rehearsal = site.services.rehearsal else {
                throw Failure(.unavailable, "This server cannot try things out.")
            }
            let story = try form.story()
            guard sources.contains(where: { $0.id == story.source }) else {
                throw Failure(.invalid, "Choose an alert source.")
            }
            return page(form, sources, try await rehearsal.rehearse(story), problem: nil, visit)
        } catch let failure as Failure where failure.isForTheForm || failure.code == .unavailable {
            return page(form, sources, nil, problem: failure.sentence, visit)
        }
    }

    private func sources(_ visit: Visit) async throws -> [AlertSourceRecord] {
        let scope = visit.caller.scope
        return try await site.engine.store.read { transaction in
            try AlertSources.list(scope: scope, page: Page(limit: 500), in: transaction)
        }
    }

    private func page(
        _ form: RehearsalForm, _ sources: [AlertSourceRecord], _ report: RehearsalReport?, problem: String?,
        _ visit: Visit
    ) -> Response {
        let frame = site.frame("Who gets paged if…", .rehearsal, visit.context)
        let page = RehearsalPage(
            form, sources: sources, report: report, problem: problem, visit: visit, frame: frame)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }
}
