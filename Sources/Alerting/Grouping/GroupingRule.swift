/// When an alert event of an alert source joins an open alert although its key is new.
///
/// A matching open alert key groups in every mode.
public enum GroupingRule: Equatable, Sendable {
    /// Every new key is an alert of its own.
    case never
    /// Joins the source's open alert while that is pending.
    case untilAccepted
    /// Joins the source's open alert.
    case untilResolved
    /// Joins the source's open alert unless that was raised longer ago than this.
    case window(Duration)

    /// Whether `candidate`, the source's newest open alert, takes an event that arrives at `now`.
    public func joins(_ candidate: GroupCandidate, at now: Timestamp) -> Bool {
        switch self {
        case .never: false
        case .untilAccepted: candidate.status == .pending
        case .untilResolved: candidate.status != .resolved
        case .window(let length): candidate.status != .resolved && now - candidate.raisedAt < length
        }
    }
}

/// What a grouping rule needs to know of the source's newest open alert.
public struct GroupCandidate: Equatable, Sendable {
    public var alert: OpenAlert
    public var raisedAt: Timestamp

    public var status: AlertStatus { alert.status }

    public init(alert: OpenAlert, raisedAt: Timestamp) {
        self.alert = alert
        self.raisedAt = raisedAt
    }
}
