import Alerting
import Testing

struct CalendarImportTests {
    private static let people = [
        CalendarImport.Person(id: Rota.alice, names: ["Alice Archer", "alice"], email: "alice@example.com"),
        CalendarImport.Person(id: Rota.bob, names: ["Bob Baker", "bob"], email: "bob@example.com"),
    ]

    private func imported(
        _ events: String..., zone: String = "Europe/Berlin", now: String = "2026-01-01T00:00:00Z"
    ) throws -> CalendarImport {
        let body = events.map { "BEGIN:VEVENT\n\($0)\nEND:VEVENT\n" }.joined()
        let calendar = try ICalendarReader.read(Array("BEGIN:VCALENDAR\n\(body)END:VCALENDAR\n".utf8))
        return CalendarMapping.shifts(in: calendar, zone: Rota.zone(zone), people: Self.people, at: Rota.time(now))
    }

    private func words(_ mapped: CalendarImport) -> [String] {
        mapped.shifts.map { "\($0.user) \($0.start.text) \($0.end.text)" }
    }

    @Test(arguments: [
        ("SUMMARY:Alice Archer", 1), ("SUMMARY:alice@example.com", 1), ("SUMMARY:On call: bob", 2),
        ("SUMMARY:BOB BAKER (Shop rota)", 2), ("SUMMARY:Duty\nATTENDEE;CN=A:mailto:Alice@Example.com", 1),
        ("SUMMARY:Duty\nORGANIZER:MAILTO:bob@example.com", 2),
        ("SUMMARY:Bob\nATTENDEE:mailto:alice@example.com\nATTENDEE:mailto:bob@example.com", 2),
    ])
    func `given an event that names somebody in title or attendees, then it is their shift`(
        naming: String, user: Int64
    ) throws {
        let mapped = try imported("\(naming)\nDTSTART:20260105T080000Z\nDTEND:20260112T080000Z")

        #expect(words(mapped) == ["\(user) 2026-01-05T09:00 2026-01-12T09:00"])
        #expect(mapped.report == [])
    }

    @Test(arguments: [
        ("SUMMARY:Holiday\nDTSTART:20260105T080000Z\nDTEND:20260106T080000Z", CalendarImport.Problem.nobodyNamed),
        ("SUMMARY:Malice\nDTSTART:20260105T080000Z\nDTEND:20260106T080000Z", .nobodyNamed),
        ("SUMMARY:Alice and Bob\nDTSTART:20260105T080000Z\nDTEND:20260106T080000Z", .severalNamed),
        ("SUMMARY:Alice\nDTSTART:20260105T080000Z\nDTEND:20260105T080000Z", .noEnd),
        ("SUMMARY:Alice\nDTSTART:20260105T080000Z", .noEnd),
        ("SUMMARY:Alice\nDTSTART:20260105T080000Z\nDTEND:20290106T080000Z", .tooLong),
        ("SUMMARY:Alice\nDTSTART:21050105T080000Z\nDTEND:21050106T080000Z", .outsideYears),
        (
            "SUMMARY:Alice\nDTSTART:20260105T080000Z\nDTEND:20260106T080000Z\nRRULE:FREQ=MONTHLY",
            .ruleNotUnderstood("FREQ=MONTHLY")
        ),
    ])
    func `given an event that cannot be mapped, then the report says why, and the rest is imported`(
        event: String, problem: CalendarImport.Problem
    ) throws {
        let mapped = try imported(event, "SUMMARY:Bob\nDTSTART:20260301T080000Z\nDTEND:20260302T080000Z")

        #expect(mapped.report.map(\.problem) == [problem])
        #expect(mapped.shifts.map(\.user) == [Rota.bob])
    }

    @Test func `given events that are over, cancelled or unreadable, then they are counted`() throws {
        let mapped = try imported(
            "SUMMARY:Alice\nDTSTART:20250105T080000Z\nDTEND:20250106T080000Z",
            "SUMMARY:Alice\nSTATUS:CANCELLED\nDTSTART:20260105T080000Z\nDTEND:20260106T080000Z",
            "SUMMARY:Alice\nDTSTART:soon", "SUMMARY:Bob\nDTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260107")

        #expect(mapped.past == 2)
        #expect(mapped.unreadable == 1)
        #expect(words(mapped) == ["2 2026-01-05T00:00 2026-01-07T00:00"])
    }

