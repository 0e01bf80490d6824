/// When a team is at work: hours of the week in one time zone, and dates that are exceptions.
///
/// Hours belong to the day on which they begin, also over midnight. An exception covers its calendar days whole, from
/// midnight to midnight, and hours that would begin on a day outside do not begin. Wall-clock time counts: of a time
/// that comes twice, hours begin at the first and end at the last; at one that is left out, at the first instant after.
public struct SupportHours: Equatable, Sendable {
    public typealias ID = Identifier<SupportHours>

    /// Minutes since midnight.
    public struct Hours: Equatable, Sendable {
        /// 0 to 1439.
        public var start: Int
        /// 0 to 1440; not after `start`: on the next day, so that equal ones are a whole day.
        public var end: Int

        public init(start: Int, end: Int) {
            self.start = start
            self.end = end
        }
    }

    public struct Exception: Equatable, Sendable {
        public enum Status: String, CaseIterable, Sendable {
            case during, outside
            /// The usual hours count, whatever earlier exceptions say.
            case none
        }

        public var name: String
        public var first: CalendarDay
        /// Included.
        public var last: CalendarDay
        public var status: Status

        public init(name: String, first: CalendarDay, last: CalendarDay, status: Status) {
            self.name = name
            self.first = first
            self.last = last
            self.status = status
        }
    }

    public var zone: Zone
    /// Days without hours are missing.
    public var days: [Weekday: Hours]
    /// Of several for one day the last counts.
    public var exceptions: [Exception]

    public init(zone: Zone, days: [Weekday: Hours], exceptions: [Exception] = []) {
        self.zone = zone
        self.days = days
        self.exceptions = exceptions
    }

    /// Whether `time` lies within the hours; their end does not.
    public func isDuring(_ time: Timestamp) -> Bool {
        let wall = zone.wallTime(at: time)
        switch exception(on: wall.day) {
        case .during: return true
        case .outside: return false
        case .none:
            guard zone.isNearChange(time) else {
                return covers(wall, from: wall.day) || covers(wall, from: wall.day + -1)
            }
            return (-1...0).contains { shift in
                hours(from: wall.day + shift).map { $0.start <= time && time < $0.end } ?? false
            }
        }
    }

    /// The first instant after `time` at which the hours begin or end; `nil` when nothing changes in the two years
    /// that follow.
    public func nextChange(after time: Timestamp) -> Timestamp? {
        let today = zone.wallTime(at: time).day
        let isDuring = isDuring(time)
        let lastException = exceptions.map(\.last).max().map { $0 - today } ?? 0
        for shift in -1...min(max(lastException, 0) + 8, Self.horizon) {
            let next = changes(on: today + shift).filter { $0 > time }.sorted()
                .first { self.isDuring($0) != isDuring }
            // Night hours of a day may end after something on the next one: that one is looked at, too.
            if let next { return earlier(next, on: today + shift + 1, after: time, than: isDuring) }
        }
        return nil
    }

    /// The hours between `start` and `end`, in order, cut at both.
    public func intervals(from start: Timestamp, until end: Timestamp, atMost limit: Int = 1000) -> [Range<Timestamp>] {
        var intervals: [Range<Timestamp>] = []
        var begin = isDuring(start) ? start : nextChange(after: start)
        while let opening = begin, opening < end, intervals.count < limit {
            let closing = min(nextChange(after: opening) ?? end, end)
            intervals.append(opening..<closing)
            begin = closing < end ? nextChange(after: closing) : nil
        }
        return intervals
    }

    /// Days.
    private static let horizon = 730

    private func exception(on day: CalendarDay) -> Exception.Status {
        exceptions.last { $0.first <= day && day <= $0.last }?.status ?? .none
    }

    private func begun(on day: CalendarDay) -> Hours? {
        guard let hours = days[day.weekday], exception(on: day) != .outside else { return nil }
        return hours
    }

    private func covers(_ wall: WallTime, from day: CalendarDay) -> Bool {
        guard let hours = begun(on: day) else { return false }
        return WallTime(day, minute: hours.start) <= wall && wall < Self.end(of: hours, on: day)
    }

    private func hours(from day: CalendarDay) -> (start: Timestamp, end: Timestamp)? {
        guard let hours = begun(on: day) else { return nil }
        return (zone.first(WallTime(day, minute: hours.start)), zone.last(Self.end(of: hours, on: day)))
    }

    private static func end(of hours: Hours, on day: CalendarDay) -> WallTime {
        hours.end > hours.start ? WallTime(day, minute: hours.end) : WallTime(day + 1, minute: hours.end)
    }

    /// Instants at which something may change because of `day`.
    private func changes(on day: CalendarDay) -> [Timestamp] {
        var changes = [zone.first(WallTime(day)), zone.first(WallTime(day + 1))]
        if let hours = hours(from: day) { changes += [hours.start, hours.end] }
        return changes
    }

    private func earlier(
        _ found: Timestamp, on day: CalendarDay, after time: Timestamp, than state: Bool
    ) -> Timestamp {
        changes(on: day).filter { $0 > time && $0 < found && isDuring($0) != state }.min() ?? found
    }
}
