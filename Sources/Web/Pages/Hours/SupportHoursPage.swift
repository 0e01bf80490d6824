import Alerting
import Engine
import Storage

struct SupportHoursListPage: HTMLPage {
    static let template = "support-hours-list"
    let frame: Frame
    let rows: [Row]
    let hasRows: Bool
    let mayConfigure: Bool

    struct Row {
        let link: String
        let name: String
        let state: String
        let style: String
        let hours: String
        let zone: String
    }
}

struct SupportHoursEditPage: HTMLPage {
    static let template = "support-hours-edit"
    let frame: Frame
    let heading: String
    let problem: String?
    let action: String
    let back: String
    let name: String
    let zones: [Choice]
    let days: [Day]
    let exceptions: [Exception]
    let teams: [Choice]
    let hasTeams: Bool

    struct Day {
        let value: String
        let label: String
        let isOn: Bool
        let start: String
        let end: String
    }

    struct Exception {
        let number: String
        let name: String
        let first: String
        let last: String
        let statuses: [Choice]
    }
}

/// One set of support hours with its next two weeks.
struct SupportHoursPage: HTMLPage {
    static let template = "support-hours"
    let frame: Frame
    let name: String
    let link: String
    let zone: String
    let state: String
    let style: String
    let nextChange: Moment?
    let nextChangeWords: String
    let days: [Day]
    let exceptions: [Exception]
    let hasExceptions: Bool
    let users: [String]
    let hasUsers: Bool
    let teams: [String]
    let hasTeams: Bool
    let mayConfigure: Bool

    struct Day {
        let label: String
        let hours: String
        let exception: String?
        let isToday: Bool
        let bars: [Bar]
    }

    /// A piece of the day, of 240 units.
    struct Bar {
        let x: String
        let width: String
    }

    struct Exception {
        let name: String
        let status: String
        let dates: String
    }

    init(_ record: SupportHoursRecord, users: [String], teams: [String], visit: Visit, frame: Frame) {
        let (hours, now) = (record.hours, visit.moments.now)
        let current = SupportHoursState(hours, at: now)
        self.frame = frame
        name = record.name
        link = Links.supportHours(record.id)
        zone = hours.zone.name
        state = current.words
        style = current.style
        nextChange = hours.nextChange(after: now).map { visit.moments.moment($0) }
        nextChangeWords = current == .during ? "They end" : "They begin"
        let today = hours.zone.wallTime(at: now).day
        days = (0..<14).map { Self.day(today + $0, of: hours, isToday: $0 == 0) }
        let coming = hours.exceptions.filter { $0.last >= today }.sorted { $0.first < $1.first }
        exceptions = coming.map { exception in
            let (first, last) = (SupportHoursWords.date(exception.first), SupportHoursWords.date(exception.last))
            return Exception(
                name: exception.name.isEmpty ? "Exception" : exception.name,
                status: SupportHoursWords.status(exception.status), dates: first == last ? first : "\(first) to \(last)"
            )
        }
        hasExceptions = !coming.isEmpty
        self.users = users
        hasUsers = !users.isEmpty
        self.teams = teams
        hasTeams = !teams.isEmpty
        mayConfigure = visit.mayConfigure
    }

    private static func day(_ day: CalendarDay, of hours: SupportHours, isToday: Bool) -> Day {
        let (start, end) = (hours.zone.first(WallTime(day)), hours.zone.first(WallTime(day + 1)))
        let length = Double((end - start).wholeMilliseconds)
        let pieces = hours.intervals(from: start, until: end)
        func units(_ duration: Duration) -> String {
            let tenths = (Double(duration.wholeMilliseconds) / length * 2400).rounded()
            return "\(tenths / 10)"
        }
        let texts = pieces.map { piece in
            let last = piece.upperBound == end ? 1440 : hours.zone.wallTime(at: piece.upperBound).minute
            let first = hours.zone.wallTime(at: piece.lowerBound).minute
            return SupportHours.text(first) + "–" + SupportHours.text(last)
        }
        return Day(
            label: SupportHoursWords.date(day), hours: texts.isEmpty ? "None" : texts.joined(separator: ", "),
            exception: hours.exceptions.last { $0.first <= day && day <= $0.last }.map {
                $0.name.isEmpty ? "Exception" : $0.name
            }, isToday: isToday,
            bars: pieces.map {
                Bar(x: units($0.lowerBound - start), width: units($0.upperBound - $0.lowerBound))
            })
    }
}

/// Whether people are at work.
enum SupportHoursState {
    case during, outside

    init(_ hours: SupportHours, at now: Timestamp) {
        self = hours.isDuring(now) ? .during : .outside
    }

    var words: String {
        switch self {
        case .during: "Within support hours"
        case .outside: "Outside support hours"
        }
    }

    /// The class of its badge.
    var style: String {
        switch self {
        case .during: "active"
        case .outside: "disabled"
        }
    }
}

/// Support hours in words.
enum SupportHoursWords {
    /// `Mon–Fri 08:00–17:00, Sat 10:00–14:00`: neighbours with the same hours together.
    static func week(_ hours: SupportHours) -> String {
        var groups: [(first: Weekday, last: Weekday, hours: SupportHours.Hours)] = []
        for day in Weekday.allCases {
            guard let times = hours.days[day] else { continue }
            let index = Weekday.allCases.firstIndex(of: day) ?? 0
            if let group = groups.last, group.hours == times, index > 0, Weekday.allCases[index - 1] == group.last {
                groups[groups.count - 1].last = day
            } else {
                groups.append((day, day, times))
            }
        }
        guard !groups.isEmpty else { return "Exceptions only" }
        return groups.map { group in
            let days = group.first == group.last ? short(group.first) : "\(short(group.first))–\(short(group.last))"
            return "\(days) \(SupportHours.text(group.hours.start))–\(SupportHours.text(group.hours.end))"
        }.joined(separator: ", ")
    }

    /// `Mon 24 Nov 2026`.
    static func date(_ day: CalendarDay) -> String {
        let month = Int(day.text.dropFirst(5).prefix(2)).map { months[$0 - 1] } ?? ""
        return "\(short(day.weekday)) \(Int(day.text.suffix(2)) ?? 0) \(month) \(day.text.prefix(4))"
    }

    static func status(_ status: SupportHours.Exception.Status) -> String {
        switch status {
        case .during: "Within support hours"
        case .outside: "Outside support hours"
        case .none: "As usual"
        }
    }

    static func name(_ day: Weekday) -> String { day.rawValue.prefix(1).uppercased() + day.rawValue.dropFirst() }

    private static func short(_ day: Weekday) -> String { String(name(day).prefix(3)) }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
