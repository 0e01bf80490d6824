/// When an alert event of an alert source joins an open alert although its key is new.
///
/// A matching open alert key groups in every mode.
public enum GroupingRule: Equatable, Sendable {
    /// Every new key is an alert of its own.
    case never
    /// Joins the open alert with the same summary; case and blanks do not count.
    case summary
    /// Joins the source's open alert while that is pending.
    case untilAccepted
    /// Joins the source's open alert.
    case untilResolved
    /// Joins the source's open alert unless that was raised longer ago than this.
    case window(Duration)
    /// Joins the open alert whose summary is most alike, at least by the threshold (0 to 1), and that was raised
    /// within the window, if there is one.
    case similar(threshold: Double, within: Duration?)

    public static let usualThreshold = 0.8

    /// Whether `candidate` takes an event that arrives at `now`.
    public func joins(_ candidate: GroupCandidate, at now: Timestamp) -> Bool {
        guard candidate.status != .resolved else { return false }
        return switch self {
        case .never: false
        case .summary, .untilResolved: true
        case .untilAccepted: candidate.status == .pending
        case .window(let length): now - candidate.raisedAt < length
        case .similar(let threshold, let window):
            candidate.similarity >= threshold && (window.map { now - candidate.raisedAt < $0 } ?? true)
        }
    }

    /// Whether an event joins the source's newest open alert, whatever either of them says.
    public var joinsNewest: Bool {
        switch self {
        case .untilAccepted, .untilResolved, .window: true
        case .never, .summary, .similar: false
        }
    }

    /// What an alert of this summary is found by among the source's open ones; `nil` where texts do not count.
    public func groupText(of summary: String) -> String? {
        switch self {
        case .never, .untilAccepted, .untilResolved, .window: nil
        case .summary:
            Limits.cut(
                summary.lowercased().split { $0.isWhitespace }.joined(separator: " "), to: Limits.summary)
        case .similar: Similarity.words(of: summary).joined(separator: " ")
        }
    }

    /// The one of `candidates`, newest first, that an event with this text would join.
    public func choice(
        among candidates: [GroupCandidate], text: String?, at now: Timestamp
    ) -> GroupCandidate? {
        guard case .similar = self, let text else { return candidates.first }
        let words = Similarity.Words(joined: text)
        var best: GroupCandidate?
        for var candidate in candidates {
            candidate.similarity = candidate.text.map { Similarity.score(Similarity.Words(joined: $0), words) } ?? 0
            guard joins(candidate, at: now), candidate.similarity > best?.similarity ?? 0 else { continue }
            best = candidate
        }
        return best
    }
}

/// What a grouping rule needs to know of an open alert of the source.
public struct GroupCandidate: Equatable, Sendable {
    public var alert: OpenAlert
    public var raisedAt: Timestamp
    /// Its summary as the rule compares it; `nil` where texts do not count.
    public var text: String?
    /// How alike its summary is to the event's, 0 to 1.
    public var similarity: Double = 0

    public var status: AlertStatus { alert.status }

    public init(alert: OpenAlert, raisedAt: Timestamp, text: String? = nil) {
        self.alert = alert
        self.raisedAt = raisedAt
        self.text = text
    }
}
