/// How an event of a calendar repeats, as far as rotas need it: daily or weekly (RFC 5545, 3.3.10).
///
/// Rules that say more than `FREQ`, `INTERVAL`, `COUNT`, `UNTIL`, `BYDAY` (weekly) and `WKST` are not understood.
public struct RecurrenceRule: Equatable, Sendable {
    public enum Frequency: String, Sendable {
        case daily = "DAILY"
        case weekly = "WEEKLY"
    }

    public var frequency: Frequency
    public var interval: Int
    public var count: Int?
    /// The last day, or the last instant as it is written.
    public var until: ICalendarTime?
    /// Of a weekly rule; empty: the day of the start.
    public var days: [Weekday]
    public var weekStart: Weekday

    /// `nil` when the rule is not understood.
    public init?(_ text: String) {
        (interval, count, until, days, weekStart) = (1, nil, nil, [], .monday)
        var frequency: Frequency?
        for part in text.uppercased().split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2 else { return nil }
            switch pair[0] {
            case "FREQ": frequency = Frequency(rawValue: pair[1])
            case "INTERVAL":
                guard let number = Int(pair[1]), (1...1000).contains(number) else { return nil }
                interval = number
            case "COUNT":
                guard let number = Int(pair[1]), number > 0 else { return nil }
                count = number
            case "UNTIL":
                guard let time = ICalendarProperty("UNTIL:\(pair[1])")?.times.first else { return nil }
                until = time
            case "BYDAY":
                for name in pair[1].split(separator: ",") {
                    guard let day = Self.day(String(name)) else { return nil }
                    days.append(day)
                }
            case "WKST":
                guard let day = Self.day(pair[1]) else { return nil }
                weekStart = day
            default: return nil
            }
        }
        guard let frequency, frequency == .weekly || days.isEmpty else { return nil }
        self.frequency = frequency
    }

    /// The days on which it takes place, in order, the first one included.
    ///
    /// - Parameters:
    ///   - first: the day of the event's start.
    ///   - last: no day after it.
    ///   - limit: no more days than this.
    public func occurrences(from first: CalendarDay, to last: CalendarDay, limit: Int) -> [CalendarDay] {
        var found: [CalendarDay] = []
        let most = min(limit, count ?? limit)
        switch frequency {
        case .daily:
            var day = first
            while day <= last, found.count < most {
                found.append(day)
                day = day + interval
            }
        case .weekly:
            let wanted = days.isEmpty ? [first.weekday] : days
            let places = Set(wanted.map { ($0.index - weekStart.index + 7) % 7 }).sorted()
            var week = first + -((first.weekday.index - weekStart.index + 7) % 7)
            while week <= last, found.count < most {
                for place in places where found.count < most {
                    let day = week + place
                    if day >= first, day <= last { found.append(day) }
                }
                week = week + 7 * interval
            }
        }
        return found
    }

    private static func day(_ text: String) -> Weekday? {
        ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].firstIndex(of: text).map { Weekday.allCases[$0] }
    }
}
