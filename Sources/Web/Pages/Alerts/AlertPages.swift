import Alerting
import Engine
import Hummingbird
import Storage

/// The list of alerts, one alert, and what people do with them.
struct AlertPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/alerts", use: list)
        group.get("/alerts/new", use: new)
        group.post("/alerts", use: raise)
        group.get("/alerts/:id", use: show)
        group.post("/alerts/:id/acceptance") {
            try await act($0, $1, "You have accepted this alert.") { desk, id, visit in
                try await desk.accept(id, by: visit.caller)
            }
        }
        group.post("/alerts/:id/resolution") {
            try await act($0, $1, "You have resolved this alert.") { desk, id, visit in
                try await desk.resolve(id, by: visit.caller)
            }
        }
        group.post("/alerts/:id/escalation") {
            try await act($0, $1, "The next level is being called.") { desk, id, visit in
                try await desk.escalate(id, asOf: Int(visit.form["level"]), by: visit.caller)
            }
        }
        group.post("/alerts/:id/comments") {
            try await act($0, $1, "Your comment is on the timeline.") { desk, id, visit in
                try await desk.comment(id, text: visit.form["text"], by: visit.caller)
            }
        }
        group.post("/alerts/:id/snooze") { request, context in
            let isEnding = try site.visit(request, context).form["minutes"] == "0"
            let done = isEnding ? "Paging goes on." : "The alert is snoozed: nobody is paged until then."
            return try await act(request, context, done) { desk, id, visit in
                try await desk.snooze(id, minutes: Int(visit.form["minutes"]) ?? -1, by: visit.caller)
            }
        }
        group.post("/alerts/:id/assignment") { try await act($0, $1, "The alert was reassigned.", assign) }
    }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let query = AlertListQuery(visit.query)
        let scope = visit.caller.scope
        let result = try await site.engine.store.read { try query.run(scope: scope, in: $0) }
        let pending = result.counts[.pending] ?? 0
        let frame = site.frame(pending > 0 ? "(\(pending)) Alerts" : "Alerts", .alerts, isLive: true, context)
        return site.response(AlertListPage(result, query: query, visit: visit, frame: frame))
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: Alert.ID = try visit.id()
        let scope = visit.caller.scope
        let now = visit.moments.now
        let facts = try await site.engine.store.read { try AlertFacts(id, scope: scope, at: now, in: $0) }
        let crumbs = [Frame.Crumb(label: "Alerts", link: Links.alerts)]
        let frame = site.frame("Alert \(id)", .alerts, crumbs: crumbs, isLive: true, context)
        return site.response(AlertPage(facts, visit: visit, frame: frame))
    }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return site.response(try await newPage(visit.query, problem: nil, visit))
    }

    @Sendable private func raise(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let form = visit.form
        do {
            guard let source = AlertSource.ID(form["source"]) else {
                throw Failure.invalid("source", "choose an alert source.")
            }
            let manual = ManualAlert(
                source: source, summary: form["summary"], details: form["details"],
                priority: Priority(rawValue: form["priority"]), assigned: User.ID(form["user"]))
            let id = try await site.engine.desk.raise(manual, by: visit.caller)
            return site.seeOther(Links.alert(id), .done("The alert was raised."))
        } catch let failure as Failure where failure.isForTheForm {
            let page = try await newPage(form, problem: failure.sentence, visit)
            return site.response(page, status: failure.code.status)
        }
    }

    private func newPage(_ form: Form, problem: String?, _ visit: Visit) async throws -> NewAlertPage {
        let caller = visit.caller
        let (sources, users) = try await site.engine.store.read { transaction in
            (
                try AlertSources.list(scope: caller.scope, page: Page(limit: 500), in: transaction),
                try Users.list(account: caller.account, page: Page(limit: 500), in: transaction)
            )
        }
        let crumbs = [Frame.Crumb(label: "Alerts", link: Links.alerts)]
        return NewAlertPage(
            frame: site.frame("Raise an alert", .alerts, crumbs: crumbs, visit.context), problem: problem,
            hasSources: !sources.isEmpty,
            sources: sources.map { Choice("\($0.id)", $0.name, isChosen: form["source"] == "\($0.id)") },
            users: [Choice("", "Follow the alert source's escalation policy", isChosen: form["user"].isEmpty)]
                + users.map { Choice("\($0.id)", $0.fullName, isChosen: form["user"] == "\($0.id)") },
            summary: form["summary"], details: form["details"], isLow: form["priority"] == "low")
    }

    private func act(
        _ request: Request, _ context: WebContext, _ done: String,
        _ action: @Sendable (AlertDesk, Alert.ID, Visit) async throws -> Void
    ) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: Alert.ID = try visit.id()
        let link = Links.inside(visit.form["back"], else: Links.alert(id))
        return try await site.act(back: link, done: done) { try await action(site.engine.desk, id, visit) }
    }

    @Sendable private func assign(_ desk: AlertDesk, _ id: Alert.ID, _ visit: Visit) async throws {
        let target = visit.form["target"].split(separator: ":")
        switch (target.first, target.last.flatMap { Int64($0) }) {
        case ("user", let number?): try await desk.assign(id, to: User.ID(number), by: visit.caller)
        case ("policy", let number?): try await desk.assign(id, to: EscalationPolicy.ID(number), by: visit.caller)
        case ("schedule", let number?): try await desk.assign(id, to: OnCallSchedule.ID(number), by: visit.caller)
        default: throw Failure.invalid("target", "choose a person or an escalation policy.")
        }
    }
}

/// The form that raises an alert by hand.
struct NewAlertPage: HTMLPage {
    static let template = "alert-new"
    let frame: Frame
    let problem: String?
    let hasSources: Bool
    let sources: [Choice]
    let users: [Choice]
    let summary: String
    let details: String
    let isLow: Bool
}
