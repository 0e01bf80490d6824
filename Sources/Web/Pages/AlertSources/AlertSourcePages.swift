import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Integrations
import Storage

/// One alert source: its settings and what can be done with it.
struct AlertSourcePages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/alert-sources/:id", use: show)
        group.get("/alert-sources/:id/actions", use: actions)
        group.post("/alert-sources/:id/test-events", use: test)
        group.post("/alert-sources/:id/integration-key", use: rotateKey)
        group.post("/alert-sources/:id/activity", use: setActivity)
        group.get("/alert-sources/:id/deletion", use: askDeletion)
        group.post("/alert-sources/:id/deletion", use: delete)
    }

    private var sources: AlertSourceAdministration { site.services.administration.sources }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let facts = try await facts(visit)
        let frame = site.frame(
            facts.source.name, .sources, crumbs: AlertSourceHead.crumbs(), isLive: true, context)
        let page = AlertSourcePage(
            facts, publicURL: site.services.settings.publicURL, takesMail: site.services.settings.takesMail,
            test: Self.test(visit.query), visit: visit, frame: frame)
        return site.response(page)
    }

    @Sendable private func actions(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let facts = try await facts(visit)
        let frame = site.frame(
            "Alert actions", .sources, crumbs: AlertSourceHead.crumbs(facts.source), context)
        let head = AlertSourceHead(facts, at: .actions, visit)
        return site.response(AlertSourceActionsPage(frame: frame, head: head))
    }

    @Sendable private func test(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.responder, to: "send test events")
        let id: AlertSource.ID = try visit.id()
        let source = try await sources.find(id, by: visit.caller)
        guard let event = TestEvent(source) else {
            throw Failure(.invalid, "There is no test event for this kind of alert source.")
        }
        let isFailing = visit.form["state"] != "passing"
        let answer = try await site.engine.reception.replay(
            event.request(isFailing: isFailing, at: visit.moments.now), source: id)
        var query = Form()
        query.add("test", isFailing ? "failing" : "passing")
        query.add("outcome", answer.reason.rawValue)
        if let alert = answer.alert { query.add("alert", "\(alert)") }
        return site.seeOther(Links.source(id) + query.query)
    }

    @Sendable private func rotateKey(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: AlertSource.ID = try visit.id()
        let done = "The API key was rotated. The old URL no longer works: paste the new one into your tool."
        return try await site.act(back: Links.source(id), done: done) {
            _ = try await sources.rotateKey(id, by: visit.caller)
        }
    }

    @Sendable private func setActivity(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: AlertSource.ID = try visit.id()
        let isActive = visit.form["isActive"] == "true"
        let done = isActive ? "The alert source is enabled." : "The alert source is disabled: its events raise nothing."
        return try await site.act(back: Links.source(id), done: done) {
            var draft = AlertSourceDraft(try await sources.find(id, by: visit.caller))
            draft.isActive = isActive
            _ = try await sources.update(id, with: draft, by: visit.caller)
        }
    }

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "delete alert sources")
        let source = try await sources.find(visit.id(), by: visit.caller)
        return site.ask(deletion(of: source), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let source = try await sources.find(visit.id(), by: visit.caller)
        guard visit.form["name"] == source.name else {
            return site.ask(deletion(of: source), failure: Deletion.wrongName, context)
        }
        try await sources.delete(source.id, by: visit.caller)
        return site.seeOther(Links.sources, .done("The alert source “\(source.name)” was deleted."))
    }

    private func deletion(of source: AlertSourceRecord) -> Deletion {
        Deletion(
            section: .sources, crumbs: AlertSourceHead.crumbs(source),
            heading: "Delete “\(source.name)”?",
            consequence: "Its alerts, events and URL go with it. This cannot be undone.", name: source.name,
            page: Links.source(source.id))
    }

    private func facts(_ visit: Visit) async throws -> AlertSourceFacts {
        let id: AlertSource.ID = try visit.id()
        let scope = visit.caller.scope
        return try await site.engine.store.read { try AlertSourceFacts(id, scope: scope, in: $0) }
    }

    /// What a test event did, told by the address that its form was answered with.
    private static func test(_ query: Form) -> AlertSourcePage.Test? {
        guard query.has("test"), let reason = IntakeReason(rawValue: query["outcome"]) else { return nil }
        return AlertSourcePage.Test(
            sentence: reason.sentence, alertLink: Alert.ID(query["alert"]).map(Links.alert),
            isFailing: query["test"] == "failing")
    }
}

struct AlertSourceActionsPage: HTMLPage {
    static let template = "source-actions"
    let frame: Frame
    let head: AlertSourceHead
}
