import Alerting
import Engine
import Hummingbird
import Storage

/// Status pages, and keys for tools that read as from RapidSpike.
enum StatusPageRoutes {
    static let all: [APIRoute] = [
        .get("/status-pages") { call in
            let found = try await pages(call).list(by: call.caller)
            return try await JSONAnswer.response(
                call.render { rendering in .array(try found.map { try json($0, rendering) }) })
        },
        .post("/status-pages") { call in
            let made = try await pages(call).create(draft(call.fields()), by: call.caller)
            return try await JSONAnswer.created(one(made, call), at: "/api/status-pages/\(made.id)")
        },
        .get("/status-pages/{id}") { call in
            try await JSONAnswer.response(one(pages(call).find(call.id("id"), by: call.caller), call))
        },
        .put("/status-pages/{id}") { call in
            let draft = try await draft(call.fields())
            let changed = try await pages(call).update(call.id("id"), with: draft, by: call.caller)
            return try await JSONAnswer.response(one(changed, call))
        },
        .delete("/status-pages/{id}") { call in
            try await pages(call).delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
        .get("/rapidspike-keys") { call in
            let found = try await call.administration.rapidSpikeKeys.list(by: call.caller)
            return JSONAnswer.response(.array(found.map { json($0, showsSecret: false) }))
        },
        .post("/rapidspike-keys") { call in
            let label = try await call.fields().text("label") ?? ""
            let made = try await call.administration.rapidSpikeKeys.create(label: label, by: call.caller)
            return JSONAnswer.created(json(made, showsSecret: true), at: "/api/rapidspike-keys/\(made.id)")
        },
        .delete("/rapidspike-keys/{id}") { call in
            try await call.administration.rapidSpikeKeys.delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static func pages(_ call: APICall) -> StatusPageAdministration { call.administration.statusPages }

    private static func draft(_ fields: JSONFields) throws(Failure) -> StatusPageAdministration.Draft {
        let visibility = try fields.filledText("visibility")?.uppercased() ?? "PUBLIC"
        guard ["PUBLIC", "PRIVATE"].contains(visibility) else {
            throw fields.invalid("visibility", "must be PUBLIC or PRIVATE.")
        }
        return StatusPageAdministration.Draft(
            slug: try fields.text("subdomain") ?? "", name: try fields.text("name") ?? "",
            intro: try fields.text("pageDescription") ?? "",
            colour: try fields.filledText("colour") ?? DeliveryGroupAdministration.Draft.usualColour,
            isPublic: visibility == "PUBLIC", monitors: try fields.references("monitors") ?? [],
            services: try fields.references("services") ?? [], showsAlerts: try fields.bool("showAlerts") ?? false)
    }

    private static func one(_ page: StatusPage, _ call: APICall) async throws -> JSONValue {
        try await call.render { rendering in try json(page, rendering) }
    }

    private static func json(_ page: StatusPage, _ rendering: Rendering) throws -> JSONValue {
        let publicURL = rendering.settings.publicURL
        let services = try Services.list(page.services, account: page.account, in: rendering.transaction)
        return .members([
            "id": JSONValue(page.id), "name": .string(page.name), "subdomain": .string(page.slug),
            "pageDescription": .string(page.intro), "colour": .string(page.colour),
            "visibility": .string(page.isPublic ? "PUBLIC" : "PRIVATE"),
            "url": .string(publicURL + Links.status(page.slug)),
            "logoUrl": Links.statusLogo(page).map { .string(publicURL + $0) }, "showAlerts": .bool(page.showsAlerts),
            "services": .array(
                services.sorted { $0.id < $1.id }.map {
                    .object(["id": JSONValue($0.id), "name": .string($0.name)])
                }),
            "monitors": .array(page.monitors.map { .object(["id": JSONValue($0)]) }),
            "createdAt": JSONValue(page.createdAt), "updatedAt": JSONValue(page.updatedAt),
        ])
    }

    private static func json(_ key: RapidSpikeKey, showsSecret: Bool) -> JSONValue {
        .members([
            "id": JSONValue(key.id), "label": .string(key.label), "publicKey": .string(key.publicKey),
            "privateKey": showsSecret ? .string(key.secret) : nil, "createdAt": JSONValue(key.createdAt),
        ])
    }
}
