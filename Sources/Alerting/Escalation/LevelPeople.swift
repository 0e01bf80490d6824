/// Who a level's targets are at one instant, and who of them a page would reach.
public struct LevelPeople: Equatable, Sendable {
    /// Why somebody on a level is not paged.
    public enum Obstacle: String, Sendable, CaseIterable {
        case muted
        /// Without a verified contact on a channel that this server can send on.
        case noContact = "no_contact"
        /// Accepted the alert already, while it waits for others.
        case acceptedBefore = "accepted_before"
        /// No longer a user; the level still names them because it was kept when the alert was raised.
        case deleted
    }

    public struct Candidate: Equatable, Sendable {
        public var user: User.ID
        /// `nil`: a page reaches them.
        public var obstacle: Obstacle?

        public init(_ user: User.ID, obstacle: Obstacle? = nil) {
            self.user = user
            self.obstacle = obstacle
        }
    }

    /// Each person once, in the order of the targets.
    public var candidates: [Candidate]
    /// Whose turn it was the last time, on a level that calls one in turn.
    public var lastTurn: Turn?
    /// Why the level is not entered at this instant, whoever is on it.
    public var refusal: Escalation.SkipReason?

    public init(_ candidates: [Candidate], lastTurn: Turn? = nil, refusal: Escalation.SkipReason? = nil) {
        self.candidates = candidates
        self.lastTurn = lastTurn
        self.refusal = refusal
    }

    /// Whether the level stands for nobody at all.
    var isEmpty: Bool { candidates.allSatisfy { $0.obstacle == .deleted } }

    /// Those whom a page reaches.
    public var reachable: [User.ID] { candidates.filter { $0.obstacle == nil }.map(\.user) }

    /// Whose turn it is now; `nil` when nobody can be reached.
    var nextTurn: Turn? { Turn.next(of: candidates, after: lastTurn) }

    /// The last of those who had accepted, when nobody else is left to be asked.
    var accepted: User.ID? {
        guard candidates.allSatisfy({ $0.obstacle != nil }) else { return nil }
        return candidates.last { $0.obstacle == .acceptedBefore }?.user
    }
}

/// Whose turn it was on a level that calls one of its people at a time.
public struct Turn: Equatable, Sendable {
    public var user: User.ID
    /// 0-based among the level's people at that time.
    public var position: Int

    public init(user: User.ID, position: Int) {
        self.user = user
        self.position = position
    }

    /// The first who can be reached, counted from the one after `last`; who has left the level meanwhile leaves the
    /// turn to whoever moved into their place.
    static func next(of candidates: [LevelPeople.Candidate], after last: Turn?) -> Turn? {
        guard !candidates.isEmpty else { return nil }
        var start = 0
        if let last {
            start = candidates.firstIndex { $0.user == last.user }.map { $0 + 1 } ?? last.position
        }
        for offset in candidates.indices {
            let position = (start + offset) % candidates.count
            guard candidates[position].obstacle == nil else { continue }
            return Turn(user: candidates[position].user, position: position)
        }
        return nil
    }
}
