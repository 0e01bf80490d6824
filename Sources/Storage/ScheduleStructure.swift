public import Alerting

/// A schedule's layers or shifts in a column, such as
/// `{"layers":[{"name":"Day","phase":0,"rotation":"P7D","starts_on":"2026-01-05T09:00","users":[7]}]}`.
public enum ScheduleStructure {
    public static func text(of duties: Duties) -> String {
        switch duties {
        case .recurring(let layers): JSONColumn.text(of: .object(["layers": .array(layers.map(json))]))
        case .entered(let shifts):
            JSONColumn.text(
                of: .object([
                    "shifts": .array(
                        shifts.map { shift in
                            .object([
                                "user": .integer(shift.user.rawValue), "start": .string(shift.start.text),
                                "end": .string(shift.end.text),
                            ])
                        })
                ]))
        }
    }

    static func duties(of text: String, _ column: String) throws(StorageError) -> Duties {
        let value = try JSONColumn.value(of: text, column)
        let unreadable = StorageError.unreadable(column: column)
        if let items = value["layers"]?.array {
            var layers: [ScheduleLayer] = []
            for item in items {
                guard let layer = layer(item) else { throw unreadable }
                layers.append(layer)
            }
            return .recurring(layers)
        }
        guard let items = value["shifts"]?.array else { throw unreadable }
        var shifts: [EnteredShift] = []
        for item in items {
            guard let user = item["user"]?.integer, let start = time(item["start"]), let end = time(item["end"]) else {
                throw unreadable
            }
            shifts.append(EnteredShift(user: User.ID(user), start: start, end: end))
        }
        return .entered(shifts)
    }

    private static func json(_ layer: ScheduleLayer) -> JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(layer.name), "starts_on": .string(layer.startsOn.text),
            "users": .array(layer.users.map { .integer($0.rawValue) }), "rotation": .string(layer.rotation.text),
            "phase": .integer(Int64(layer.phase)),
        ]
        if let end = layer.endsOn { members["ends_on"] = .string(end.text) }
        if let hours = layer.hours {
            members["hours"] = .object([
                "kind": .string(hours.kind.rawValue),
                "spans": .array(hours.spans.map { .object(["from": json($0.from), "to": json($0.to)]) }),
            ])
        }
        return .object(members)
    }

    private static func json(_ edge: DutyHours.Edge) -> JSONValue {
        var members: [String: JSONValue] = ["minute": .integer(Int64(edge.minute))]
        if let day = edge.day { members["day"] = .string(day.rawValue) }
        return .object(members)
    }

    private static func layer(_ value: JSONValue) -> ScheduleLayer? {
        guard let name = value["name"]?.string, let start = time(value["starts_on"]),
            let users = value["users"]?.array?.compactMap({ $0.integer.map { User.ID($0) } }),
            let rotation = value["rotation"]?.string.flatMap(Rotation.init), let phase = value["phase"]?.integer
        else { return nil }
        return ScheduleLayer(
            name: name, startsOn: start, endsOn: time(value["ends_on"]), users: users, rotation: rotation,
            hours: hours(value["hours"]), phase: Int(phase))
    }

    private static func hours(_ value: JSONValue?) -> DutyHours? {
        guard let kind = value?["kind"]?.string.flatMap(DutyHours.Kind.init), let spans = value?["spans"]?.array else {
            return nil
        }
        return DutyHours(
            kind: kind,
            spans: spans.compactMap { span in
                guard let from = edge(span["from"]), let to = edge(span["to"]) else { return nil }
                return DutyHours.Span(from: from, to: to)
            })
    }

    private static func edge(_ value: JSONValue?) -> DutyHours.Edge? {
        guard let minute = value?["minute"]?.integer else { return nil }
        return DutyHours.Edge(day: value?["day"]?.string.flatMap(Weekday.init), minute: Int(minute))
    }

    private static func time(_ value: JSONValue?) -> LocalTime? {
        value?.string.flatMap { LocalTime($0) }
    }
}
