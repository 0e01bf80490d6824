/// A span of planned work on alert sources, in which nothing of theirs is raised.
public enum MaintenanceWindow {
    public typealias ID = Identifier<MaintenanceWindow>

    /// What becomes of alert events in the window.
    public enum Mode: String, Sendable, CaseIterable {
        /// Keys that still fail when the window ends raise an alert then.
        case hold
        /// Nothing is raised at the end.
        case discard
    }

    /// When a window is in force; its end is not.
    public struct Span: Equatable, Sendable {
        public var start: Timestamp
        public var end: Timestamp
        public var mode: Mode

        public init(start: Timestamp, end: Timestamp, mode: Mode) {
            self.start = start
            self.end = end
            self.mode = mode
        }

        public func isInForce(at now: Timestamp) -> Bool { start <= now && now < end }
    }

    /// What windows make of an event that arrives at `now`: alert events are held or discarded, all others pass. Of
    /// several windows one that holds is enough.
    ///
    /// - Parameters:
    ///   - spans: the windows of the event's source.
    ///   - lastResolve: the tool's own time of the last resolve of its key; an older event is for the intake to refuse.
    /// - Returns: `nil`: the event passes.
    public static func decide(
        _ event: AlertEvent, spans: [Span], lastResolve: Timestamp?, at now: Timestamp
    ) -> IntakeReason? {
        guard event.kind == .alert else { return nil }
        let inForce = spans.filter { $0.isInForce(at: now) }
        guard !inForce.isEmpty else { return nil }
        if let happened = event.occurredAt, let lastResolve, happened < lastResolve { return nil }
        return inForce.contains { $0.mode == .hold } ? .heldInMaintenance : .discardedInMaintenance
    }
}
