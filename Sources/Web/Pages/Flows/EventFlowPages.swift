import Alerting
import Engine
import Hummingbird
import Integrations
import Storage

/// Event flows: the list, one as an outline with a trace, its keys, its deletion. `EventFlowNodePages` changes nodes.
struct EventFlowPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/event-flows", use: list)
        group.get("/event-flows/new", use: new)
        group.post("/event-flows", use: create)
        group.get("/event-flows/:id", use: show)
        group.get("/event-flows/:id/edit", use: edit)
        group.post("/event-flows/:id", use: save)
        group.post("/event-flows/:id/trace", use: trace)
        group.post("/event-flows/:id/keys", use: addKey)
        group.post("/event-flows/:id/keys/:key/removal", use: removeKey)
        group.get("/event-flows/:id/deletion", use: askDeletion)
        group.post("/event-flows/:id/deletion", use: delete)
    }

    private var flows: EventFlowAdministration { site.services.administration.flows }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let records = try await flows.list(page: Page(limit: 1000), by: visit.caller)
        let names = try await FlowNames.load(site, visit)
        let rows = records.map { record in
            // A tree that this version cannot read is shown as such.
            let sources = (try? EventFlow(root: record.root))?.routes.compactMap { names.sources[$0.source] } ?? []
            let unique = sources.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            return EventFlowListPage.Row(
                link: Links.flow(record.id), name: record.name,
                ends: unique.isEmpty ? "Nowhere yet" : unique.joined(separator: ", "))
        }
        return site.response(
            EventFlowListPage(
                frame: site.frame("Event flows", .flows, context), rows: rows, hasRows: !rows.isEmpty,
                mayConfigure: visit.mayConfigure))
    }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "create event flows")
        return try await form(name: "", tree: nil, teams: [], nil, problem: nil, visit)
    }

    @Sendable private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let teams = visit.form.all("team").compactMap { Team.ID($0) }
        do {
            let draft = EventFlowDraft(name: visit.form["name"], root: EventFlowDraft.emptyRoot, teams: teams)
            let made = try await flows.create(draft, by: visit.caller)
            return site.seeOther(Links.flow(made.id), .done("The event flow is there; say now what becomes of events."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await form(
                name: visit.form["name"], tree: nil, teams: Set(teams), nil, problem: failure.sentence, visit)
        }
    }

    @Sendable private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change event flows")
        let flow = try await flows.find(visit.id(), by: visit.caller)
        return try await form(
            name: flow.name, tree: PrettyJSON.text(of: flow.root), teams: Set(flow.teams), flow, problem: nil, visit)
    }

    @Sendable private func save(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let flow = try await flows.find(visit.id(), by: visit.caller)
        let (name, tree) = (visit.form["name"], visit.form.raw("tree"))
        let teams = visit.form.all("team").compactMap { Team.ID($0) }
        do {
            let root: JSONValue
            do throws(JSONError) {
                root = try JSONValue.parse(Array(tree.utf8))
            } catch {
                throw Failure(.invalid, "The tree is no JSON: \(error.message)")
            }
            let draft = EventFlowDraft(name: name, root: root, teams: teams)
            _ = try await flows.update(flow.id, with: draft, by: visit.caller)
            return site.seeOther(Links.flow(flow.id), .done("Saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await form(
                name: name, tree: tree, teams: Set(teams), flow, problem: failure.sentence, visit)
        }
    }

    private func form(
        name: String, tree: String?, teams chosen: Set<Team.ID>, _ flow: EventFlowRecord?, problem: String?,
        _ visit: Visit
    ) async throws -> Response {
        let teams = try await site.services.administration.teams.list(page: Page(limit: 500), by: visit.caller)
        let link = flow.map { Links.flow($0.id) } ?? Links.flows
        let page = EventFlowEditPage(
            frame: site.frame(
                flow == nil ? "Create event flow" : "Edit", .flows, crumbs: Self.crumbs(flow), visit.context),
            heading: flow == nil ? "Create event flow" : "Edit event flow", problem: problem, action: link, back: link,
            name: name, tree: tree,
            teams: teams.map { Choice("\($0.id)", $0.name, isChosen: chosen.contains($0.id)) },
            hasTeams: !teams.isEmpty)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    // MARK: - One flow

    /// With `?event=…`, the stored request is led through the tree as it is now.
    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: EventFlow.ID = try visit.id()
        guard let event = EventFlowEvent.ID(visit.query["event"]) else {
            return try await page(id, nil, problem: nil, visit)
        }
        let stored = try await flows.event(event, of: id, by: visit.caller)
        return try await page(
            id, Traced(request: stored.webhookRequest, type: stored.integrationType), problem: nil, visit)
    }

    @Sendable private func trace(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let webhook = WebhookRequest(
            path: "/api/v1/events", headers: [.init("Content-Type", "application/json")],
            body: Array(visit.form.raw("body").utf8))
        return try await page(
            visit.id(), Traced(request: webhook, type: visit.form["format"]), problem: nil, visit)
    }

    /// A request that is led through the tree, to look at it.
    private struct Traced {
        var request: WebhookRequest
        /// As on the wire.
        var type: String
    }

    private func page(
        _ id: EventFlow.ID, _ traced: Traced?, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let flow = try await flows.find(id, by: visit.caller)
        let entry = try await flows.trial(of: id, by: visit.caller)
        let names = try await FlowNames.load(site, visit)
        let keys = try await flows.integrations(of: id, page: Page(limit: Limits.flowKeys), by: visit.caller)
        let events = try await flows.events(of: id, limit: 20, by: visit.caller)
        let teams = try await site.services.administration.teams.names(of: Set(flow.teams), by: visit.caller)
        var (walks, problem): ([(AlertEvent, FlowWalk)], String?) = ([], problem)
        if let traced {
            do throws(IntegrationError) {
                walks = try Self.walks(traced, entry, at: visit.moments.now)
                if walks.isEmpty { problem = "There is no event in this request." }
            } catch {
                problem = "This request cannot be read: \(error.message)"
            }
        }
        let publicURL = site.services.settings.publicURL
        let types = IntegrationCatalog.entries.filter { !$0.kind.isMail }
        let format = traced?.type ?? keys.first?.type ?? ""
        let page = EventFlowPage(
            frame: site.frame(flow.name, .flows, crumbs: Self.crumbs(), visit.context), name: flow.name,
            link: Links.flow(id), problem: problem,
            outline: FlowOutline(
                entry.flow, root: flow.root, id: id, names: names, walk: walks.first?.1,
                mayConfigure: visit.mayConfigure),
            keys: keys.map { key in
                .init(
                    id: "\(key.id)", name: IntegrationCatalog.entry(type: key.type)?.name ?? key.type,
                    url: visit.mayConfigure ? FlowURL.of(key, publicURL: publicURL) : nil,
                    removal: "\(Links.flow(id))/keys/\(key.id)/removal")
            }, types: types.map { Choice($0.type, $0.name, isChosen: false) },
            events: events.map { .init($0, link: Links.flow(id), moments: visit.moments) }, hasEvents: !events.isEmpty,
            teams: teams.values.sorted(), hasTeams: !teams.isEmpty, mayConfigure: visit.mayConfigure,
            body: traced.map { String(decoding: $0.request.body, as: UTF8.self) } ?? "",
            formats: types.map { Choice($0.type, $0.name, isChosen: $0.type == format) },
            results: walks.map { .init($1, native: $0, names: names, moments: visit.moments) },
            hasResults: !walks.isEmpty)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    private static func walks(
        _ traced: Traced, _ entry: FlowEntry, at now: Timestamp
    ) throws(IntegrationError) -> [(AlertEvent, FlowWalk)] {
        guard let reader = IntegrationCatalog.entry(type: traced.type) else {
            throw .unsupported(field: "integrationType", value: Limits.cut(traced.type, to: 40))
        }
        var counters = ConditionCounters()
        return try reader.events(from: traced.request, settings: IntegrationSettings()).prefix(20).map { event in
            (event, entry.walk(event, integrationType: traced.type, at: now, counters: &counters))
        }
    }

    // MARK: - Keys and deletion

    @Sendable private func addKey(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: EventFlow.ID = try visit.id()
        return try await site.act(back: Links.flow(id), done: "The key is there.") {
            _ = try await flows.addIntegration(visit.form["type"], to: id, by: visit.caller)
        }
    }

    @Sendable private func removeKey(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let (id, key): (EventFlow.ID, EventFlowIntegration.ID) = (try visit.id(), try visit.id("key"))
        guard try await flows.integration(key, by: visit.caller).flow == id else {
            throw Failure(.notFound, "There is nothing at this address.")
        }
        return try await site.act(back: Links.flow(id), done: "The key is gone; what comes under it is refused.") {
            try await flows.deleteIntegration(key, by: visit.caller)
        }
    }

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return site.ask(deletion(of: try await flows.find(visit.id(), by: visit.caller)), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let flow = try await flows.find(visit.id(), by: visit.caller)
        return try await site.delete(
            deletion(of: flow), visit, back: Links.flows,
            done: "The event flow “\(flow.name)” was deleted."
        ) { try await flows.delete(flow.id, by: visit.caller) }
    }

    private func deletion(of flow: EventFlowRecord) -> Deletion {
        Deletion(
            section: .flows, crumbs: Self.crumbs(flow),
            heading: "Delete the event flow “\(flow.name)”?",
            consequence:
                "Its keys stop at once: what tools still send to them is refused. Events that wait in it are lost. "
                + "This cannot be undone.",
            name: flow.name, page: Links.flow(flow.id))
    }

    static func crumbs(_ flow: EventFlowRecord? = nil) -> [Frame.Crumb] {
        let list = Frame.Crumb(label: "Event flows", link: Links.flows)
        return [list] + (flow.map { [Frame.Crumb(label: $0.name, link: Links.flow($0.id))] } ?? [])
    }
}

/// The things that nodes may name, as the reader sees them.
enum FlowNames {
    static func load(_ site: Site, _ visit: Visit) async throws -> FlowOutline.Names {
        let scope = visit.caller.scope
        return try await site.engine.store.read { transaction in
            let page = Page(limit: 1000)
            var names = FlowOutline.Names()
            for source in try AlertSources.list(scope: scope, page: page, in: transaction) {
                names.sources[source.id] = source.name
            }
            for policy in try EscalationPolicies.list(scope: scope, page: page, in: transaction) {
                names.policies[policy.id] = policy.name
            }
            for hours in try SupportHoursList.list(scope: scope, page: page, in: transaction) {
                names.hours[hours.id] = hours.name
            }
            return names
        }
    }
}

extension EventFlowEvent {
    /// The request as it came; headers that are secrets were not kept.
    var webhookRequest: WebhookRequest {
        let stored = (try? JSONValue.parse(Array(headers.utf8)))?.object ?? [:]  // Damaged headers are left out.
        let fields = stored.sorted { $0.key < $1.key }.map { WebhookRequest.Header($0.key, $0.value.string ?? "") }
        return WebhookRequest(method: method, path: path, headers: fields, query: query, body: body)
    }
}
