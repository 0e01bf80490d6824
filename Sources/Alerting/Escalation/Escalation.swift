/// Where one open alert stands on its escalation policy.
///
/// Holds no clock and does no I/O: every transition takes `now` and returns what the engine must do. `policy` is the
/// structure as it was when the alert was raised; later edits do not reach it. Who its targets are is asked for when
/// a level is entered.
public struct Escalation: Equatable, Sendable {
    public enum State: Equatable, Sendable {
        /// Nobody has been paged yet; the first level is entered at `due`.
        case ready(due: Timestamp)
        /// Level `level` (0-based) of pass `pass` (0-based) was paged; unaccepted until `deadline`, the next one is.
        case waiting(level: Int, pass: Int, deadline: Timestamp)
        /// A low-priority alert whose first level was paged: nothing more happens by itself.
        case rested(level: Int)
        /// Somebody accepted or resolved the alert.
        case stopped
        /// The last level's deadline of the last pass went by.
        case exhausted
    }

    public enum Action: Equatable, Sendable {
        case page(level: Int, pass: Int, people: [User.ID])
        /// On a level that calls one in turn: whose turn this was.
        case passTurn(level: Int, to: Turn)
        /// Somebody on a level that is looked at is not paged.
        case leaveOut(level: Int, user: User.ID, obstacle: LevelPeople.Obstacle)
        /// The level was entered and left at once: none of its targets can be reached.
        case skip(level: Int, pass: Int, reason: SkipReason)
        /// Everybody whom the level can still ask accepted the alert before, `by` as the last of them.
        case accept(level: Int, by: User.ID)
        /// Nobody on a whole pass can be reached.
        case pageLastResort
        case ended
    }

    public enum SkipReason: String, Sendable {
        /// The level names nobody, or its schedules and teams stand for nobody just now.
        case nobodyOnCall = "nobody_on_call"
        /// There are people, but all are muted or without a verified contact.
        case nobodyReachable = "nobody_reachable"
        /// The level is for support hours, and they are over.
        case outsideSupportHours = "outside_support_hours"
        /// The level is for outside of support hours, and they are on.
        case duringSupportHours = "during_support_hours"

        /// Whether the level does not concern this instant, whoever is on it.
        var isCondition: Bool { self == .outsideSupportHours || self == .duringSupportHours }
    }

    public private(set) var state: State
    public let policy: EscalationPolicy

    public init(policy: EscalationPolicy, raisedAt: Timestamp) {
        self.policy = policy
        state = .ready(due: raisedAt + policy.delay)
    }

    /// Restores a state that was stored.
    public init(policy: EscalationPolicy, state: State) {
        self.policy = policy
        self.state = state
    }

    /// When the next `tick` has something to do; `nil`: never by itself.
    public var due: Timestamp? {
        switch state {
        case .ready(let due): due
        case .waiting(_, _, let deadline): deadline
        case .rested, .stopped, .exhausted: nil
        }
    }

    /// The level that was entered last; `nil` before the first.
    public var level: Int? {
        switch state {
        case .waiting(let level, _, _), .rested(let level): level
        case .ready, .stopped, .exhausted: nil
        }
    }

    /// Does whatever is due at `now`. Enters at most one level that has somebody reachable, so a late tick never
    /// skips a responder.
    ///
    /// - Parameter people: who the targets of a level are at this instant; gets the level and its number, 0-based.
    public mutating func tick(
        at now: Timestamp, priority: Priority, people: (EscalationLevel, Int) throws -> LevelPeople
    ) rethrows -> [Action] {
        switch state {
        case .ready(let due) where due <= now:
            return try enter(level: 0, pass: 0, at: now, priority: priority, isAsked: false, people: people)
        case .waiting(let level, let pass, let deadline) where deadline <= now:
            return try enter(level: level + 1, pass: pass, at: now, priority: priority, isAsked: false, people: people)
        case .ready, .waiting, .rested, .stopped, .exhausted:
            return []
        }
    }

