import Alerting
import Engine
import Hummingbird
import Storage

enum MaintenanceWindowRoutes {
    static let all: [APIRoute] = [
        .get("/maintenance-windows") { call in
            let list = try await windows(call).list(
                filter(call.query), page: call.query.page(), by: call.caller)
            return try await JSONAnswer.response(
                call.render { rendering in
                    .array(try list.map { try MaintenanceWindowBody.json($0, rendering) })
                })
        },
        .post("/maintenance-windows") { call in
            let draft = try await MaintenanceWindowBody.draft(call.fields())
            let made = try await windows(call).create(draft, by: call.caller)
            return try await JSONAnswer.created(json(made, call), at: "/api/maintenance-windows/\(made.id)")
        },
        .get("/maintenance-windows/{id}") { call in
            try await one(windows(call).find(call.id("id"), by: call.caller), call)
        },
        .put("/maintenance-windows/{id}") { call in
            let draft = try await MaintenanceWindowBody.draft(call.fields())
            return try await one(windows(call).update(call.id("id"), with: draft, by: call.caller), call)
        },
        .delete("/maintenance-windows/{id}") { call in
            try await windows(call).delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static func windows(_ call: APICall) -> MaintenanceWindowAdministration { call.administration.maintenance }

    private static func filter(_ query: QueryItems) throws(Failure) -> MaintenanceWindowFilter {
        let states = Set(query.texts("state", "states").map { $0.uppercased() })
        guard states.isSubset(of: ["OPEN", "CLOSED"]) else { throw .invalid("state", "must be OPEN or CLOSED.") }
        var services: [Int64] = []
        for text in query.texts("services") {
            guard let id = Int64(text) else { throw .invalid("services", "must be ids.") }
            services.append(id)
        }
        return MaintenanceWindowFilter(
            isOpen: states.count == 1 ? states.contains("OPEN") : nil, sources: try query.ids("sources"),
            services: services, from: try query.time("from"), until: try query.time("until"))
    }

    private static func one(_ window: MaintenanceWindowRecord, _ call: APICall) async throws -> Response {
        try await JSONAnswer.response(json(window, call))
    }

    private static func json(_ window: MaintenanceWindowRecord, _ call: APICall) async throws -> JSONValue {
        try await call.render { rendering in try MaintenanceWindowBody.json(window, rendering) }
    }
}

/// A maintenance window on the wire.
enum MaintenanceWindowBody {
    static func draft(_ fields: JSONFields) throws(Failure) -> MaintenanceWindowDraft {
        let name = try fields.filledText("timezone") ?? "UTC"
        guard let zone = Zone(name) else {
            throw fields.invalid("timezone", "is no known time zone; write one such as Europe/Berlin.")
        }
        let notifications = try fields.object("notifications")
        var services: [Int64] = []
        for object in try fields.objects("services") ?? [] {
            guard let id = object.members["id"]?.integer, id > 0 else { throw object.invalid("id", "must be an id.") }
            services.append(id)
        }
        return MaintenanceWindowDraft(
            summary: try fields.text("summary") ?? "", details: try fields.text("description") ?? "", timeZone: name,
            start: try time("start", in: zone, fields), end: try time("end", in: zone, fields),
            mode: try fields.name("mode") ?? .hold, sources: try fields.references("alertSources") ?? [],
            monitors: try fields.references("monitors") ?? [], services: services,
            notifications: .init(
                atCreation: try notifications?.bool("atCreation") ?? false,
                atStart: try notifications?.bool("atStart") ?? false,
                atEnd: try notifications?.bool("atEnd") ?? false))
    }

    static func json(_ window: MaintenanceWindowRecord, _ rendering: Rendering) throws -> JSONValue {
        .members([
            "id": JSONValue(window.id), "timezone": .string(window.timeZone), "start": JSONValue(window.span.start),
            "end": JSONValue(window.span.end), "summary": .string(window.summary),
            "description": .string(window.details), "mode": .string(window.span.mode.rawValue.uppercased()),
            "alertSources": .array(try window.sources.map { try rendering.sourceReference($0) }),
            "monitors": .array(window.monitors.map { .object(["id": JSONValue($0)]) }),
            "services": .array(window.services.map { .object(["id": .integer($0)]) }),
            "createdBy": try window.createdBy.map { try rendering.userReference($0) },
            "notifications": .object([
                "atCreation": .bool(window.notifications.atCreation),
                "atStart": .bool(window.notifications.atStart), "atEnd": .bool(window.notifications.atEnd),
            ]),
        ])
    }

    /// A time with an offset, or one without on a wall in the window's zone.
    private static func time(_ name: String, in zone: Zone, _ fields: JSONFields) throws(Failure) -> Timestamp {
        guard let text = try fields.filledText(name) else { throw fields.invalid(name, "is needed.") }
        if let wall = WallTime(text) { return zone.first(wall) }
        guard let time = Timestamp(iso8601: text) else {
            throw fields.invalid(name, "must be a time such as 2026-01-31T12:00:00Z.")
        }
        return time
    }
}
