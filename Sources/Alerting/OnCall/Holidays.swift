/// Days off in a calendar file, as exceptions of support hours.
public enum Holidays {
    public struct Import: Equatable, Sendable {
        /// By date.
        public var exceptions: [SupportHours.Exception]
        /// Events that are over, cancelled, repeat in a way that is not understood or could not be read.
        public var leftOut: Int
    }

    /// Every event that is not over yet makes the days that it touches a day outside. One that repeats yearly on its
    /// date is unrolled for five years.
    ///
    /// - Parameter today: what ended before is left out.
    public static func exceptions(in calendar: ICalendar, zone: Zone, from today: CalendarDay) -> Import {
        var found: [SupportHours.Exception] = []
        var leftOut = calendar.unreadable
        for event in calendar.events {
            let days = occurrences(of: event, zone: zone, from: today)
            if days.isEmpty { leftOut += 1 }
            let name = event.summary.isEmpty ? "Holiday" : event.summary
            found += days.map { .init(name: name, first: $0.first, last: $0.last, status: .outside) }
        }
        var unique: [SupportHours.Exception] = []
        for exception in found.sorted(by: { ($0.first, $0.last, $0.name) < ($1.first, $1.last, $1.name) })
        where unique.last != exception {
            unique.append(exception)
        }
        return Import(exceptions: unique, leftOut: leftOut)
    }

    private static let years = 5
    /// Days.
    private static let longest = 366

    private static func occurrences(
        of event: ICalendarEvent, zone: Zone, from today: CalendarDay
    ) -> [(first: CalendarDay, last: CalendarDay)] {
        guard !event.isCancelled else { return [] }
        let first = event.start.day(in: zone)
        let length = min(max(lastDay(of: event, zone: zone) - first, 0), longest)
        guard let rule = event.recurrenceRule else { return first + length >= today ? [(first, first + length)] : [] }
        guard isYearly(rule), let year = Int(first.text.prefix(4)), let thisYear = Int(today.text.prefix(4)) else {
            return []
        }
        return (0...years).compactMap { shift in
            let number = max(year, thisYear) + shift
            // 29 February is left out in years that have none.
            guard let day = CalendarDay("\(number)" + first.text.dropFirst(4)), day + length >= today else {
                return nil
            }
            return (day, day + length)
        }
    }

    private static func lastDay(of event: ICalendarEvent, zone: Zone) -> CalendarDay {
        switch (event.end, event.duration) {
        case (.day(let end), _): return end + -1
        case (let end?, _): return zone.wallTime(at: end.instant(in: zone) - .milliseconds(1)).day
        case (nil, let duration?):
            return zone.wallTime(at: event.start.instant(in: zone) + duration - .milliseconds(1)).day
        case (nil, nil): return event.start.day(in: zone)
        }
    }

    /// Every year on the date of its start, without an end.
    private static func isYearly(_ rule: String) -> Bool {
        let parts = rule.uppercased().split(separator: ";").map(String.init)
        return parts.contains("FREQ=YEARLY")
            && parts.allSatisfy { part in
                ["FREQ=YEARLY", "INTERVAL=1"].contains(part) || part.hasPrefix("BYMONTH=")
                    || part.hasPrefix("BYMONTHDAY=") || part.hasPrefix("WKST=")
            }
    }
}
