import Alerting
import Testing

struct ScheduleTextsTests {
    @Test(arguments: [
        "PT1H", "PT8H", "PT12H", "P1D", "P7D", "P1W", "P2W", "P1M", "P12M", "P1Y", "P1DT12H", "PT90M",
    ])
    func `given a rotation in use, then it is read and keeps its text`(text: String) {
        #expect(Rotation(text)?.text == text)
    }

    @Test(arguments: [
        "", "P", "PT0S", "P0D", "PT59M", "PT1H30S", "P0M", "P13M", "P2Y", "P-1D", "-P1D", "P1.5D", "P400D", "7D",
        "P1M1D", "P999999999999999999999D", "P١M", String(repeating: "9", count: 100_000),
    ])
    func `given no rotation of an hour to a year, then it is refused`(text: String) {
        #expect(Rotation(text) == nil)
    }

    @Test(arguments: [
        ("2026-12-01T00:00", "2026-12-01T00:00:00Z"), ("2026-12-01T00:00:30", "2026-12-01T00:00:30Z"),
        ("2026-12-01T09:15:00.000", "2026-12-01T09:15:00Z"), ("2026-12-01 09:15", "2026-12-01T09:15:00Z"),
    ])
    func `given a local time, then it is read and keeps its text`(text: String, seconds: String) {
        #expect(LocalTime(text)?.text == text)
        #expect(LocalTime(text)?.seconds == Rota.time(seconds).milliseconds / 1000)
    }

    @Test(arguments: [
        "", "2026-12-01", "2026-12-01T00:00Z", "2026-12-01T00:00+01:00", "2026-12-01T00:00-01:00", "2026-02-30T00:00",
        "2026-12-01T24:00", "12026-12-01T00:00", "2026-12-01T00", String(repeating: "2", count: 100_000),
    ])
    func `given no local time, then it is refused`(text: String) {
        #expect(LocalTime(text) == nil)
    }

    @Test func `given seconds, then a local time is written with minutes, and with seconds where there are some`() {
        #expect(LocalTime(seconds: 1_764_547_200).text == "2025-12-01T00:00")
        #expect(LocalTime(seconds: 1_764_547_207).text == "2025-12-01T00:00:07")
    }

    @Test func `given duty hours that fill the week, then somebody is always on duty`() {
        let halves = DutyHours(
            kind: .timeOfDay,
            spans: [
                .init(from: .init(minute: 0), to: .init(minute: 720)),
                .init(from: .init(minute: 720), to: .init(minute: 1440)),
            ])
        let whole = DutyHours(
            kind: .timesOfWeek,
            spans: [.init(from: .init(day: .monday, minute: 540), to: .init(day: .monday, minute: 540))])

        for hours in [halves, whole] {
            let calculator = OnCallCalculator(
                Rota.schedule(Rota.layer([Rota.alice], from: "2026-01-01T00:00", hours: hours)))
            #expect(calculator.gaps(in: Rota.span("2026-01-10T00:00:00Z", "2027-01-10T00:00:00Z")) == [])
        }
    }

    @Test func `given a zone that nobody knows, then there is no table`() {
        #expect(ZoneTable("Europe/Atlantis") == nil)
        #expect(ZoneTable("") == nil)
    }
}
