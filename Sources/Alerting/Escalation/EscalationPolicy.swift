/// Who is called about an alert, and in what order.
public struct EscalationPolicy: Equatable, Sendable {
    public typealias ID = Identifier<EscalationPolicy>

    public var levels: [EscalationLevel]
    /// How often the policy starts again after its last level; 0: never.
    public var repeats: Int
    /// How long an alert may end by itself before anybody is paged; 0 to 60 minutes.
    public var delay: Duration

    public init(levels: [EscalationLevel], repeats: Int = 0, delay: Duration = .zero) {
        self.levels = levels
        self.repeats = repeats
        self.delay = delay
    }
}

/// One step of an escalation policy.
public struct EscalationLevel: Equatable, Sendable {
    public var targets: [EscalationTarget]
    /// How long the level's people have to accept before the next level is called.
    public var timeout: Duration

    public init(targets: [EscalationTarget], timeout: Duration) {
        self.targets = targets
        self.timeout = timeout
    }
}

/// Somebody or something that stands for people; who they are is found out when the level is entered.
public enum EscalationTarget: Hashable, Sendable {
    case user(User.ID)
    case team(Team.ID)
    /// An on-call schedule by its id.
    case schedule(Int64)
}
