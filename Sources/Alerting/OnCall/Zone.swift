import Foundation

/// A time zone: turns instants into wall-clock time and back, daylight saving included.
public struct Zone: Equatable, Sendable {
    /// An IANA name, such as `Europe/Berlin`.
    public let name: String
    private let zone: TimeZone

    /// `nil` for a name that the system does not know.
    public init?(_ name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.name = name
        self.zone = zone
    }

    public static let utc = Zone(name: "UTC", zone: .gmt)

    private init(name: String, zone: TimeZone) {
        self.name = name
        self.zone = zone
    }

    /// Ahead of UTC, in milliseconds.
    public func offset(at time: Timestamp) -> Int64 {
        // Whole seconds, rounded down: a fraction would move the last instant before a change.
        let seconds = (time.milliseconds - (time.milliseconds % 1000 + 1000) % 1000) / 1000
        return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))) * 1000
    }

    public func wallTime(at time: Timestamp) -> WallTime {
        WallTime(milliseconds: time.milliseconds + offset(at: time))
    }

    /// The instant at which the wall shows `wall`: of two the first, and of none the first instant after the gap.
    public func first(_ wall: WallTime) -> Timestamp {
        occurrences(of: wall).first
    }

    /// Like `first`, but of two the last.
    public func last(_ wall: WallTime) -> Timestamp {
        occurrences(of: wall).last
    }

    /// Whether the clocks of the zone are changed within a day before or after `time`.
    func isNearChange(_ time: Timestamp) -> Bool {
        offset(at: time - .hours(Self.reach)) != offset(at: time + .hours(Self.reach))
    }

    /// Hours in which offset and change of any zone find room.
    private static let reach = 26

    private func occurrences(of wall: WallTime) -> (first: Timestamp, last: Timestamp) {
        let asUTC = Timestamp(milliseconds: wall.milliseconds)
        let before = offset(at: asUTC - .hours(Self.reach))
        let after = offset(at: asUTC + .hours(Self.reach))
        let early = Timestamp(milliseconds: wall.milliseconds - max(before, after))
        guard before != after else { return (early, early) }
        let late = Timestamp(milliseconds: wall.milliseconds - min(before, after))
        let isEarly = wallTime(at: early) == wall
        let isLate = wallTime(at: late) == wall
        switch (isEarly, isLate) {
        case (true, true): return (early, late)
        case (true, false): return (early, early)
        case (false, true): return (late, late)
        case (false, false):
            let end = endOfGap(between: early, and: late, over: wall)
            return (end, end)
        }
    }

    /// The first instant at which the wall shows a later time than `wall`, which it never shows.
    private func endOfGap(between early: Timestamp, and late: Timestamp, over wall: WallTime) -> Timestamp {
        var (low, high) = (early.milliseconds, late.milliseconds)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if wallTime(at: Timestamp(milliseconds: middle)) < wall { low = middle } else { high = middle }
        }
        return Timestamp(milliseconds: high)
    }
}
