import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Heartbeat monitors: the list, one with its last signals, its form.
struct HeartbeatPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/heartbeat-monitors", use: list)
        group.get("/heartbeat-monitors/new", use: new)
        group.post("/heartbeat-monitors") { try await save(nil, try site.visit($0, $1)) }
        group.get("/heartbeat-monitors/:id", use: show)
        group.get("/heartbeat-monitors/:id/edit", use: edit)
        group.post("/heartbeat-monitors/:id") { request, context in
            let visit = try site.visit(request, context)
            return try await save(try await monitors.find(visit.id(), by: visit.caller), visit)
        }
        group.get("/heartbeat-monitors/:id/deletion", use: askDeletion)
        group.post("/heartbeat-monitors/:id/deletion", use: delete)
    }

    private var monitors: HeartbeatAdministration { site.services.administration.heartbeats }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let found = try await monitors.list(page: Page(limit: 1000), by: visit.caller)
        let sources = try await sources(visit)
        let names = Dictionary(uniqueKeysWithValues: sources.map { ($0.id, $0.name) })
        let rows = found.sorted { $0.name.lowercased() < $1.name.lowercased() }.map { monitor in
            HeartbeatListPage.Row(
                name: monitor.name, link: Links.heartbeat(monitor.id), state: monitor.heartbeat.state.words,
                style: monitor.heartbeat.state.style,
                lastPing: monitor.heartbeat.lastPing.map { visit.moments.moment($0) },
                interval: Moments.words(monitor.heartbeat.interval),
                source: monitor.source.map { names[$0] ?? "Alert source \($0)" } ?? "None")
        }
        return site.response(
            HeartbeatListPage(
                frame: site.frame("Heartbeat monitors", .heartbeats, isLive: true, context), rows: rows,
                hasRows: !rows.isEmpty, mayConfigure: visit.mayConfigure))
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let monitor = try await monitors.find(visit.id(), by: visit.caller)
        let pings = try await monitors.pings(of: monitor.id, by: visit.caller)
        let source = try await sources(visit).first { $0.id == monitor.source }
        let frame = site.frame(monitor.name, .heartbeats, crumbs: Self.crumbs(), isLive: true, context)
        return site.response(
            HeartbeatPage(
                monitor, pings: pings, source: source, publicURL: site.services.settings.publicURL, visit: visit,
                frame: frame))
    }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "create heartbeat monitors")
        return try await form(HeartbeatForm(), nil, problem: nil, visit)
    }

    @Sendable private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change heartbeat monitors")
        let monitor = try await monitors.find(visit.id(), by: visit.caller)
        return try await form(HeartbeatForm(monitor), monitor, problem: nil, visit)
    }

    private func save(_ monitor: HeartbeatMonitorRecord?, _ visit: Visit) async throws -> Response {
        let form = HeartbeatForm(visit.form)
        do {
            let draft = try form.draft()
            let saved =
                if let monitor {
                    try await monitors.update(monitor.id, with: draft, by: visit.caller)
                } else {
                    try await monitors.create(draft, by: visit.caller)
                }
            return site.seeOther(Links.heartbeat(saved.id), .done("The heartbeat monitor is saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await self.form(form, monitor, problem: failure.sentence, visit)
        } catch is HeartbeatAdministration.NameTaken {
            return try await self.form(form, monitor, problem: "There is a heartbeat monitor of this name.", visit)
        }
    }

    private func form(
        _ form: HeartbeatForm, _ monitor: HeartbeatMonitorRecord?, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let teams = try await site.services.administration.teams.list(page: Page(limit: 500), by: visit.caller)
        let sources = try await sources(visit)
        let title = monitor == nil ? "Create heartbeat monitor" : "Edit"
        let link = monitor.map { Links.heartbeat($0.id) } ?? Links.heartbeats
        let page = HeartbeatEditPage(
            frame: site.frame(title, .heartbeats, crumbs: Self.crumbs(monitor), visit.context),
            heading: monitor == nil ? title : "Edit heartbeat monitor", problem: problem, action: link, back: link,
            name: form.name, interval: form.interval, units: form.unitChoices,
            sources: [Choice("", "None: nothing is raised", isChosen: form.source == nil)]
                + sources.map { Choice("\($0.id)", $0.name, isChosen: $0.id == form.source) },
            alertSummary: form.alertSummary, isEdit: monitor != nil,
            teams: teams.map { Choice("\($0.id)", $0.name, isChosen: form.teams.contains($0.id)) },
            hasTeams: !teams.isEmpty)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    private func sources(_ visit: Visit) async throws -> [AlertSourceRecord] {
        try await site.services.administration.sources.list(page: Page(limit: 2000), by: visit.caller)
    }

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "delete heartbeat monitors")
        return site.ask(deletion(of: try await monitors.find(visit.id(), by: visit.caller)), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let monitor = try await monitors.find(visit.id(), by: visit.caller)
        return try await site.delete(
            deletion(of: monitor), visit, back: Links.heartbeats,
            done: "The heartbeat monitor “\(monitor.name)” was deleted."
        ) { try await monitors.delete(monitor.id, by: visit.caller) }
    }

    private func deletion(of monitor: HeartbeatMonitorRecord) -> Deletion {
        Deletion(
            section: .heartbeats, crumbs: Self.crumbs(monitor),
            heading: "Delete the heartbeat monitor “\(monitor.name)”?",
            consequence: "Its URL stops at once. An alert that it raised stays open.", name: monitor.name,
            page: Links.heartbeat(monitor.id))
    }

    private static func crumbs(_ monitor: HeartbeatMonitorRecord? = nil) -> [Frame.Crumb] {
        let list = Frame.Crumb(label: "Heartbeat monitors", link: Links.heartbeats)
        return [list] + (monitor.map { [Frame.Crumb(label: $0.name, link: Links.heartbeat($0.id))] } ?? [])
    }
}
