/// Shifts out of a calendar file that some other program wrote.
public struct CalendarImport: Equatable, Sendable {
    /// Somebody whom an event may name.
    public struct Person: Equatable, Sendable {
        public var id: User.ID
        /// What an event's title may say: full name, user name, email address.
        public var names: [String]
        public var email: String

        public init(id: User.ID, names: [String], email: String) {
            self.id = id
            self.names = names
            self.email = email
        }
    }

    /// Why an event, or a part of it, became no shift.
    public enum Problem: Equatable, Sendable {
        case nobodyNamed
        case severalNamed
        case noEnd
        case tooLong
        case outsideYears
        case ruleNotUnderstood(String)
        /// What somebody has already, from the same file, in an earlier event; the rest is kept.
        case overlapping
        /// It begins or ends in an hour that wall clocks show twice, at the occurrence that shifts cannot name.
        case movedInRepeatedHour
        case tooMany

        /// One sentence for a person.
        public var message: String {
            switch self {
            case .nobodyNamed: "Neither its title nor its attendees name a user."
            case .severalNamed: "It names more than one user; one person is on call at a time."
            case .noEnd: "It does not end after it begins."
            case .tooLong: "It is longer than two years."
            case .outsideYears: "It is outside of the years 1970 to 2099."
            case .ruleNotUnderstood(let rule): "It repeats in a way that is not understood: \(rule)"
            case .overlapping: "It overlaps an earlier event; what overlaps is left out."
            case .movedInRepeatedHour: "It touches an hour that clocks show twice, and is moved within it."
            case .tooMany: "There are more than \(Limits.enteredShifts) shifts; this one and later ones are left out."
            }
        }
    }

    public struct Line: Equatable, Sendable {
        public var summary: String
        public var start: Timestamp
        public var problem: Problem

        public init(summary: String, start: Timestamp, problem: Problem) {
            self.summary = summary
            self.start = start
            self.problem = problem
        }
    }

    /// In order, apart from each other.
    public var shifts: [EnteredShift]
    /// What could not be mapped, by start.
    public var report: [Line]
    /// Events that are over, cancelled, or left out by their own calendar.
    public var past: Int
    /// Events that could not be read at all.
    public var unreadable: Int

    /// How far ahead what repeats is unrolled.
    static let ahead = Duration.days(366)
}

/// Maps the events of a calendar to shifts.
public struct CalendarMapping {
    private struct Found {
        var user: User.ID
        var span: TimeSpan
        var summary: String
    }

    private let zone: ZoneTable
    private let plainZone: Zone
    private let people: [CalendarImport.Person]
    private let now: Timestamp
    private var found: [Found] = []
    private var result = CalendarImport(shifts: [], report: [], past: 0, unreadable: 0)

    /// - Parameters:
    ///   - zone: that the schedule is kept in; days and times without a zone of their own are in it.
    ///   - now: what ended before is left out.
    public static func shifts(
        in calendar: ICalendar, zone: ZoneTable, people: [CalendarImport.Person], at now: Timestamp
    ) -> CalendarImport {
        var mapping = CalendarMapping(zone: zone, people: people, now: now)
        mapping.result.unreadable = calendar.unreadable
        let replaced = Dictionary(
            grouping: calendar.events.filter { $0.replacedStart != nil }, by: { $0.uid ?? "" })
        for event in calendar.events { mapping.take(event, replacements: replaced[event.uid ?? ""] ?? []) }
        mapping.layOut()
        return mapping.result
    }

    private init(zone: ZoneTable, people: [CalendarImport.Person], now: Timestamp) {
        self.zone = zone
        self.people = people
        self.now = now
        plainZone = Zone(zone.name) ?? .utc
    }

    private mutating func take(_ event: ICalendarEvent, replacements: [ICalendarEvent]) {
        let start = event.start.instant(in: plainZone)
        guard !event.isCancelled else {
            result.past += 1
            return
        }
        guard let length = length(of: event), length > .zero else { return report(event, start, .noEnd) }
        guard length <= Limits.shiftRange else { return report(event, start, .tooLong) }
        var starts = [start]
        if let text = event.recurrenceRule, event.replacedStart == nil {
            guard let rule = RecurrenceRule(text) else { return report(event, start, .ruleNotUnderstood(text)) }
            starts = self.starts(of: event, rule)
        }
        starts += event.extraStarts.map { $0.instant(in: plainZone) }
        var leftOut = Set(event.leftOutStarts.map { $0.instant(in: plainZone) })
        if event.replacedStart == nil {
            leftOut.formUnion(replacements.compactMap { $0.replacedStart?.instant(in: plainZone) })
        }
        let spans = Set(starts).subtracting(leftOut).sorted().map { span(from: $0, of: event, length) }
        let coming = spans.filter { $0.end > now }
        guard let first = coming.first else {
            result.past += 1
            return
        }
        guard coming.allSatisfy({ inYears($0) }) else { return report(event, first.start, .outsideYears) }
        switch named(by: event) {
        case .success(let user):
            found += coming.map { Found(user: user, span: $0, summary: event.summary) }
        case .failure(let problem): report(event, first.start, problem.problem)
        }
    }

    private mutating func report(_ event: ICalendarEvent, _ start: Timestamp, _ problem: CalendarImport.Problem) {
        result.report.append(.init(summary: event.summary, start: start, problem: problem))
    }

    // MARK: - When

