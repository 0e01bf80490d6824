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

    /// How many levels were put in front by somebody who handed the alert on.
    public var handedLevels: Int { levels.prefix(while: \.isHandedOver).count }
}

/// One step of an escalation policy.
public struct EscalationLevel: Equatable, Sendable {
    /// Whom of its people a level pages.
    public enum Calls: String, Sendable, CaseIterable {
        case everybody
        /// One of them, each time another one.
        case oneInTurn = "one_in_turn"
    }

    public var targets: [EscalationTarget]
    /// How long the level's people have to accept before the next level is called.
    public var timeout: Duration
    public var calls: Calls
    /// Whether the alert is only accepted when everybody whom the level paged has accepted it.
    public var needsEverybody: Bool
    /// When the level is entered at all; `nil`: always.
    public var condition: LevelCondition?
    /// Whether it is no level of the policy's own: somebody handed the alert on.
    public var isHandedOver: Bool

    public init(
        targets: [EscalationTarget], timeout: Duration, calls: Calls = .everybody, needsEverybody: Bool = false,
        condition: LevelCondition? = nil, isHandedOver: Bool = false
    ) {
        self.targets = targets
        self.timeout = timeout
        self.calls = calls
        self.needsEverybody = needsEverybody
        self.condition = condition
        self.isHandedOver = isHandedOver
    }
}

/// A level that is only entered within, or only without, certain support hours.
public struct LevelCondition: Equatable, Sendable {
    public enum Side: String, Sendable, CaseIterable {
        case during, outside
    }

    /// The support hours by their id.
    public var supportHours: Int64
    public var side: Side

    public init(supportHours: Int64, side: Side) {
        self.supportHours = supportHours
        self.side = side
    }

    /// Why the level is left out; `nil` when it is entered.
    ///
    /// - Parameter isDuring: whether the support hours are on at this instant; `nil` when they were deleted, and the
    ///   level is entered then: one page too many is better than none.
    public func refusal(isDuring: Bool?) -> Escalation.SkipReason? {
        guard let isDuring else { return nil }
        return switch side {
        case .during: isDuring ? nil : .outsideSupportHours
        case .outside: isDuring ? .duringSupportHours : nil
        }
    }
}

/// Somebody or something that stands for people; who they are is found out when the level is entered.
public enum EscalationTarget: Hashable, Sendable {
    case user(User.ID)
    case team(Team.ID)
    /// An on-call schedule by its id.
    case schedule(Int64)
}
