import Alerting
import Foundation

/// Who is on call, found out in the slowest way there is: minute by minute, with the system's own calendar and none of
/// the calculator's code. What the calculator says is held against it.
struct MinuteWalk {
    private let first: Timestamp
    /// What wall clocks show in each minute, in minutes since 1970-01-01T00:00 there.
    private let local: [Int64]
    /// The first and the last index of each wall-clock minute from `lowest` on; -1 where it is left out.
    private var firstSeen: [Int]
    private var lastSeen: [Int]
    private let lowest: Int64
    /// For each minute.
    private(set) var users: [User.ID?]

    /// - Parameters:
    ///   - span: whole minutes.
    ///   - lead: how much earlier the walk begins, so that what reaches into the span is seen whole.
    init(_ schedule: OnCallSchedule, zone name: String, span: TimeSpan, lead: Duration = .days(37)) {
        guard let zone = TimeZone(identifier: name) else { preconditionFailure("no zone \(name)") }
        let start = span.start - lead
        let count = Int((span.end + .days(3) - start).components.seconds / 60)
        first = start
        let local = (0..<count).map { minute -> Int64 in
            let seconds = start.milliseconds / 1000 + Int64(minute) * 60
            return (seconds + Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))) / 60
        }
        self.local = local
        lowest = (local.min() ?? 0)
        firstSeen = Array(repeating: -1, count: count + 3000)
        lastSeen = firstSeen
        users = Array(repeating: nil, count: count)
        for index in 0..<count {
            let minute = Int(local[index] - lowest)
            if firstSeen[minute] < 0 { firstSeen[minute] = index }
            lastSeen[minute] = index
        }
        switch schedule.revisions.last?.duties {
        case .recurring(let layers): for layer in layers { lay(layer) }
        case .entered(let shifts):
            for shift in shifts.sorted(by: { $0.start.seconds < $1.start.seconds }) {
                let (begin, end) = (begin(shift.start.seconds / 60), end(shift.end.seconds / 60))
                if begin < end { for minute in begin..<end { users[minute] = shift.user } }
            }
        case nil: break
        }
        for override in schedule.overrides {
            let from = max(0, Int((override.span.start - first).components.seconds / 60))
            let to = min(count, Int((override.span.end - first).components.seconds / 60))
            if from < to { for minute in from..<to { users[minute] = override.user } }
        }
    }

    func user(at time: Timestamp) -> User.ID? {
        users[Int((time - first).components.seconds / 60)]
    }

    /// The first minute that shows it, or the first one after it where it is left out.
    private func begin(_ minute: Int64) -> Int {
        seen(minute, in: firstSeen)
    }

    /// The last minute that shows it, or the first one after it where it is left out.
    private func end(_ minute: Int64) -> Int {
        seen(minute, in: lastSeen)
    }

    private func seen(_ minute: Int64, in table: [Int]) -> Int {
        let place = Int(minute - lowest)
        if table.indices.contains(place), table[place] >= 0 { return table[place] }
        return local.firstIndex { $0 > minute } ?? local.count
    }

    private mutating func lay(_ layer: ScheduleLayer) {
        let from = begin(layer.startsOn.seconds / 60)
        let to = layer.endsOn.map { end($0.seconds / 60) } ?? local.count
        guard from < to else { return }
        let isOnDuty = dutyMinutes(layer)
        var turn = 0
        var next = begin(handOver(1, of: layer))
        for minute in from..<to {
            while minute >= next, layer.endsOn.map({ handOver(turn + 1, of: layer) < $0.seconds / 60 }) ?? true {
                turn += 1
                next = begin(handOver(turn + 1, of: layer))
            }
            if isOnDuty[minute] { users[minute] = layer.users[(turn + layer.phase) % layer.users.count] }
        }
    }

    private func handOver(_ turn: Int, of layer: ScheduleLayer) -> Int64 {
        let steps: [String: (Calendar.Component, Int)] = [
            "PT1H": (.hour, 1), "PT6H": (.hour, 6), "PT8H": (.hour, 8), "PT12H": (.hour, 12), "P1D": (.day, 1),
            "P2D": (.day, 2), "P7D": (.day, 7), "P2W": (.day, 14), "P1M": (.month, 1), "P1DT12H": (.hour, 36),
        ]
        guard let (unit, count) = steps[layer.rotation.text] else { preconditionFailure(layer.rotation.text) }
        let start = Date(timeIntervalSince1970: Double(layer.startsOn.seconds))
        guard let date = Self.plain.date(byAdding: unit, value: count * turn, to: start) else {
            preconditionFailure("no such date")
        }
        return Int64(date.timeIntervalSince1970) / 60
    }

    private static let plain: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()

    private func dutyMinutes(_ layer: ScheduleLayer) -> [Bool] {
        guard let hours = layer.hours, !hours.spans.isEmpty, let low = local.min(), let high = local.max() else {
            return Array(repeating: true, count: local.count)
        }
        var isOnDuty = Array(repeating: false, count: local.count)
        for day in low / 1440 - 8...high / 1440 + 1 {
            // 1970-01-01 was a Thursday.
            let weekday = Int((day + 3) % 7)
            for span in hours.spans {
                if !hours.kind.isDaily, span.from.day?.index != weekday { continue }
                let start = day * 1440 + Int64(span.from.minute)
                var days = hours.kind.isDaily ? 0 : ((span.to.day?.index ?? 0) - weekday + 7) % 7
                if days == 0, span.to.minute <= span.from.minute { days = hours.kind.isDaily ? 1 : 7 }
                let end = (day + Int64(days)) * 1440 + Int64(span.to.minute)
                let (from, to) = (start < low ? 0 : self.begin(start), end < low ? 0 : self.end(end))
                if from < to { for minute in from..<to { isOnDuty[minute] = true } }
            }
        }
        return isOnDuty
    }
}