    /// A person asks for the next level now. A low-priority alert rests again on the level that it reaches.
    ///
    /// - Parameter asOf: the level that the person saw; a request that is late by a level is refused, and so is one
    ///   that comes when the walk has ended or begins anew.
    public mutating func escalate(
        at now: Timestamp, asOf: Int?, priority: Priority, people: (EscalationLevel, Int) throws -> LevelPeople
    ) throws -> [Action] {
        guard state != .stopped else { throw EscalationRefusal.notPending }
        guard asOf == nil || asOf == level else { throw EscalationRefusal.levelHasPassed }
        let (next, pass) =
            switch state {
            case .waiting(let level, let pass, _): (level + 1, pass)
            case .rested(let level): (level + 1, 0)
            case .ready, .exhausted, .stopped: (0, 0)
            }
        return try enter(level: next, pass: pass, at: now, priority: priority, isAsked: true, people: people)
    }

    /// Stops: somebody accepted the alert, or it was resolved.
    public mutating func stop() {
        state = .stopped
    }

    /// Time stood still for the alert, or goes on earlier than was said: what is due moves by `pause`.
    public mutating func postpone(by pause: Duration) {
        switch state {
        case .ready(let due): state = .ready(due: due + pause)
        case .waiting(let level, let pass, let deadline):
            state = .waiting(level: level, pass: pass, deadline: deadline + pause)
        case .rested, .stopped, .exhausted: break
        }
    }

    /// - Parameter isAsked: a person asks for it, so a low-priority alert goes past its first level too.
    private mutating func enter(
        level: Int, pass: Int, at now: Timestamp, priority: Priority, isAsked: Bool,
        people: (EscalationLevel, Int) throws -> LevelPeople
    ) rethrows -> [Action] {
        var actions: [Action] = []
        var level = level
        var pass = pass
        var skipped = 0
        // Every round either ends or skips a level; a whole pass of skips ends too.
        while true {
            if level >= policy.levels.count {
                guard skipped < policy.levels.count, !policy.levels.isEmpty else { return giveUp(actions) }
                guard pass < policy.repeats else {
                    state = .exhausted
                    return actions + [.ended]
                }
                level = 0
                pass += 1
            }
            let found = try people(policy.levels[level], level)
            let (entered, reason) = look(at: found, level: level, pass: pass)
            actions += entered
            guard let reason else {
                if case .accept = entered.last {
                    state = .stopped
                } else {
                    state =
                        priority == .low
                        ? .rested(level: level)
                        : .waiting(level: level, pass: pass, deadline: now + policy.levels[level].timeout)
                }
                return actions
            }
            skipped += 1
            // By itself a low-priority alert concerns the first level only, of those that are on at this hour.
            let isOver = priority == .low && !isAsked && !reason.isCondition
            if isOver || skipped >= policy.levels.count { return giveUp(actions) }
            level += 1
        }
    }

    /// What entering one level comes to; with a reason: it is skipped.
    private func look(at found: LevelPeople, level: Int, pass: Int) -> ([Action], SkipReason?) {
        if let refusal = found.refusal { return ([.skip(level: level, pass: pass, reason: refusal)], refusal) }
        let turn = policy.levels[level].calls == .oneInTurn ? found.nextTurn : nil
        let called = policy.levels[level].calls == .oneInTurn ? turn.map { [$0.user] } ?? [] : found.reachable
        let leftOut = found.candidates.compactMap { candidate in
            candidate.obstacle.map { Action.leaveOut(level: level, user: candidate.user, obstacle: $0) }
        }
        if !called.isEmpty {
            let turns = turn.map { [Action.passTurn(level: level, to: $0)] } ?? []
            return ([.page(level: level, pass: pass, people: called)] + turns + leftOut, nil)
        }
        if let last = found.accepted { return (leftOut + [.accept(level: level, by: last)], nil) }
        let reason: SkipReason = found.isEmpty ? .nobodyOnCall : .nobodyReachable
        return (leftOut + [.skip(level: level, pass: pass, reason: reason)], reason)
    }

    private mutating func giveUp(_ actions: [Action]) -> [Action] {
        state = .exhausted
        return actions + [.pageLastResort, .ended]
    }
}

public enum EscalationRefusal: Error, Equatable, Sendable {
    /// Somebody else escalated, or the timeout did.
    case levelHasPassed
    /// The alert is accepted or resolved.
    case notPending
}