    @Test func `given a weekly event with a day left out and one moved, then it is unrolled so`() throws {
        let zone = ";TZID=Europe/Berlin"
        let mapped = try imported(
            """
            UID:1
            SUMMARY:Alice
            DTSTART\(zone):20260302T090000
            DTEND\(zone):20260303T090000
            RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;UNTIL=20260410T000000Z
            EXDATE\(zone):20260305T090000
            """,
            "UID:1\nSUMMARY:Bob\nRECURRENCE-ID\(zone):20260316T090000\nDTSTART\(zone):20260317T120000\n"
                + "DTEND\(zone):20260317T180000")

        #expect(
            words(mapped) == [
                "1 2026-03-02T09:00 2026-03-03T09:00", "2 2026-03-17T12:00 2026-03-17T18:00",
                "1 2026-03-19T09:00 2026-03-20T09:00", "1 2026-03-30T09:00 2026-03-31T09:00",
                "1 2026-04-02T09:00 2026-04-03T09:00",
            ])
        #expect(mapped.report == [])
    }

    @Test(arguments: [
        ("FREQ=DAILY;COUNT=3", ["2026-03-28", "2026-03-29", "2026-03-30"]),
        ("FREQ=DAILY;INTERVAL=2;UNTIL=20260401", ["2026-03-28", "2026-03-30", "2026-04-01"]),
        ("FREQ=WEEKLY;COUNT=2;WKST=SU", ["2026-03-28", "2026-04-04"]),
    ])
    func `given a daily or weekly rule over a clock change, then its time on the wall stays`(
        rule: String, days: [String]
    ) throws {
        let zone = ";TZID=Europe/Berlin"
        let mapped = try imported(
            "SUMMARY:Alice\nDTSTART\(zone):20260328T090000\nDTEND\(zone):20260328T170000\nRRULE:\(rule)")

        #expect(mapped.shifts.map(\.start.text) == days.map { $0 + "T09:00" })
        #expect(mapped.shifts.map(\.end.text) == days.map { $0 + "T17:00" })
    }

    @Test(arguments: [
        "FREQ=YEARLY", "FREQ=DAILY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;COUNT=0", "INTERVAL=2",
        "FREQ=WEEKLY;BYHOUR=9", "FREQ=WEEKLY;UNTIL=never", "FREQ", "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=99999999999999999999",
    ])
    func `given a rule that is not understood, then it is none`(rule: String) {
        #expect(RecurrenceRule(rule) == nil)
    }

    @Test func `given events that overlap, then the earlier one stays whole and the report says so`() throws {
        let mapped = try imported(
            "SUMMARY:Alice\nDTSTART:20260105T080000Z\nDTEND:20260107T080000Z",
            "SUMMARY:Bob\nDTSTART:20260106T080000Z\nDTEND:20260108T080000Z",
            "SUMMARY:Bob\nDTSTART:20260106T090000Z\nDTEND:20260106T100000Z")

        #expect(words(mapped) == ["1 2026-01-05T09:00 2026-01-07T09:00", "2 2026-01-07T09:00 2026-01-08T09:00"])
        #expect(mapped.report.map(\.problem) == [.overlapping, .overlapping])
    }

    @Test func `given a shift that begins at the second of two equal times, then the report says that it moves`() throws
    {
        // 02:30 in Berlin, the second time.
        let mapped = try imported("SUMMARY:Alice\nDTSTART:20261025T013000Z\nDTEND:20261025T080000Z")

        #expect(words(mapped) == ["1 2026-10-25T02:30 2026-10-25T09:00"])
        #expect(mapped.report.map(\.problem) == [.movedInRepeatedHour])
    }

    @Test func `given more shifts than a schedule may have, then the rest is reported, not dropped in silence`() throws
    {
        let calendar = ICalendar(
            events: (0...Limits.enteredShifts).map { number in
                let start = Rota.time("2026-01-05T08:00:00Z") + .hours(number)
                return ICalendarEvent(summary: "Alice", start: .utc(start), duration: .hours(1))
            })

        let mapped = CalendarMapping.shifts(
            in: calendar, zone: Rota.zone(), people: Self.people, at: Rota.time("2026-01-01T00:00:00Z"))

        #expect(mapped.shifts.count <= Limits.enteredShifts)
        #expect(mapped.report.contains { $0.problem == .tooMany })
    }

    @Test func `given what Nightbell itself writes, when it is imported again, then the shifts are the same`() throws {
        let schedule = Rota.schedule(Rota.layer([Rota.alice, Rota.bob], from: "2026-01-05T09:00"))
        let shifts = OnCallCalculator(schedule).shifts(in: Rota.span("2026-01-05T08:00:00Z", "2027-01-04T08:00:00Z"))
        let events = shifts.map { shift in
            ICalendarWriter.Event(
                uid: "\(shift.start.milliseconds)@nightbell", span: shift.span,
                summary: (shift.user == Rota.alice ? "Alice Archer" : "Bob Baker") + " (Shop rota)")
        }
        let text = ICalendarWriter.text(
            name: "Shop rota", zone: "Europe/Berlin", events: events, at: Rota.time("2026-01-01T00:00:00Z"))

        let mapped = CalendarMapping.shifts(
            in: try ICalendarReader.read(Array(text.utf8)), zone: Rota.zone(), people: Self.people,
            at: Rota.time("2026-01-01T00:00:00Z"))
        let again = OnCallCalculator(
            OnCallSchedule(revisions: [ScheduleRevision(zone: Rota.zone(), duties: .entered(mapped.shifts))]))

        #expect(mapped.report == [])
        let year = Rota.span("2026-01-05T08:00:00Z", "2027-01-04T08:00:00Z")
        #expect(again.shifts(in: year).map(\.words) == shifts.map(\.words))
    }
}
