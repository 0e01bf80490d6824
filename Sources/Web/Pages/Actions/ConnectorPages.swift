import Alerting
import Engine
import Hummingbird
import Storage

/// Connectors: the form of one, and its deletion.
struct ConnectorPages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/connectors/new", use: new)
        group.post("/connectors") { try await save(nil, try site.visit($0, $1)) }
        group.get("/connectors/:id", use: show)
        group.post("/connectors/:id") { request, context in
            let visit = try site.visit(request, context)
            return try await save(try await connectors.find(visit.id(), by: visit.caller), visit)
        }
        group.get("/connectors/:id/deletion", use: askDeletion)
        group.post("/connectors/:id/deletion", use: delete)
    }

    private var connectors: ConnectorAdministration { site.services.administration.connectors }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "create connectors")
        guard let kind = ActionKind.named(visit.query["kind"]), kind.needsConnector else {
            throw Failure(.notFound, "There is no such connector.")
        }
        return form("", kind, ActionSettings(kind.connectorFields, params: .object([:])), nil, problem: nil, visit)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let connector = try await connectors.find(visit.id(), by: visit.caller)
        let kind = try Self.kind(connector.kind)
        return form(
            connector.name, kind, ActionSettings(kind.connectorFields, params: connector.params), connector,
            problem: nil, visit)
    }

    private func save(_ record: ConnectorRecord?, _ visit: Visit) async throws -> Response {
        let kind = try Self.kind(record?.kind ?? visit.form["kind"])
        let settings = ActionSettings(kind.connectorFields, visit.form)
        let draft = ConnectorDraft(
            name: visit.form["name"], kind: kind.name, params: settings.params(over: record?.params ?? .object([:])))
        do {
            if let record {
                _ = try await connectors.update(record.id, with: draft, by: visit.caller)
            } else {
                _ = try await connectors.create(draft, by: visit.caller)
            }
            return site.seeOther(Links.actions, .done("The connector is saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return form(draft.name, kind, settings, record, problem: failure.sentence, visit)
        }
    }

    private func form(
        _ name: String, _ kind: ActionKind, _ settings: ActionSettings, _ record: ConnectorRecord?, problem: String?,
        _ visit: Visit
    ) -> Response {
        let link = record.map { Links.connector($0.id) }
        let publicURL = site.services.settings.publicURL
        let page = ConnectorEditPage(
            frame: site.frame(
                record?.name ?? "Create connector", .actions, crumbs: AlertActionPages.crumbs(), visit.context),
            heading: "\(record == nil ? "Create" : "Edit") connector: \(kind.title)", problem: problem,
            action: link ?? Links.connectors, back: Links.actions, kind: kind.name, kindName: kind.title, name: name,
            fields: settings.rows(), deletion: link.map { $0 + "/deletion" },
            interactions: kind.name == "slack" ? record.map { "\(publicURL)/api/v1/slack/\($0.id)" } : nil)
        return site.response(page, status: problem == nil ? .ok : .unprocessableContent)
    }

    private static func kind(_ name: String) throws(Failure) -> ActionKind {
        guard let kind = ActionKind.named(name), kind.needsConnector else {
            throw Failure(.notFound, "There is no such connector.")
        }
        return kind
    }

    @Sendable private func askDeletion(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let connector = try await connectors.find(visit.id(), by: visit.caller)
        return site.ask(deletion(of: connector), context)
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let connector = try await connectors.find(visit.id(), by: visit.caller)
        return try await site.delete(
            deletion(of: connector), visit, back: Links.actions,
            done: "The connector “\(connector.name)” was deleted."
        ) { try await connectors.delete(connector.id, by: visit.caller) }
    }

    private func deletion(of connector: ConnectorRecord) -> Deletion {
        Deletion(
            section: .actions, crumbs: AlertActionPages.crumbs(),
            heading: "Delete the connector “\(connector.name)”?",
            consequence: "Its secrets are forgotten. A connector that alert actions use cannot be deleted.",
            name: connector.name, page: Links.connector(connector.id))
    }
}
