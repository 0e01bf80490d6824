import Alerting
import Testing

struct SupportHoursTests {
    private static func hours(
        _ zone: String, _ days: [Weekday] = Weekday.allCases, _ start: String = "09:00", _ end: String = "17:00",
        exceptions: [SupportHours.Exception] = []
    ) throws -> SupportHours {
        let times = SupportHours.Hours(
            start: try #require(SupportHours.minute(start)), end: try #require(SupportHours.minute(end)))
        return SupportHours(
            zone: try #require(Zone(zone)), days: Dictionary(uniqueKeysWithValues: days.map { ($0, times) }),
            exceptions: exceptions)
    }

    private static func time(_ text: String) throws -> Timestamp {
        try #require(Timestamp(iso8601: text))
    }

    private static func exception(
        _ first: String, _ last: String, _ status: SupportHours.Exception.Status
    ) throws -> SupportHours.Exception {
        .init(
            name: "Holiday", first: try #require(CalendarDay(first)), last: try #require(CalendarDay(last)),
            status: status)
    }

    @Test(arguments: [
        ("2026-11-23T07:59:59.999Z", false), ("2026-11-23T08:00:00Z", true), ("2026-11-23T15:59:59.999Z", true),
        ("2026-11-23T16:00:00Z", false), ("2026-11-22T10:00:00Z", false), ("2026-07-01T07:00:00Z", true),
        ("2026-07-01T06:59:00Z", false), ("1969-12-31T10:00:00Z", true),
    ])
    func `given working days in Berlin, when it is around their edges, then the start counts and the end does not`(
        text: String, expected: Bool
    ) throws {
        let hours = try Self.hours("Europe/Berlin", [.monday, .tuesday, .wednesday, .thursday, .friday])

        #expect(hours.isDuring(try Self.time(text)) == expected)
    }

    @Test func `given night hours on Friday, when Saturday has begun, then they go on until their end`() throws {
        let hours = try Self.hours("Europe/Berlin", [.friday], "22:00", "06:00")

        #expect(!hours.isDuring(try Self.time("2026-11-27T04:00:00Z")))
        #expect(hours.isDuring(try Self.time("2026-11-27T21:00:00Z")))
        #expect(hours.isDuring(try Self.time("2026-11-28T04:59:59Z")))
        #expect(!hours.isDuring(try Self.time("2026-11-28T05:00:00Z")))
        #expect(
            hours.nextChange(after: try Self.time("2026-11-27T22:00:00Z")) == (try Self.time("2026-11-28T05:00:00Z")))
    }

    @Test(arguments: [("00:00", "00:00"), ("00:00", "24:00"), ("08:00", "08:00")])
    func `given whole days, when all seven have them, then nothing ever changes`(start: String, end: String) throws {
        let hours = try Self.hours("Europe/Berlin", Weekday.allCases, start, end)
        let now = try Self.time("2026-11-27T12:00:00Z")

        #expect(hours.isDuring(now))
        #expect(hours.nextChange(after: now) == nil)
        #expect(hours.intervals(from: now, until: now + .days(9)) == [now..<now + .days(9)])
    }

    @Test func `given no hours at all, when asked, then it is outside for ever`() throws {
        let hours = try Self.hours("UTC", [])
        let now = try Self.time("2026-11-27T12:00:00Z")

        #expect(!hours.isDuring(now))
        #expect(hours.nextChange(after: now) == nil)
        #expect(hours.intervals(from: now, until: now + .days(9)).isEmpty)
    }

    @Test func `given exceptions, when they cover a day, then they do so from midnight to midnight, the last first`()
        throws
    {
        var hours = try Self.hours("Europe/Berlin", exceptions: [Self.exception("2026-12-24", "2026-12-26", .outside)])

        #expect(hours.isDuring(try Self.time("2026-12-23T12:00:00Z")))
        #expect(!hours.isDuring(try Self.time("2026-12-24T12:00:00Z")))
        #expect(!hours.isDuring(try Self.time("2026-12-26T12:00:00Z")))
        #expect(hours.isDuring(try Self.time("2026-12-27T12:00:00Z")))
        #expect(
            hours.nextChange(after: try Self.time("2026-12-23T16:00:00Z")) == (try Self.time("2026-12-27T08:00:00Z")))

        hours.exceptions.append(try Self.exception("2026-12-25", "2026-12-25", .none))
        #expect(hours.isDuring(try Self.time("2026-12-25T12:00:00Z")))
        #expect(!hours.isDuring(try Self.time("2026-12-25T17:00:00Z")))

