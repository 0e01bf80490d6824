import Alerting
import Testing

struct PriorityRuleTests {
    @Test(
        arguments: [
            (PriorityRule.high, true, Priority.high, PriorityStep.rule), (.high, nil, .high, .rule),
            (.low, true, .low, .rule),
            (.highDuringSupportHours, true, .high, .duringSupportHours),
            (.highDuringSupportHours, false, .low, .outsideSupportHours),
            (.highDuringSupportHours, nil, .high, .noSupportHours),
            (.lowDuringSupportHours, true, .low, .duringSupportHours),
            (.lowDuringSupportHours, false, .high, .outsideSupportHours),
            (.lowDuringSupportHours, nil, .high, .noSupportHours),
        ] as [(PriorityRule, Bool?, Priority, PriorityStep)])
    func `given a rule and support hours, then it says`(
        rule: PriorityRule, isSupported: Bool?, priority: Priority, step: PriorityStep
    ) {
        let said = rule.priority(isSupported: isSupported)

        #expect(said.0 == priority)
        #expect(said.1 == step)
    }

    @Test func `given an event's own priority, then it counts where it may and a mapping always`() {
        let event = AlertEvent(kind: .alert, summary: "x", priority: .low)
        let high = AlertSourceRules(priorityRule: .high)
        let hours = AlertSourceRules(priorityRule: .highDuringSupportHours)
        let allowed = AlertSourceRules(priorityRule: .highDuringSupportHours, allowsEventPriority: true)

        #expect(high.priority(of: event) == (.low, .event))
        #expect(hours.priority(of: event, isSupported: true) == (.high, .duringSupportHours))
        #expect(allowed.priority(of: event, isSupported: true) == (.low, .event))
        #expect(hours.priority(of: event, isMapped: true, isSupported: true) == (.low, .template))
    }

    @Test(
        arguments: [
            // A Friday before the hours, within them, after them, and over a holiday.
            (PriorityRule.highDuringSupportHours, "2026-01-02T05:00:00Z", "2026-01-02T08:00:00Z"),
            (.highDuringSupportHours, "2026-01-02T09:00:00Z", "2026-01-05T08:00:00Z"),
            (.highDuringSupportHours, "2026-01-02T16:00:00Z", "2026-01-05T08:00:00Z"),
            (.highDuringSupportHours, "2025-12-31T20:00:00Z", "2026-01-02T08:00:00Z"),
            // The clock goes forward in between.
            (.highDuringSupportHours, "2026-03-27T20:00:00Z", "2026-03-30T07:00:00Z"),
            (.lowDuringSupportHours, "2026-01-02T09:00:00Z", "2026-01-02T16:00:00Z"),
            (.lowDuringSupportHours, "2026-01-02T17:00:00Z", "2026-01-05T16:00:00Z"),
            (.high, "2026-01-02T05:00:00Z", nil), (.low, "2026-01-02T05:00:00Z", nil),
        ] as [(PriorityRule, String, String?)])
    func `given a rule and hours, then it says when they next make alerts urgent`(
        rule: PriorityRule, now: String, expected: String?
    ) throws {
        let holiday = try #require(CalendarDay("2026-01-01"))
        let days = Weekday.allCases.filter { ![.saturday, .sunday].contains($0) }
        let hours = SupportHours(
            zone: try #require(Zone("Europe/Berlin")),
            days: Dictionary(uniqueKeysWithValues: days.map { ($0, .init(start: 540, end: 1020)) }),
            exceptions: [.init(name: "New Year", first: holiday, last: holiday, status: .outside)])

        let next = rule.nextRaise(after: try #require(Timestamp(iso8601: now)), hours)

        #expect(next == expected.flatMap { Timestamp(iso8601: $0) })
    }

    @Test func `given hours that never change, then nothing is ever raised by them`() throws {
        let always = SupportHours(
            zone: try #require(Zone("UTC")),
            days: Dictionary(uniqueKeysWithValues: Weekday.allCases.map { ($0, .init(start: 0, end: 1440)) }))

        #expect(
            PriorityRule.highDuringSupportHours.nextRaise(after: Timestamp(milliseconds: 0), always) == nil)
    }
}
