/// What one node tells the others after a commit, so that they need not wait for their next look.
public enum SignalTopic: String, CaseIterable, Sendable {
    /// Timers or messages are due.
    case work
    /// What pages show has changed.
    case pages
    /// An administrator has changed something that nodes keep in memory.
    case configuration
}

/// The way between nodes that share a database. Nothing relies on it: a signal that is lost is made up for by each
/// node's own look at the database.
public protocol NodeSignals: Sendable {
    /// Tells all other nodes; returns at once. Several in a short time become one.
    func send(_ topic: SignalTopic)
    /// What other nodes tell, and everything once at first and when the way was interrupted. Ends with `close`.
    func heard() -> AsyncStream<SignalTopic>
    func close()
}
