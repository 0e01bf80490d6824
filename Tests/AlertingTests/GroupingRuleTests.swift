import Alerting
import Testing

struct GroupingRuleTests {
    private static let raisedAt = Timestamp(milliseconds: 1_767_225_600_000)
    private static let window = GroupingRule.window(.minutes(5))

    private func joins(_ rule: GroupingRule, _ status: AlertStatus, after pause: Duration = .zero) -> Bool {
        let alert = OpenAlert(id: .init(1), status: status, priority: .high)
        return rule.joins(GroupCandidate(alert: alert, raisedAt: Self.raisedAt), at: Self.raisedAt + pause)
    }

    @Test func `given no grouping, then nothing is joined`() {
        #expect(!joins(.never, .pending))
    }

    @Test func `given grouping until accepted, then only a pending alert is joined, however old`() {
        #expect(joins(.untilAccepted, .pending, after: .days(30)))
        #expect(!joins(.untilAccepted, .accepted))
        #expect(!joins(.untilAccepted, .resolved))
    }

    @Test func `given grouping until resolved, then an open alert is joined, however old`() {
        #expect(joins(.untilResolved, .pending, after: .days(30)))
        #expect(joins(.untilResolved, .accepted, after: .days(30)))
        #expect(!joins(.untilResolved, .resolved))
    }

    @Test func `given a window, then its last instant is outside of it`() {
        #expect(joins(Self.window, .pending))
        #expect(joins(Self.window, .pending, after: .minutes(5) - .milliseconds(1)))
        #expect(!joins(Self.window, .pending, after: .minutes(5)))
        #expect(!joins(Self.window, .pending, after: .minutes(5) + .milliseconds(1)))
    }

    @Test func `given a window, then an accepted alert is joined and a resolved one is not`() {
        #expect(joins(Self.window, .accepted, after: .minutes(1)))
        #expect(!joins(Self.window, .resolved, after: .minutes(1)))
    }

    @Test func `given a clock that was set back, then the window is still open`() {
        #expect(joins(Self.window, .pending, after: .hours(-1)))
    }
}
