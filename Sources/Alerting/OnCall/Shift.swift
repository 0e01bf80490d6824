/// From one instant up to another, which does not belong to it.
public struct TimeSpan: Hashable, Sendable {
    public var start: Timestamp
    public var end: Timestamp

    public init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = end
    }

    public var isEmpty: Bool { start >= end }
    public var length: Duration { end - start }

    public func contains(_ time: Timestamp) -> Bool {
        start <= time && time < end
    }

    public func overlaps(_ other: TimeSpan) -> Bool {
        start < other.end && other.start < end
    }

    public func clamped(to other: TimeSpan) -> TimeSpan {
        TimeSpan(start: max(start, other.start), end: min(end, other.end))
    }
}

/// Somebody on call without a break.
public struct Shift: Hashable, Sendable {
    /// Why they are.
    public enum Origin: Hashable, Sendable {
        /// 0-based.
        case layer(Int)
        case entered
        case override(ScheduleOverride.ID)
    }

    public var user: User.ID
    public var span: TimeSpan
    public var origin: Origin
    /// The whole turn that this is a part of, before overrides, later layers and duty hours cut it.
    public var turn: TimeSpan

    public init(user: User.ID, span: TimeSpan, origin: Origin, turn: TimeSpan) {
        self.user = user
        self.span = span
        self.origin = origin
        self.turn = turn
    }

    public var start: Timestamp { span.start }
    public var end: Timestamp { span.end }

    func cut(from start: Timestamp, to end: Timestamp) -> Shift {
        var shift = self
        shift.span = TimeSpan(start: start, end: end)
        return shift
    }

    func continues(_ earlier: Shift) -> Bool {
        earlier.end == start && earlier.user == user && earlier.origin == origin && earlier.turn == turn
    }
}

/// Lists of shifts that are sorted and do not overlap.
enum ShiftList {
    /// `top`, and what it leaves of `below`.
    static func laying(_ top: [Shift], over below: [Shift]) -> [Shift] {
        if top.isEmpty { return below }
        if below.isEmpty { return top }
        var result: [Shift] = []
        result.reserveCapacity(top.count + below.count)
        var next = 0
        for shift in below {
            while next < top.count, top[next].end <= shift.start {
                result.append(top[next])
                next += 1
            }
            var cursor = shift.start
            while next < top.count, top[next].start < shift.end {
                if cursor < top[next].start { result.append(shift.cut(from: cursor, to: top[next].start)) }
                cursor = max(cursor, top[next].end)
                guard top[next].end <= shift.end else { break }
                result.append(top[next])
                next += 1
            }
            if cursor < shift.end { result.append(shift.cut(from: cursor, to: shift.end)) }
        }
        result += top[next...]
        return result
    }

    static func clamped(_ shifts: [Shift], to span: TimeSpan) -> [Shift] {
        shifts.compactMap { shift in
            guard shift.span.overlaps(span) else { return nil }
            let inside = shift.span.clamped(to: span)
            return inside == shift.span ? shift : shift.cut(from: inside.start, to: inside.end)
        }
    }

    /// Joins parts of one turn that follow each other without a break.
    static func joined(_ shifts: [Shift]) -> [Shift] {
        var result: [Shift] = []
        result.reserveCapacity(shifts.count)
        for shift in shifts {
            if let last = result.last, shift.continues(last) {
                result[result.count - 1].span.end = shift.end
            } else {
                result.append(shift)
            }
        }
        return result
    }

    /// What of `span` no shift covers.
    static func gaps(in shifts: [Shift], of span: TimeSpan) -> [TimeSpan] {
        var gaps: [TimeSpan] = []
        var cursor = span.start
        for shift in shifts where shift.end > cursor {
            if shift.start >= span.end { break }
            if shift.start > cursor { gaps.append(TimeSpan(start: cursor, end: shift.start)) }
            cursor = shift.end
        }
        if cursor < span.end { gaps.append(TimeSpan(start: cursor, end: span.end)) }
        return gaps
    }
}
