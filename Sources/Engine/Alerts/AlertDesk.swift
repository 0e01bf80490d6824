public import Alerting
import Storage

/// What people do with alerts, from a page, the API or a link in a message.
public struct AlertDesk: Sendable {
    let store: Store
    let wakeups: Wakeups
    let channels: Set<Channel>

    /// - Parameter channels: those that this server can send on.
    public init(store: Store, wakeups: Wakeups, channels: Set<Channel>) {
        self.store = store
        self.wakeups = wakeups
        self.channels = channels
    }

    /// - Throws: `Failure.conflict` when it is resolved, or accepted by somebody else; the sentence says by whom.
    ///   Accepting what one has accepted oneself changes nothing and is no error.
    public func accept(_ id: Alert.ID, by caller: Caller) async throws {
        try await change(id, by: caller, to: "accept alerts") { change, record in
            if try change.accept(id, by: .user(caller.user)) { return }
            try Self.refuseSecondAcceptance(record, by: caller.user, change)
        }
    }

    /// - Throws: `Failure.conflict` when it is resolved already.
    public func resolve(_ id: Alert.ID, by caller: Caller) async throws {
        try await change(id, by: caller, to: "resolve alerts") { change, _ in
            guard try change.resolve(id, by: .user(caller.user)) else {
                throw Failure(.conflict, "This alert is resolved already.")
            }
        }
    }

    /// Calls the next level now.
    ///
    /// - Parameter asOf: the level that the person saw (0-based); refused when the alert is past it.
    public func escalate(_ id: Alert.ID, asOf: Int?, by caller: Caller) async throws {
        let channels = channels
        try await change(id, by: caller, to: "escalate alerts") { change, record in
            try change.note(.escalatedByUser, on: id, by: .user(caller.user))
            let record = try change.wake(record)
            let walk = EscalationWalk(change: change, channels: channels, intended: change.now)
            do {
                _ = try walk.escalate(record, asOf: asOf)
            } catch EscalationRefusal.levelHasPassed {
                throw Failure(.conflict, "This alert was escalated already; its level has passed.")
            } catch EscalationRefusal.notPending {
                throw Failure(.conflict, "This alert is \(record.alert.status.rawValue); only pending ones escalate.")
            }
        }
    }

    /// Hands the alert to one person, who is paged at once; unaccepted, the policy it has follows from its first level.
    public func assign(_ id: Alert.ID, to user: User.ID, by caller: Caller) async throws {
        try await change(id, by: caller, to: "assign alerts") { change, record in
            try Self.hand(record, to: user, by: caller, change)
        }
    }

    /// Hands the alert to whoever is on call for a schedule; unaccepted, its policy follows from its first level,
    /// and so it does at once when nobody is on call.
    public func assign(_ id: Alert.ID, to schedule: OnCallSchedule.ID, by caller: Caller) async throws {
        try await change(id, by: caller, to: "assign alerts") { change, record in
            guard let found = try OnCallSchedules.find(schedule, scope: caller.reach, in: change.transaction) else {
                throw Failure.invalid("schedule", "there is no on-call schedule \(schedule).")
            }
            let policy = Self.handed(record.alert.escalation.policy, to: .schedule(schedule.rawValue))
            try Self.restart(record, policy: policy, id: nil, assigned: nil, change)
            try change.note(.scheduleAssigned, on: id, by: .user(caller.user), text: found.name)
        }
    }

    /// Puts the alert on another escalation policy, from its first level on.
    public func assign(_ id: Alert.ID, to policy: EscalationPolicy.ID, by caller: Caller) async throws {
        try await change(id, by: caller, to: "assign alerts") { change, record in
            guard let found = try EscalationPolicies.find(policy, scope: caller.scope, in: change.transaction) else {
                throw Failure(.invalid, "There is no escalation policy \(policy).")
            }
            try Self.restart(record, policy: found.policy, id: policy, assigned: nil, change)
            try change.note(.policyAssigned, on: id, by: .user(caller.user), text: found.name)
        }
    }

