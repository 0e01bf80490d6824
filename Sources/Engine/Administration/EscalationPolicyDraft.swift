public import Alerting
public import Storage

/// An escalation policy as somebody wants it to be.
public struct EscalationPolicyDraft: Equatable, Sendable {
    public var name: String
    public var levels: [EscalationLevel]
    /// Whole minutes, 0 to 60.
    public var delay: Duration
    public var isRepeating: Bool
    /// 1 to 9; only counts while `isRepeating`.
    public var frequency: Int
    /// Blank is as good as `nil`.
    public var routingKey: String?
    /// `nil`: as they are, none on creation.
    public var teams: [Team.ID]?

    public init(
        name: String, levels: [EscalationLevel], delay: Duration = .zero, isRepeating: Bool = false,
        frequency: Int = 1, routingKey: String? = nil, teams: [Team.ID]? = nil
    ) {
        self.name = name
        self.levels = levels
        self.delay = delay
        self.isRepeating = isRepeating
        self.frequency = frequency
        self.routingKey = routingKey
        self.teams = teams
    }

    /// The policy as it is, to change a part of it.
    public init(_ policy: PolicyRecord) {
        self.init(
            name: policy.name, levels: policy.policy.levels, delay: policy.policy.delay,
            isRepeating: policy.isRepeating, frequency: policy.frequency, routingKey: policy.routingKey,
            teams: policy.teams)
    }

    /// A level's time to accept, 0 to a year of minutes.
    public static let timeouts: ClosedRange<Duration> = .zero ... .minutes(525_600)

    /// The draft as it is kept.
    ///
    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> EscalationPolicyDraft {
        var draft = self
        draft.name = try FieldRules.name(name)
        guard (1...Limits.escalationLevels).contains(levels.count) else {
            throw .invalid("escalationRules", "there must be 1 to \(Limits.escalationLevels).")
        }
        draft.levels = []
        for (index, level) in levels.enumerated() {
            draft.levels.append(try Self.checked(level, "escalationRules[\(index)]"))
        }
        guard (.zero ... .minutes(60)).contains(delay) else { throw .invalid("delayMin", "must be 0 to 60.") }
        guard (1...9).contains(frequency) else { throw .invalid("frequency", "must be 1 to 9.") }
        draft.routingKey = try Self.checked(routingKey: routingKey)
        return draft
    }

    static func checked(_ level: EscalationLevel, _ field: String) throws(Failure) -> EscalationLevel {
        guard timeouts.contains(level.timeout) else {
            throw .invalid("\(field).escalationTimeout", "must be 0 to 525600 minutes.")
        }
        var targets: [EscalationTarget] = []
        for target in level.targets where !targets.contains(target) { targets.append(target) }
        guard (1...Limits.escalationTargets).contains(targets.count) else {
            throw .invalid(field, "must name 1 to \(Limits.escalationTargets) users, teams or on-call schedules.")
        }
        guard !level.needsEverybody || level.calls == .everybody else {
            throw .invalid("\(field).everybodyMustAccept", "is not for a level that calls one of its people in turn.")
        }
        var checked = level
        checked.targets = targets
        checked.isHandedOver = false
        return checked
    }

    private static func checked(routingKey: String?) throws(Failure) -> String? {
        let key = try FieldRules.words(routingKey ?? "", "routingKey", limit: Limits.name)
        guard !key.isEmpty else { return nil }
        guard !key.contains(","), !key.hasPrefix("il:") else {
            throw .invalid("routingKey", "may not contain commas or begin with il:.")
        }
        return key
    }
}
