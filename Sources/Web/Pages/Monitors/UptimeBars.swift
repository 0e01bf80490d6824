import Alerting
import Storage

/// How much of a stretch of time a monitor passed, or a service was up, in bars of equal length, the oldest first.
struct UptimeBars {
    let label: String
    /// Such as `99.95 %`; `nil`: nothing was checked.
    let uptime: String?
    /// What the bars say in words, for who cannot see them.
    let words: String
    let bars: [Bar]
    let width: String

    struct Bar {
        let x: String
        /// `up`, `work` (of services), `partly`, `down` or `none`.
        let style: String
        /// For a person.
        let title: String
    }

    private static let hour: Int64 = 3_600_000

    /// - Parameters:
    ///   - sums: of hours, oldest first.
    ///   - hours: how many are one bar.
    init(_ label: String, _ sums: [MonitorSum], count: Int, hours: Int64, moments: Moments) {
        let length = Self.hour * hours
        let end = (moments.now.milliseconds / length + 1) * length
        let start = end - length * Int64(count)
        var checks = [Int](repeating: 0, count: count)
        var failures = checks
        for sum in sums where sum.start.milliseconds >= start && sum.start.milliseconds < end {
            let place = Int((sum.start.milliseconds - start) / length)
            checks[place] += sum.checks
            failures[place] += sum.failures
        }
        self.label = label
        let (all, bad) = (checks.reduce(0, +), failures.reduce(0, +))
        uptime = all > 0 ? Self.percent(all - bad, of: all) : nil
        words = uptime.map { "\($0) passed" } ?? "no checks yet"
        width = "\(count * 8)"
        bars = (0..<count).map { place in
            let time = moments.moment(Timestamp(milliseconds: start + length * Int64(place))).text
            let words =
                checks[place] == 0
                ? "no checks" : "\(Self.percent(checks[place] - failures[place], of: checks[place])) passed"
            return Bar(
                x: "\(place * 8)", style: Self.style(checks[place], failures[place]), title: "\(time): \(words)")
        }
    }

    private static func style(_ checks: Int, _ failures: Int) -> String {
        if checks == 0 { return "none" }
        if failures == 0 { return "up" }
        return failures * 2 >= checks ? "down" : "partly"
    }

    /// Rounded down, so that only what never failed has 100 %.
    static func percent(_ part: Int, of whole: Int) -> String {
        let hundredths = part * 10_000 / max(whole, 1)
        let (full, rest) = (hundredths / 100, hundredths % 100)
        return rest == 0 ? "\(full) %" : "\(full).\(rest < 10 ? "0" : "")\(rest) %"
    }
}

extension UptimeBars {
    /// A day, a week and a quarter.
    ///
    /// - Parameters:
    ///   - hours: of eight days at least, oldest first.
    ///   - days: of 91 days at least, oldest first; today's hours count instead of its day.
    static func ranges(hours: [MonitorSum], days: [MonitorSum], moments: Moments) -> [UptimeBars] {
        let day = hour * 24
        let midnight = Timestamp(milliseconds: moments.now.milliseconds / day * day)
        let quarter = days.filter { $0.start < midnight } + hours.filter { $0.start >= midnight }
        return [
            UptimeBars("24 hours", hours, count: 24, hours: 1, moments: moments),
            UptimeBars("7 days", hours, count: 28, hours: 6, moments: moments),
            UptimeBars("90 days", quarter, count: 90, hours: 24, moments: moments),
        ]
    }
}
