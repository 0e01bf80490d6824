/// Why bytes are no calendar.
public enum ICalendarError: Error, Equatable, Sendable {
    /// More than `Limits.calendarFile` bytes, or a property longer than `Limits.calendarProperty`.
    case tooLarge
    /// More than `Limits.calendarEvents`.
    case tooManyEvents
    /// There is no `BEGIN:VCALENDAR`.
    case noCalendar
    /// It ends inside an event, or components are not closed in their order.
    case truncated

    /// One sentence for a person.
    public var message: String {
        switch self {
        case .tooLarge: "The calendar is too large: \(Limits.calendarFile / 1024) KiB at most."
        case .tooManyEvents: "The calendar has too many events: \(Limits.calendarEvents) at most."
        case .noCalendar: "This is no calendar file: there is no line BEGIN:VCALENDAR."
        case .truncated: "The calendar is not whole: it ends in the middle of an event."
        }
    }
}

/// Reads the events of a calendar file (RFC 5545), forgiving where programs in the field are careless.
///
/// Folded lines are joined, parameters and escapes understood, other components (`VTIMEZONE`, `VALARM`, `VTODO`)
/// passed over. What it costs is bounded by the file's size.
public struct ICalendarReader {
    private var calendar = ICalendar()
    private var open: [Substring] = []
    private var draft: Draft?
    private var isCalendar = false

    public static func read(_ bytes: [UInt8]) throws(ICalendarError) -> ICalendar {
        guard bytes.count <= Limits.calendarFile else { throw .tooLarge }
        var reader = ICalendarReader()
        for line in try unfolded(bytes) { try reader.take(line) }
        guard reader.isCalendar else { throw .noCalendar }
        guard reader.draft == nil else { throw .truncated }
        return reader.calendar
    }

    /// Lines without their breaks, those that go on with a blank joined.
    private static func unfolded(_ bytes: [UInt8]) throws(ICalendarError) -> [String] {
        var lines: [String] = []
        var current: [UInt8] = []
        for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            if let first = line.first, first == 0x20 || first == 0x09 {
                current += line.dropFirst()
            } else {
                if !current.isEmpty { lines.append(String(decoding: current, as: UTF8.self)) }
                current = Array(line)
            }
            guard current.count <= Limits.calendarProperty * 4 else { throw .tooLarge }
        }
        if !current.isEmpty { lines.append(String(decoding: current, as: UTF8.self)) }
        return lines
    }

    private mutating func take(_ line: String) throws(ICalendarError) {
        guard let property = ICalendarProperty(line) else { return }
        switch property.name {
        case "BEGIN":
            let component = Substring(property.value.uppercased())
            if component == "VCALENDAR" { isCalendar = true }
            open.append(component)
            guard open.count <= 16 else { throw .truncated }
            if component == "VEVENT", isCalendar {
                guard calendar.events.count < Limits.calendarEvents else { throw .tooManyEvents }
                draft = Draft()
            }
        case "END":
            guard open.popLast() == Substring(property.value.uppercased()) else { throw .truncated }
            guard property.value.uppercased() == "VEVENT", let draft else { return }
            self.draft = nil
            if let event = draft.event { calendar.events.append(event) } else { calendar.unreadable += 1 }
        default:
            switch open.last {
            case "VEVENT": draft?.take(property)
            case "VCALENDAR": takeHead(property)
            default: break
            }
        }
    }

    private mutating func takeHead(_ property: ICalendarProperty) {
        switch property.name {
        case "X-WR-CALNAME", "NAME": calendar.name = calendar.name ?? property.text
        case "X-WR-TIMEZONE": calendar.timeZone = property.text
        default: break
        }
    }

    /// An event while its properties come in.
    private struct Draft {
        var event: ICalendarEvent? {
            guard let start, !isBroken else { return nil }
            return ICalendarEvent(
                uid: uid, summary: summary, details: details, location: location, start: start, end: end,
                duration: duration, recurrenceRule: rule, extraStarts: extra, leftOutStarts: leftOut,
                replacedStart: replaced, isCancelled: isCancelled, people: attendees + (organizer.map { [$0] } ?? []))
        }

        private var uid: String?
        private var summary = ""
        private var details = ""
        private var location = ""
        private var start: ICalendarTime?
        private var end: ICalendarTime?
        private var replaced: ICalendarTime?
        private var duration: Duration?
        private var rule: String?
        private var extra: [ICalendarTime] = []
        private var leftOut: [ICalendarTime] = []
        private var isCancelled = false
        private var isBroken = false
        private var attendees: [String] = []
        private var organizer: String?

        mutating func take(_ property: ICalendarProperty) {
            switch property.name {
            case "UID": uid = property.text
            case "SUMMARY": summary = Limits.cut(property.text, to: Limits.name)
            case "DESCRIPTION": details = property.text
            case "LOCATION": location = property.text
            case "DTSTART": start = one(property)
            case "DTEND": end = one(property)
            case "RECURRENCE-ID": replaced = one(property)
            case "DURATION": duration = Duration(iso8601: property.value)
            case "RRULE": rule = property.value
            case "RDATE": extra += property.times
            case "EXDATE": leftOut += property.times
            case "STATUS": isCancelled = property.value.uppercased() == "CANCELLED"
            case "ATTENDEE": if attendees.count < 100 { attendees.append(property.value) }
            case "ORGANIZER": organizer = property.value
            default: break
            }
        }

        /// A time that cannot be read makes the event one that is not understood.
        private mutating func one(_ property: ICalendarProperty) -> ICalendarTime? {
            let time = property.times.first
            if time == nil { isBroken = true }
            return time
        }
    }
}

