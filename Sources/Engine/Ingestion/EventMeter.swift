import Alerting
import Storage
import Synchronization

/// Above how many alert events a minute a source's further ones are folded together.
enum EventLimit {
    static let field = "eventLimitPerMinute"
    static let usual = 300
    static let range = 1...1_000_000

    static func of(_ source: AlertSourceRecord) -> Int {
        source.fields[field]?.integer.map(Int.init) ?? usual
    }
}

/// Counts each alert source's alert events, minute by minute, in this node's memory.
///
/// A minute begins with the first event after the last one. A storm begins with the event above the limit and ends with
/// a whole minute at or below it.
final class EventMeter: Sendable {
    private struct Minute {
        var start: Timestamp
        var count: Int
        var isStorm: Bool
    }

    private let minutes = Mutex<[AlertSource.ID: Minute]>([:])
    private static let length = Duration.minutes(1)
    private static let capacity = 10_000

    /// Counts `events` of a source that arrive at `now`.
    ///
    /// - Returns: how many of them, from the first on, are below the limit; 0 while a storm goes on.
    func count(_ events: Int, of source: AlertSource.ID, limit: Int, at now: Timestamp) -> Int {
        guard events > 0 else { return 0 }
        return minutes.withLock { minutes in
            if minutes.count >= Self.capacity, minutes[source] == nil { minutes.removeAll() }
            var minute = minutes[source] ?? Minute(start: now, count: 0, isStorm: false)
            let passed = now - minute.start
            if passed >= Self.length || passed < .zero {
                // A whole minute without any event ends a storm, too.
                let goesOn = minute.count > limit && passed >= .zero && passed < Self.length * 2
                minute = Minute(start: now, count: 0, isStorm: goesOn)
            }
            let allowed = minute.isStorm ? 0 : min(events, max(0, limit - minute.count))
            minute.count += events
            if minute.count > limit { minute.isStorm = true }
            minutes[source] = minute
            return allowed
        }
    }
}
