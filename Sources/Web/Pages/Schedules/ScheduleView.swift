import Alerting
import Engine

/// Which part of a schedule's time a page shows, and on whose wall.
struct ScheduleView {
    enum Range: String, CaseIterable {
        case day
        case fortnight = "two-weeks"
        case month

        var words: String {
            switch self {
            case .day: "Day"
            case .fortnight: "Two weeks"
            case .month: "Month"
            }
        }
    }

    let range: Range
    let zone: ZoneTable
    let first: CalendarDay
    let days: Int

    /// - Parameters:
    ///   - rangeText: such as `month`; anything else is two weeks.
    ///   - from: such as `2026-10-19`; anything else, and days outside of 1970 to 2099: today.
    init(range rangeText: String, from: String, zone: ZoneTable, now: Timestamp) {
        range = Range(rawValue: rangeText) ?? .fortnight
        self.zone = zone
        let today = CalendarDay(number: zone.localTime(at: now).day)
        let isKnown = CalendarDay(from).map { LocalTime.range.contains($0.number * Self.dayLength) } ?? false
        let chosen = isKnown ? CalendarDay(from) ?? today : today
        switch range {
        case .day: (first, days) = (chosen, 1)
        case .fortnight:
            // Weeks begin on Monday; a day that somebody chose begins by itself.
            (first, days) = (isKnown ? chosen : today + -today.weekday.index, 14)
        case .month:
            let start = CalendarDay(number: Self.month(of: chosen, adding: 0, zone))
            (first, days) = (start, CalendarDay(number: Self.month(of: chosen, adding: 1, zone)) - start)
        }
    }

    static let dayLength: Int64 = 86_400

    var span: TimeSpan { TimeSpan(start: start(of: first), end: start(of: first + days)) }

    func start(of day: CalendarDay) -> Timestamp { zone.start(of: day.number * Self.dayLength) }

    var title: String {
        switch range {
        case .day: SpanWords.day(first)
        case .fortnight: "\(SpanWords.day(first)) – \(SpanWords.day(first + (days - 1)))"
        case .month:
            // Such as `Jan 2026`.
            SpanWords.day(first).split(separator: " ").suffix(2).joined(separator: " ")
        }
    }

    var previous: CalendarDay {
        range == .month ? CalendarDay(number: Self.month(of: first, adding: -1, zone)) : first + -days
    }

    var next: CalendarDay { first + days }

    private static func month(of day: CalendarDay, adding months: Int64, _ zone: ZoneTable) -> Int64 {
        let noon = zone.start(of: day.number * dayLength + dayLength / 2)
        return zone.startOfMonth(at: noon, adding: months) / dayLength
    }
}

/// Names and colours of the people of a schedule.
struct ShiftPeople: Sendable {
    private let names: [User.ID: String]
    private let order: [User.ID: Int]

    /// How many colours there are.
    private static let colors = 8

    init(_ users: Set<User.ID>, names: [User.ID: String]) {
        self.names = names
        order = Dictionary(users.sorted().enumerated().map { ($1, $0) }) { $1 }
    }

    func name(_ user: User.ID) -> String { names[user] ?? "a deleted user" }

    func style(_ user: User.ID) -> String { "shift-\((order[user] ?? 0) % Self.colors)" }

    func name(_ user: User.ID?) -> String { user.map(name) ?? "nobody" }
}