/// A line such as `DTSTART;TZID=Europe/Berlin:20261224T080000`.
struct ICalendarProperty {
    /// In upper case.
    let name: String
    let value: String
    private var zone: String?
    private var isDate = false

    init?(_ line: String) {
        guard line.utf8.count <= Limits.calendarProperty * 4, let colon = Self.colon(in: line) else { return nil }
        value = Limits.cut(String(line[line.index(after: colon)...]), to: Limits.calendarProperty)
        let parts = line[..<colon].split(separator: ";")
        guard let name = parts.first, !name.isEmpty else { return nil }
        self.name = name.uppercased()
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            let text = pair[1].filter { $0 != "\"" }
            switch pair[0].uppercased() {
            case "TZID": zone = text
            case "VALUE": isDate = text.uppercased() == "DATE"
            default: break
            }
        }
    }

    /// The value with its escapes undone.
    var text: String {
        var (text, isEscaped) = ("", false)
        for character in value {
            if isEscaped {
                text.append(character == "n" || character == "N" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                text.append(character)
            }
        }
        return text
    }

    /// The value as times, up to 1000; those that are none are left out.
    var times: [ICalendarTime] {
        value.split(separator: ",").prefix(1000).compactMap { time(of: $0) }
    }

    /// `20261224`, `20261224T080000` or `20261224T080000Z`.
    private func time(of text: Substring) -> ICalendarTime? {
        let digits = Array(text.utf8)
        guard digits.count >= 8, let day = CalendarDay(Self.dated(text)) else { return nil }
        if digits.count == 8 { return .day(day) }
        guard digits.count >= 15, digits[8] == UInt8(ascii: "T"),
            let hour = Int(text.dropFirst(9).prefix(2)), let minute = Int(text.dropFirst(11).prefix(2)),
            let second = Int(text.dropFirst(13).prefix(2)), hour < 24, minute < 60, second <= 60
        else { return nil }
        if isDate { return .day(day) }
        let wall = WallTime(
            milliseconds: WallTime(day, minute: hour * 60 + minute).milliseconds + Int64(second) * 1000)
        switch text.dropFirst(15) {
        case "Z", "z": return .utc(Timestamp(milliseconds: wall.milliseconds))
        case "": return .wall(wall, zone: zone)
        default: return nil
        }
    }

    private static func dated(_ text: Substring) -> String {
        "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.dropFirst(6).prefix(2))"
    }

    /// The first colon that is not between quotes.
    private static func colon(in line: String) -> String.Index? {
        var isQuoted = false
        for index in line.indices {
            switch line[index] {
            case "\"": isQuoted.toggle()
            case ":" where !isQuoted: return index
            default: break
            }
        }
        return nil
    }
}
