/// How far a message came after the provider took it, as the provider reports later.
public enum Receipt: String, Sendable, CaseIterable {
    /// On its way.
    case sent
    /// The phone has it, or somebody picked up.
    case delivered
    /// Nobody picked up; the number itself works.
    case unanswered
    case failed

    /// Whether a report changes what is known: reports come late and out of order, and only ever lead forward.
    ///
    /// - Parameter known: `nil`: nothing yet.
    public func follows(_ known: Receipt?) -> Bool {
        switch known {
        case nil: true
        case .sent: self != .sent
        case .delivered, .unanswered, .failed: false
        }
    }
}
