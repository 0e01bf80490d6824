import Alerting
import Testing

struct ShiftChangeTests {
    private let span = Rota.span("2026-01-05T00:00:00Z", "2026-01-19T00:00:00Z")

    private func shifts(_ schedule: OnCallSchedule) -> [Shift] { OnCallCalculator(schedule).shifts(in: span) }

    @Test func `given an edit from the middle of a shift, then each stretch with somebody else is one change`() {
        let before = Rota.schedule(Rota.layer([Rota.alice, Rota.bob], from: "2026-01-05T00:00"), zone: "UTC")
        let after = before.edited(
            .recurring([Rota.layer([Rota.carol], from: "2026-01-05T00:00")]), zone: Rota.zone("UTC"),
            at: Rota.time("2026-01-08T12:00:00Z"))

        let changes = ShiftChange.between(shifts(before), shifts(after), in: span)

        #expect(
            changes == [
                ShiftChange(
                    span: Rota.span("2026-01-08T12:00:00Z", "2026-01-12T00:00:00Z"), before: Rota.alice,
                    after: Rota.carol),
                ShiftChange(
                    span: Rota.span("2026-01-12T00:00:00Z", "2026-01-19T00:00:00Z"), before: Rota.bob, after: Rota.carol
                ),
            ])
    }

    @Test func `given a gap before or after, then nobody is named, and the same again is no change`() {
        let some = Rota.schedule(
            Rota.layer([Rota.alice], from: "2026-01-05T00:00", hours: Rota.week(.monday, 0, .saturday, 0)), zone: "UTC")
        let weekend = TimeSpan(start: Rota.time("2026-01-10T00:00:00Z"), end: Rota.time("2026-01-12T00:00:00Z"))
        let all = Rota.schedule(Rota.layer([Rota.alice], from: "2026-01-05T00:00"), zone: "UTC")

        let opened = ShiftChange.between(shifts(all), shifts(some), in: span)

        #expect(opened.first == ShiftChange(span: weekend, before: Rota.alice, after: nil))
        #expect(opened.count == 2)
        #expect(ShiftChange.between(shifts(some), shifts(some), in: span) == [])
        #expect(ShiftChange.between([], [], in: span) == [])
        #expect(ShiftChange.between([], shifts(all), in: span).map(\.after) == [Rota.alice])
    }
}
