import Alerting
import Engine
import Hummingbird
import Storage

enum SupportHoursRoutes {
    static let all: [APIRoute] = [
        .get("/support-hours") { call in
            let list = try await hours(call).list(page: call.query.page(usual: 50, most: 50), by: call.caller)
            return try await JSONAnswer.response(
                call.render { rendering in
                    .array(try list.map { try SupportHoursBody.json($0, isWhole: false, rendering) })
                })
        },
        .post("/support-hours") { call in
            let draft = try await SupportHoursBody.draft(call.fields())
            let made = try await hours(call).create(draft, by: call.caller)
            return try await JSONAnswer.created(json(made, call), at: "/api/support-hours/\(made.id)")
        },
        .get("/support-hours/name/**") { call in
            try await one(hours(call).find(name: call.name(), by: call.caller), call)
        },
        .get("/support-hours/{id}") { call in
            try await one(hours(call).find(call.id("id"), by: call.caller), call)
        },
        .put("/support-hours/{id}") { call in
            let draft = try await SupportHoursBody.draft(call.fields())
            return try await one(hours(call).update(call.id("id"), with: draft, by: call.caller), call)
        },
        .delete("/support-hours/{id}") { call in
            try await hours(call).delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static func hours(_ call: APICall) -> SupportHoursAdministration { call.administration.supportHours }

    private static func one(_ record: SupportHoursRecord, _ call: APICall) async throws -> Response {
        try await JSONAnswer.response(json(record, call))
    }

    private static func json(_ record: SupportHoursRecord, _ call: APICall) async throws -> JSONValue {
        try await call.render { rendering in try SupportHoursBody.json(record, isWhole: true, rendering) }
    }
}

/// Support hours on the wire.
enum SupportHoursBody {
    static func draft(_ fields: JSONFields) throws(Failure) -> SupportHoursDraft {
        guard let name = try fields.filledText("timezone") else {
            throw fields.invalid("timezone", "is needed, such as Europe/Berlin.")
        }
        guard let zone = Zone(name) else {
            throw fields.invalid("timezone", "is no known time zone; write one such as Europe/Berlin.")
        }
        let hours = SupportHours(
            zone: zone, days: try SupportHours.days(from: fields.members["supportDays"]),
            exceptions: try SupportHours.exceptions(from: fields.members["exceptions"]))
        return SupportHoursDraft(
            name: try fields.text("name") ?? "", hours: hours, teams: try fields.references("teams"))
    }

    /// - Parameter isWhole: with the exceptions, which lists leave out.
    static func json(_ record: SupportHoursRecord, isWhole: Bool, _ rendering: Rendering) throws -> JSONValue {
        .members([
            "id": JSONValue(record.id), "name": .string(record.name),
            "teams": try rendering.teamReferences(record.teams), "timezone": .string(record.hours.zone.name),
            "supportDays": SupportHours.json(of: record.hours.days),
            "exceptions": isWhole ? SupportHours.json(of: record.hours.exceptions) : nil,
        ])
    }
}
