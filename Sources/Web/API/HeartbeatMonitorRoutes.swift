import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Storage

enum HeartbeatMonitorRoutes {
    static let all: [APIRoute] = [
        .get("/heartbeat-monitors") { call in try await list(call) },
        .post("/heartbeat-monitors") { call in
            let draft = try await HeartbeatMonitorBody.draft(call.fields())
            do {
                let made = try await monitors(call).create(draft, by: call.caller)
                return try await JSONAnswer.created(json(made, call), at: "/api/heartbeat-monitors/\(made.id)")
            } catch let taken as HeartbeatAdministration.NameTaken {
                // So that one request is enough for an installer, whether or not it ran before.
                return try await JSONAnswer.response(json(taken.existing, call), status: .conflict)
            }
        },
        .get("/heartbeat-monitors/name/**") { call in
            try await one(monitors(call).find(name: call.name(), by: call.caller), call)
        },
        .get("/heartbeat-monitors/{id}") { call in
            try await one(monitors(call).find(call.id("id"), by: call.caller), call)
        },
        .put("/heartbeat-monitors/{id}") { call in
            let draft = try await HeartbeatMonitorBody.draft(call.fields())
            return try await one(monitors(call).update(call.id("id"), with: draft, by: call.caller), call)
        },
        .delete("/heartbeat-monitors/{id}") { call in
            try await monitors(call).delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static func monitors(_ call: APICall) -> HeartbeatAdministration { call.administration.heartbeats }

    /// By cursor; `start-index`, which older clients send, works too.
    private static func list(_ call: APICall) async throws -> Response {
        let page = try call.query.page(usual: 100, most: 200)
        var after: HeartbeatMonitor.ID?
        if let cursor = call.query.text("cursor") {
            guard let id = HeartbeatMonitor.ID(cursor) else {
                throw Failure.invalid("cursor", "must be what the header next-cursor said.")
            }
            after = id
        }
        let found = try await monitors(call).list(
            after: after, page: Page(offset: page.offset, limit: page.limit + 1), by: call.caller)
        let shown = Array(found.prefix(page.limit))
        var headers: HTTPFields = [:]
        if found.count > page.limit, let last = shown.last { headers[nextCursor] = "\(last.id)" }
        let isWithURL = call.query.includes("integrationUrl")
        return try await JSONAnswer.response(
            call.render { rendering in
                .array(try shown.map { try HeartbeatMonitorBody.json($0, isWithURL: isWithURL, rendering) })
            }, headers: headers)
    }

    private static let nextCursor = HTTPField.Name("next-cursor")!

    private static func one(_ monitor: HeartbeatMonitorRecord, _ call: APICall) async throws -> Response {
        try await JSONAnswer.response(json(monitor, call))
    }

    private static func json(_ monitor: HeartbeatMonitorRecord, _ call: APICall) async throws -> JSONValue {
        let isWithURL = call.query.includes("integrationUrl")
        return try await call.render { rendering in
            try HeartbeatMonitorBody.json(monitor, isWithURL: isWithURL, rendering)
        }
    }
}

/// A heartbeat monitor on the wire.
enum HeartbeatMonitorBody {
    static func draft(_ fields: JSONFields) throws(Failure) -> HeartbeatDraft {
        guard let seconds = try fields.int("intervalSec") else {
            throw fields.invalid("intervalSec", "is needed: 25 to 2678400.")
        }
        return HeartbeatDraft(
            name: try fields.text("name") ?? "", interval: .seconds(seconds),
            alertSummary: try fields.text("alertSummary") ?? "", source: try fields.reference("alertSource"),
            teams: try fields.references("teams"))
    }

    static func json(
        _ monitor: HeartbeatMonitorRecord, isWithURL: Bool, _ rendering: Rendering
    ) throws -> JSONValue {
        let url = HeartbeatURL.of(monitor.integrationKey, publicURL: rendering.settings.publicURL)
        return .members([
            "id": JSONValue(monitor.id), "name": .string(monitor.name),
            "state": .string(monitor.heartbeat.state.rawValue.uppercased()),
            "intervalSec": .integer(monitor.heartbeat.interval.components.seconds),
            "alertSummary": .string(monitor.alertSummary),
            "alertSource": try monitor.source.map { try rendering.sourceReference($0) },
            "teams": try rendering.teamReferences(monitor.teams), "integrationKey": .string(monitor.integrationKey),
            "integrationUrl": isWithURL ? .string(url) : nil, "lastPing": monitor.heartbeat.lastPing.json,
            "createdAt": JSONValue(monitor.createdAt), "updatedAt": JSONValue(monitor.updatedAt),
        ])
    }
}
