import Alerting
import Testing

struct OnCallCalculatorTests {
    @Test(arguments: [
        (
            "Europe/Berlin", "2026-03-27", "2026-03-27T12:00:00Z", "2026-03-30T00:00:00Z",
            ["1 2026-03-27T08:00Z 24h", "2 2026-03-28T08:00Z 23h", "1 2026-03-29T07:00Z 24h"]
        ),
        (
            "Europe/Berlin", "2026-10-23", "2026-10-23T12:00:00Z", "2026-10-26T00:00:00Z",
            ["1 2026-10-23T07:00Z 24h", "2 2026-10-24T07:00Z 25h", "1 2026-10-25T08:00Z 24h"]
        ),
        (
            "America/New_York", "2026-03-06", "2026-03-06T18:00:00Z", "2026-03-09T00:00:00Z",
            ["1 2026-03-06T14:00Z 24h", "2 2026-03-07T14:00Z 23h", "1 2026-03-08T13:00Z 24h"]
        ),
        (
            "Australia/Lord_Howe", "2026-04-03", "2026-04-03T02:00:00Z", "2026-04-05T12:00:00Z",
            ["1 2026-04-02T22:00Z 24h", "2 2026-04-03T22:00Z 1470m", "1 2026-04-04T22:30Z 24h"]
        ),
        (
            // The island went to bed on the 29th and woke up on the 31st.
            "Pacific/Apia", "2011-12-28", "2011-12-28T23:00:00Z", "2011-12-31T10:00:00Z",
            [
                "1 2011-12-28T19:00Z 24h", "2 2011-12-29T19:00Z 15h", "1 2011-12-30T10:00Z 9h",
                "2 2011-12-30T19:00Z 24h",
            ]
        ),
    ])
    func `given a daily hand-over, when the clocks change, then no minute is without somebody or with two`(
        zone: String, day: String, from: String, to: String, expected: [String]
    ) {
        let schedule = Rota.schedule(
            Rota.layer([Rota.alice, Rota.bob], from: "\(day)T09:00", every: "P1D"), zone: zone)
        let calculator = OnCallCalculator(schedule)

        let shifts = calculator.shifts(in: Rota.span(from, to))

        #expect(shifts.map(\.words) == expected)
        #expect(calculator.gaps(in: Rota.span(from, to)) == [])
    }

    @Test(arguments: [
        ("2026-03-22T02:30", "7d-1h", 167), ("2026-10-18T02:30", "7d+1h", 169), ("2026-06-01T02:30", "7d", 168),
    ])
    func `given a weekly hand-over, when the clocks change within it, then it is an hour shorter or longer`(
        start: String, name: String, hours: Int
    ) {
        let calculator = OnCallCalculator(Rota.schedule(Rota.layer([Rota.alice, Rota.bob], from: start)))
        let begin = Rota.zone().start(of: Rota.local(start).seconds)

        let first = calculator.shift(at: begin)

        // The spring one ends at a time that does not exist, the autumn one at the first of two.
        let expected = start == "2026-03-22T02:30" ? 167 * 60 + 30 : start == "2026-10-18T02:30" ? 168 * 60 : hours * 60
        #expect(first?.span.length == .minutes(expected), "\(name)")
        #expect(calculator.shift(at: begin + .days(8))?.start == first?.end)
    }

    @Test
    func `given a weekly hand-over by day, when the clocks change, then it lasts seven days and an hour less or more`()
    {
        let calculator = OnCallCalculator(
            Rota.schedule(Rota.layer([Rota.alice, Rota.bob], from: "2026-03-23T09:00")))

        #expect(calculator.shift(at: Rota.time("2026-03-24T00:00:00Z"))?.span.length == .hours(167))
        #expect(calculator.shift(at: Rota.time("2026-10-24T00:00:00Z"))?.span.length == .hours(169))
        #expect(calculator.shift(at: Rota.time("2026-07-01T00:00:00Z"))?.span.length == .hours(168))
    }

