/// The gaps of a schedule that its owner was told of, so that nobody is told of one twice.
public struct CoverageGaps: Equatable, Sendable {
    /// How far was looked ahead; what is open at that end may go on.
    public var horizon: Timestamp
    /// In order.
    public var gaps: [TimeSpan]

    public init(horizon: Timestamp, gaps: [TimeSpan]) {
        self.horizon = horizon
        self.gaps = gaps
    }

    /// Reads what `text` wrote; `nil` for anything else.
    public init?(text: String) {
        let parts = text.split(separator: " ")
        guard let first = parts.first.flatMap({ Int64($0) }) else { return nil }
        var gaps: [TimeSpan] = []
        for part in parts.dropFirst() {
            let ends = part.split(separator: "-").compactMap { Int64($0) }
            guard ends.count == 2 else { return nil }
            gaps.append(TimeSpan(start: .init(milliseconds: ends[0]), end: .init(milliseconds: ends[1])))
        }
        self.init(horizon: Timestamp(milliseconds: first), gaps: gaps)
    }

    /// Such as `1769904000000 1767571200000-1767574800000`: the horizon, then each gap.
    public var text: String {
        ([horizon.milliseconds.description] + gaps.map { "\($0.start.milliseconds)-\($0.end.milliseconds)" })
            .joined(separator: " ")
    }

    /// The gaps that are new or reach further than those that somebody was told of.
    ///
    /// A gap that was open at the end of what was looked at then is no news when it turns out to be longer; nor is one
    /// that has begun meanwhile.
    public func news(since told: CoverageGaps?) -> [TimeSpan] {
        guard let told else { return gaps }
        return gaps.filter { gap in
            !told.gaps.contains { known in
                known.start <= gap.start && known.end > gap.start && (known.end >= gap.end || known.end >= told.horizon)
            }
        }
    }
}
