import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

/// Services: the list, one with how it is and was, its form, its deletion.
struct ServicePages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/services", use: list)
        group.get("/services/new", use: new)
        group.post("/services") { try await save(nil, try site.visit($0, $1)) }
        group.get("/services/:id", use: show)
        group.get("/services/:id/edit", use: edit)
        group.post("/services/:id") { request, context in
            let visit = try site.visit(request, context)
            return try await save(try await services.find(visit.id(), by: visit.caller), visit)
        }
        group.post("/services/:id/status", use: setStatus)
        group.get("/services/:id/deletion", use: askDeletion)
        group.post("/services/:id/deletion", use: delete)
    }

    private var services: ServiceAdministration { site.services.administration.services }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let found = try await services.list(page: Page(limit: 1000), by: visit.caller)
        let histories = try await histories(found, visit)
        let rows = found.map { service in
            let periods = histories[service.id]?.periods ?? []
            return ServiceListPage.Row(
                name: service.name, link: Links.service(service.id), state: service.status.words,
                style: service.status.style, since: periods.last.map { visit.moments.moment($0.start) },
                bars: UptimeBars(service, periods, moments: visit.moments))
        }
        return site.response(
            ServiceListPage(
                frame: site.frame("Services", .services, isLive: true, context), rows: rows, hasRows: !rows.isEmpty,
                mayConfigure: visit.mayConfigure))
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let service = try await services.find(visit.id(), by: visit.caller)
        let history = try await histories([service], visit)[service.id] ?? .init()
        let users = Set(history.periods.compactMap { $0.actor.user })
        let teams = try await teams(visit).filter { service.teams.contains($0.id) }
        let facts = ServicePage.Facts(
            history: history, isSubscribed: try await services.subscribed(by: visit.caller).contains(service.id),
            users: try await site.services.administration.users.names(of: users, by: visit.caller),
            teams: teams.map(\.name))
        let frame = site.frame(service.name, .services, crumbs: Self.crumbs(), isLive: true, context)
        return site.response(ServicePage(service, facts, visit: visit, frame: frame))
    }

    @Sendable private func setStatus(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: ServiceRecord.ID = try visit.id()
        guard let status = ServiceStatus(rawValue: visit.form["status"]) else {
            throw Failure(.invalid, "Choose a status.")
        }
        return try await site.act(back: Links.service(id), done: "The status is: \(status.words).") {
            _ = try await services.setStatus(status, of: id, text: visit.form["text"], by: visit.caller)
        }
    }

    private func histories(
        _ found: [ServiceRecord], _ visit: Visit
    ) async throws -> [ServiceRecord.ID: ServiceAdministration.History] {
        try await services.histories(of: found, from: visit.moments.now - .days(ServiceBars.days))
    }

    private func teams(_ visit: Visit) async throws -> [TeamRecord] {
        try await site.services.administration.teams.list(page: Page(limit: 500), by: visit.caller)
    }

    // MARK: - The form

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "create services")
        return try await form(ServiceDraft(name: ""), nil, problem: nil, visit)
    }

    @Sendable private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change services")
        let service = try await services.find(visit.id(), by: visit.caller)
        return try await form(ServiceDraft(service), service, problem: nil, visit)
    }

    private func save(_ service: ServiceRecord?, _ visit: Visit) async throws -> Response {
        let form = visit.form
        var draft = service.map { ServiceDraft($0) } ?? ServiceDraft(name: "")
        draft.name = form["name"]
        draft.alias = form["alias"]
        draft.details = form.raw("details")
        draft.showsUptimeHistory = form["showsUptimeHistory"] == "true"
        draft.teams = form.all("team").compactMap { Team.ID($0) }
        draft.status = service == nil ? ServiceStatus(rawValue: form["status"]) : nil
        do {
            let saved =
                if let service {
                    try await services.update(service.id, with: draft, by: visit.caller)
                } else {
                    try await services.create(draft, by: visit.caller)
                }
            return site.seeOther(Links.service(saved.id), .done("The service is saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await self.form(draft, service, problem: failure.sentence, visit)
        }
    }

    private func form(
        _ draft: ServiceDraft, _ service: ServiceRecord?, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let teams = try await teams(visit)
        let title = service == nil ? "Create service" : "Edit"
        let link = service.map { Links.service($0.id) } ?? Links.services
        let page = ServiceEditPage(
            frame: site.frame(title, .services, crumbs: Self.crumbs(service), visit.context),
            heading: service == nil ? title : "Edit service", problem: problem, action: link, back: link,
            name: draft.name, alias: draft.alias ?? "", details: draft.details,
            statuses: ServiceStatus.allCases.map {
                Choice($0.rawValue, $0.words, isChosen: $0 == (draft.status ?? .operational))
            }, hasStatuses: service == nil, showsUptimeHistory: draft.showsUptimeHistory,
            teams: teams.map { Choice("\($0.id)", $0.name, isChosen: draft.teams?.contains($0.id) ?? false) },
            hasTeams: !teams.isEmpty)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "delete services")
        return site.ask(deletion(of: try await services.find(visit.id(), by: visit.caller)), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let service = try await services.find(visit.id(), by: visit.caller)
        return try await site.delete(
            deletion(of: service), visit, back: Links.services,
            done: "The service “\(service.name)” was deleted."
        ) { try await services.delete(service.id, by: visit.caller) }
    }

    private func deletion(of service: ServiceRecord) -> Deletion {
        Deletion(
            section: .services, crumbs: Self.crumbs(service),
            heading: "Delete the service “\(service.name)”?",
            consequence: "Its history is gone, and status pages do not show it any more.", name: service.name,
            page: Links.service(service.id))
    }

    private static func crumbs(_ service: ServiceRecord? = nil) -> [Frame.Crumb] {
        let list = Frame.Crumb(label: "Services", link: Links.services)
        return [list] + (service.map { [Frame.Crumb(label: $0.name, link: Links.service($0.id))] } ?? [])
    }
}
