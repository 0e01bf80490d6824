import Alerting
import Testing

struct ScheduleEditTests {
    /// Alice until the 12th, Bob until the 19th, Carol until the 26th.
    private let schedule = Rota.schedule(
        Rota.layer([Rota.alice, Rota.bob, Rota.carol], from: "2026-01-05T09:00"), zone: "UTC")
    private let whole = Rota.span("2026-01-05T09:00:00Z", "2026-02-02T09:00:00Z")

    private func edited(_ users: [User.ID], at now: String, from start: String = "2026-01-05T09:00") -> OnCallSchedule {
        schedule.edited(.recurring([Rota.layer(users, from: start)]), zone: Rota.zone("UTC"), at: Rota.time(now))
    }

    private func words(_ schedule: OnCallSchedule) -> [String] {
        OnCallCalculator(schedule).shifts(in: whole).map(\.words)
    }

    @Test func `given Bob on call, when he is removed, then Carol takes over at once and the others keep their order`()
    {
        let after = edited([Rota.alice, Rota.carol], at: "2026-01-14T12:00:00Z")

        #expect(
            words(after) == [
                "1 2026-01-05T09:00Z 168h", "2 2026-01-12T09:00Z 51h", "3 2026-01-14T12:00Z 117h",
                "1 2026-01-19T09:00Z 168h", "3 2026-01-26T09:00Z 168h",
            ])
    }

    @Test func `given Bob on call, when he is deleted, then it is the same, and his override ends`() {
        var schedule = schedule
        let now = Rota.time("2026-01-14T12:00:00Z")
        schedule.overrides = [Rota.override(1, Rota.bob, Rota.span("2026-01-20T00:00:00Z", "2026-01-21T00:00:00Z"))]

        let after = schedule.removing(Rota.bob, at: now)

        #expect(words(after) == words(edited([Rota.alice, Rota.carol], at: "2026-01-14T12:00:00Z")))
    }

    @Test(arguments: ["2026-01-07T00:00:00Z", "2026-01-21T00:00:00Z"])
    func `given another on call, when Bob is removed, then whoever is on call stays`(now: String) {
        let after = OnCallCalculator(edited([Rota.alice, Rota.carol], at: now))

        #expect(after.onCall(at: Rota.time(now)) == OnCallCalculator(schedule).onCall(at: Rota.time(now)))
        #expect(after.gaps(in: whole) == [])
    }

    @Test func `given an edit, when it adds somebody, then the past and whoever is on call stay`() {
        let dora = User.ID(4)
        let after = edited([dora, Rota.alice, Rota.bob, Rota.carol], at: "2026-01-14T12:00:00Z")

        #expect(
            words(after) == [
                "1 2026-01-05T09:00Z 168h", "2 2026-01-12T09:00Z 168h", "3 2026-01-19T09:00Z 168h",
                "4 2026-01-26T09:00Z 168h",
            ])
    }

    @Test func `given another order, then it counts from the start as it was written, from now on`() {
        let after = edited([Rota.bob, Rota.alice, Rota.carol], at: "2026-01-14T12:00:00Z")

        #expect(
            words(after) == [
                "1 2026-01-05T09:00Z 168h", "2 2026-01-12T09:00Z 51h", "1 2026-01-14T12:00Z 117h",
                "3 2026-01-19T09:00Z 168h", "2 2026-01-26T09:00Z 168h",
            ])
    }

    @Test func `given several edits, then each stretch of the past answers as it did then`() {
        let first = edited([Rota.carol], at: "2026-01-08T00:00:00Z")
        let second = first.edited(.recurring([]), zone: Rota.zone("UTC"), at: Rota.time("2026-01-09T00:00:00Z"))

        #expect(words(second) == ["1 2026-01-05T09:00Z 63h", "3 2026-01-08T00:00Z 24h"])
    }

    @Test func `given the same again, when it is saved, then nothing happens`() {
        #expect(edited([Rota.alice, Rota.bob, Rota.carol], at: "2026-01-14T12:00:00Z") == schedule)
    }

    @Test func `given an earlier removal, when it is saved again, then nobody is handed over`() {
        let removed = edited([Rota.alice, Rota.carol], at: "2026-01-14T12:00:00Z")
        let saved = removed.edited(
            .recurring([Rota.layer([Rota.alice, Rota.carol], from: "2026-01-05T09:00")]), zone: Rota.zone("UTC"),
            at: Rota.time("2026-01-21T00:00:00Z"))

        #expect(saved == removed)
    }

    @Test func `given somebody on a static schedule, when they are deleted, then their shifts from now on are gaps`() {
        let shifts = [
            EnteredShift(user: Rota.alice, start: Rota.local("2026-01-05T00:00"), end: Rota.local("2026-01-06T00:00")),
            EnteredShift(user: Rota.alice, start: Rota.local("2026-01-07T00:00"), end: Rota.local("2026-01-08T00:00")),
        ]
        let entered = OnCallSchedule(
            revisions: [ScheduleRevision(zone: Rota.zone("UTC"), duties: .entered(shifts))])

        let after = OnCallCalculator(entered.removing(Rota.alice, at: Rota.time("2026-01-05T06:00:00Z")))

        #expect(
            after.shifts(in: Rota.span("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")).map(\.words) == [
                "1 2026-01-05T00:00Z 6h"
            ])
    }
}
