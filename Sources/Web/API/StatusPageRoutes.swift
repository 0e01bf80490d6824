import Alerting
import Engine
import Hummingbird
import Storage

/// Status pages, and keys for tools that read as from RapidSpike.
enum StatusPageRoutes {
    static let all: [APIRoute] = [
        .get("/status-pages") { call in
            let found = try await pages(call).list(by: call.caller)
            return JSONAnswer.response(.array(found.map { json($0, call) }))
        },
        .post("/status-pages") { call in
            let made = try await pages(call).create(draft(call.fields()), by: call.caller)
            return JSONAnswer.created(json(made, call), at: "/api/status-pages/\(made.id)")
        },
        .get("/status-pages/{id}") { call in
            JSONAnswer.response(json(try await pages(call).find(call.id("id"), by: call.caller), call))
        },
        .put("/status-pages/{id}") { call in
            let draft = try await draft(call.fields())
            return JSONAnswer.response(
                json(try await pages(call).update(call.id("id"), with: draft, by: call.caller), call))
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
            isPublic: visibility == "PUBLIC", monitors: try fields.references("monitors") ?? [])
    }

    private static func json(_ page: StatusPage, _ call: APICall) -> JSONValue {
        .object([
            "id": JSONValue(page.id), "name": .string(page.name), "subdomain": .string(page.slug),
            "pageDescription": .string(page.intro), "colour": .string(page.colour),
            "visibility": .string(page.isPublic ? "PUBLIC" : "PRIVATE"),
            "url": .string(call.services.settings.publicURL + Links.status(page.slug)),
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
