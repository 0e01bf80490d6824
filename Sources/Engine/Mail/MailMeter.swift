import Alerting
import Storage
import Synchronization

/// Counts each alert source's mails, minute by minute, in this node's memory: a mail bomb waits at its sender's.
final class MailMeter: Sendable {
    private struct Minute {
        var start: Timestamp
        var count: Int
    }

    private let minutes = Mutex<[AlertSource.ID: Minute]>([:])
    private static let capacity = 10_000

    /// Whether one more is below the limit.
    func hasRoom(_ source: AlertSource.ID, at now: Timestamp) -> Bool {
        minutes.withLock { Self.minute($0[source], at: now).count < Limits.mailsPerMinute }
    }

    /// Counts one that is below the limit.
    ///
    /// - Returns: whether it was.
    func count(_ source: AlertSource.ID, at now: Timestamp) -> Bool {
        minutes.withLock { minutes in
            if minutes.count >= Self.capacity, minutes[source] == nil { minutes.removeAll() }
            var minute = Self.minute(minutes[source], at: now)
            guard minute.count < Limits.mailsPerMinute else { return false }
            minute.count += 1
            minutes[source] = minute
            return true
        }
    }

    private static func minute(_ minute: Minute?, at now: Timestamp) -> Minute {
        guard let minute, now >= minute.start, now - minute.start < .minutes(1) else {
            return Minute(start: now, count: 0)
        }
        return minute
    }
}
