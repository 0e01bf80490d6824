import Alerting
import Engine
import Hummingbird
import Integrations
import Storage

enum EventFlowRoutes {
    static let all: [APIRoute] = flowRoutes + integrationRoutes

    private static let flowRoutes: [APIRoute] = [
        .get("/event-flows") { call in
            let list = try await flows(call).list(page: call.query.page(usual: 50, most: 100), by: call.caller)
            return try await JSONAnswer.response(
                call.render { rendering in
                    .array(try list.map { try EventFlowBody.json($0, isWhole: false, rendering) })
                })
        },
        .post("/event-flows") { call in
            let draft = try await EventFlowBody.draft(call.fields())
            let made = try await flows(call).create(draft, by: call.caller)
            return try await JSONAnswer.created(json(made, call), at: "/api/event-flows/\(made.id)")
        },
        .get("/event-flows/name/**") { call in
            try await one(flows(call).find(name: call.name(), by: call.caller), call)
        },
        .get("/event-flows/{id}") { call in
            try await one(flows(call).find(call.id("id"), by: call.caller), call)
        },
        .put("/event-flows/{id}") { call in
            let draft = try await EventFlowBody.draft(call.fields())
            return try await one(flows(call).update(call.id("id"), with: draft, by: call.caller), call)
        },
        .delete("/event-flows/{id}") { call in
            try await flows(call).delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static let integrationRoutes: [APIRoute] = [
        .get("/event-flow-integrations") { call in
            let wanted: [EventFlow.ID] = try call.query.ids("event-flow", "eventFlow")
            let list = try await flows(call).integrations(
                of: wanted.first, page: call.query.page(), by: call.caller)
            let settings = call.services.settings
            return JSONAnswer.response(.array(list.map { EventFlowBody.json($0, settings) }))
        },
        .post("/event-flow-integrations") { call in
            let fields = try await call.fields()
            guard let type = try fields.filledText("integrationType") else {
                throw fields.invalid("integrationType", "is needed, such as PROMETHEUS.")
            }
            let flow: EventFlow.ID? = try fields.reference("eventFlow")
            guard let flow = try flow ?? fields.int("eventFlowId").map({ EventFlow.ID(Int64($0)) }) else {
                throw fields.invalid("eventFlowId", "is needed.")
            }
            let made = try await flows(call).addIntegration(type, to: flow, by: call.caller)
            return JSONAnswer.created(
                EventFlowBody.json(made, call.services.settings), at: "/api/event-flow-integrations/\(made.id)")
        },
        .get("/event-flow-integrations/{id}") { call in
            let found = try await flows(call).integration(call.id("id"), by: call.caller)
            return JSONAnswer.response(EventFlowBody.json(found, call.services.settings))
        },
        .delete("/event-flow-integrations/{id}") { call in
            try await flows(call).deleteIntegration(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static func flows(_ call: APICall) -> EventFlowAdministration { call.administration.flows }

    private static func one(_ flow: EventFlowRecord, _ call: APICall) async throws -> Response {
        try await JSONAnswer.response(json(flow, call))
    }

    private static func json(_ flow: EventFlowRecord, _ call: APICall) async throws -> JSONValue {
        try await call.render { rendering in try EventFlowBody.json(flow, isWhole: true, rendering) }
    }
}

/// An event flow and its keys on the wire.
enum EventFlowBody {
    static func draft(_ fields: JSONFields) throws(Failure) -> EventFlowDraft {
        guard let root = try fields.object("root") else { throw fields.invalid("root", "is needed.") }
        // Absent: as they are; null is as good as an empty list.
        let teams: [Team.ID]? = fields.has("teams") ? try fields.references("teams") ?? [] : nil
        return EventFlowDraft(name: try fields.text("name") ?? "", root: root.json, teams: teams)
    }

    /// - Parameter isWhole: with the tree, which lists leave out.
    static func json(_ flow: EventFlowRecord, isWhole: Bool, _ rendering: Rendering) throws -> JSONValue {
        .members([
            "id": JSONValue(flow.id), "name": .string(flow.name), "teams": try rendering.teamReferences(flow.teams),
            "root": isWhole ? flow.root : nil,
        ])
    }

    static func json(_ integration: EventFlowIntegration, _ settings: WebSettings) -> JSONValue {
        let name = IntegrationCatalog.entry(type: integration.type)?.name ?? integration.type
        return .object([
            "id": JSONValue(integration.id), "integrationType": .string(integration.type),
            "integrationKey": .string(integration.key), "eventFlowId": JSONValue(integration.flow),
            "integrationUrl": .string(FlowURL.of(integration, publicURL: settings.publicURL)),
            "catalogue": .object(["name": .string(name), "type": .string(integration.type)]),
        ])
    }
}

/// Where events come into a flow.
enum FlowURL {
    static func of(_ integration: EventFlowIntegration, publicURL: String) -> String {
        let path = IntegrationCatalog.entry(type: integration.type)?.path ?? integration.type.lowercased()
        return "\(publicURL)/api/v1/events/\(path)/\(integration.key)"
    }
}
