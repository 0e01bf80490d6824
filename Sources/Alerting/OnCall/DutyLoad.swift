/// How long somebody was on call, split into parts that do not overlap.
public struct DutyLoad: Equatable, Sendable {
    public enum Part: String, CaseIterable, Sendable {
        /// Saturday 00:00 to Monday 00:00 on the wall.
        case weekend
        /// 22:00 to 06:00 on the wall, outside of weekends.
        case night
        /// All the rest.
        case day
    }

    public var user: User.ID
    public var day: Duration
    public var night: Duration
    public var weekend: Duration

    public init(user: User.ID, day: Duration = .zero, night: Duration = .zero, weekend: Duration = .zero) {
        self.user = user
        self.day = day
        self.night = night
        self.weekend = weekend
    }

    public var total: Duration { day + night + weekend }

    static let nightStart: Int64 = 22 * 3600
    static let nightEnd: Int64 = 6 * 3600
    private static let dayLength: Int64 = 86_400

    /// What everybody in `shifts` had of `span`; the longest first, then by id.
    public static func tally(_ shifts: [Shift], in span: TimeSpan, zone: ZoneTable) -> [DutyLoad] {
        var loads: [User.ID: DutyLoad] = [:]
        for shift in shifts {
            let inside = shift.span.clamped(to: span)
            guard !inside.isEmpty else { continue }
            loads[shift.user, default: DutyLoad(user: shift.user)].add(inside, zone)
        }
        return loads.values.sorted { ($1.total, $0.user) < ($0.total, $1.user) }
    }

    /// Which part of the week an instant is in.
    public static func part(at time: Timestamp, zone: ZoneTable) -> Part {
        let local = zone.local(at: time)
        let day = CalendarDay(number: LocalTime.floor(local, dayLength))
        if day.weekday.index >= 5 { return .weekend }
        let second = local - day.number * dayLength
        return second >= nightStart || second < nightEnd ? .night : .day
    }

    private mutating func add(_ span: TimeSpan, _ zone: ZoneTable) {
        var cursor = span.start
        while cursor < span.end {
            let next = min(Self.nextEdge(after: cursor, zone), span.end)
            switch Self.part(at: cursor, zone: zone) {
            case .weekend: weekend += next - cursor
            case .night: night += next - cursor
            case .day: day += next - cursor
            }
            cursor = next
        }
    }

    /// The next instant at which another part may begin.
    private static func nextEdge(after time: Timestamp, _ zone: ZoneTable) -> Timestamp {
        let midnight = LocalTime.floor(zone.local(at: time), dayLength) * dayLength
        for edge in [nightEnd, nightStart, dayLength, dayLength + nightEnd, dayLength + nightStart] {
            let next = zone.start(of: midnight + edge)
            if next > time { return next }
        }
        // A zone that leaves more than a day out.
        return time + .days(1)
    }
}
