import Alerting
import Storage

/// Where something stands in a drawing.
struct Spot {
    let x: String
    let title: String
}

/// Numbers of a drawing.
enum Drawing {
    /// With one digit after the point.
    static func text(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}

/// The response times of a day: bars of the parts of a request, lines of percentiles, and where checks failed.
struct ResponsePlot {
    let bars: [Bar]
    let failures: [Spot]
    /// Points of the line of 95 of a hundred.
    let slowLine: String
    let scale: String
    let half: String
    let median: String
    let slow: String
    let slowest: String
    let phases: [Phase]

    struct Bar {
        let x: String
        let y: String
        let width: String
        let height: String
        /// `look-up`, `connect`, `encryption`, `first-byte` or `rest`.
        let style: String
        let title: String
    }

    struct Phase {
        let name: String
        let style: String
        let average: String
    }

    private static let (width, height) = (720.0, 140.0)
    private static let columns = 96

    private struct Column {
        var times: [Duration] = []
        /// Sums of the parts.
        var parts = [Duration](repeating: .zero, count: names.count)
    }

    private static let names: [(String, String)] = [
        ("Name look-up", "look-up"), ("Connection", "connect"), ("Encryption", "encryption"),
        ("First byte", "first-byte"), ("Rest", "rest"),
    ]

    /// `nil` for less than two checks, and when none passed.
    ///
    /// - Parameter results: of the last day, the newest first.
    init?(_ results: [MonitorResult], moments: Moments) {
        let results = Array(results.reversed())
        guard results.count > 1, let first = results.first, let last = results.last, first.at < last.at else {
            return nil
        }
        guard results.contains(where: { $0.reason == nil }) else { return nil }
        let span = last.at - first.at + .milliseconds(1)
        func column(_ time: Timestamp) -> Int {
            Int((time - first.at).wholeMilliseconds * Int64(Self.columns) / span.wholeMilliseconds)
        }
        var columns = [Column](repeating: Column(), count: Self.columns)
        for result in results where result.reason == nil {
            columns[column(result.at)].times.append(result.total)
            for (part, time) in Self.parts(result).enumerated() { columns[column(result.at)].parts[part] += time }
        }
        for index in columns.indices { columns[index].times.sort() }
        let slows = columns.map { Percentiles(ascending: $0.times)?.p95 }
        let top = max(slows.compactMap(\.self).max() ?? .zero, .milliseconds(1))
        bars = columns.indices.flatMap { place -> [Bar] in
            let time = first.at + .milliseconds(span.wholeMilliseconds * Int64(place) / Int64(Self.columns))
            return Self.bars(columns[place], at: place, top: top, time: moments.moment(time).text)
        }
        slowLine = slows.enumerated().compactMap { place, time in
            time.map { "\(Drawing.text(Self.x(place) + 3.5)),\(Drawing.text(Self.height - Self.share($0, top)))" }
        }.joined(separator: " ")
        failures = results.compactMap { result in
            result.reason.map {
                Spot(
                    x: Drawing.text(Self.x(column(result.at)) + 3.5), title: "\(moments.moment(result.at).text): \($0)")
            }
        }
        let times = columns.flatMap(\.times).sorted()
        let all = Percentiles(ascending: times)
        func words(_ time: Duration?) -> String { time.map { "\($0.wholeMilliseconds) ms" } ?? "–" }
        (median, slow, slowest) = (words(all?.p50), words(all?.p95), words(times.last))
        (scale, half) = (words(top), words(top / 2))
        phases = Self.names.enumerated().compactMap { part, name in
            let sum = columns.reduce(Duration.zero) { $0 + $1.parts[part] }
            guard !times.isEmpty, sum > .zero else { return nil }
            return Phase(
                name: name.0, style: name.1,
                average: "\((sum / times.count).wholeMilliseconds) ms on average")
        }
    }

    private static func parts(_ result: MonitorResult) -> [Duration] {
        let known = [
            result.phases.lookUp, result.phases.connect, result.phases.encryption, result.phases.firstByte,
        ].map { $0 ?? .zero }
        return known + [max(result.total - known.reduce(.zero, +), .zero)]
    }

    private static func x(_ place: Int) -> Double { Double(place) * width / Double(columns) }

    private static func share(_ time: Duration, _ top: Duration) -> Double { time / top * (height - 8) }

    private static func bars(_ column: Column, at place: Int, top: Duration, time: String) -> [Bar] {
        guard !column.times.isEmpty else { return [] }
        var floor = height
        return column.parts.enumerated().compactMap { part, sum in
            let average = sum / column.times.count
            let height = min(share(average, top), floor)
            guard height >= 0.1 else { return nil }
            floor -= height
            return Bar(
                x: Drawing.text(x(place)), y: Drawing.text(floor), width: "6.5", height: Drawing.text(height),
                style: names[part].1, title: "\(time): \(names[part].0) \(average.wholeMilliseconds) ms")
        }
    }
}

/// Percentiles of each hour of a week as three lines.
struct PercentilePlot {
    let lines: [Line]
    let scale: String

    struct Line {
        let name: String
        let style: String
        let points: String
    }

    private static let (width, height) = (720.0, 140.0)

    /// `nil` for less than two hours.
    ///
    /// - Parameter hours: oldest first.
    init?(_ hours: [MonitorSum]) {
        let known = hours.compactMap { hour in hour.percentiles.map { (hour.start, $0) } }
        guard let first = known.first?.0, let last = known.last?.0, first < last else { return nil }
        let top = max(known.map(\.1.p99).max() ?? .zero, .milliseconds(1))
        let span = Double((last - first).wholeMilliseconds)
        func points(_ part: (Percentiles) -> Duration) -> String {
            known.map { time, percentiles in
                let x = Double((time - first).wholeMilliseconds) / span * Self.width
                let y = Self.height - part(percentiles) / top * (Self.height - 8)
                return "\(Drawing.text(x)),\(Drawing.text(y))"
            }.joined(separator: " ")
        }
        lines = [
            Line(name: "99 of 100", style: "p99", points: points(\.p99)),
            Line(name: "95 of 100", style: "p95", points: points(\.p95)),
            Line(name: "Median", style: "p50", points: points(\.p50)),
        ]
        scale = "\(top.wholeMilliseconds) ms"
    }
}
