import Alerting
import Testing

/// Whole years, with every clock change that there was in them.
struct OnCallYearsTests {
    @Test(arguments: [
        ("Europe/Berlin", 2026, 2), ("America/New_York", 2026, 2), ("Australia/Lord_Howe", 2026, 2),
        ("Pacific/Apia", 2011, 3), ("Africa/Casablanca", 2023, 2), ("Asia/Kathmandu", 1986, 1), ("UTC", 2026, 0),
    ])
    func `given a daily hand-over at nine, then each of the year's minutes has one person, and hand-overs stay at nine`(
        name: String, year: Int, changes: Int
    ) {
        let zone = Rota.zone(name)
        let span = TimeSpan(
            start: zone.start(of: Rota.local("\(year)-01-01T00:00").seconds),
            end: zone.start(of: Rota.local("\(year + 1)-01-01T00:00").seconds))
        let calculator = OnCallCalculator(
            Rota.schedule(
                Rota.layer([Rota.alice, Rota.bob], from: "\(year - 1)-12-01T09:00", every: "P1D"), zone: name))

        let shifts = calculator.shifts(in: span)
        let odd = shifts.map { zone.localTime(at: $0.start).text }.filter { !$0.hasSuffix("T09:00") }

        #expect(zone.changes(from: span.start, to: span.end).count == changes)
        #expect(calculator.gaps(in: span) == [])
        #expect(zip(shifts, shifts.dropFirst()).allSatisfy { $0.end == $1.start && $0.user != $1.user })
        // The day that Samoa left out: its hand-over was at the first moment after it.
        #expect(odd == (name == "Pacific/Apia" ? ["2011-12-31T00:00"] : []))
        #expect(shifts.count == 366)
    }
}
