/// A monitor's state, and what a check does to it.
///
/// A failure counts once it was confirmed by further checks, which follow quickly; a success counts at once.
public struct MonitorWatch: Equatable, Sendable {
    public enum State: String, Sendable, CaseIterable {
        /// No check has decided yet.
        case pending
        case passing
        case failing
    }

    public enum Change: Equatable, Sendable {
        case failed
        /// It passes again after it failed.
        case recovered
        /// It passes for the first time.
        case began
    }

    public var state: State
    /// Failed checks in a row that do not count yet.
    public var suspicions: Int
    /// When the first of the failed checks in a row was.
    public var failingSince: Timestamp?
    /// When the state became what it is.
    public var changedAt: Timestamp?

    public init(
        state: State = .pending, suspicions: Int = 0, failingSince: Timestamp? = nil, changedAt: Timestamp? = nil
    ) {
        self.state = state
        self.suspicions = suspicions
        self.failingSince = failingSince
        self.changedAt = changedAt
    }

    /// Between a failed check and the one that is to confirm it.
    public static let retestPause = Duration.seconds(5)

    /// Takes the result of a check that ended at `now`.
    ///
    /// - Parameter retests: how many further checks must fail before a failure counts.
    public mutating func take(isPassing: Bool, retests: Int, at now: Timestamp) -> Change? {
        if isPassing {
            let change: Change? =
                switch state {
                case .pending: .began
                case .failing: .recovered
                case .passing: nil
                }
            if change != nil { changedAt = now }
            (state, suspicions, failingSince) = (.passing, 0, nil)
            return change
        }
        failingSince = failingSince ?? now
        guard state != .failing else { return nil }
        guard suspicions >= retests else {
            suspicions += 1
            return nil
        }
        (state, suspicions, changedAt) = (.failing, 0, now)
        return .failed
    }

    /// When the next check is due, after one that ended at `now`.
    public func next(on grid: MonitorGrid, after now: Timestamp) -> Timestamp {
        let regular = grid.next(after: now)
        guard suspicions > 0 else { return regular }
        return min(regular, now + min(Self.retestPause, grid.interval))
    }
}
