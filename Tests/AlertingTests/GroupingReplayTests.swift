import Testing

@testable import Alerting

struct GroupingReplayTests {
    private static let start = Timestamp(milliseconds: 1_767_225_600_000)

    private func replay(
        _ rule: GroupingRule, autoResolution: Duration? = nil, _ events: [(AlertEvent.Kind, String?, String, Int)]
    ) -> GroupingReplay {
        var replay = GroupingReplay(rules: AlertSourceRules(grouping: rule, autoResolution: autoResolution))
        for (kind, key, summary, minute) in events {
            replay.take(
                ShapedEvent(AlertEvent(kind: kind, alertKey: key, summary: summary)), at: Self.start + .minutes(minute))
        }
        return replay
    }

    private static let storm: [(AlertEvent.Kind, String?, String, Int)] = [
        (.alert, "a", "Disk full on web1", 0), (.alert, "b", "Disk full on web2", 1),
        (.alert, "a", "Disk full on web1", 2),
        (.alert, "c", "CPU high", 3), (.resolve, "a", "", 4), (.resolve, "b", "", 5),
        (.alert, "d", "Disk full on web3", 20),
    ]

    @Test(arguments: [
        (GroupingRule.never, [2, 1, 1, 1]), (.summary, [2, 1, 1, 1]), (.untilAccepted, [5]), (.untilResolved, [5]),
        (.window(.minutes(10)), [4, 1]), (.window(.minutes(1)), [2, 1, 1, 1]),
        (.similar(threshold: 0.8, within: nil), [3, 1, 1]),
    ])
    func `given events, then a rule makes these alerts of them`(rule: GroupingRule, events: [Int]) {
        #expect(replay(rule, Self.storm).groups.map(\.events) == events)
    }

    @Test func `given several keys in one alert, then it is open until the last is well again`() {
        let groups = replay(.untilResolved, Array(Self.storm.prefix(6))).groups

        #expect(groups.map(\.isOpen) == [true])
        #expect(groups[0].keys == ["a", "b", "c"])
    }

    @Test func `given auto-resolution, then a later event of the key raises anew`() {
        let groups = replay(
            .never, autoResolution: .minutes(10),
            [(.alert, "a", "x", 0), (.alert, "a", "x", 9), (.alert, "a", "x", 10)]
        ).groups

        #expect(groups.map(\.events) == [2, 1])
    }

    @Test func `given dropped events, then they make nothing`() {
        var replay = GroupingReplay(rules: AlertSourceRules())
        var dropped = ShapedEvent(AlertEvent(kind: .alert, summary: "x"))
        dropped.drop = .filtered

        replay.take(dropped, at: Self.start)

        #expect(replay.groups.isEmpty)
    }
}
