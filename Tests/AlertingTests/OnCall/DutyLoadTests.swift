import Alerting
import Testing

struct DutyLoadTests {
    private func load(_ start: String, _ end: String, zone: String = "Europe/Berlin") -> DutyLoad? {
        let span = Rota.span(start, end)
        let shift = Shift(user: Rota.alice, span: span, origin: .entered, turn: span)
        return DutyLoad.tally([shift], in: span, zone: Rota.zone(zone)).first
    }

    @Test func `given a whole week, then its parts are days, five nights and the weekend`() {
        // Monday 00:00 to Monday 00:00 in Berlin.
        let week = load("2026-01-04T23:00:00Z", "2026-01-11T23:00:00Z")

        #expect(week?.weekend == .hours(48))
        #expect(week?.night == .hours(40))
        #expect(week?.day == .hours(80))
        #expect(week?.total == .hours(168))
    }

    @Test(arguments: [
        // The weekends on which clocks go forward and back, by an hour and by half of one.
        ("Europe/Berlin", "2026-03-27T23:00:00Z", "2026-03-29T22:00:00Z", 47 * 60),
        ("Europe/Berlin", "2026-10-23T22:00:00Z", "2026-10-25T23:00:00Z", 49 * 60),
        ("Australia/Lord_Howe", "2026-04-03T13:00:00Z", "2026-04-05T13:30:00Z", 48 * 60 + 30),
    ])
    func `given a weekend on which the clocks change, then it is shorter or longer`(
        zone: String, start: String, end: String, minutes: Int
    ) {
        let load = load(start, end, zone: zone)

        #expect(load?.weekend == .minutes(minutes))
        #expect(load?.total == .minutes(minutes))
    }

    @Test(arguments: [
        ("2026-01-05T20:59:59Z", DutyLoad.Part.day), ("2026-01-05T21:00:00Z", .night), ("2026-01-06T04:59:59Z", .night),
        ("2026-01-06T05:00:00Z", .day), ("2026-01-09T22:59:59Z", .night), ("2026-01-09T23:00:00Z", .weekend),
        ("2026-01-11T22:59:59Z", .weekend), ("2026-01-11T23:00:00Z", .night),
    ])
    func `given an instant at an edge of night or weekend, then it is in the right part`(
        time: String, part: DutyLoad.Part
    ) {
        #expect(DutyLoad.part(at: Rota.time(time), zone: Rota.zone()) == part)
    }

    @Test func `given several people, then each has their own, the longest first, and only what is in the span`() {
        let schedule = Rota.schedule(Rota.layer([Rota.alice, Rota.bob], from: "2026-01-05T00:00", every: "P2D"))
        let span = Rota.span("2026-01-05T23:00:00Z", "2026-01-08T23:00:00Z")
        let shifts = OnCallCalculator(schedule).shifts(in: span)

        let loads = DutyLoad.tally(shifts, in: span, zone: Rota.zone())

        #expect(loads.map(\.user) == [Rota.bob, Rota.alice])
        #expect(loads.map(\.total) == [.hours(48), .hours(24)])
        #expect(loads.reduce(Duration.zero) { $0 + $1.total } == span.length)
    }

    @Test func `given Apia's missing Friday, then the walk over it ends and counts what there was`() {
        let load = load("2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", zone: "Pacific/Apia")

        // All of Thursday, then Saturday at once.
        #expect(load?.total == .hours(48))
        #expect(load?.weekend == .hours(24))
    }
}