    @Test func `given weekdays by one layer and the weekend by another, then hand-overs are exact to the second`() {
        let calculator = OnCallCalculator(
            Rota.schedule(
                Rota.layer([Rota.alice], from: "2026-01-05T09:00"),
                Rota.layer(
                    [Rota.bob, Rota.carol], from: "2026-01-09T17:00", hours: Rota.week(.friday, 17, .monday, 9))))
        func user(_ text: String) -> User.ID? { calculator.onCall(at: Rota.time(text)) }

        #expect(user("2026-01-09T15:59:59.999Z") == Rota.alice)
        #expect(user("2026-01-09T16:00:00Z") == Rota.bob)
        #expect(user("2026-01-12T07:59:59.999Z") == Rota.bob)
        #expect(user("2026-01-12T08:00:00Z") == Rota.alice)
        #expect(user("2026-01-16T16:00:00Z") == Rota.carol)
        #expect(user("2026-01-05T07:59:59.999Z") == nil)
        #expect(user("2026-01-05T08:00:00Z") == Rota.alice)
    }

    @Test func `given an override in a shift, then there are three parts; a newer wins; deleted, the older returns`() {
        var schedule = Rota.schedule(Rota.layer([Rota.alice], from: "2026-01-05T00:00"))
        let older = Rota.override(1, Rota.bob, Rota.span("2026-01-06T10:00:00Z", "2026-01-06T16:00:00Z"))
        let newer = Rota.override(2, Rota.carol, Rota.span("2026-01-06T12:00:00Z", "2026-01-06T13:00:00Z"))
        let week = Rota.span("2026-01-05T00:00:00Z", "2026-01-11T23:00:00Z")
        func words() -> [String] { OnCallCalculator(schedule).shifts(in: week).map(\.words) }

        schedule.overrides = [older]
        let three = ["1 2026-01-04T23:00Z 35h", "2 2026-01-06T10:00Z 6h", "1 2026-01-06T16:00Z 127h"]
        #expect(words() == three)

        schedule.overrides = [older, newer]
        #expect(
            words() == [
                "1 2026-01-04T23:00Z 35h", "2 2026-01-06T10:00Z 2h", "3 2026-01-06T12:00Z 1h",
                "2 2026-01-06T13:00Z 3h", "1 2026-01-06T16:00Z 127h",
            ])
        let calculator = OnCallCalculator(schedule)
        #expect(calculator.shifts(in: week, overridden: false).map(\.words) == ["1 2026-01-04T23:00Z 168h"])
        #expect(calculator.overrideShifts(in: week).map(\.user) == [Rota.bob, Rota.carol, Rota.bob])

