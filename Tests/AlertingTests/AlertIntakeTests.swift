import Alerting
import Testing

struct AlertIntakeTests {
    private static let id = Alert.ID(7)
    private static let now = Timestamp(milliseconds: 1_767_225_600_000)

    private static func known(
        _ status: AlertStatus, _ priority: Priority = .high, keys: Int = 1, resolvedAt: Timestamp? = nil
    ) -> KnownKey {
        KnownKey(
            open: OpenAlert(id: id, status: status, priority: priority, openKeys: keys), resolvedAt: resolvedAt)
    }

    private static func decide(
        _ event: AlertEvent, _ rules: AlertSourceRules = AlertSourceRules(), _ known: KnownKey? = nil,
        newest: GroupCandidate? = nil
    ) -> IntakeDecision {
        AlertIntake.decide(event, rules: rules, known: known, newest: newest, at: now)
    }

    @Test(arguments: AlertEvent.Kind.allCases, [nil, AlertStatus.pending, .accepted])
    func `given a key and what is open under it, when an event of each kind comes, then one thing is decided`(
        kind: AlertEvent.Kind, status: AlertStatus?
    ) {
        let known = status.map { Self.known($0) }
        let expected: IntakeDecision =
            switch (kind, status) {
            case (.alert, nil): .raise(priority: .high)
            case (.alert, .some): .append(Self.id, isRaised: false, .keyOpen)
            case (.accept, nil), (.resolve, nil), (.comment, nil): .ignore(.noOpenAlert)
            case (.accept, .pending): .accept(Self.id)
            case (.accept, _): .append(Self.id, isRaised: false, .alreadyAccepted)
            case (.resolve, .some): .resolve(Self.id)
            case (.comment, .some): .comment(Self.id)
            }

        #expect(Self.decide(AlertEvent(kind: kind, summary: "Down"), AlertSourceRules(), known) == expected)
        // A key that was seen and is closed is as good as none.
        if status == nil {
            #expect(Self.decide(AlertEvent(kind: kind), AlertSourceRules(), KnownKey(open: nil)) == expected)
        }
    }

    @Test(arguments: AlertEvent.Kind.allCases, [nil, AlertStatus.pending, .accepted])
    func `given a source that is switched off, when any event comes, then it is ignored`(
        kind: AlertEvent.Kind, status: AlertStatus?
    ) {
        let rules = AlertSourceRules(isActive: false)

        #expect(Self.decide(AlertEvent(kind: kind), rules, status.map { Self.known($0) }) == .ignore(.sourceDisabled))
    }

    @Test(
        arguments: [
            (.high, nil, .high), (.high, .high, .high), (.high, .low, .low), (.low, nil, .low),
            (.low, .high, .low), (.low, .low, .low),
        ] as [(PriorityRule, Priority?, Priority)])
    func `given the source's rule, when an event says a priority, then it may only lower it`(
        rule: PriorityRule, said: Priority?, expected: Priority
    ) {
        let event = AlertEvent(kind: .alert, summary: "Down", priority: said)

        #expect(Self.decide(event, AlertSourceRules(priorityRule: rule)) == .raise(priority: expected))
    }

    @Test(arguments: Priority.allCases, Priority.allCases)
    func `given an open key, when it comes with another priority, then only a rise pages again`(
        open: Priority, said: Priority
    ) {
        let event = AlertEvent(kind: .alert, summary: "Down", priority: said)
        let isRaised = open == .low && said == .high

        for status in [AlertStatus.pending, .accepted] {
            #expect(
                Self.decide(event, AlertSourceRules(), Self.known(status, open))
                    == .append(Self.id, isRaised: isRaised, .keyOpen))
        }
    }

    @Test func `given an alert of several keys, when one is resolved, then only the last closes it`() {
        let event = AlertEvent(kind: .resolve)

        #expect(Self.decide(event, AlertSourceRules(), Self.known(.pending, keys: 3)) == .closeKey(Self.id))
        #expect(Self.decide(event, AlertSourceRules(), Self.known(.accepted, keys: 2)) == .closeKey(Self.id))
        #expect(Self.decide(event, AlertSourceRules(), Self.known(.accepted, keys: 1)) == .resolve(Self.id))
    }

    @Test(arguments: [(-1, true), (0, false), (1, false)])
    func `given a resolve in the tool's own time, when an alert event is older, then it is stale`(
        milliseconds: Int64, isStale: Bool
    ) {
        let event = AlertEvent(
            kind: .alert, summary: "Down",
            occurredAt: Timestamp(milliseconds: Self.now.milliseconds + milliseconds))
        let known = KnownKey(open: nil, resolvedAt: Self.now)

        #expect(
            Self.decide(event, AlertSourceRules(), known) == (isStale ? .ignore(.stale) : .raise(priority: .high)))
    }

    @Test func `given only one of both carries a time, when an alert event comes, then it is not stale`() {
        let timed = AlertEvent(kind: .alert, summary: "Down", occurredAt: Self.now - .days(1))
        let untimed = AlertEvent(kind: .alert, summary: "Down")

        #expect(Self.decide(timed, AlertSourceRules(), KnownKey(open: nil)) == .raise(priority: .high))
        #expect(
            Self.decide(untimed, AlertSourceRules(), KnownKey(open: nil, resolvedAt: Self.now))
                == .raise(priority: .high))
    }

    @Test func `given an open key, when an event older than an earlier resolve comes, then it is still counted`() {
        let event = AlertEvent(kind: .alert, summary: "Down", occurredAt: Self.now - .days(1))

        #expect(
            Self.decide(event, AlertSourceRules(), Self.known(.pending, resolvedAt: Self.now))
                == .append(Self.id, isRaised: false, .keyOpen))
    }

    @Test func `given an alert to join, when the key is open elsewhere, then the key decides`() {
        let other = OpenAlert(id: .init(8), status: .pending, priority: .high)
        let newest = GroupCandidate(alert: other, raisedAt: Self.now)
        let rules = AlertSourceRules(grouping: .untilResolved)
        let event = AlertEvent(kind: .alert, summary: "Down")

        #expect(
            Self.decide(event, rules, Self.known(.pending), newest: newest)
                == .append(Self.id, isRaised: false, .keyOpen))
        #expect(
            Self.decide(event, rules, newest: newest) == .join(.init(8), isRaised: false, .groupedUntilResolved))
        #expect(
            Self.decide(AlertEvent(kind: .resolve), rules, newest: newest) == .ignore(.noOpenAlert))
    }

    @Test func `given a LOW alert to join, when a HIGH event comes, then its priority rises`() {
        let low = OpenAlert(id: Self.id, status: .pending, priority: .low)
        let newest = GroupCandidate(alert: low, raisedAt: Self.now)
        let rules = AlertSourceRules(grouping: .untilAccepted)

        let decision = Self.decide(AlertEvent(kind: .alert, summary: "Down"), rules, newest: newest)

        #expect(decision == .join(Self.id, isRaised: true, .groupedUntilAccepted))
        #expect(decision.reason == .groupedUntilAccepted)
        #expect(decision.alert == Self.id)
    }

    @Test func `given every reason, then it has a sentence of its own`() {
        #expect(Set(IntakeReason.allCases.map(\.sentence)).count == IntakeReason.allCases.count)
        #expect(IntakeReason.allCases.allSatisfy { $0.sentence.hasSuffix(".") })
    }
}
