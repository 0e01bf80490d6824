public import Alerting
public import Integrations
public import Storage

/// An alert source's rules, tried on requests that it got before. Nothing is written, nobody is paged.
public struct RulesTrial: Sendable {
    /// What one event of a request would have been.
    public struct Outcome: Equatable, Sendable {
        /// As the integration read it.
        public var native: AlertEvent
        public var shaped: ShapedEvent
        public var priority: Priority
        public var receivedAt: Timestamp
    }

    private let entry: SourceEntry
    private var counters = ConditionCounters()

    /// - Parameter record: the source as it is or as it would be.
    public init(_ record: AlertSourceRecord, periods: SourcePeriods = .none) {
        // Hours that are not understood are as good as none.
        let inline = record.fields["supportHours"].flatMap { try? SupportHours(inline: $0) }
        entry = SourceEntry(record, policy: EscalationPolicy(levels: []), supportHours: inline, periods: periods)
    }

    /// What the request's events would have been; empty when it has none or could not be read.
    public mutating func outcomes(of request: WebhookRequest, receivedAt: Timestamp) -> [Outcome] {
        let read = IngestRequest(request, source: entry, receivedAt: receivedAt)
        guard read.fault == nil else { return [] }
        return read.events.map { event in
            let shaped = entry.eventRules.shape(
                event, in: entry.environment(at: receivedAt), counters: &counters)
            let (priority, step) = entry.rules.priority(
                of: shaped.event, isMapped: shaped.isPriorityMapped, isSupported: entry.isSupported(at: receivedAt))
            var outcome = Outcome(native: event, shaped: shaped, priority: priority, receivedAt: receivedAt)
            outcome.shaped.trace.priority = step
            outcome.shaped.trace.priorityResult = priority
            return outcome
        }
    }

    /// Which alerts the requests would have become.
    ///
    /// - Parameter requests: oldest first, with their times.
    public mutating func replay(_ requests: [(WebhookRequest, Timestamp)]) -> GroupingReplay {
        var replay = GroupingReplay(rules: entry.rules)
        for (request, receivedAt) in requests {
            for outcome in outcomes(of: request, receivedAt: receivedAt) {
                replay.take(outcome.shaped, at: receivedAt)
            }
        }
        return replay
    }
}
