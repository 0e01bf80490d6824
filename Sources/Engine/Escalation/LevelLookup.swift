import Alerting
import Storage

/// Finds out who a level's people are; in one transaction each person, team and hour is looked up once.
final class LevelLookup {
    private let change: Change
    private let channels: Set<Channel>
    private var responders: [User.ID: Responder?] = [:]
    private var users: [EscalationTarget: [User.ID]] = [:]
    private var hours: [Int64: Bool?] = [:]

    init(change: Change, channels: Set<Channel>) {
        self.change = change
        self.channels = channels
    }

    /// - Parameters:
    ///   - index: 0-based.
    ///   - resolve: the people whom one target stands for at this instant.
    func people(
        of level: EscalationLevel, at index: Int, of alert: Alert, resolve: (EscalationTarget) throws -> [User.ID]
    ) throws -> LevelPeople {
        if let condition = level.condition,
            let refusal = try condition.refusal(isDuring: isDuring(condition, of: alert))
        {
            return LevelPeople([], refusal: refusal)
        }
        var candidates: [LevelPeople.Candidate] = []
        for target in level.targets {
            let known = try users[target] ?? resolve(target)
            users[target] = known
            for user in known where !candidates.contains(where: { $0.user == user }) {
                let person = try responder(user)
                let reason = person.map { obstacle(for: $0, of: alert) } ?? .some(.deleted)
                candidates.append(.init(user, obstacle: reason))
            }
        }
        return LevelPeople(candidates, lastTurn: try lastTurn(of: level, at: index, of: alert))
    }

    /// `nil` when the user was deleted.
    func responder(_ user: User.ID) throws -> Responder? {
        if let known = responders[user] { return known }
        let found = try Responders.find(user, in: change.transaction)
        responders[user] = .some(found)
        return found
    }

    private func obstacle(for responder: Responder, of alert: Alert) -> LevelPeople.Obstacle? {
        if alert.acceptances.accepted.contains(responder.user) { return .acceptedBefore }
        return responder.obstacle(at: change.now, channels: channels)
    }

    private func lastTurn(of level: EscalationLevel, at index: Int, of alert: Alert) throws -> Turn? {
        guard level.calls == .oneInTurn, let policy = alert.policy else { return nil }
        let own = index - alert.escalation.policy.handedLevels
        return own < 0 ? nil : try EscalationTurns.find(policy, level: own, in: change.transaction)
    }

    /// Whether the support hours are on; `nil` when they were deleted.
    private func isDuring(_ condition: LevelCondition, of alert: Alert) throws -> Bool? {
        if let known = hours[condition.supportHours] { return known }
        let id = SupportHours.ID(condition.supportHours)
        let record = try SupportHoursList.find(id, account: alert.account, in: change.transaction)
        let found = record?.hours.isDuring(change.now)
        hours[condition.supportHours] = .some(found)
        return found
    }
}
