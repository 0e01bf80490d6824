import Alerting
import Simulation
import Testing

struct ICalendarReaderTests {
    private static func read(_ events: String, head: String = "") throws -> ICalendar {
        let text = "BEGIN:VCALENDAR\nVERSION:2.0\n\(head)\(events)\nEND:VCALENDAR\n"
        return try ICalendarReader.read(Array(text.replacing("\n", with: "\r\n").utf8))
    }

    @Test func `given folded lines, parameters and escapes, when read, then they are undone`() throws {
        let calendar = try Self.read(
            """
            BEGIN:VTIMEZONE
            TZID:Europe/Berlin
            BEGIN:STANDARD
            DTSTART:19701025T030000
            END:STANDARD
            END:VTIMEZONE
            BEGIN:VEVENT
            UID:1@example.org
            SUMMARY;LANGUAGE="de:x":Heili
             gabend\\, ganz\\ntägig
            DTSTART;TZID=Europe/Berlin:20261224T080000
            DURATION:PT2H
            RRULE:FREQ=WEEKLY;BYDAY=MO
            EXDATE;TZID=Europe/Berlin:20261231T080000,20270107T080000
            ATTENDEE;CN="A: B":mailto:alice@example.org
            BEGIN:VALARM
            DTSTART:nonsense
            END:VALARM
            END:VEVENT
            """, head: "X-WR-CALNAME:Holidays\nX-WR-TIMEZONE:Europe/Berlin\n")
        let event = try #require(calendar.events.first)
        let zone = try #require(Zone("Europe/Berlin"))

        #expect(calendar.name == "Holidays")
        #expect(calendar.timeZone == "Europe/Berlin")
        #expect(calendar.events.count == 1)
        #expect(event.summary == "Heiligabend, ganz\ntägig")
        #expect(event.start.instant(in: .utc) == Timestamp(iso8601: "2026-12-24T07:00:00Z"))
        #expect(event.start.instant(in: zone) == Timestamp(iso8601: "2026-12-24T07:00:00Z"))
        #expect(event.duration == .hours(2))
        #expect(event.recurrenceRule == "FREQ=WEEKLY;BYDAY=MO")
        #expect(event.leftOutStarts.count == 2)
        #expect(event.people == ["mailto:alice@example.org"])
    }

    @Test(arguments: [
        ("DTSTART;VALUE=DATE:20261224", "2026-12-23T23:00:00Z"), ("DTSTART:20261224", "2026-12-23T23:00:00Z"),
        ("DTSTART:20261224T080000Z", "2026-12-24T08:00:00Z"), ("DTSTART:20261224T080000", "2026-12-24T07:00:00Z"),
        ("DTSTART;TZID=America/New_York:20261224T080000", "2026-12-24T13:00:00Z"),
        ("DTSTART;TZID=/example.org/x/America/New_York:20261224T080000", "2026-12-24T13:00:00Z"),
        ("DTSTART;TZID=W. Europe Standard Time:20261224T080000", "2026-12-24T07:00:00Z"),
    ])
    func `given a start in each form, when read for Berlin, then it is the instant`(line: String, text: String) throws {
        let calendar = try Self.read("BEGIN:VEVENT\n\(line)\nEND:VEVENT")
        let zone = try #require(Zone("Europe/Berlin"))

        #expect(calendar.events.first?.start.instant(in: zone) == Timestamp(iso8601: text))
    }

    @Test(arguments: ["DTSTART:20261324", "DTSTART:2026", "DTSTART:20261224T250000", "SUMMARY:x", "DTSTART:"])
    func `given an event without a time, when read, then it is counted and the others are there`(line: String) throws {
        let calendar = try Self.read(
            "BEGIN:VEVENT\n\(line)\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART:20261224\nEND:VEVENT")

        #expect(calendar.unreadable == 1)
        #expect(calendar.events.count == 1)
    }

    @Test(arguments: [
        ("", ICalendarError.noCalendar), ("<html>", .noCalendar), ("BEGIN:VEVENT\nEND:VEVENT", .noCalendar),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261224", .truncated),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR", .truncated),
    ])
    func `given what is no calendar, when read, then the error says why`(text: String, expected: ICalendarError) {
        let error = #expect(throws: ICalendarError.self) { try ICalendarReader.read(Array(text.utf8)) }

        #expect(error == expected)
    }

    @Test func `given too much, when read, then it is refused`() {
        let bytes = [UInt8](repeating: 0x41, count: Limits.calendarFile + 1)
        let many =
            "BEGIN:VCALENDAR\n"
            + String(
                repeating: "BEGIN:VEVENT\nDTSTART:20261224\nEND:VEVENT\n", count: Limits.calendarEvents + 1)

        let long = "BEGIN:VCALENDAR\nSUMMARY:" + String(repeating: "x", count: 70_000)
        let deep = String(repeating: "BEGIN:VCALENDAR\n", count: 1000)

        #expect(throws: ICalendarError.tooLarge) { try ICalendarReader.read(bytes) }
        #expect(throws: ICalendarError.tooLarge) { try ICalendarReader.read(Array(long.utf8)) }
        #expect(throws: ICalendarError.truncated) { try ICalendarReader.read(Array(deep.utf8)) }
        #expect(throws: ICalendarError.tooManyEvents) { try ICalendarReader.read(Array(many.utf8)) }
    }

    @Test func `given any bytes, when read, then it ends without a crash`() {
        var generator = SeededGenerator(seed: 26)
        let pieces = [
            "BEGIN:", "END:", "VCALENDAR", "VEVENT", "\n", "\r\n ", "DTSTART", ":", ";", "=", "\"", "2026", "T", "\\",
        ]
        for _ in 0..<2000 {
            let text = (0..<30).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            // Whatever it is: most are no calendars.
            _ = try? ICalendarReader.read(Array(("BEGIN:VCALENDAR\n" + text).utf8))
        }
    }

    @Test func `given a calendar of holidays, when imported, then what is over is left out and yearly ones unroll`()
        throws
    {
        let calendar = try Self.read(
            """
            BEGIN:VEVENT
            SUMMARY:Christmas
            DTSTART;VALUE=DATE:20261225
            DTEND;VALUE=DATE:20261227
            END:VEVENT
            BEGIN:VEVENT
            SUMMARY:Over
            DTSTART;VALUE=DATE:20251225
            DTEND;VALUE=DATE:20251226
            END:VEVENT
            BEGIN:VEVENT
            SUMMARY:Unity
            DTSTART;VALUE=DATE:20201003
            RRULE:FREQ=YEARLY
            END:VEVENT
            BEGIN:VEVENT
            SUMMARY:Team day
            DTSTART:20261130T090000Z
            DTEND:20261130T170000Z
            END:VEVENT
            BEGIN:VEVENT
            SUMMARY:Cancelled
            STATUS:CANCELLED
            DTSTART;VALUE=DATE:20261230
            END:VEVENT
            """)
        let today = try #require(CalendarDay("2026-11-27"))

        let found = Holidays.exceptions(in: calendar, zone: .utc, from: today)

        #expect(found.leftOut == 2)
        #expect(found.exceptions.first?.name == "Team day")
        let christmas = try #require(found.exceptions.first { $0.name == "Christmas" })
        #expect(christmas.first.text == "2026-12-25" && christmas.last.text == "2026-12-26")
        #expect(christmas.status == .outside)
        #expect(found.exceptions.filter { $0.name == "Unity" }.map(\.first.text).first == "2027-10-03")
        #expect(found.exceptions.filter { $0.name == "Unity" }.count == 5)
    }
}
