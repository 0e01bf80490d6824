import Foundation

/// Where instants lie on a trace: by the logarithm of what has passed, so that milliseconds and hours both show.
struct TraceScale {
    /// Milliseconds from the first instant to the last.
    let total: Int64
    let start: Double
    let width: Double

    private static let unit = 10.0

    init(total: Int64, start: Double, width: Double) {
        self.total = max(total, 1000)
        self.start = start
        self.width = width
    }

    /// - Parameter passed: milliseconds since the first instant.
    func x(_ passed: Int64) -> Double {
        let part = log10(1 + Double(max(0, passed)) / Self.unit) / log10(1 + Double(total) / Self.unit)
        return start + min(part, 1) * width
    }

    /// Round figures that are far enough from each other.
    var ticks: [(x: Double, label: String)] {
        let figures: [(Int64, String)] = [
            (10, "10 ms"), (100, "0.1 s"), (1000, "1 s"), (10_000, "10 s"), (60_000, "1 min"), (600_000, "10 min"),
            (3_600_000, "1 h"), (36_000_000, "10 h"), (172_800_000, "2 d"), (1_728_000_000, "20 d"),
        ]
        return figures.filter { $0.0 <= total }.map { (x($0.0), $0.1) }
    }

    /// With a decimal, as SVG wants it.
    static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }

    /// `420 ms`, `1.4 s`, `5 min 2 s`, `3 h 10 min`.
    static func words(_ milliseconds: Int64) -> String {
        switch milliseconds {
        case ..<1000: return "\(max(0, milliseconds)) ms"
        case ..<10_000: return number(Double(milliseconds) / 1000) + " s"
        case ..<60_000: return "\(milliseconds / 1000) s"
        case ..<3_600_000:
            let seconds = milliseconds / 1000 % 60
            return "\(milliseconds / 60_000) min" + (seconds > 0 ? " \(seconds) s" : "")
        case ..<172_800_000:
            let minutes = milliseconds / 60_000 % 60
            return "\(milliseconds / 3_600_000) h" + (minutes > 0 ? " \(minutes) min" : "")
        default: return "\(milliseconds / 86_400_000) d"
        }
    }
}
