import Alerting

/// The cast's ids and short ways to write schedules.
enum Rota {
    static let alice = User.ID(1)
    static let bob = User.ID(2)
    static let carol = User.ID(3)

    static func zone(_ name: String = "Europe/Berlin") -> ZoneTable {
        guard let zone = ZoneTable(name) else { preconditionFailure("no zone \(name)") }
        return zone
    }

    static func local(_ text: String) -> LocalTime {
        guard let time = LocalTime(text) else { preconditionFailure("no time \(text)") }
        return time
    }

    static func time(_ text: String) -> Timestamp {
        guard let time = Timestamp(iso8601: text) else { preconditionFailure("no time \(text)") }
        return time
    }

    static func span(_ start: String, _ end: String) -> TimeSpan {
        TimeSpan(start: time(start), end: time(end))
    }

    static func layer(
        _ users: [User.ID], from start: String, every rotation: String = "P7D", until end: String? = nil,
        hours: DutyHours? = nil
    ) -> ScheduleLayer {
        guard let rotation = Rotation(rotation) else { preconditionFailure("no rotation \(rotation)") }
        return ScheduleLayer(
            name: "Layer", startsOn: local(start), endsOn: end.map(local), users: users, rotation: rotation,
            hours: hours)
    }

    static func week(_ from: Weekday, _ fromHour: Int, _ to: Weekday, _ toHour: Int) -> DutyHours {
        DutyHours(
            kind: .timesOfWeek,
            spans: [.init(from: .init(day: from, minute: fromHour * 60), to: .init(day: to, minute: toHour * 60))])
    }

    static func schedule(_ layers: ScheduleLayer..., zone name: String = "Europe/Berlin") -> OnCallSchedule {
        OnCallSchedule(revisions: [ScheduleRevision(zone: zone(name), duties: .recurring(layers))])
    }

    static func override(_ id: Int64, _ user: User.ID, _ span: TimeSpan) -> ScheduleOverride {
        ScheduleOverride(id: .init(id), user: user, span: span)
    }
}

extension Shift {
    /// Such as `1 2026-03-28T08:00Z 24h`.
    var words: String {
        let minutes = span.length.components.seconds / 60
        let length = minutes % 60 == 0 ? "\(minutes / 60)h" : "\(minutes)m"
        return "\(user) \(start.iso8601.prefix(16))Z \(length)"
    }
}
