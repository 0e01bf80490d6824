import Alerting
import Engine
import Storage

/// An on-call schedule on the wire.
enum ScheduleBody {
    /// What a GET may also ask for.
    struct Includes: Equatable, Sendable {
        var layers = false
        var shifts = false
        var current = false
        var next = false
        /// Shifts that are over, too.
        var past = false

        init(_ query: QueryItems) {
            layers = query.includes("scheduleLayers")
            shifts = query.includes("shifts")
            current = query.includes("currentShift")
            next = query.includes("nextShift")
            past = query.includes("past")
        }
    }

    /// How far ahead the shifts of a recurring schedule are listed.
    private static let ahead = Duration.days(92)

    static func draft(_ fields: JSONFields) throws(Failure) -> ScheduleDraft {
        var layers: [ScheduleDraft.Layer] = []
        for layer in try fields.objects("scheduleLayers") ?? [] { layers.append(try Self.layer(layer)) }
        var shifts: [ScheduleDraft.Shift] = []
        for shift in try fields.objects("shifts") ?? [] { shifts.append(try Self.shift(shift)) }
        let kind: OnCallSchedule.Kind =
            try fields.name("type") ?? (layers.isEmpty && fields.has("shifts") ? .static : .recurring)
        guard let zone = try fields.filledText("timezone") else {
            throw fields.invalid("timezone", "is missing; write one such as Europe/Berlin.")
        }
        return ScheduleDraft(
            name: try fields.text("name") ?? "", kind: kind, timeZone: zone, layers: layers, shifts: shifts,
            showsGaps: try fields.bool("showGaps") ?? true,
            defaultShiftDuration: try fields.filledText("defaultShiftDuration"), teams: try fields.references("teams"))
    }

    static func override(_ fields: JSONFields) throws(Failure) -> OverrideDraft {
        let shift = try shift(fields)
        return OverrideDraft(user: shift.user, start: shift.start, end: shift.end)
    }

    private static func layer(_ fields: JSONFields) throws(Failure) -> ScheduleDraft.Layer {
        var restrictions: [ScheduleDraft.Restriction] = []
        for restriction in try fields.objects("restrictions") ?? [] {
            guard let from = try restriction.object("from") else { throw restriction.invalid("from", "is missing.") }
            guard let to = try restriction.object("to") else { throw restriction.invalid("to", "is missing.") }
            restrictions.append(
                .init(
                    fromDay: try from.filledText("dayOfWeek"), fromTime: try from.text("time") ?? "",
                    toDay: try to.filledText("dayOfWeek"), toTime: try to.text("time") ?? ""))
        }
        return ScheduleDraft.Layer(
            name: try fields.text("name") ?? "", startsOn: try fields.text("startsOn") ?? "",
            endsOn: try fields.filledText("endsOn"), users: try fields.references("users") ?? [],
            rotation: try fields.text("rotation") ?? "", restrictionType: try fields.filledText("restrictionType"),
            restrictions: restrictions)
    }

    private static func shift(_ fields: JSONFields) throws(Failure) -> ScheduleDraft.Shift {
        guard let user: User.ID = try fields.reference("user") else {
            throw fields.invalid("user", "is needed: {\"id\": …}.")
        }
        return ScheduleDraft.Shift(
            user: user, start: try fields.text("start") ?? "", end: try fields.text("end") ?? "")
    }

    static func json(_ asked: AskedSchedule, _ includes: Includes, _ rendering: Rendering) throws -> JSONValue {
        let record = asked.record
        var members: [String: JSONValue?] = [
            "id": JSONValue(record.id), "name": .string(record.name), "timezone": .string(record.timeZone),
            "type": .string(record.kind.rawValue.uppercased()), "showGaps": .bool(record.showsGaps),
            "defaultShiftDuration": record.defaultShiftDuration.json,
            "teams": try rendering.teamReferences(record.teams), "createdAt": JSONValue(record.createdAt),
            "updatedAt": JSONValue(record.updatedAt),
        ]
        if includes.layers, case .recurring(let layers) = record.duties {
            members["scheduleLayers"] = .array(try layers.map { try json($0, rendering) })
        }
        if includes.shifts { members["shifts"] = .array(try shifts(asked, includes.past, rendering)) }
        if includes.current {
            members["currentShift"] = try asked.currentShift.map { try json($0, asked.zone, rendering) } ?? .null
        }
        if includes.next {
            members["nextShift"] = try asked.nextShift.map { try json($0, asked.zone, rendering) } ?? .null
        }
        return .members(members)
    }

    /// A shift with local times in `zone`.
    ///
    /// - Parameter hasWholeUser: all of the user instead of a reference.
    static func json(
        _ shift: Shift, _ zone: ZoneTable, hasWholeUser: Bool = false, _ rendering: Rendering
    ) throws -> JSONValue {
        let user = hasWholeUser ? try rendering.user(shift.user).map { UserBody.json($0) } : nil
        return .object([
            "user": try user ?? rendering.userReference(shift.user),
            "start": .string(zone.localTime(at: shift.start).text),
            "end": .string(zone.localTime(at: shift.end).text),
        ])
    }

    static func json(_ override: OverrideRecord, _ rendering: Rendering) throws -> JSONValue {
        .object([
            "id": JSONValue(override.id), "user": try rendering.userReference(override.user),
            "start": .string(override.startText), "end": .string(override.endText),
        ])
    }

    private static func shifts(
        _ asked: AskedSchedule, _ withPast: Bool, _ rendering: Rendering
    ) throws -> [JSONValue] {
        switch asked.record.duties {
        case .entered(let shifts):
            return try shifts.filter { withPast || asked.zone.end(of: $0.end.seconds) > asked.now }.map { shift in
                .object([
                    "user": try rendering.userReference(shift.user), "start": .string(shift.start.text),
                    "end": .string(shift.end.text),
                ])
            }
        case .recurring:
            let start = withPast ? asked.zone.start(of: asked.zone.startOfLastMonth(at: asked.now)) : asked.now
            let span = TimeSpan(start: start, end: asked.now + ahead)
            return try asked.calculator.shifts(in: span).map { try json($0, asked.zone, rendering) }
        }
    }

    private static func json(_ layer: ScheduleLayer, _ rendering: Rendering) throws -> JSONValue {
        let restrictions = (layer.hours?.spans ?? []).map { span in
            JSONValue.object(["from": json(span.from), "to": json(span.to)])
        }
        return .members([
            "name": .string(layer.name), "startsOn": .string(layer.startsOn.text), "endsOn": (layer.endsOn?.text).json,
            "users": .array(try layer.users.map(rendering.userReference)), "rotation": .string(layer.rotation.text),
            "restrictionType": (layer.hours?.kind.rawValue).json, "restrictions": .array(restrictions),
        ])
    }

    private static func json(_ edge: DutyHours.Edge) -> JSONValue {
        .members(["dayOfWeek": (edge.day?.rawValue.uppercased()).json, "time": .string(edge.timeText)])
    }
}
