/// One layer, ready to be asked.
struct LayerTurns: Sendable {
    private let zone: ZoneTable
    private let index: Int
    private let layer: ScheduleLayer
    private let start: Timestamp
    private let end: Timestamp?
    private let minutes: [Range<Int>]?

    /// What a change of a zone's offset moves at most; seconds.
    private static let slack: Int64 = 90_000
    private static let week: Int64 = 604_800
    /// Monday, 1969-12-29T00:00.
    private static let monday: Int64 = -3 * 86_400

    init(_ layer: ScheduleLayer, index: Int, zone: ZoneTable) {
        self.layer = layer
        self.index = index
        self.zone = zone
        start = zone.start(of: layer.startsOn.seconds)
        end = layer.endsOn.map { zone.end(of: $0.seconds) }
        minutes = layer.hours?.minutes
    }

    func onCall(at time: Timestamp) -> User.ID? {
        guard time >= start, end.map({ time < $0 }) ?? true, !layer.users.isEmpty, isOnDuty(at: time) else {
            return nil
        }
        return user(of: turn(at: time))
    }

    /// Every shift that has a part in `span`, whole.
    func shifts(in span: TimeSpan) -> [Shift] {
        guard !layer.users.isEmpty, span.end > start, end.map({ span.start < $0 }) ?? true, !span.isEmpty else {
            return []
        }
        var shifts: [Shift] = []
        var number = turn(at: max(span.start, start))
        var begin = handOver(number)
        while begin < span.end {
            guard let next = nextTurn(after: number) else {
                if let end, begin < end { shifts.append(shift(number, begin, end)) }
                break
            }
            let finish = handOver(next)
            if begin < finish, finish > span.start { shifts.append(shift(number, begin, finish)) }
            (number, begin) = (next, finish)
        }
        return minutes.map { onDuty(shifts, $0, span) } ?? shifts
    }

    // MARK: - Turns

    private func user(of turn: Int64) -> User.ID {
        let count = Int64(layer.users.count)
        let place = (turn + Int64(layer.phase)) % count
        return layer.users[Int(place < 0 ? place + count : place)]
    }

    /// The number of the turn at an instant in the layer's time.
    func turn(at time: Timestamp) -> Int64 {
        let guess = layer.rotation.index(at: zone.local(at: time), from: layer.startsOn.seconds)
        var turn = max(guess, 0)
        while let next = nextTurn(after: turn), handOver(next) <= time { turn = next }
        while turn > 0, handOver(turn) > time { turn -= 1 }
        // Near the end the guess may be a turn that does not take place any more.
        while turn > 0, let endsOn = layer.endsOn, local(turn) >= endsOn.seconds { turn -= 1 }
        return turn
    }

    private func local(_ turn: Int64) -> Int64 {
        layer.rotation.handOver(turn, from: layer.startsOn.seconds)
    }

    private func handOver(_ turn: Int64) -> Timestamp {
        zone.start(of: local(turn))
    }

    /// `nil`: the layer ends before.
    private func nextTurn(after turn: Int64) -> Int64? {
        guard let endsOn = layer.endsOn else { return turn + 1 }
        return local(turn + 1) < endsOn.seconds ? turn + 1 : nil
    }

    private func shift(_ turn: Int64, _ begin: Timestamp, _ finish: Timestamp) -> Shift {
        let span = TimeSpan(start: begin, end: finish)
        return Shift(user: user(of: turn), span: span, origin: .layer(index), turn: span)
    }

    // MARK: - Duty hours

    private func isOnDuty(at time: Timestamp) -> Bool {
        guard let minutes else { return true }
        let local = zone.local(at: time)
        let thisWeek = LocalTime.floor(local - Self.monday, Self.week)
        for week in thisWeek - 1...thisWeek + 1 {
            let base = Self.monday + week * Self.week
            for span in minutes {
                let (from, to) = (base + Int64(span.lowerBound) * 60, base + Int64(span.upperBound) * 60)
                guard from - Self.slack <= local, local < to + Self.slack else { continue }
                if zone.start(of: from) <= time, time < zone.end(of: to) { return true }
            }
        }
        return false
    }

    /// What of `shifts` is within the duty hours.
    private func onDuty(_ shifts: [Shift], _ minutes: [Range<Int>], _ span: TimeSpan) -> [Shift] {
        guard let first = shifts.first, let last = shifts.last else { return [] }
        let duties = dutySpans(minutes, from: first.start, to: last.end)
        var result: [Shift] = []
        var next = 0
        for shift in shifts {
            while next < duties.count, duties[next].end <= shift.start { next += 1 }
            var index = next
            while index < duties.count, duties[index].start < shift.end {
                let part = duties[index].clamped(to: shift.span)
                if part.overlaps(span) { result.append(shift.cut(from: part.start, to: part.end)) }
                index += 1
            }
        }
        return result
    }

    private func dutySpans(_ minutes: [Range<Int>], from: Timestamp, to: Timestamp) -> [TimeSpan] {
        let firstWeek = LocalTime.floor(zone.local(at: from) - Self.slack - Self.monday, Self.week) - 1
        let lastWeek = LocalTime.floor(zone.local(at: to) + Self.slack - Self.monday, Self.week)
        var spans: [TimeSpan] = []
        for week in firstWeek...lastWeek {
            let base = Self.monday + week * Self.week
            for span in minutes {
                let start = zone.start(of: base + Int64(span.lowerBound) * 60)
                let end = zone.end(of: base + Int64(span.upperBound) * 60)
                guard start < end, end > from, start < to else { continue }
                // A repeated hour may make two spans meet.
                if let last = spans.last, start <= last.end {
                    spans[spans.count - 1].end = max(last.end, end)
                } else {
                    spans.append(TimeSpan(start: start, end: end))
                }
            }
        }
        return spans
    }
}
