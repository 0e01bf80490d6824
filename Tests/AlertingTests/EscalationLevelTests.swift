import Alerting
import Testing

/// What a level may say beside whom it calls and for how long.
struct EscalationLevelTests {
    private static let alice = User.ID(1)
    private static let bob = User.ID(2)
    private static let carol = User.ID(3)
    private static let start = Timestamp(milliseconds: 0)

    private static func level(
        calls: EscalationLevel.Calls = .everybody, needsEverybody: Bool = false, condition: LevelCondition? = nil
    ) -> EscalationLevel {
        EscalationLevel(
            targets: [.user(alice), .user(bob), .user(carol)], timeout: .minutes(5), calls: calls,
            needsEverybody: needsEverybody, condition: condition)
    }

    private static func people(_ obstacles: LevelPeople.Obstacle?..., after last: Turn? = nil) -> LevelPeople {
        LevelPeople(
            zip([alice, bob, carol], obstacles).map { LevelPeople.Candidate($0, obstacle: $1) }, lastTurn: last)
    }

    private static func enter(
        _ levels: EscalationLevel..., priority: Priority = .high, people: LevelPeople...
    ) -> (Escalation, [Escalation.Action]) {
        var escalation = Escalation(policy: EscalationPolicy(levels: levels), raisedAt: start)
        let actions = escalation.tick(at: start, priority: priority) { _, index in people[index] }
        return (escalation, actions)
    }

    // MARK: - Left out

