/// A time in which a service was not operational.
public struct ServiceOutage: Equatable, Sendable {
    public var status: ServiceStatus
    public var from: Timestamp
    /// `nil`: it goes on.
    public var until: Timestamp?

    public init(_ status: ServiceStatus, from: Timestamp, until: Timestamp?) {
        self.status = status
        self.from = from
        self.until = until
    }

    /// How much of `range` it covers.
    func length(in range: Range<Timestamp>) -> Duration {
        let start = max(from, range.lowerBound)
        let end = min(until ?? range.upperBound, range.upperBound)
        return end > start ? end - start : .zero
    }
}

/// How much of a time a service was up.
public enum ServiceUptime {
    /// One day of UTC, or what has passed of it.
    public struct Day: Equatable, Sendable {
        public var start: Timestamp
        /// `nil`: the service was not there yet.
        public var worst: ServiceStatus?
        /// How long it was down.
        public var down: Duration
    }

    private static let day = Duration.days(1).wholeMilliseconds

    /// In hundredths of a percent, rounded down, so that only what was never down has 10,000; so has an empty range.
    ///
    /// - Parameter outages: of one service, none at the same time as another.
    public static func hundredths(of outages: [ServiceOutage], in range: Range<Timestamp>) -> Int {
        let whole = (range.upperBound - range.lowerBound).wholeMilliseconds
        guard whole > 0 else { return 10_000 }
        return Int((whole - down(outages, in: range).wholeMilliseconds) * 10_000 / whole)
    }

    /// How long it was down in a range.
    public static func down(_ outages: [ServiceOutage], in range: Range<Timestamp>) -> Duration {
        outages.filter(\.status.isDown).reduce(.zero) { $0 + $1.length(in: range) }
    }

    /// The last `count` days, the oldest first and today last.
    ///
    /// - Parameter birth: since when the service is known.
    public static func days(
        of outages: [ServiceOutage], count: Int, until now: Timestamp, birth: Timestamp
    ) -> [Day] {
        let today = now.milliseconds / day
        return (0..<count).map { index in
            let start = Timestamp(milliseconds: (today - Int64(count - 1 - index)) * day)
            let end = min(start + .days(1), now)
            guard end > birth || index == count - 1 else { return Day(start: start, worst: nil, down: .zero) }
            let range = max(start, min(birth, end))..<end
            let inside = outages.filter { $0.length(in: range) > .zero }
            return Day(
                start: start, worst: inside.map(\.status).max() ?? .operational, down: down(inside, in: range))
        }
    }
}
