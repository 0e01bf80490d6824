/// When a layer has somebody on duty, if not always: by time of the week, or by time of the day.
public struct DutyHours: Hashable, Sendable {
    /// The name on the wire; each is written in two ways by clients in the field, and answered as it was sent.
    public enum Kind: String, CaseIterable, Sendable {
        case timesOfWeek = "TIMES_OF_WEEK"
        case timeOfWeek = "TIME_OF_WEEK"
        case timeOfDay = "TIME_OF_DAY"
        case timesOfDay = "TIMES_OF_DAY"

        /// Whether it is the same every day; the days of the week do not count then.
        public var isDaily: Bool { self == .timeOfDay || self == .timesOfDay }
    }

    /// From one time to another, over midnight or the end of the week where it has to; a whole day or week when both
    /// are the same.
    public struct Span: Hashable, Sendable {
        public var from: Edge
        public var to: Edge

        public init(from: Edge, to: Edge) {
            self.from = from
            self.to = to
        }
    }

    public struct Edge: Hashable, Sendable {
        /// `nil` where every day is the same.
        public var day: Weekday?
        /// Since midnight, 0 to 1440.
        public var minute: Int

        public init(day: Weekday? = nil, minute: Int) {
            self.day = day
            self.minute = minute
        }
    }

    public var kind: Kind
    public var spans: [Span]

    public init(kind: Kind, spans: [Span]) {
        self.kind = kind
        self.spans = spans
    }

    static let week = 7 * 1440

    /// Minutes of the week in which somebody is on duty, from Monday 00:00: sorted, apart from each other, each
    /// beginning within the week; the last may reach into the next one. `nil`: always.
    var minutes: [Range<Int>]? {
        guard !spans.isEmpty else { return nil }
        var pieces: [Range<Int>] = []
        for span in spans { pieces += Self.pieces(of: span, isDaily: kind.isDaily) }
        return Self.merged(pieces)
    }

    private static func pieces(of span: Span, isDaily: Bool) -> [Range<Int>] {
        if isDaily {
            let length = span.to.minute - span.from.minute
            return (0..<7).map { day in
                let start = day * 1440 + span.from.minute
                return start..<start + (length > 0 ? length : length + 1440)
            }
        }
        let start = (span.from.day?.index ?? 0) * 1440 + span.from.minute
        let length = (span.to.day?.index ?? 0) * 1440 + span.to.minute - start
        return [start..<start + (length > 0 ? length : length + week)]
    }

    private static func merged(_ pieces: [Range<Int>]) -> [Range<Int>]? {
        // Laid on one week first, so that what reaches over its end meets what begins there.
        var flat: [Range<Int>] = []
        for piece in pieces {
            guard piece.count < week else { return nil }
            let start = piece.lowerBound % week
            let end = start + piece.count
            flat.append(start..<min(end, week))
            if end > week { flat.append(0..<end - week) }
        }
        var result: [Range<Int>] = []
        for piece in flat.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, piece.lowerBound <= last.upperBound {
                result[result.count - 1] = last.lowerBound..<max(last.upperBound, piece.upperBound)
            } else {
                result.append(piece)
            }
        }
        if result == [0..<week] { return nil }
        if let first = result.first, let last = result.last, first.lowerBound == 0, last.upperBound == week {
            result.removeFirst()
            result[result.count - 1] = last.lowerBound..<week + first.upperBound
        }
        return result
    }
}
