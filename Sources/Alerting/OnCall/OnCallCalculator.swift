/// Who is on call: one answer for pages, the API, calendar feeds and paging.
///
/// Wall-clock time in the schedule's zone is the unit. What begins at a time that wall clocks show twice begins at its
/// first occurrence, what ends there at its last; a hand-over at a time that they leave out happens at the first
/// instant after it. Where one shift ends and the next begins, the beginning counts.
public struct OnCallCalculator: Sendable {
    private struct Stretch: Sendable {
        var start: Timestamp
        var end: Timestamp
        var layers: [LayerTurns]
        /// Of a static schedule, sorted and apart.
        var entered: [Shift]
    }

    private let stretches: [Stretch]
    /// Newest first.
    private let overrides: [ScheduleOverride]

    private static let always = TimeSpan(start: .init(milliseconds: .min / 4), end: .init(milliseconds: .max / 4))

    public init(_ schedule: OnCallSchedule) {
        var stretches: [Stretch] = []
        for (index, revision) in schedule.revisions.enumerated() {
            let next = index + 1 < schedule.revisions.count ? schedule.revisions[index + 1].effectiveFrom : nil
            let start = revision.effectiveFrom ?? Self.always.start
            let end = next ?? Self.always.end
            guard start < end else { continue }
            switch revision.duties {
            case .recurring(let layers):
                let turns = layers.enumerated().map { LayerTurns($1, index: $0, zone: revision.zone) }
                stretches.append(Stretch(start: start, end: end, layers: turns, entered: []))
            case .entered(let shifts):
                stretches.append(
                    Stretch(start: start, end: end, layers: [], entered: Self.shifts(shifts, revision.zone)))
            }
        }
        self.stretches = stretches
        overrides = schedule.overrides.filter { !$0.span.isEmpty }.reversed()
    }

    /// The one person who is on call; `nil`: nobody.
    public func onCall(at time: Timestamp) -> User.ID? {
        for override in overrides where override.span.contains(time) { return override.user }
        guard let stretch = stretches.last(where: { $0.start <= time && time < $0.end }) else { return nil }
        for layer in stretch.layers.reversed() {
            if let user = layer.onCall(at: time) { return user }
        }
        // The last that has begun decides.
        guard let entered = stretch.entered.last(where: { $0.start <= time }) else { return nil }
        return time < entered.end ? entered.user : nil
    }

    /// The shift of whoever is on call; `nil`: nobody is.
    public func shift(at time: Timestamp) -> Shift? {
        let moment = TimeSpan(start: time, end: Timestamp(milliseconds: time.milliseconds + 1))
        return shifts(in: moment).first
    }

    /// The first shift that begins after `time`, and before `end`.
    public func nextShift(after time: Timestamp, before end: Timestamp) -> Shift? {
        // Most hand-overs are near; a year is looked through only where they are not.
        for days in [8, 64, 400] {
            let last = min(time + .days(days), end)
            if let next = shifts(in: TimeSpan(start: time, end: last)).first(where: { $0.start > time }) { return next }
            if last == end { break }
        }
        return nil
    }

    /// Every shift that has a part in `span`, whole, in order, without overlaps.
    ///
    /// - Parameter overridden: whether overrides count.
    public func shifts(in span: TimeSpan, overridden: Bool = true) -> [Shift] {
        let inside = cut(span, overridden)
        guard let first = inside.first, let last = inside.last else { return [] }
        let whole = TimeSpan(
            start: first.start == span.start ? min(span.start, first.turn.start) : span.start,
            end: last.end == span.end ? max(span.end, last.turn.end) : span.end)
        if whole == span { return inside }
        return cut(whole, overridden).filter { $0.span.overlaps(span) }
    }

    /// The shifts of one layer alone, cut to `span`.
    ///
    /// - Parameter index: 0-based; of a static schedule 0 are the entered shifts.
    public func shifts(ofLayer index: Int, in span: TimeSpan) -> [Shift] {
        let parts = stretches.flatMap { stretch -> [Shift] in
            let within = span.clamped(to: TimeSpan(start: stretch.start, end: stretch.end))
            guard !within.isEmpty else { return [] }
            let shifts =
                stretch.layers.indices.contains(index)
                ? stretch.layers[index].shifts(in: within) : index == 0 ? stretch.entered : []
            return ShiftList.clamped(shifts, to: within)
        }
        return ShiftList.joined(parts)
    }

    /// Overrides alone, cut to `span`, where no newer one wins.
    public func overrideShifts(in span: TimeSpan) -> [Shift] {
        ShiftList.clamped(Self.laid(overrides), to: span)
    }

    /// When nobody is on call.
    public func gaps(in span: TimeSpan) -> [TimeSpan] {
        ShiftList.gaps(in: cut(span, true), of: span)
    }

    private func cut(_ span: TimeSpan, _ overridden: Bool) -> [Shift] {
        guard !span.isEmpty else { return [] }
        var below: [Shift] = []
        for stretch in stretches {
            let within = span.clamped(to: TimeSpan(start: stretch.start, end: stretch.end))
            guard !within.isEmpty else { continue }
            var shifts = ShiftList.clamped(stretch.entered, to: within)
            for layer in stretch.layers {
                shifts = ShiftList.laying(ShiftList.clamped(layer.shifts(in: within), to: within), over: shifts)
            }
            below += shifts
        }
        guard overridden else { return ShiftList.joined(below) }
        let above = ShiftList.clamped(Self.laid(overrides.filter { $0.span.overlaps(span) }), to: span)
        return ShiftList.joined(ShiftList.laying(above, over: below))
    }

    /// - Parameter overrides: newest first.
    private static func laid(_ overrides: [ScheduleOverride]) -> [Shift] {
        overrides.reduce(into: [Shift]()) { above, override in
            let shift = Shift(
                user: override.user, span: override.span, origin: .override(override.id), turn: override.span)
            above = ShiftList.laying(above, over: [shift])
        }
    }

    /// Entered shifts as they take place: where two meet in a repeated hour, the later one begins.
    private static func shifts(_ entered: [EnteredShift], _ zone: ZoneTable) -> [Shift] {
        let sorted = entered.sorted { ($0.start.seconds, $0.end.seconds) < ($1.start.seconds, $1.end.seconds) }
        return sorted.enumerated().compactMap { index, shift in
            var span = TimeSpan(start: zone.start(of: shift.start.seconds), end: zone.end(of: shift.end.seconds))
            if index + 1 < sorted.count { span.end = min(span.end, zone.start(of: sorted[index + 1].start.seconds)) }
            return span.isEmpty ? nil : Shift(user: shift.user, span: span, origin: .entered, turn: span)
        }
    }
}
