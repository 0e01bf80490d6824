import Foundation

/// What a zone's wall clocks show from 1970 to 2100: every change of the offset, found once, so that a look-up costs
/// nanoseconds.
public final class ZoneTable: Sendable {
    /// An IANA name such as `Europe/Berlin`.
    public let name: String
    /// When each stretch of one offset begins; seconds since 1970, the first is `Int64.min`.
    private let starts: [Int64]
    /// What is added to universal time in each stretch; seconds.
    private let offsets: [Int64]
    /// The wall-clock time at which each stretch begins, and the one that it no longer reaches.
    private let firstLocals: [Int64]
    private let endLocals: [Int64]

    /// Two changes are never nearer to each other than this.
    private static let step: Int64 = 4 * 86_400
    private static let end: Int64 = 4_133_980_800

    /// - Parameter name: an IANA name; `nil` when the system does not know it.
    public convenience init?(_ name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        var changes: [(at: Int64, offset: Int64)] = []
        let first = Self.offset(of: zone, at: 0)
        var (time, offset) = (Int64(0), first)
        while time < Self.end {
            let next = time + Self.step
            let later = Self.offset(of: zone, at: next)
            if later != offset {
                changes.append((Self.change(of: zone, from: offset, after: time, upTo: next), later))
                offset = later
            }
            time = next
        }
        self.init(name, first: first, changes: changes)
    }

    /// - Parameters:
    ///   - first: the offset before the first change, in seconds.
    ///   - changes: in order; seconds since 1970 and the offset from then on.
    public init(_ name: String, first: Int64, changes: [(at: Int64, offset: Int64)]) {
        let starts = [Int64.min] + changes.map(\.at)
        let offsets = [first] + changes.map(\.offset)
        self.name = name
        self.starts = starts
        self.offsets = offsets
        firstLocals = [Int64.min] + changes.map { $0.at + $0.offset }
        endLocals = zip(starts.dropFirst(), offsets).map { $0 + $1 } + [Int64.max]
    }

    /// Seconds to be added to universal time.
    public func offset(at time: Timestamp) -> Int64 {
        offsets[Self.last(in: starts, notAfter: LocalTime.floor(time.milliseconds, 1000))]
    }

    /// What wall clocks show, in seconds since 1970-01-01T00:00 there.
    public func local(at time: Timestamp) -> Int64 {
        LocalTime.floor(time.milliseconds, 1000) + offset(at: time)
    }

    /// The time of day that people there read off, as text.
    public func localTime(at time: Timestamp) -> LocalTime {
        LocalTime(seconds: local(at: time))
    }

    /// When something begins that is to begin at `local`: the first instant at which wall clocks show it, or the first
    /// after a change that leaves it out.
    public func start(of local: Int64) -> Timestamp {
        // The first stretch that goes beyond it.
        var (low, high) = (0, endLocals.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if endLocals[middle] > local { high = middle } else { low = middle + 1 }
        }
        return Timestamp(
            milliseconds: max(starts[low] == .min ? .min / 1000 : starts[low], local - offsets[low]) * 1000)
    }

    /// When something ends that is to end at `local`: the last instant at which wall clocks show it, or the first after
    /// a change that leaves it out.
    public func end(of local: Int64) -> Timestamp {
        let index = Self.last(in: firstLocals, notAfter: local)
        let next = index + 1 < starts.count ? starts[index + 1] : .max
        return Timestamp(milliseconds: min(next, local - offsets[index]) * 1000)
    }

    /// The wall-clock time at which the month before the present one began.
    public func startOfLastMonth(at time: Timestamp) -> Int64 {
        startOfMonth(at: time, adding: -1)
    }

    /// The wall-clock time at which the month begins that is so many after the one at `time`.
    public func startOfMonth(at time: Timestamp, adding months: Int64) -> Int64 {
        let date = Timestamp.civil(fromDays: LocalTime.floor(local(at: time), 86_400))
        return Rotation.adding(months, to: Timestamp.days(fromYear: date.year, month: date.month, day: 1) * 86_400)
    }

    /// The wall-clock time so many months after an instant; the last day of a month that is too short.
    public func monthsLater(_ count: Int64, than time: Timestamp) -> Int64 {
        Rotation.adding(count, to: local(at: time))
    }

    /// Every change between two instants, with the offset that it leads to.
    public func changes(from: Timestamp, to: Timestamp) -> [(at: Timestamp, before: Int64, after: Int64)] {
        starts.indices.dropFirst().compactMap { index in
            let at = Timestamp(milliseconds: starts[index] * 1000)
            return at >= from && at < to ? (at, offsets[index - 1], offsets[index]) : nil
        }
    }

    /// The index of the last of ascending `values` that is not above `value`.
    private static func last(in values: [Int64], notAfter value: Int64) -> Int {
        var (low, high) = (0, values.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if values[middle] <= value { low = middle } else { high = middle - 1 }
        }
        return low
    }

    private static func offset(of zone: TimeZone, at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }

    /// The second of the change somewhere in a step.
    private static func change(of zone: TimeZone, from offset: Int64, after: Int64, upTo: Int64) -> Int64 {
        var (low, high) = (after, upTo)
        while high - low > 1 {
            let middle = (low + high) / 2
            if Self.offset(of: zone, at: middle) == offset { low = middle } else { high = middle }
        }
        return high
    }
}

extension ZoneTable: Equatable {
    public static func == (left: ZoneTable, right: ZoneTable) -> Bool {
        left.name == right.name
    }
}
