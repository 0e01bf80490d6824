import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Monitors: the list, one with its history, its form.
struct MonitorPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/monitors", use: list)
        group.get("/monitors/new", use: new)
        group.post("/monitors/quick", use: quick)
        group.get("/monitors/sites/:host", use: showSite)
        group.get("/monitors/certificates", use: certificates)
        group.get("/wallboard", use: wallboard)
        group.get("/monitors/:id/screenshots/:time", use: screenshot)
        group.post("/monitors") { try await save(nil, try site.visit($0, $1)) }
        group.get("/monitors/:id", use: show)
        group.get("/monitors/:id/edit", use: edit)
        group.post("/monitors/:id") { request, context in
            let visit = try site.visit(request, context)
            return try await save(try await monitors.find(visit.id(), by: visit.caller), visit)
        }
        group.post("/monitors/:id/check", use: check)
        group.get("/monitors/:id/deletion", use: askDeletion)
        group.post("/monitors/:id/deletion", use: delete)
    }

    var monitors: MonitorAdministration { site.services.administration.monitors }
    static let shown = 1000

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let found = try await monitors.list(page: Page(limit: Self.shown), by: visit.caller)
        let hours = try await monitors.hours(of: found, from: visit.moments.now - .hours(25))
        let frame = site.frame("Monitors", .monitors, isLive: true, context)
        return site.response(MonitorListPage(found, hours, visit: visit, frame: frame))
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let monitor = try await monitors.find(visit.id(), by: visit.caller)
        let now = visit.moments.now
        let history = MonitorPage.History(
            hours: try await monitors.hours(of: [monitor], from: now - .days(8))[monitor.id] ?? [],
            days: try await monitors.days(of: [monitor], from: now - .days(91))[monitor.id] ?? [],
            results: try await monitors.results(of: monitor, from: now - .days(1)),
            events: try await monitors.events(of: monitor.id, page: Page(limit: 50), by: visit.caller),
            spots: try await monitors.spots(of: monitor),
            pictures: try await monitors.screenshots(of: monitor))
        let source = try await sources(visit).first { $0.id == monitor.source }
        let frame = site.frame(monitor.name, .monitors, crumbs: Self.crumbs(), isLive: true, context)
        return site.response(MonitorPage(monitor, history, source: source, visit: visit, frame: frame))
    }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "create monitors")
        return try await form(MonitorForm(), nil, problem: nil, visit)
    }

    @Sendable private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change monitors")
        let monitor = try await monitors.find(visit.id(), by: visit.caller)
        return try await form(MonitorForm(monitor), monitor, problem: nil, visit)
    }

    /// A pasted URL; the rest is guessed, shown, and can be changed.
    @Sendable private func quick(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        var form = MonitorForm()
        form.target = visit.form["target"]
        if form.target.lowercased().hasPrefix("https://") { form.certificateDays = "14" }
        do {
            let saved = try await monitors.create(form.draft(changing: nil), by: visit.caller)
            let check = saved.subject.kind.words
            return site.seeOther(
                Links.monitor(saved.id),
                .done(
                    "Guessed: \(check) every \(Moments.words(saved.interval)), failing after one more check"
                        + (form.certificateDays.isEmpty ? "" : ", the certificate good for 14 days")
                        + ". Edit it to change that, or to raise alerts."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await self.form(form, nil, problem: failure.sentence, visit)
        }
    }

    private func save(_ monitor: MonitorRecord?, _ visit: Visit) async throws -> Response {
        let form = MonitorForm(visit.form)
        do {
            let draft = try form.draft(changing: monitor)
            let saved =
                if let monitor {
                    try await monitors.update(monitor.id, with: draft, by: visit.caller)
                } else {
                    try await monitors.create(draft, by: visit.caller)
                }
            return site.seeOther(Links.monitor(saved.id), .done("The monitor is saved; it is checked at once."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await self.form(form, monitor, problem: failure.sentence, visit)
        }
    }

    private func form(
        _ form: MonitorForm, _ monitor: MonitorRecord?, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let groups = try await site.services.administration.deliveryGroups.list(by: visit.caller)
        let title = monitor == nil ? "Add monitor" : "Edit"
        let link = monitor.map { Links.monitor($0.id) } ?? Links.monitors
        let guess = Choice("", "Guess from the target", isChosen: form.kind.isEmpty)
        let page = MonitorEditPage(
            frame: site.frame(title, .monitors, crumbs: Self.crumbs(monitor), visit.context),
            heading: monitor == nil ? title : "Edit monitor", problem: problem, action: link, back: link, form: form,
            kinds: (monitor == nil ? [guess] : [])
                + Monitor.Kind.allCases.map { Choice($0.rawValue, $0.words, isChosen: $0.rawValue == form.kind) },
            intervals: MonitorForm.intervals.map { seconds in
                Choice("\(seconds)", Moments.words(.seconds(seconds)), isChosen: "\(seconds)" == form.interval)
            },
            retests: (0...5).map { count in
                let words = count == 0 ? "At once" : count == 1 ? "After 1 more check" : "After \(count) more checks"
                return Choice("\(count)", words, isChosen: "\(count)" == form.retests)
            },
            sources: [Choice("", "None: nothing is raised", isChosen: form.source == nil)]
                + (try await sources(visit)).map { Choice("\($0.id)", $0.name, isChosen: $0.id == form.source) },
            groups: groups.map { Choice("\($0.id)", $0.label, isChosen: form.groups.contains($0.id)) },
            hasGroups: !groups.isEmpty, isEdit: monitor != nil)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private func check(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: Monitor.ID = try visit.id()
        return try await site.act(back: Links.monitor(id), done: "It is being checked.") {
            try await monitors.checkNow(id, by: visit.caller)
        }
    }

    private func sources(_ visit: Visit) async throws -> [AlertSourceRecord] {
        try await site.services.administration.sources.list(page: Page(limit: 2000), by: visit.caller)
    }

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "delete monitors")
        return site.ask(deletion(of: try await monitors.find(visit.id(), by: visit.caller)), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let monitor = try await monitors.find(visit.id(), by: visit.caller)
        return try await site.delete(
            deletion(of: monitor), visit, back: Links.monitors,
            done: "The monitor “\(monitor.name)” was deleted."
        ) { try await monitors.delete(monitor.id, by: visit.caller) }
    }

    private func deletion(of monitor: MonitorRecord) -> Deletion {
        Deletion(
            section: .monitors, crumbs: Self.crumbs(monitor),
            heading: "Delete the monitor “\(monitor.name)”?",
            consequence: "Its history goes with it. An alert that it raised stays open.", name: monitor.name,
            page: Links.monitor(monitor.id))
    }

    static func crumbs(_ monitor: MonitorRecord? = nil) -> [Frame.Crumb] {
        let list = Frame.Crumb(label: "Monitors", link: Links.monitors)
        return [list] + (monitor.map { [Frame.Crumb(label: $0.name, link: Links.monitor($0.id))] } ?? [])
    }
}
