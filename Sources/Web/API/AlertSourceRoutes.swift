import Alerting
import Engine
import Hummingbird
import Storage

enum AlertSourceRoutes {
    static let all: [APIRoute] = [
        .get("/alert-sources") { call in
            let page = try call.query.page(usual: 50, most: 50)
            return try await list(call.administration.sources.list(page: page, by: call.caller), call)
        },
        .post("/alert-sources") { call in
            let draft = try await AlertSourceBody.draft(call.fields())
            let source = try await call.administration.sources.create(draft, by: call.caller)
            return try await JSONAnswer.created(json(source, call), at: "/api/alert-sources/\(source.id)")
        },
        .get("/alert-sources/name/**") { call in
            try await one(call.administration.sources.find(name: call.name(), by: call.caller), call)
        },
        .get("/alert-sources/{id}") { call in try await one(find(call), call) },
        .put("/alert-sources/{id}") { call in
            let source = try await find(call)
            let draft = try await AlertSourceBody.draft(call.fields())
            return try await one(call.administration.sources.update(source.id, with: draft, by: call.caller), call)
        },
        .delete("/alert-sources/{id}") { call in
            try await call.administration.sources.delete(find(call).id, by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    /// By id or integration key.
    private static func find(_ call: APICall) async throws -> AlertSourceRecord {
        try await call.administration.sources.find(reference: call.parameter("id"), by: call.caller)
    }

    private static func list(_ sources: [AlertSourceRecord], _ call: APICall) async throws -> Response {
        let open = try await call.administration.sources.openCounts(by: call.caller)
        let inMaintenance = try await call.administration.maintenance.sourcesInForce(by: call.caller)
        return try await JSONAnswer.response(
            call.render { rendering in
                .array(
                    try sources.map { source in
                        try AlertSourceBody.json(
                            source, open: open[source.id] ?? [:], isInMaintenance: inMaintenance.contains(source.id),
                            includes: [], rendering)
                    })
            })
    }

    private static func one(_ source: AlertSourceRecord, _ call: APICall) async throws -> Response {
        try await JSONAnswer.response(json(source, call))
    }

    private static func json(_ source: AlertSourceRecord, _ call: APICall) async throws -> JSONValue {
        let includes = Set(call.query.texts("include"))
        let inMaintenance = try await call.administration.maintenance.sourcesInForce(by: call.caller)
        return try await call.render { rendering in
            let open = try AlertSources.openCounts(of: source.id, in: rendering.transaction)
            return try AlertSourceBody.json(
                source, open: open, isInMaintenance: inMaintenance.contains(source.id), includes: includes, rendering)
        }
    }
}
