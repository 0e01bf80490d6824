/// Who has accepted an alert, on a level that asks everybody to.
public struct SharedAcceptance: Equatable, Sendable {
    public enum Outcome: Equatable, Sendable {
        /// Others are still to accept.
        case partly
        /// That was the last one.
        case complete
        case acceptedBefore
        /// Somebody whom the level did not page; theirs does not stand for the others'.
        case notAsked
    }

    /// Those who are still to accept, in the order they were paged in.
    public private(set) var awaited: [User.ID]
    /// In the order of their acceptances.
    public private(set) var accepted: [User.ID]

    public init(awaited: [User.ID] = [], accepted: [User.ID] = []) {
        self.awaited = awaited
        self.accepted = accepted
    }

    /// The alert enters a level. Who accepted before stays so.
    ///
    /// - Parameter people: whom it pages; empty when anybody's acceptance is enough there.
    public mutating func ask(_ people: [User.ID]) {
        awaited = people.filter { !accepted.contains($0) }
    }

    public mutating func accept(by user: User.ID) -> Outcome {
        guard !awaited.isEmpty else { return .complete }
        if accepted.contains(user) { return .acceptedBefore }
        guard let index = awaited.firstIndex(of: user) else { return .notAsked }
        awaited.remove(at: index)
        accepted.append(user)
        return awaited.isEmpty ? .complete : .partly
    }

    /// Somebody is gone for good: nobody waits for them.
    ///
    /// - Returns: whether they were the last one who was awaited, and others had accepted.
    public mutating func forget(_ user: User.ID) -> Bool {
        guard awaited.contains(user) else { return false }
        awaited.removeAll { $0 == user }
        return awaited.isEmpty && !accepted.isEmpty
    }

    public var isEmpty: Bool { awaited.isEmpty && accepted.isEmpty }
}
