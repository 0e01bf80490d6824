import Alerting
import Foundation

/// A point in time as pages show it.
struct Moment: Equatable, Sendable {
    /// For machines, in UTC.
    let iso: String
    /// In the reader's zone, such as `23 Nov 2026, 19:52:10`.
    let text: String
    /// Such as `5 min ago`.
    let age: String
}

/// Writes times for one reader.
struct Moments: Sendable {
    let zone: TimeZone
    let now: Timestamp

    /// - Parameter zoneName: an IANA name; UTC when the system does not know it.
    init(zoneName: String, now: Timestamp) {
        zone = TimeZone(identifier: zoneName) ?? .gmt
        self.now = now
    }

    var zoneName: String { zone.identifier }

    func moment(_ time: Timestamp) -> Moment {
        Moment(iso: time.iso8601, text: text(time), age: age(time))
    }

    /// The times between two that a reader typed, such as `2026-11-27T04:30`; `nil` when neither is one.
    func range(from: String, until: String) -> Range<Timestamp>? {
        let (first, last) = (time(local: from), time(local: until))
        guard first != nil || last != nil else { return nil }
        let start = first ?? Timestamp(milliseconds: 0)
        return start..<max(start, last ?? Timestamp(milliseconds: .max))
    }

    private func time(local text: String) -> Timestamp? {
        guard let wall = Timestamp(iso8601: text) else { return nil }
        let guess = Date(timeIntervalSince1970: Double(wall.milliseconds) / 1000)
        let nearer = guess - TimeInterval(zone.secondsFromGMT(for: guess))
        return wall - .seconds(zone.secondsFromGMT(for: nearer))
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private func text(_ time: Timestamp) -> String {
        let date = Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)
        let local = (time + .seconds(zone.secondsFromGMT(for: date))).iso8601
        let month = Int(local.dropFirst(5).prefix(2)).map { Self.months[$0 - 1] } ?? ""
        let day = Int(local.dropFirst(8).prefix(2)) ?? 0
        return "\(day) \(month) \(local.prefix(4)), \(local.dropFirst(11).prefix(8))"
    }

    private func age(_ time: Timestamp) -> String {
        let passed = (now - time).wholeMilliseconds / 1000
        if passed < 0 { return "in \(Self.words(seconds: -passed))" }
        return passed < 10 ? "just now" : "\(Self.words(seconds: passed)) ago"
    }

    /// The largest unit that fits, such as `45 s`, `12 min`, `3 h`, `5 d`.
    static func words(seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    /// Exact in words, such as `1 hour 30 minutes`.
    static func words(_ duration: Duration) -> String {
        let seconds = duration.wholeMilliseconds / 1000
        guard seconds > 0 else { return "0 minutes" }
        let parts = [
            (seconds / 86_400, "day"), (seconds / 3600 % 24, "hour"), (seconds / 60 % 60, "minute"),
            (seconds % 60, "second"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: " ")
    }
}