        hours.exceptions.append(try Self.exception("2026-12-25", "2026-12-25", .during))
        #expect(hours.isDuring(try Self.time("2026-12-24T23:00:00Z")))
        #expect(!hours.isDuring(try Self.time("2026-12-24T22:59:59Z")))
        #expect(hours.isDuring(try Self.time("2026-12-25T22:59:59Z")))
        #expect(!hours.isDuring(try Self.time("2026-12-25T23:00:00Z")))
    }

    @Test func `given a holiday after a night shift, when midnight comes, then the shift ends`() throws {
        let hours = try Self.hours(
            "UTC", [.wednesday, .thursday], "22:00", "06:00",
            exceptions: [Self.exception("2026-12-24", "2026-12-24", .outside)])

        #expect(hours.isDuring(try Self.time("2026-12-23T23:59:59Z")))
        #expect(!hours.isDuring(try Self.time("2026-12-24T00:00:00Z")))
        // Thursday's own night would begin on the holiday.
        #expect(!hours.isDuring(try Self.time("2026-12-25T03:00:00Z")))
    }

    @Test(arguments: [
        // The hour from 2 to 3 is left out: hours that begin in it begin at its end.
        ("Europe/Berlin", "02:30", "04:00", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"),
        ("America/New_York", "02:30", "04:00", "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"),
        ("Australia/Lord_Howe", "02:15", "04:00", "2026-10-03T15:30:00Z", "2026-10-03T17:00:00Z"),
        // It comes twice: begin at its first, end at its last.
        ("Europe/Berlin", "02:30", "04:00", "2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z"),
        ("Europe/Berlin", "01:00", "02:30", "2026-10-24T23:00:00Z", "2026-10-25T01:30:00Z"),
        ("America/New_York", "00:30", "01:30", "2026-11-01T04:30:00Z", "2026-11-01T06:30:00Z"),
        ("Australia/Lord_Howe", "01:45", "03:00", "2026-04-04T14:45:00Z", "2026-04-04T16:30:00Z"),
        ("Australia/Lord_Howe", "01:00", "01:45", "2026-04-04T14:00:00Z", "2026-04-04T15:15:00Z"),
        // An ordinary day's hours on a day of change.
        ("Europe/Berlin", "09:00", "17:00", "2026-03-29T07:00:00Z", "2026-03-29T15:00:00Z"),
        ("Europe/Berlin", "22:00", "06:00", "2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z"),
    ])
    func `given a day on which clocks change, when hours touch the change, then they begin first and end last`(
        zone: String, start: String, end: String, first: String, last: String
    ) throws {
        let hours = try Self.hours(zone, Weekday.allCases, start, end)
        let (begin, finish) = (try Self.time(first), try Self.time(last))

        #expect(!hours.isDuring(begin - .milliseconds(1)))
        #expect(hours.nextChange(after: begin - .milliseconds(1)) == begin)
        #expect(hours.isDuring(begin))
        #expect(hours.isDuring(finish - .milliseconds(1)))
        #expect(!hours.isDuring(finish))
        #expect(hours.nextChange(after: begin) == finish)
    }

    @Test(arguments: [
        ("Europe/Berlin", "2026-03-27"), ("Europe/Berlin", "2026-10-23"), ("America/New_York", "2026-03-06"),
        ("America/New_York", "2026-10-30"), ("Australia/Lord_Howe", "2026-04-03"),
        ("Australia/Lord_Howe", "2026-10-02"), ("Pacific/Apia", "2011-12-28"), ("Africa/Casablanca", "2026-02-13"),
    ])
    func `given any hours near a change of clocks, when walked minute by minute, then the next change is the same`(
        zone: String, day: String
    ) throws {
        let start = try Self.time("\(day)T00:00:00Z")
        for (from, to) in [("09:00", "17:00"), ("22:00", "02:30"), ("01:30", "02:15"), ("02:30", "01:15")] {
            let hours = try Self.hours(zone, [.friday, .saturday, .sunday, .monday], from, to)
            var change = hours.nextChange(after: start)
            var wasDuring = hours.isDuring(start)
            for minute in 1..<(4 * 1440) {
                let now = start + .minutes(minute)
                let isDuring = hours.isDuring(now)
                if isDuring != wasDuring {
                    #expect(change == now, "\(zone) \(from)-\(to) \(now.iso8601)")
                    change = hours.nextChange(after: now)
                }
                wasDuring = isDuring
            }
        }
    }

    @Test func `given the wire's form, when read and written, then it is the same`() throws {
        let text =
            #"{"MONDAY":{"start":"08:00","end":"24:00"},"SUNDAY":{"start":"22:00","end":"06:00"},"TUESDAY":null}"#
        let days = try SupportHours.days(from: JSONValue.parse(text))
        let json = SupportHours.json(of: days)

        #expect(days[.monday] == .init(start: 480, end: 1440))
        #expect(days.count == 2)
        #expect(json["MONDAY"]?["end"]?.string == "24:00")
        #expect(json["FRIDAY"] == .null)
        #expect(try SupportHours.days(from: json) == days)
    }

    @Test(arguments: [
        (#"{"MONDAY":{"start":"25:00","end":"17:00"}}"#, "supportDays.MONDAY.start"),
        (#"{"MONDAY":{"start":"24:00","end":"17:00"}}"#, "supportDays.MONDAY.start"),
        (#"{"MONDAY":{"start":"08:00","end":"24:01"}}"#, "supportDays.MONDAY.end"),
        (#"{"MONDAY":{"start":"08:00"}}"#, "supportDays.MONDAY.end"), (#"{"MONDAY":[]}"#, "supportDays.MONDAY"),
        (#"{"MON":{"start":"08:00","end":"17:00"}}"#, "supportDays"), ("[]", "supportDays"),
    ])
    func `given days that are none, when read, then the field is named`(text: String, field: String) throws {
        let json = try JSONValue.parse(text)

        let failure = #expect(throws: Failure.self) { try SupportHours.days(from: json) }

        #expect(failure?.message.hasPrefix("\(field): ") == true)
    }

    @Test(arguments: [
        (#"[{"start":"2026-02-30"}]"#, "exceptions[0].start"), (#"[{"name":"x"}]"#, "exceptions[0].start"),
        (#"[{"start":"2026-12-24","end":"2026-12-23"}]"#, "exceptions[0].end"),
        (#"[{"start":"2026-12-24","end":"2028-12-23"}]"#, "exceptions[0].end"),
        (#"[{"start":"2026-12-24","end":"2026-12-24","supportStatus":"MAYBE"}]"#, "exceptions[0].supportStatus"),
        (#"[7]"#, "exceptions[0]"), (#"{}"#, "exceptions"),
    ])
    func `given exceptions that are none, when read, then the field is named`(text: String, field: String) throws {
        let json = try JSONValue.parse(text)

        let failure = #expect(throws: Failure.self) { try SupportHours.exceptions(from: json) }

        #expect(failure?.message.hasPrefix("\(field): ") == true)
    }
}