    @Test(arguments: [LevelPeople.Obstacle.muted, .noContact])
    func `given one of a level cannot be reached, when it is entered, then it says who was left out and why`(
        obstacle: LevelPeople.Obstacle
    ) {
        let (_, actions) = Self.enter(Self.level(), people: Self.people(nil, obstacle, nil))

        #expect(
            actions == [
                .page(level: 0, pass: 0, people: [Self.alice, Self.carol]),
                .leaveOut(level: 0, user: Self.bob, obstacle: obstacle),
            ])
    }

    // MARK: - In turn

    @Test(arguments: [
        (nil, 0), (Turn(user: alice, position: 0), 1), (Turn(user: bob, position: 1), 2),
        (Turn(user: carol, position: 2), 0), (Turn(user: User.ID(9), position: 1), 1),
        (Turn(user: User.ID(9), position: 7), 1),
    ])
    func `given a level in turn, when it is entered, then the one after the last is called`(last: Turn?, next: Int) {
        let user = [Self.alice, Self.bob, Self.carol][next]

        let (_, actions) = Self.enter(Self.level(calls: .oneInTurn), people: Self.people(nil, nil, nil, after: last))

        #expect(
            actions == [
                .page(level: 0, pass: 0, people: [user]),
                .passTurn(level: 0, to: Turn(user: user, position: next)),
            ])
    }

    @Test func `given whose turn it is cannot be reached, when the level is entered, then the next one is called`() {
        let last = Turn(user: Self.alice, position: 0)

        let (_, actions) = Self.enter(
            Self.level(calls: .oneInTurn), people: Self.people(nil, .muted, nil, after: last))

        #expect(actions.first == .page(level: 0, pass: 0, people: [Self.carol]))
        #expect(actions.contains(.leaveOut(level: 0, user: Self.bob, obstacle: .muted)))
    }

    @Test func `given nobody in turn can be reached, when the level is entered, then it is skipped`() {
        let (_, actions) = Self.enter(
            Self.level(calls: .oneInTurn), people: Self.people(.muted, .muted, .noContact))

        #expect(actions.contains(.skip(level: 0, pass: 0, reason: .nobodyReachable)))
        #expect(actions.suffix(2) == [.pageLastResort, .ended])
    }

    // MARK: - Everybody must accept

    @Test func `given all must accept, when they do one by one, then only the last completes it`() {
        var acceptances = SharedAcceptance()
        acceptances.ask([Self.alice, Self.bob])

        #expect(acceptances.accept(by: Self.carol) == .notAsked)
        #expect(acceptances.accept(by: Self.bob) == .partly)
        #expect(acceptances.accept(by: Self.bob) == .acceptedBefore)
        #expect(acceptances.accept(by: Self.alice) == .complete)
        #expect(acceptances.accepted == [Self.bob, Self.alice])
    }

    @Test func `given all must accept, when the one who has not is deleted, then it is complete`() {
        var acceptances = SharedAcceptance()
        acceptances.ask([Self.alice, Self.bob])
        _ = acceptances.accept(by: Self.alice)

        let isStranger = acceptances.forget(Self.carol)
        let isLast = acceptances.forget(Self.bob)

        #expect(!isStranger)
        #expect(isLast)
    }

    @Test func `given nobody accepted, when the only one who must is deleted, then it is not complete`() {
        var acceptances = SharedAcceptance()
        acceptances.ask([Self.alice])

        let isComplete = acceptances.forget(Self.alice)

        #expect(!isComplete)
    }

    @Test func `given some accepted before, when a level is entered, then only the others are paged`() {
        let (escalation, actions) = Self.enter(
            Self.level(needsEverybody: true), people: Self.people(.acceptedBefore, nil, nil))

        #expect(actions.first == .page(level: 0, pass: 0, people: [Self.bob, Self.carol]))
        #expect(escalation.level == 0)
    }

    @Test func `given all who can be reached accepted before, when a level is entered, then that is an acceptance`() {
        let (escalation, actions) = Self.enter(
            Self.level(needsEverybody: true), people: Self.people(.acceptedBefore, .acceptedBefore, .muted))

        #expect(actions.last == .accept(level: 0, by: Self.bob))
        #expect(escalation.state == .stopped)
    }

    // MARK: - Conditions

    @Test(arguments: [
        (LevelCondition.Side.during, true as Bool?, nil as Escalation.SkipReason?),
        (.during, false, .outsideSupportHours), (.outside, true, .duringSupportHours), (.outside, false, nil),
        (.during, nil, nil), (.outside, nil, nil),
    ])
    func `given a condition, when the hours are on or off or gone, then the level is entered or says why not`(
        side: LevelCondition.Side, isDuring: Bool?, refusal: Escalation.SkipReason?
    ) {
        #expect(LevelCondition(supportHours: 1, side: side).refusal(isDuring: isDuring) == refusal)
    }

    @Test(arguments: [Priority.high, .low])
    func `given the first level is not for this hour, when an alert is raised, then the next is called at once`(
        priority: Priority
    ) {
        let (escalation, actions) = Self.enter(
            Self.level(), Self.level(), priority: priority,
            people: LevelPeople([], refusal: .outsideSupportHours), Self.people(nil, nil, nil))

        #expect(
            actions == [
                .skip(level: 0, pass: 0, reason: .outsideSupportHours),
                .page(level: 1, pass: 0, people: [Self.alice, Self.bob, Self.carol]),
            ])
        #expect(escalation.level == 1)
    }

    @Test func `given no level is for this hour, when an alert is raised, then the last resort is paged`() {
        let (_, actions) = Self.enter(Self.level(), people: LevelPeople([], refusal: .duringSupportHours))

        #expect(actions == [.skip(level: 0, pass: 0, reason: .duringSupportHours), .pageLastResort, .ended])
    }

    // MARK: - Snooze

    @Test func `given a level waits, when time stands still for it, then its deadline moves and nothing else`() {
        var (escalation, _) = Self.enter(Self.level(), people: Self.people(nil, nil, nil))

        escalation.postpone(by: .minutes(30))

        #expect(escalation.state == .waiting(level: 0, pass: 0, deadline: Self.start + .minutes(35)))
        escalation.stop()
        escalation.postpone(by: .minutes(30))
        #expect(escalation.state == .stopped)
    }
}
