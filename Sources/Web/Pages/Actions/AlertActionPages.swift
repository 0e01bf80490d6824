import Alerting
import Engine
import Hummingbird
import Storage

/// Alert actions: the list, one with its runs and a button to try it, its form, its deletion.
struct AlertActionPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/alert-actions", use: list)
        group.get("/alert-actions/new", use: new)
        group.post("/alert-actions") { try await save(nil, try site.visit($0, $1)) }
        group.get("/alert-actions/:id", use: show)
        group.get("/alert-actions/:id/edit", use: edit)
        group.post("/alert-actions/:id") { request, context in
            let visit = try site.visit(request, context)
            return try await save(try await actions.find(visit.id(), by: visit.caller), visit)
        }
        group.post("/alert-actions/:id/trial", use: tryOut)
        group.get("/alert-actions/:id/deletion", use: askDeletion)
        group.post("/alert-actions/:id/deletion", use: delete)
        group.post("/alerts/:id/actions/:action", use: press)
    }

    private var actions: AlertActionAdministration { site.services.administration.actions }
    private var connectors: ConnectorAdministration { site.services.administration.connectors }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let records = try await actions.list(page: Page(limit: 1000), by: visit.caller)
        let others =
            visit.mayConfigure ? try await connectors.list(page: Page(limit: 1000), by: visit.caller) : []
        let rows = records.map { record in
            AlertActionListPage.Row(
                link: Links.action(record.id), name: record.name, kind: Self.title(record.kind),
                facts: record.isManual
                    ? "A button on alerts"
                    : "When an alert \(record.activeTriggers.map(\.words).joined(separator: ", "))")
        }
        return site.response(
            AlertActionListPage(
                frame: site.frame("Alert actions", .actions, context), rows: rows, hasRows: !rows.isEmpty,
                connectors: others.map {
                    .init(link: Links.connector($0.id), name: $0.name, kind: Self.title($0.kind), facts: "")
                }, hasConnectors: !others.isEmpty,
                kinds: ActionKind.all.map { Choice($0.name, $0.title, isChosen: false) },
                connectorKinds: ActionKind.all.filter(\.needsConnector).map {
                    Choice($0.name, $0.title, isChosen: false)
                }, mayConfigure: visit.mayConfigure))
    }

    // MARK: - One action

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return try await page(visit.id(), answer: nil, visit)
    }

    @Sendable private func tryOut(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: AlertActionRecord.ID = try visit.id()
        let answer = try await site.engine.actionDesk.tryOut(id, by: visit.caller)
        return try await page(
            id,
            answer: .init(
                isGood: answer.reason == nil,
                words: answer.reason.map { "It did not work: \($0)" } ?? "It worked.",
                status: answer.status.map { "\($0)" }, text: answer.text), visit)
    }

    private func page(
        _ id: AlertActionRecord.ID, answer: AlertActionPage.Answer?, _ visit: Visit
    ) async throws -> Response {
        let action = try await actions.find(id, by: visit.caller)
        let runs = try await actions.runs(of: id, limit: 30, by: visit.caller)
        let names = try await FlowNames.load(site, visit)
        var connector: ConnectorRecord?
        if visit.mayConfigure, let used = action.connector {
            connector = try await connectors.find(used, by: visit.caller)
        }
        return site.response(
            AlertActionPage(
                frame: site.frame(action.name, .actions, crumbs: Self.crumbs(), visit.context), name: action.name,
                link: Links.action(id), kind: Self.title(action.kind),
                mode: action.isManual ? "By a button on the alert" : "By itself",
                triggers: action.activeTriggers.map(\.words), hasTriggers: !action.activeTriggers.isEmpty,
                connector: connector?.name,
                connectorLink: connector.map { Links.connector($0.id) }, conditions: action.conditions,
                sources: action.sources.map { names.sources[$0] ?? "Alert source \($0)" },
                hasSources: !action.sources.isEmpty, mayConfigure: visit.mayConfigure, answer: answer,
                runs: runs.map { run in
                    .init(
                        at: visit.moments.moment(run.finishedAt ?? run.due), alert: "#\(run.key.alert)",
                        alertLink: Links.alert(run.key.alert), trigger: run.key.trigger.words,
                        status: Self.words(run.status), style: run.status == .done ? "active" : "disabled",
                        answer: run.answer ?? "")
                }, hasRuns: !runs.isEmpty))
    }

    /// A button on an alert.
    @Sendable private func press(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let (alert, action): (Alert.ID, AlertActionRecord.ID) = (try visit.id(), try visit.id("action"))
        do {
            let answer = try await site.engine.actionDesk.press(action, on: alert, by: visit.caller)
            let notice = answer.reason.map { Notice.problem("It did not work: \($0)") } ?? .done("Done. \(answer.text)")
            return site.seeOther(Links.alert(alert), notice)
        } catch let failure as Failure where failure.isForTheForm {
            return site.seeOther(Links.alert(alert), .problem(failure.sentence))
        }
    }

    // MARK: - The form

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "create alert actions")
        guard let kind = ActionKind.named(visit.query["kind"]) else {
            throw Failure(.notFound, "There is no such alert action.")
        }
        let draft = AlertActionDraft(name: "", kind: kind.name)
        return try await form(draft, ActionSettings(kind.fields, params: .object([:])), nil, problem: nil, visit)
    }

    @Sendable private func edit(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change alert actions")
        let action = try await actions.find(visit.id(), by: visit.caller)
        let fields = ActionKind.named(action.kind)?.fields ?? []
        return try await form(
            AlertActionDraft(action), ActionSettings(fields, params: action.params), action, problem: nil, visit)
    }

    private func save(_ record: AlertActionRecord?, _ visit: Visit) async throws -> Response {
        let form = visit.form
        let kind = record?.kind ?? form["kind"]
        let settings = ActionSettings(ActionKind.named(kind)?.fields ?? [], form)
        var draft = record.map { AlertActionDraft($0) } ?? AlertActionDraft(name: "", kind: kind)
        draft.name = form["name"]
        draft.connector = ConnectorRecord.ID(form["connector"])
        draft.isManual = form["mode"] == "manual"
        draft.triggers = form.all("trigger").compactMap(AlertTrigger.init)
        draft.notResolvedDelay = .minutes(Int(form["notResolved"]) ?? 0)
        draft.escalationEndedDelay = .minutes(Int(form["escalationEnded"]) ?? 0)
        draft.conditions = form.optional("conditions")
        draft.sources = form.all("source").compactMap { AlertSource.ID($0) }
        draft.teams = form.all("team").compactMap { Team.ID($0) }
        draft.params = settings.params(over: record?.params ?? .object([:]))
        do {
            let saved =
                if let record {
                    try await actions.update(record.id, with: draft, by: visit.caller)
                } else {
                    try await actions.create(draft, by: visit.caller)
                }
            return site.seeOther(Links.action(saved.id), .done("Saved. Try it with a sample alert."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await self.form(draft, settings, record, problem: failure.sentence, visit)
        }
    }

    private func form(
        _ draft: AlertActionDraft, _ settings: ActionSettings, _ record: AlertActionRecord?, problem: String?,
        _ visit: Visit
    ) async throws -> Response {
        let names = try await FlowNames.load(site, visit)
        let teams = try await site.services.administration.teams.list(page: Page(limit: 500), by: visit.caller)
        let kind = ActionKind.named(draft.kind)
        let others = try await connectors.list(page: Page(limit: 1000), by: visit.caller)
        let services =
            settings.hasServices
            ? try await site.services.administration.services.list(page: Page(limit: 1000), by: visit.caller) : []
        let back = record.map { Links.action($0.id) } ?? Links.actions
        let chosen = draft.triggers.isEmpty && !draft.isManual ? AlertTrigger.usual : draft.triggers
        let page = AlertActionEditPage(
            frame: site.frame(
                record == nil ? "Create alert action" : "Edit", .actions, crumbs: Self.crumbs(record), visit.context),
            heading: "\(record == nil ? "Create" : "Edit") alert action: \(Self.title(draft.kind))", problem: problem,
            action: back, back: back, kind: draft.kind, kindName: Self.title(draft.kind), name: draft.name,
            connectors: others.filter { $0.kind == draft.kind }.map {
                Choice("\($0.id)", $0.name, isChosen: $0.id == draft.connector)
            }, needsConnector: kind?.needsConnector ?? false, fields: settings.rows(services: services),
            isDecidedBySettings: settings.hasServices, isManual: draft.isManual,
            triggers: AlertTrigger.named.filter { $0 != .channelAttached && $0 != .channelDetached }.map {
                Choice($0.rawValue, "The alert \($0.words)", isChosen: chosen.contains($0))
            },
            notResolved: Self.minutes(draft.notResolvedDelay),
            escalationEnded: Self.minutes(draft.escalationEndedDelay),
            conditions: draft.conditions ?? "",
            sources: names.sources.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map {
                Choice("\($0.key)", $0.value, isChosen: draft.sources.contains($0.key))
            }, teams: teams.map { Choice("\($0.id)", $0.name, isChosen: draft.teams.contains($0.id)) },
            hasTeams: !teams.isEmpty)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        return site.ask(deletion(of: try await actions.find(visit.id(), by: visit.caller)), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let action = try await actions.find(visit.id(), by: visit.caller)
        return try await site.delete(
            deletion(of: action), visit, back: Links.actions,
            done: "The alert action “\(action.name)” was deleted."
        ) { try await actions.delete(action.id, by: visit.caller) }
    }

    private func deletion(of action: AlertActionRecord) -> Deletion {
        Deletion(
            section: .actions, crumbs: Self.crumbs(action),
            heading: "Delete the alert action “\(action.name)”?",
            consequence: "What is still to be done of it is not done, and its record is gone.", name: action.name,
            page: Links.action(action.id))
    }

    private static func words(_ status: AlertActionRun.Status) -> String {
        switch status {
        case .waiting: "Waiting"
        case .sending: "Being done"
        case .done: "Done"
        case .failed: "Failed"
        case .cancelled: "Not done"
        }
    }

    private static func minutes(_ duration: Duration) -> String { "\(duration.components.seconds / 60)" }
    static func title(_ kind: String) -> String { ActionKind.named(kind)?.title ?? kind }

    static func crumbs(_ action: AlertActionRecord? = nil) -> [Frame.Crumb] {
        let list = Frame.Crumb(label: "Alert actions", link: Links.actions)
        return [list] + (action.map { [Frame.Crumb(label: $0.name, link: Links.action($0.id))] } ?? [])
    }
}
