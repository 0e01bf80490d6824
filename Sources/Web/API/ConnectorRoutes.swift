import Alerting
import Engine
import Hummingbird
import Storage

enum ConnectorRoutes {
    static let all: [APIRoute] = [
        .get("/connectors") { call in
            let list = try await connectors(call).list(page: call.query.page(usual: 100, most: 100), by: call.caller)
            return JSONAnswer.response(.array(list.map(json)))
        },
        .post("/connectors") { call in
            let made = try await connectors(call).create(draft(call.fields()), by: call.caller)
            return JSONAnswer.created(json(made), at: "/api/connectors/\(made.id)")
        },
        .get("/connectors/name/**") { call in
            JSONAnswer.response(json(try await connectors(call).find(name: call.name(), by: call.caller)))
        },
        .get("/connectors/{id}") { call in
            JSONAnswer.response(json(try await connectors(call).find(call.id("id"), by: call.caller)))
        },
        .put("/connectors/{id}") { call in
            let changed = try await connectors(call).update(
                call.id("id"), with: draft(call.fields()), by: call.caller)
            return JSONAnswer.response(json(changed))
        },
        .delete("/connectors/{id}") { call in
            try await connectors(call).delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static func connectors(_ call: APICall) -> ConnectorAdministration { call.administration.connectors }

    private static func draft(_ fields: JSONFields) throws(Failure) -> ConnectorDraft {
        ConnectorDraft(
            name: try fields.text("name") ?? "", kind: (try fields.text("type") ?? "").lowercased(),
            params: try fields.object("params")?.json ?? .object([:]))
    }

    /// Ids of connectors are texts on the wire.
    private static func json(_ connector: ConnectorRecord) -> JSONValue {
        .object([
            "id": .string("\(connector.id)"), "type": .string(connector.kind), "name": .string(connector.name),
            "createdAt": JSONValue(connector.createdAt), "updatedAt": JSONValue(connector.updatedAt),
            "params": connector.params,
        ])
    }
}
