import Alerting
import Engine
import Hummingbird
import Storage

/// On-call schedules, their shifts and overrides, and who is on call.
enum ScheduleRoutes {
    static let all: [APIRoute] =
        schedules + parts + calendars + [.get("/on-calls") { try await OnCallAnswer.response($0) }]

    private static let schedules: [APIRoute] = [
        .get("/schedules") { call in
            let page = try call.query.page(usual: 20, most: 20)
            let list = try await call.administration.schedules.askedList(page: page, by: call.caller)
            let includes = ScheduleBody.Includes(call.query)
            return try await JSONAnswer.response(
                call.render { rendering in .array(try list.map { try ScheduleBody.json($0, includes, rendering) }) })
        },
        .post("/schedules") { call in
            let draft = try await ScheduleBody.draft(call.fields())
            let schedule = try await call.administration.schedules.create(
                draft, refusingGaps: isAbortedOnGaps(call), by: call.caller)
            return try await JSONAnswer.created(json(schedule.id, call), at: "/api/schedules/\(schedule.id)")
        },
        .get("/schedules/name/**") { call in
            let schedule = try await call.administration.schedules.find(name: call.name(), by: call.caller)
            return try await JSONAnswer.response(json(schedule.id, call))
        },
        .get("/schedules/{id}") { call in try await JSONAnswer.response(json(call.id("id"), call)) },
        .put("/schedules/{id}") { call in
            let id: OnCallSchedule.ID = try call.id("id")
            let draft = try await ScheduleBody.draft(call.fields())
            _ = try await call.administration.schedules.update(
                id, with: draft, refusingGaps: isAbortedOnGaps(call), by: call.caller)
            return try await JSONAnswer.response(json(id, call))
        },
        .delete("/schedules/{id}") { call in
            try await call.administration.schedules.delete(call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
    ]

    private static let parts: [APIRoute] = [
        .get("/schedules/{id}/shifts") { try await shifts($0) },
        .get("/schedules/{id}/overrides") { call in
            let overrides = try await call.administration.schedules.overrides(of: call.id("id"), by: call.caller)
            return try await JSONAnswer.response(
                call.render { rendering in .array(try overrides.map { try ScheduleBody.json($0, rendering) }) })
        },
        .put("/schedules/{id}/overrides") { try await addOverride($0) },
        .post("/schedules/{id}/overrides") { try await addOverride($0) },
        .delete("/schedules/{id}/overrides/{override}") { call in
            try await call.administration.schedules.deleteOverride(
                call.id("override"), of: call.id("id"), by: call.caller)
            return JSONAnswer.deleted
        },
        .get("/schedules/{id}/user-on-call") { call in
            let asked = try await call.administration.schedules.asked(call.id("id"), by: call.caller)
            guard let shift = asked.currentShift else { return JSONAnswer.deleted }
            return try await JSONAnswer.response(
                call.render { rendering in try ScheduleBody.json(shift, asked.zone, rendering) })
        },
    ]

    /// Where calendars are; a POST gives one a new secret address.
    private static let calendars: [APIRoute] = [
        .get("/schedules/{id}/calendar") { call in
            calendar(try await call.administration.calendars.token(of: call.id("id"), by: call.caller), call)
        },
        .post("/schedules/{id}/calendar") { call in
            calendar(try await call.administration.calendars.rotate(call.id("id"), by: call.caller), call)
        },
        .get("/on-calls/calendar") { call in
            calendar(try await call.administration.calendars.ownToken(by: call.caller), call)
        },
        .post("/on-calls/calendar") { call in
            calendar(try await call.administration.calendars.rotateOwn(by: call.caller), call)
        },
    ]

    private static func calendar(_ token: String?, _ call: APICall) -> Response {
        let url = token.map { JSONValue.string("\(call.services.settings.publicURL)/calendar/\($0).ics") }
        return JSONAnswer.response(.object(["url": url ?? .null]))
    }

    /// Three months from the start of the last one, when the request does not say.
    private static func shifts(_ call: APICall) async throws -> Response {
        let id: OnCallSchedule.ID = try call.id("id")
        let schedule = try await call.administration.schedules.find(id, by: call.caller)
        guard let zone = ZoneTables.table(schedule.timeZone) else {
            throw Failure(.internal, "The time zone is not known any more.", cause: "zone")
        }
        let span = try call.query.span(zone: zone, now: call.engine.store.clock.now, longest: Limits.shiftRange)
        let asked = try await call.administration.schedules.asked(id, since: span.start, by: call.caller)
        let overridden = call.query.text("exclude-overrides")?.lowercased() != "true"
        return try await JSONAnswer.response(
            call.render { rendering in
                .array(
                    try asked.calculator.shifts(in: span, overridden: overridden).map {
                        try ScheduleBody.json($0, zone, hasWholeUser: true, rendering)
                    })
            })
    }

    private static func addOverride(_ call: APICall) async throws -> Response {
        let id: OnCallSchedule.ID = try call.id("id")
        let draft = try await ScheduleBody.override(call.fields())
        try await call.administration.schedules.addOverride(draft, to: id, by: call.caller)
        return try await JSONAnswer.response(json(id, call))
    }

    private static func isAbortedOnGaps(_ call: APICall) -> Bool {
        call.query.text("abort-on-gaps")?.lowercased() == "true"
    }

    private static func json(_ id: OnCallSchedule.ID, _ call: APICall) async throws -> JSONValue {
        let asked = try await call.administration.schedules.asked(id, by: call.caller)
        let includes = ScheduleBody.Includes(call.query)
        return try await call.render { rendering in try ScheduleBody.json(asked, includes, rendering) }
    }
}

extension QueryItems {
    /// `from` and `until`, as instants or as local times in `zone`; three months from the start of the last one when
    /// they are not given.
    func span(zone: ZoneTable, now: Timestamp, longest: Duration) throws(Failure) -> TimeSpan {
        let from =
            try instant("from", zone: zone) ?? zone.start(of: zone.startOfLastMonth(at: now))
        let until = try instant("until", zone: zone) ?? zone.start(of: zone.monthsLater(3, than: from))
        guard from < until else { throw .invalid("until", "must be after from.") }
        guard until - from <= longest else {
            throw .invalid("until", "may be at most \(longest.components.seconds / 86_400) days after from.")
        }
        return TimeSpan(start: from, end: until)
    }

    /// An instant, or a local time in `zone`.
    func instant(_ name: String, zone: ZoneTable) throws(Failure) -> Timestamp? {
        guard let text = text(name) else { return nil }
        let local = LocalTime(text) ?? (text.utf8.count == 10 ? LocalTime(text + "T00:00") : nil)
        if let local, LocalTime.range.contains(local.seconds) { return zone.start(of: local.seconds) }
        guard local == nil, let time = try time(name), LocalTime.range.contains(time.milliseconds / 1000) else {
            throw .invalid(name, "must be in the years 1970 to 2099.")
        }
        return time
    }
}
