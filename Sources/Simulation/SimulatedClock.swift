public import Alerting
public import Engine
import Synchronization

/// A clock that moves only when a test says so.
public final class SimulatedClock: Clock {
    private let time: Mutex<Timestamp>
    /// 2026-01-01T00:00:00Z
    public static let usualStart = Timestamp(milliseconds: 1_767_225_600_000)

    public init(at start: Timestamp = usualStart) {
        time = Mutex(start)
    }

    public var now: Timestamp { time.withLock { $0 } }

    public func advance(by duration: Duration) {
        time.withLock { $0 = $0 + duration }
    }

    /// Jumps, backwards too, as a wall clock does.
    public func set(to newTime: Timestamp) {
        time.withLock { $0 = newTime }
    }
}
