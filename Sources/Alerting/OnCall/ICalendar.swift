/// What a calendar file (RFC 5545) holds, as far as anybody here needs it: its events, as they are written.
public struct ICalendar: Equatable, Sendable {
    /// `X-WR-CALNAME` or `NAME`.
    public var name: String?
    /// `X-WR-TIMEZONE`: for times that name no zone.
    public var timeZone: String?
    public var events: [ICalendarEvent]
    /// Events that could not be read: without a start, or with a time that is none.
    public var unreadable: Int

    public init(
        name: String? = nil, timeZone: String? = nil, events: [ICalendarEvent] = [], unreadable: Int = 0
    ) {
        self.name = name
        self.timeZone = timeZone
        self.events = events
        self.unreadable = unreadable
    }
}

/// One `VEVENT`. A recurring one is not unrolled: its rule is kept as text.
public struct ICalendarEvent: Equatable, Sendable {
    public var uid: String?
    public var summary: String
    public var details: String
    public var location: String
    public var start: ICalendarTime
    /// `DTEND`; not included.
    public var end: ICalendarTime?
    /// `DURATION`, when there is no `DTEND`.
    public var duration: Duration?
    /// `RRULE` as it is written, such as `FREQ=WEEKLY;BYDAY=MO`.
    public var recurrenceRule: String?
    /// `RDATE`: further starts.
    public var extraStarts: [ICalendarTime]
    /// `EXDATE`: starts that are left out.
    public var leftOutStarts: [ICalendarTime]
    /// `RECURRENCE-ID`: this event replaces that occurrence of the one with the same uid.
    public var replacedStart: ICalendarTime?
    /// `STATUS:CANCELLED`.
    public var isCancelled: Bool
    /// Values of `ATTENDEE` and `ORGANIZER`, such as `mailto:alice@example.org`, the organizer last.
    public var people: [String]

    public init(
        uid: String? = nil, summary: String = "", details: String = "", location: String = "", start: ICalendarTime,
        end: ICalendarTime? = nil, duration: Duration? = nil, recurrenceRule: String? = nil,
        extraStarts: [ICalendarTime] = [], leftOutStarts: [ICalendarTime] = [],
        replacedStart: ICalendarTime? = nil, isCancelled: Bool = false, people: [String] = []
    ) {
        self.uid = uid
        self.summary = summary
        self.details = details
        self.location = location
        self.start = start
        self.end = end
        self.duration = duration
        self.recurrenceRule = recurrenceRule
        self.extraStarts = extraStarts
        self.leftOutStarts = leftOutStarts
        self.replacedStart = replacedStart
        self.isCancelled = isCancelled
        self.people = people
    }
}

/// A `DATE` or a `DATE-TIME` in one of its three forms.
public enum ICalendarTime: Equatable, Sendable {
    case day(CalendarDay)
    case utc(Timestamp)
    /// `zone`: the `TZID` as it is written; `nil`: a floating time.
    case wall(WallTime, zone: String?)

    /// The instant, or the first one of a day.
    ///
    /// - Parameter usual: the zone of days, of floating times and of zones that the system does not know.
    public func instant(in usual: Zone) -> Timestamp {
        switch self {
        case .day(let day): usual.first(WallTime(day))
        case .utc(let time): time
        case .wall(let wall, let name): (name.flatMap(Zone.init(calendarName:)) ?? usual).first(wall)
        }
    }

    /// The day on a wall in `usual`.
    public func day(in usual: Zone) -> CalendarDay {
        if case .day(let day) = self { return day }
        return usual.wallTime(at: instant(in: usual)).day
    }
}

extension Zone {
    /// A `TZID`: an IANA name, maybe behind a prefix such as `/freeassociation.sourceforge.net/`.
    init?(calendarName text: String) {
        if let zone = Zone(text) {
            self = zone
            return
        }
        let parts = text.split(separator: "/").suffix(2)
        guard let zone = Zone(parts.joined(separator: "/")) else { return nil }
        self = zone
    }
}
