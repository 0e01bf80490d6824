import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Maintenance windows: calendar and list, one window, its form, and the short way from an alert source's page.
struct MaintenancePages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/maintenance-windows", use: list)
        group.get("/maintenance-windows/new", use: new)
        group.post("/maintenance-windows") { try await save(nil, try site.visit($0, $1)) }
        group.get("/maintenance-windows/:id", use: show)
        group.get("/maintenance-windows/:id/edit", use: edit)
        group.post("/maintenance-windows/:id") { request, context in
            let visit = try site.visit(request, context)
            return try await save(try await windows.find(visit.id(), by: visit.caller), visit)
        }
        group.post("/maintenance-windows/:id/end", use: end)
        group.get("/maintenance-windows/:id/deletion", use: askDeletion)
        group.post("/maintenance-windows/:id/deletion", use: delete)
        group.post("/alert-sources/:id/maintenance", use: begin)
    }

    private var windows: MaintenanceWindowAdministration { site.services.administration.maintenance }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let zone = Zone(visit.user.timeZone) ?? .utc
        let month = MaintenanceMonth(visit.query["month"], zone: zone, now: visit.moments.now)
        let inMonth = try await windows.list(
            .init(from: month.start, until: month.end), page: Page(limit: 200), by: visit.caller)
        let open = try await windows.list(.init(isOpen: true), page: Page(limit: 200), by: visit.caller)
        let recently = visit.moments.now - .days(90)
        let closed = try await windows.list(
            .init(isOpen: false, from: recently), page: Page(limit: 200), by: visit.caller)
        let names = try await names(of: Set((open + closed).flatMap(\.sources)), visit)
        let rows = { (list: [MaintenanceWindowRecord]) in list.map { MaintenanceListPage.Row($0, names, visit) } }
        let page = MaintenanceListPage(
            frame: site.frame("Maintenance", .maintenance, isLive: true, context), month: month.title,
            previous: Links.maintenance + "?month=\(month.previous)", next: Links.maintenance + "?month=\(month.next)",
            weeks: month.weeks(inMonth), open: rows(open), hasOpen: !open.isEmpty, closed: rows(closed.reversed()),
            hasClosed: !closed.isEmpty, mayConfigure: visit.mayConfigure)
        return site.response(page)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let window = try await windows.find(visit.id(), by: visit.caller)
        let names = try await names(of: Set(window.sources), visit)
        let monitors = try await site.services.administration.monitors.find(Set(window.monitors), by: visit.caller)
        let creator: Set<User.ID> = Set([window.createdBy].compactMap(\.self))
        let people = try await site.services.administration.users.names(of: creator, by: visit.caller)
        let frame = site.frame(window.summary, .maintenance, crumbs: Self.crumbs(), isLive: true, context)
        return site.response(
            MaintenancePage(
                window, names: names, monitors: monitors, creator: window.createdBy.flatMap { people[$0] },
                visit: visit, frame: frame))
    }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "plan maintenance")
        var form = MaintenanceForm(zone: visit.user.timeZone, now: visit.moments.now)
        form.sources = Set(visit.query.all("source").compactMap { AlertSource.ID($0) })
        return try await self.form(form, nil, problem: nil, visit)
    }

    @Sendable private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change maintenance")
        let window = try await windows.find(visit.id(), by: visit.caller)
        return try await form(MaintenanceForm(window), window, problem: nil, visit)
    }

    private func save(_ window: MaintenanceWindowRecord?, _ visit: Visit) async throws -> Response {
        let form = MaintenanceForm(visit.form)
        do {
            let draft = try form.draft(services: window?.services ?? [])
            let saved =
                if let window {
                    try await windows.update(window.id, with: draft, by: visit.caller)
                } else {
                    try await windows.create(draft, by: visit.caller)
                }
            return site.seeOther(Links.maintenance(saved.id), .done("The maintenance window is saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await self.form(form, window, problem: failure.sentence, visit)
        }
    }

    /// The short way: from an alert source's page, for some minutes or until a time on the reader's wall.
    @Sendable private func begin(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let source = try await site.services.administration.sources.find(visit.id(), by: visit.caller)
        let (now, zone) = (visit.moments.now, Zone(visit.user.timeZone) ?? .utc)
        return try await site.act(back: Links.source(source.id), done: "Maintenance has begun.") {
            let until = visit.form["until"]
            let end: Timestamp
            if !until.isEmpty {
                guard let wall = WallTime(until) else { throw Failure(.invalid, "Enter the end as a date and a time.") }
                end = zone.last(wall)
            } else {
                guard let minutes = Int(visit.form["minutes"]), (1...43_200).contains(minutes) else {
                    throw Failure(.invalid, "Choose how long the maintenance lasts.")
                }
                end = now + .minutes(minutes)
            }
            _ = try await windows.create(
                MaintenanceWindowDraft(
                    summary: "Maintenance of \(source.name)", timeZone: zone.name, start: now, end: end,
                    sources: [source.id]), by: visit.caller)
        }
    }

    @Sendable private func end(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: MaintenanceWindow.ID = try visit.id()
        return try await site.act(back: Links.maintenance(id), done: "The maintenance is over.") {
            _ = try await windows.end(id, by: visit.caller)
        }
    }

    private func form(
        _ form: MaintenanceForm, _ window: MaintenanceWindowRecord?, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let sources = try await site.services.administration.sources.list(page: Page(limit: 2000), by: visit.caller)
        let monitors = try await site.services.administration.monitors.list(page: Page(limit: 1000), by: visit.caller)
        let title = window == nil ? "Plan maintenance" : "Edit"
        let link = window.map { Links.maintenance($0.id) } ?? Links.maintenance
        let page = MaintenanceEditPage(
            frame: site.frame(title, .maintenance, crumbs: Self.crumbs(window), visit.context),
            heading: window == nil ? title : "Edit maintenance", problem: problem, action: link, back: link,
            summary: form.summary, details: form.details, start: form.start, end: form.end,
            zones: TimeZones.choices(form.zone),
            sources: sources.map { Choice("\($0.id)", $0.name, isChosen: form.sources.contains($0.id)) },
            monitors: monitors.map { Choice("\($0.id)", $0.name, isChosen: form.monitors.contains($0.id)) },
            hasMonitors: !monitors.isEmpty, modes: form.modeChoices, notifications: form.notificationChoices)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "delete maintenance")
        return site.ask(deletion(of: try await windows.find(visit.id(), by: visit.caller)), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let window = try await windows.find(visit.id(), by: visit.caller)
        return try await site.delete(
            deletion(of: window), visit, back: Links.maintenance,
            done: "The maintenance window was deleted."
        ) { try await windows.delete(window.id, by: visit.caller) }
    }

    private func deletion(of window: MaintenanceWindowRecord) -> Deletion {
        Deletion(
            section: .maintenance, crumbs: Self.crumbs(window),
            heading: "Delete “\(window.summary)”?",
            consequence: "If it is running, it ends: what fails is raised from then on, and what it held back is, too.",
            name: window.summary, page: Links.maintenance(window.id))
    }

    private func names(of ids: Set<AlertSource.ID>, _ visit: Visit) async throws -> [AlertSource.ID: String] {
        let caller = visit.caller
        let scope = Scope(account: caller.account, user: caller.user, role: caller.role)
        return try await site.engine.store.read { transaction in
            var names: [AlertSource.ID: String] = [:]
            for id in ids { names[id] = try AlertSources.find(id, scope: scope, in: transaction)?.name }
            return names
        }
    }

    private static func crumbs(_ window: MaintenanceWindowRecord? = nil) -> [Frame.Crumb] {
        let list = Frame.Crumb(label: "Maintenance", link: Links.maintenance)
        return [list] + (window.map { [Frame.Crumb(label: $0.summary, link: Links.maintenance($0.id))] } ?? [])
    }
}
