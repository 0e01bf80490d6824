import Alerting

/// How long it takes to say who is on call: ten layers in Berlin, with people, hours and rotations of every kind, and
/// 50 overrides.
@main
enum OnCall {
    private static let year = TimeSpan(
        start: Timestamp(milliseconds: 1_767_225_600_000), end: Timestamp(milliseconds: 1_798_761_600_000))

    static func main() {
        guard let zone = ZoneTable("Europe/Berlin") else { preconditionFailure("no zone data") }
        let calculator = OnCallCalculator(schedule(zone))
        let random = (0..<4096).map { index in
            year.start + .seconds(Int((UInt64(index) &* 2_654_435_761) % 31_536_000))
        }
        // What is asked is also answered: nothing is computed for nobody.
        let answered = random.count { calculator.onCall(at: $0) != nil }
        precondition(answered > 0)
        report("onCall(at:)", goal: 20, runs: 9) {
            var sum: Int64 = 0
            for time in random { sum &+= calculator.onCall(at: time)?.rawValue ?? 0 }
            return (random.count, sum)
        }
        report("shifts of a year, final", goal: 5000, runs: 9) {
            var sum: Int64 = 0
            for _ in 0..<20 { sum &+= Int64(calculator.shifts(in: year).count) }
            return (20, sum)
        }
        report("gaps of 30 days", goal: 1000, runs: 9) {
            var sum: Int64 = 0
            for _ in 0..<200 {
                sum &+= Int64(calculator.gaps(in: TimeSpan(start: year.start, end: year.start + .days(30))).count)
            }
            return (200, sum)
        }
        print("final shifts of the year: \(calculator.shifts(in: year).count)")
    }

    private static func schedule(_ zone: ZoneTable) -> OnCallSchedule {
        let rotations = ["P7D", "P1D", "PT8H", "PT12H", "P14D", "P1M", "P2D", "PT6H", "P1D", "P7D"]
        let layers = rotations.enumerated().map { index, text -> ScheduleLayer in
            guard let rotation = Rotation(text), let start = LocalTime("2024-01-0\(index % 9 + 1)T09:00") else {
                preconditionFailure(text)
            }
            let users = (0..<5).map { User.ID(Int64(index * 5 + $0 + 1)) }
            return ScheduleLayer(
                name: text, startsOn: start, users: users, rotation: rotation,
                hours: index == 0 ? nil : hours(index))
        }
        let overrides = (0..<50).map { index in
            let start = year.start + .hours(index * 170 + 7)
            return ScheduleOverride(
                id: .init(Int64(index + 1)), user: .init(Int64(index % 50 + 1)),
                span: TimeSpan(start: start, end: start + .hours(20)))
        }
        return OnCallSchedule(
            revisions: [ScheduleRevision(zone: zone, duties: .recurring(layers))], overrides: overrides)
    }

    /// Each on some days of the week, some by the time of day.
    private static func hours(_ index: Int) -> DutyHours {
        if index % 3 == 0 {
            return DutyHours(
                kind: .timeOfDay,
                spans: [.init(from: .init(minute: 60 * index), to: .init(minute: 60 * index + 180))])
        }
        let day = Weekday.allCases[index % 7]
        return DutyHours(
            kind: .timesOfWeek,
            spans: [
                .init(from: .init(day: day, minute: 540), to: .init(day: day, minute: 1020)),
                .init(
                    from: .init(day: .saturday, minute: 60 * index), to: .init(day: .saturday, minute: 60 * index + 45)),
            ])
    }

    /// - Parameters:
    ///   - goal: microseconds.
    ///   - body: answers how often it did it, and a number that depends on all answers.
    private static func report(
        _ name: String, goal: Double, runs: Int, _ body: () -> (count: Int, sum: Int64)
    ) {
        let clock = ContinuousClock()
        _ = body()
        var times: [Double] = []
        var check: Int64 = 0
        for _ in 0..<runs {
            var count = 1
            let time = clock.measure {
                let answer = body()
                (count, check) = (answer.count, check &+ answer.sum)
            }
            let parts = time.components
            let microseconds = Double(parts.seconds) * 1_000_000 + Double(parts.attoseconds) / 1e12
            times.append(microseconds / Double(count))
        }
        times.sort()
        let median = times[times.count / 2]
        let verdict = median < goal ? "" : "  TOO SLOW"
        let worst = rounded(times.last ?? 0)
        print(
            "\(pad(name, 26)) \(pad(rounded(median), 9)) µs   worst of \(runs): \(worst)   goal: < \(Int(goal))\(verdict)"
        )
        // So that no answer is optimized away.
        precondition(check != .min)
    }

    private static func rounded(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