    private func length(of event: ICalendarEvent) -> Duration? {
        if let end = event.end { return end.instant(in: plainZone) - event.start.instant(in: plainZone) }
        if let duration = event.duration { return duration }
        if case .day(let day) = event.start {
            return plainZone.first(WallTime(day + 1)) - plainZone.first(WallTime(day))
        }
        return nil
    }

    /// From `start`, at the wall-clock time at which the event ends; an event that was entered in universal time is as
    /// long as its first occurrence.
    private func span(from start: Timestamp, of event: ICalendarEvent, _ length: Duration) -> TimeSpan {
        guard let end = event.end, case .wall(let wallEnd, let name) = end, case .wall(let wallStart, _) = event.start
        else {
            if case .day(let first) = event.start, case .day(let last)? = event.end {
                let day = plainZone.wallTime(at: start).day
                return TimeSpan(start: start, end: plainZone.first(WallTime(day + (last - first))))
            }
            return TimeSpan(start: start, end: start + length)
        }
        let own = name.flatMap { Zone(calendarName: $0) } ?? plainZone
        let wall = own.wallTime(at: start).milliseconds + wallEnd.milliseconds - wallStart.milliseconds
        let last = own.first(WallTime(milliseconds: wall))
        return TimeSpan(start: start, end: max(last, start + .minutes(1)))
    }

    private func starts(of event: ICalendarEvent, _ rule: RecurrenceRule) -> [Timestamp] {
        let last = now + CalendarImport.ahead
        let own: Zone =
            switch event.start {
            case .day: plainZone
            case .utc: .utc
            case .wall(_, let name): name.flatMap { Zone(calendarName: $0) } ?? plainZone
            }
        let wall = own.wallTime(at: event.start.instant(in: plainZone))
        let final = rule.until.map { until -> Timestamp in
            if case .day(let day) = until { return own.first(WallTime(day + 1)) - .milliseconds(1) }
            return until.instant(in: own)
        }
        let end = min(last, final ?? last)
        guard end >= event.start.instant(in: plainZone) else { return [event.start.instant(in: plainZone)] }
        let days = rule.occurrences(from: wall.day, to: own.wallTime(at: end).day, limit: 20_000)
        return days.map { own.first(WallTime($0, minute: wall.minute)) }.filter { $0 <= end }
    }

    private func inYears(_ span: TimeSpan) -> Bool {
        LocalTime.range.contains(zone.local(at: span.start)) && LocalTime.range.contains(zone.local(at: span.end))
    }

    // MARK: - Who

    private struct Unnamed: Error {
        var problem: CalendarImport.Problem
    }

    /// By attendees and organizer first, then by the title: a name as a whole, or within it.
    private func named(by event: ICalendarEvent) -> Result<User.ID, Unnamed> {
        let addresses = Set(
            event.people.map { $0.lowercased() }.map { $0.hasPrefix("mailto:") ? String($0.dropFirst(7)) : $0 })
        let title = event.summary.lowercased()
        let attending = people.filter { addresses.contains($0.email.lowercased()) }
        if attending.count == 1 { return .success(attending[0].id) }
        let among = attending.isEmpty ? people : attending
        for isWhole in [true, false] {
            let matching = among.filter { person in
                (person.names + [person.email]).contains { Self.names($0.lowercased(), title, isWhole: isWhole) }
            }
            if matching.count == 1 { return .success(matching[0].id) }
            if matching.count > 1 { return .failure(Unnamed(problem: .severalNamed)) }
        }
        return .failure(Unnamed(problem: attending.isEmpty ? .nobodyNamed : .severalNamed))
    }

    private static func names(_ name: String, _ title: String, isWhole: Bool) -> Bool {
        guard !name.isEmpty else { return false }
        if isWhole { return title == name }
        var rest = title[...]
        while let place = rest.firstRange(of: name) {
            let isLetterBefore =
                place.lowerBound > title.startIndex && isWord(title[title.index(before: place.lowerBound)])
            let isLetterAfter = place.upperBound < title.endIndex && isWord(title[place.upperBound])
            if !isLetterBefore, !isLetterAfter { return true }
            rest = rest[rest.index(after: place.lowerBound)...]
        }
        return false
    }

    private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber }

    // MARK: - Laying out

    private mutating func layOut() {
        found.sort { ($0.span.start, $0.span.end, $0.user) < ($1.span.start, $1.span.end, $1.user) }
        var cursor: Timestamp?
        for event in found {
            var span = event.span
            let line = { (problem: CalendarImport.Problem) in
                CalendarImport.Line(summary: event.summary, start: event.span.start, problem: problem)
            }
            if let cursor, span.start < cursor {
                result.report.append(line(.overlapping))
                span.start = cursor
                guard !span.isEmpty else { continue }
            }
            guard result.shifts.count < Limits.enteredShifts else {
                result.report.append(line(.tooMany))
                break
            }
            let shift = EnteredShift(
                user: event.user, start: zone.localTime(at: span.start), end: zone.localTime(at: span.end))
            cursor = span.end
            guard shift.start.seconds < shift.end.seconds else {
                result.report.append(line(.movedInRepeatedHour))
                continue
            }
            let start = zone.start(of: shift.start.seconds)
            let end = zone.end(of: shift.end.seconds)
            if start != span.start.wholeSecond || end != span.end.wholeSecond {
                result.report.append(line(.movedInRepeatedHour))
            }
            result.shifts.append(shift)
        }
        result.report.sort { ($0.start, $0.summary) < ($1.start, $1.summary) }
    }
}

extension Timestamp {
    fileprivate var wholeSecond: Timestamp {
        Timestamp(milliseconds: LocalTime.floor(milliseconds, 1000) * 1000)
    }
}
