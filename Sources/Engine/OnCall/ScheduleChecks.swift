import Alerting

/// What an on-call schedule must be like; every refusal names the field.
extension ScheduleDraft {
    /// Layers or shifts as they are kept.
    func duties() throws(Failure) -> Duties {
        switch kind {
        case .recurring:
            guard (1...Limits.scheduleLayers).contains(layers.count) else {
                throw .invalid("scheduleLayers", "there must be 1 to \(Limits.scheduleLayers).")
            }
            var checked: [ScheduleLayer] = []
            for (index, layer) in layers.enumerated() {
                checked.append(try Self.checked(layer, "scheduleLayers[\(index)]"))
            }
            return .recurring(checked)
        case .static:
            return .entered(try checkedShifts())
        }
    }

    static func time(_ text: String, _ field: String) throws(Failure) -> LocalTime {
        guard let time = LocalTime(text) else {
            throw .invalid(
                field, "must be a local time without an offset, in the schedule's time zone, such as 2026-12-01T09:00.")
        }
        guard LocalTime.range.contains(time.seconds) else {
            throw .invalid(field, "must be in the years 1970 to 2099.")
        }
        return time
    }

    private static func checked(_ layer: Layer, _ field: String) throws(Failure) -> ScheduleLayer {
        let start = try time(layer.startsOn, "\(field).startsOn")
        var end: LocalTime?
        if let text = layer.endsOn, !text.isEmpty {
            let time = try time(text, "\(field).endsOn")
            guard time.seconds > start.seconds else { throw .invalid("\(field).endsOn", "must be after startsOn.") }
            end = time
        }
        guard (1...Limits.layerUsers).contains(layer.users.count) else {
            throw .invalid("\(field).users", "there must be 1 to \(Limits.layerUsers).")
        }
        guard let rotation = Rotation(layer.rotation) else {
            throw .invalid(
                "\(field).rotation", "must be a duration of an hour to a year, such as PT8H, P1D, P7D or P1M.")
        }
        return ScheduleLayer(
            name: try FieldRules.words(layer.name, "\(field).name", limit: Limits.name), startsOn: start, endsOn: end,
            users: layer.users, rotation: rotation, hours: try hours(layer, field))
    }

    private static func hours(_ layer: Layer, _ field: String) throws(Failure) -> DutyHours? {
        let text = layer.restrictionType.flatMap { $0.isEmpty ? nil : $0.uppercased() }
        guard text != nil || !layer.restrictions.isEmpty else { return nil }
        let guess = layer.restrictions.contains { $0.fromDay != nil }
        guard let kind = DutyHours.Kind(rawValue: text ?? (guess ? "TIMES_OF_WEEK" : "TIME_OF_DAY")) else {
            throw .invalid("\(field).restrictionType", "must be TIMES_OF_WEEK or TIME_OF_DAY.")
        }
        guard layer.restrictions.count <= Limits.layerRestrictions else {
            throw .invalid("\(field).restrictions", "there may be at most \(Limits.layerRestrictions).")
        }
        var spans: [DutyHours.Span] = []
        for (index, restriction) in layer.restrictions.enumerated() {
            let place = "\(field).restrictions[\(index)]"
            spans.append(
                DutyHours.Span(
                    from: try edge(restriction.fromDay, restriction.fromTime, kind, "\(place).from"),
                    to: try edge(restriction.toDay, restriction.toTime, kind, "\(place).to")))
        }
        return DutyHours(kind: kind, spans: spans)
    }

    private static func edge(
        _ day: String?, _ time: String, _ kind: DutyHours.Kind, _ field: String
    ) throws(Failure) -> DutyHours.Edge {
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = UInt8(parts[0]),
            let minute = UInt8(parts[1]), minute < 60, Int(hour) * 60 + Int(minute) <= 1440
        else { throw .invalid("\(field).time", "must be a time such as 09:00.") }
        var weekday: Weekday?
        if let day, !day.isEmpty {
            guard let known = Weekday(rawValue: day.lowercased()) else {
                throw .invalid("\(field).dayOfWeek", "must be MONDAY to SUNDAY.")
            }
            weekday = known
        }
        guard kind.isDaily || weekday != nil else { throw .invalid("\(field).dayOfWeek", "is missing.") }
        return DutyHours.Edge(day: weekday, minute: Int(hour) * 60 + Int(minute))
    }

    private func checkedShifts() throws(Failure) -> [EnteredShift] {
        guard shifts.count <= Limits.enteredShifts else {
            throw .invalid("shifts", "there may be at most \(Limits.enteredShifts).")
        }
        var checked: [EnteredShift] = []
        for (index, shift) in shifts.enumerated() {
            let field = "shifts[\(index)]"
            let (start, end) = (try Self.time(shift.start, "\(field).start"), try Self.time(shift.end, "\(field).end"))
            guard end.seconds > start.seconds else { throw .invalid("\(field).end", "must be after start.") }
            guard end.seconds - start.seconds <= Limits.shiftRange.components.seconds else {
                throw .invalid("\(field).end", "may be at most two years after start.")
            }
            checked.append(EnteredShift(user: shift.user, start: start, end: end))
        }
        let order = checked.indices.sorted { checked[$0].start.seconds < checked[$1].start.seconds }
        for (one, next) in zip(order, order.dropFirst()) where checked[next].start.seconds < checked[one].end.seconds {
            throw .invalid("shifts[\(next)].start", "overlaps shifts[\(one)].")
        }
        return checked
    }

    /// - Throws: `Failure.invalid` when entered shifts leave a gap between them.
    static func refuseGaps(_ duties: Duties) throws(Failure) {
        guard case .entered(let shifts) = duties else { return }
        let sorted = shifts.sorted { $0.start.seconds < $1.start.seconds }
        for (one, next) in zip(sorted, sorted.dropFirst()) where one.end.seconds < next.start.seconds {
            throw .invalid("shifts", "leave a gap from \(one.end.text) to \(next.start.text).")
        }
    }
}