    public func comment(_ id: Alert.ID, text: String, by caller: Caller) async throws {
        let text = text.trimmingBlanks
        guard !text.isEmpty else { throw Failure(.invalid, "The comment is empty.") }
        guard text.count <= Limits.comment else { throw Failure(.invalid, "The comment is too long.") }
        try await change(id, by: caller, to: "comment on alerts") { change, _ in
            try change.note(.commented, on: id, by: .user(caller.user), text: text)
        }
    }

    func change(
        _ id: Alert.ID, by caller: Caller, to doing: String,
        _ body: @escaping @Sendable (Change, AlertRecord) throws -> Void
    ) async throws {
        try caller.require(.responder, to: doing)
        try await store.write { change in
            guard let record = try Alerts.find(id, scope: caller.scope, in: change.transaction) else {
                throw Failure(.notFound, "There is no alert \(id).")
            }
            try body(change, record)
        }
        wakeups.alertsChanged()
        wakeups.messagesQueued()
    }

    /// - Parameter user: `nil`: the last-resort contact.
    static func refuseSecondAcceptance(_ record: AlertRecord, by user: User.ID?, _ change: Change) throws {
        guard record.alert.isOpen else {
            throw Failure(.conflict, "This alert is resolved already; there is nothing left to accept.")
        }
        guard record.alert.acceptedBy != user.map(Actor.user) ?? .system else { return }
        let names = try Users.names(of: Set([record.alert.acceptedBy?.user].compactMap(\.self)), in: change.transaction)
        let first = record.alert.acceptedBy?.name { names[$0] } ?? "somebody else"
        throw Failure(.conflict, "This alert was accepted already by \(first).")
    }

    static func hand(_ record: AlertRecord, to user: User.ID, by caller: Caller, _ change: Change) throws {
        guard let person = try Users.find(user, in: change.transaction), person.account == caller.account else {
            throw Failure(.invalid, "There is no user \(user).")
        }
        let old = record.alert.escalation.policy
        try restart(record, policy: handed(old, to: .user(user)), id: nil, assigned: user, change)
        try change.note(.userAssigned, on: record.alert.id, by: .user(caller.user), user: user)
    }

    /// `policy` behind a level that somebody hands the alert to; the level of whoever had it goes.
    static func handed(_ policy: EscalationPolicy, to target: EscalationTarget) -> EscalationPolicy {
        let levels = Array(policy.levels.dropFirst(policy.handedLevels))
        let timeout = max(levels.first?.timeout ?? .minutes(10), .minutes(1))
        let first = EscalationLevel(targets: [target], timeout: timeout, isHandedOver: true)
        return EscalationPolicy(levels: [first] + levels, repeats: policy.repeats)
    }

    static func restart(
        _ record: AlertRecord, policy: EscalationPolicy, id: EscalationPolicy.ID?, assigned: User.ID?, _ change: Change
    ) throws {
        guard record.alert.isOpen else {
            throw Failure(.conflict, "This alert is resolved; it cannot be assigned any more.")
        }
        let alert = record.alert.id
        var immediate = policy
        immediate.delay = .zero
        let escalation = Escalation(policy: immediate, raisedAt: change.now)
        try change.cancelMessages(of: alert, reason: "reassigned")
        try Timers.cancel(.snooze, of: alert, in: change.transaction)
        try Alerts.reassign(alert, policy: id, escalation: escalation, assigned: assigned, in: change.transaction)
        try Timers.set(AlertTimer(alert: alert, kind: .escalation, due: change.now), in: change.transaction)
    }
}

extension Actor {
    public var user: User.ID? {
        guard case .user(let id) = self else { return nil }
        return id
    }
}

extension String {
    /// Without blanks and line breaks at both ends.
    var trimmingBlanks: String {
        let start = drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
