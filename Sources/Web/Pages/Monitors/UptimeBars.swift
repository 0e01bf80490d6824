import Alerting
import Storage

/// How much of a stretch of time a monitor passed, in bars of equal length, the oldest first.
struct UptimeBars {
    let label: String
    /// Such as `99.95 %`; `nil`: nothing was checked.
    let uptime: String?
    let bars: [Bar]
    let width: String

    struct Bar {
        let x: String
        /// `up`, `partly`, `down` or `none`.
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

/// The response times of single checks as one line, the oldest left.
struct ResponsePlot {
    let points: String
    let failures: [Mark]
    let scale: String
    /// Half of the checks were as quick, and 95 of a hundred.
    let median: String
    let slow: String
    let phases: [Phase]

    struct Mark {
        let x: String
        let title: String
    }

    struct Phase {
        let name: String
        let average: String
    }

    private static let (width, height) = (720.0, 120.0)

    /// `nil` for less than two checks.
    ///
    /// - Parameter results: the newest first.
    init?(_ results: [MonitorResult], moments: Moments) {
        let results = Array(results.reversed())
        guard results.count > 1, let first = results.first, let last = results.last, first.at < last.at else {
            return nil
        }
        let times = results.filter { $0.reason == nil }.map(\.total.wholeMilliseconds).sorted()
        let top = max(times.last ?? 1, 1)
        let span = Double((last.at - first.at).wholeMilliseconds)
        func x(_ time: Timestamp) -> String {
            Self.text(Double((time - first.at).wholeMilliseconds) / span * Self.width)
        }
        points = results.filter { $0.reason == nil }.map { result in
            let part = Double(result.total.wholeMilliseconds) / Double(top)
            return "\(x(result.at)),\(Self.text(Self.height - part * (Self.height - 6)))"
        }.joined(separator: " ")
        failures = results.compactMap { result in
            result.reason.map { Mark(x: x(result.at), title: "\(moments.moment(result.at).text): \($0)") }
        }
        scale = "\(top) ms"
        func share(_ part: Double) -> String {
            times.isEmpty ? "–" : "\(times[min(times.count - 1, Int(Double(times.count) * part))]) ms"
        }
        (median, slow) = (share(0.5), share(0.95))
        let parts: [(String, (MonitorResult) -> Duration?)] = [
            ("Name look-up", \.phases.lookUp), ("Connection", \.phases.connect),
            ("Encryption", \.phases.encryption), ("First byte", \.phases.firstByte),
        ]
        phases = parts.compactMap { name, part in
            let found = results.compactMap(part).map(\.wholeMilliseconds)
            return found.isEmpty
                ? nil : Phase(name: name, average: "\(found.reduce(0, +) / Int64(found.count)) ms on average")
        }
    }

    /// With one digit after the point.
    private static func text(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
