public import Alerting
public import Storage

/// A look through what an alert source was sent: the event explorer's list.
public struct EventSearch: Equatable, Sendable {
    public var source: AlertSource.ID
    /// Found in summary, alert key, explanation, query or body, whatever the case; `nil`: everything is.
    public var text: String?
    public var reason: IntakeReason?
    /// When they were received; the end does not count.
    public var times: Range<Timestamp>?
    /// Only older ones; `nil`: from the newest on.
    public var before: AlertEvent.ID?

    public init(
        source: AlertSource.ID, text: String? = nil, reason: IntakeReason? = nil, times: Range<Timestamp>? = nil,
        before: AlertEvent.ID? = nil
    ) {
        self.source = source
        self.text = text
        self.reason = reason
        self.times = times
        self.before = before
    }

    /// A part of what was found.
    public struct Found: Equatable, Sendable {
        /// Newest first.
        public var events: [StoredEvent]
        /// Where to go on (`before`); `nil`: there is no more.
        public var next: AlertEvent.ID?
        /// How far back was looked, when that was not far enough to say that there is no more.
        public var searchedTo: Timestamp?
    }

    /// Bodies may be long: few are held at a time.
    private static let batch = 100

    /// Looks at up to `Limits.searchedEvents` events, in short transactions.
    ///
    /// - Parameter limit: the most that are returned.
    public func found(limit: Int, in store: Store) async throws -> Found {
        guard let text, !text.isEmpty else {
            let events = try await read(from: before, limit + 1, store)
            let shown = Array(events.prefix(limit))
            return Found(events: shown, next: events.count > limit ? shown.last?.id : nil)
        }
        let search = TextSearch(text, ignoresCase: true)
        var found = Found(events: [])
        var (position, looked) = (before, 0)
        while true {
            let events = try await read(from: position, Self.batch, store)
            for event in events where Self.contains(search, event) {
                found.events.append(event)
                guard found.events.count == limit else { continue }
                found.next = event.id
                return found
            }
            guard events.count == Self.batch, let last = events.last else { return found }
            (position, looked) = (last.id, looked + events.count)
            guard looked < Limits.searchedEvents else {
                (found.next, found.searchedTo) = (last.id, last.receivedAt)
                return found
            }
        }
    }

    private func read(from position: AlertEvent.ID?, _ limit: Int, _ store: Store) async throws -> [StoredEvent] {
        let (source, reason, times) = (source, reason, times)
        return try await store.read { transaction in
            try EventLog.list(
                source: source, before: position, reason: reason, times: times, limit: limit, in: transaction)
        }
    }

    private static func contains(_ search: TextSearch, _ event: StoredEvent) -> Bool {
        search.isContained(in: event.summary) || event.key.map(search.isContained) ?? false
            || event.explanation.map(search.isContained) ?? false || search.isContained(in: event.query)
            || search.isContained(in: event.body)
    }
}