        schedule.overrides = [older]
        #expect(words() == three)
    }

    @Test func `given two layers of twelve hours around the sun, then the year has no minute without a person`() {
        let day = DutyHours(kind: .timeOfDay, spans: [.init(from: .init(minute: 480), to: .init(minute: 1200))])
        let night = DutyHours(kind: .timesOfDay, spans: [.init(from: .init(minute: 1200), to: .init(minute: 480))])
        let calculator = OnCallCalculator(
            Rota.schedule(
                Rota.layer([Rota.alice], from: "2025-12-29T08:00", hours: day),
                Rota.layer([Rota.bob], from: "2025-12-29T08:00", hours: night)))
        let year = Rota.span("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")

        #expect(calculator.gaps(in: year) == [])
        #expect(calculator.onCall(at: Rota.time("2026-06-01T05:59:59Z")) == Rota.bob)
        #expect(calculator.onCall(at: Rota.time("2026-06-01T06:00:00Z")) == Rota.alice)
    }

    @Test
    func `given a time that exists twice, when a shift begins there, then at the first, when it ends, at the last`() {
        let twice = DutyHours(kind: .timeOfDay, spans: [.init(from: .init(minute: 150), to: .init(minute: 300))])
        let before = DutyHours(kind: .timeOfDay, spans: [.init(from: .init(minute: 0), to: .init(minute: 150))])
        let night = Rota.span("2026-10-24T22:00:00Z", "2026-10-25T05:00:00Z")
        func words(_ hours: DutyHours) -> [String] {
            OnCallCalculator(
                Rota.schedule(Rota.layer([Rota.alice], from: "2026-10-01T00:00", every: "P1M", hours: hours))
            )
            .shifts(in: night).map(\.words)
        }

        #expect(words(twice) == ["1 2026-10-25T00:30Z 210m"])
        #expect(words(before) == ["1 2026-10-24T22:00Z 210m"])
    }

    @Test func `given entered shifts that meet in a repeated hour, then the second one's beginning counts`() {
        let shifts = [
            EnteredShift(user: Rota.alice, start: Rota.local("2026-10-25T00:00"), end: Rota.local("2026-10-25T02:30")),
            EnteredShift(user: Rota.bob, start: Rota.local("2026-10-25T02:30"), end: Rota.local("2026-10-25T06:00")),
        ]
        let calculator = OnCallCalculator(
            OnCallSchedule(revisions: [ScheduleRevision(zone: Rota.zone(), duties: .entered(shifts))]))

        let words = calculator.shifts(in: Rota.span("2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z")).map(\.words)

        #expect(words == ["1 2026-10-24T22:00Z 150m", "2 2026-10-25T00:30Z 270m"])
        #expect(calculator.onCall(at: Rota.time("2026-10-25T00:30:00Z")) == Rota.bob)
        #expect(calculator.onCall(at: Rota.time("2026-10-25T05:00:00Z")) == nil)
    }

    @Test func `given a monthly hand-over on the 31st, then short months hand over on their last day`() {
        let calculator = OnCallCalculator(
            Rota.schedule(Rota.layer([Rota.alice, Rota.bob], from: "2026-01-31T09:00", every: "P1M"), zone: "UTC"))

        let starts = calculator.shifts(in: Rota.span("2026-01-31T09:00:00Z", "2026-05-31T09:00:00Z")).map(\.start)

        #expect(
            starts.map { String($0.iso8601.prefix(10)) } == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"])
    }

    @Test func `given a schedule of nobody, then nobody is on call`() {
        let empty = Rota.schedule()
        let day = Rota.span("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z")

        #expect(OnCallCalculator(empty).onCall(at: day.start) == nil)
        #expect(OnCallCalculator(empty).shifts(in: day) == [])
        #expect(OnCallCalculator(empty).gaps(in: day) == [day])
        #expect(OnCallCalculator(OnCallSchedule(revisions: [])).gaps(in: day) == [day])
        #expect(OnCallCalculator(Rota.schedule(Rota.layer([], from: "2026-01-01T00:00"))).shift(at: day.start) == nil)
    }

    @Test func `given a shift now, when the next is asked for, then it is the one that follows, also far away`() {
        let calculator = OnCallCalculator(
            Rota.schedule(
                Rota.layer([Rota.alice, Rota.bob], from: "2026-01-05T09:00", every: "P12M", until: "2028-01-05T09:00")))
        let now = Rota.time("2026-02-01T00:00:00Z")

        #expect(calculator.nextShift(after: now, before: now + .days(400))?.user == Rota.bob)
        #expect(calculator.nextShift(after: now, before: now + .days(30)) == nil)
        #expect(calculator.shift(at: Rota.time("2028-01-05T07:59:59Z"))?.user == Rota.bob)
        #expect(calculator.shift(at: Rota.time("2028-01-05T08:00:00Z")) == nil)
    }

    @Test func `given layers, when one is asked for alone, then the others do not count`() {
        let calculator = OnCallCalculator(
            Rota.schedule(
                Rota.layer([Rota.alice], from: "2026-01-05T09:00"), Rota.layer([Rota.bob], from: "2026-01-05T09:00")))
        let day = Rota.span("2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z")

        #expect(calculator.shifts(ofLayer: 0, in: day).map(\.user) == [Rota.alice])
        #expect(calculator.shifts(ofLayer: 1, in: day).map(\.user) == [Rota.bob])
        #expect(calculator.shifts(ofLayer: 2, in: day) == [])
        #expect(calculator.shifts(in: day).map(\.user) == [Rota.bob])
    }
}
