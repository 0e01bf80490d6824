import Alerting
import Engine
import Storage

/// A month of the calendar of maintenance windows, in the reader's zone; weeks begin on Monday.
struct MaintenanceMonth {
    struct Week {
        let days: [Day]
    }

    struct Day {
        let number: String
        let isOutside: Bool
        let isToday: Bool
        let entries: [Entry]
    }

    struct Entry {
        let link: String
        let text: String
    }

    private let zone: Zone
    private let today: CalendarDay
    private let year: Int
    /// 1 to 12.
    private let number: Int

    private static let mostEntries = 5

    /// - Parameter text: such as `2026-12`; anything else is the current month.
    init(_ text: String, zone: Zone, now: Timestamp) {
        self.zone = zone
        today = zone.wallTime(at: now).day
        let chosen = text.utf8.count == 7 && CalendarDay(text + "-01") != nil ? text : String(today.text.prefix(7))
        year = Int(chosen.prefix(4)) ?? 2026
        number = Int(chosen.suffix(2)) ?? 1
    }

    var title: String { "\(Self.names[number - 1]) \(year)" }
    var previous: String { number == 1 ? Self.text(year - 1, 12) : Self.text(year, number - 1) }
    var next: String { number == 12 ? Self.text(year + 1, 1) : Self.text(year, number + 1) }
    var start: Timestamp { zone.first(WallTime(firstShown)) }
    var end: Timestamp { zone.first(WallTime(firstShown + 42)) }

    /// Six weeks with the windows of each day.
    func weeks(_ windows: [MaintenanceWindowRecord]) -> [Week] {
        (0..<6).map { week in
            Week(days: (0..<7).map { day(firstShown + (week * 7 + $0), windows) })
        }
    }

    private func day(_ day: CalendarDay, _ windows: [MaintenanceWindowRecord]) -> Day {
        let (start, end) = (zone.first(WallTime(day)), zone.first(WallTime(day + 1)))
        let mine = windows.filter { $0.span.start < end && $0.span.end > start }
        var entries = mine.prefix(Self.mostEntries).map { window in
            let begins = window.span.start >= start
            let time = begins ? SupportHours.text(zone.wallTime(at: window.span.start).minute) + " " : "… "
            return Entry(link: Links.maintenance(window.id), text: time + window.summary)
        }
        if mine.count > Self.mostEntries {
            entries.append(Entry(link: Links.maintenance, text: "\(mine.count - Self.mostEntries) more"))
        }
        return Day(
            number: "\(Int(day.text.suffix(2)) ?? 0)", isOutside: !day.text.hasPrefix(Self.text(year, number)),
            isToday: day == today, entries: entries)
    }

    private var firstShown: CalendarDay {
        let first = CalendarDay(Self.text(year, number) + "-01") ?? today
        return first + -(Weekday.allCases.firstIndex(of: first.weekday) ?? 0)
    }

    private static func text(_ year: Int, _ month: Int) -> String {
        "\(min(max(year, 1000), 9999))-\(month < 10 ? "0" : "")\(month)"
    }

    private static let names = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
}
