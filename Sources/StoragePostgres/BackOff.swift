import Glibc
import Storage
import Synchronization

/// Keeps a node from hammering at a database that is away: after a failed connection nobody tries again for a while.
final class BackOff: Sendable {
    private struct State {
        var failures = 0
        var until = ContinuousClock.now
        var reason = StorageError.unavailable(message: "The database was never reached.")
    }

    private let state = Mutex(State())
    private static let first = Duration.milliseconds(50)
    /// Short, so that paging resumes soon after the database is back.
    private static let longest = Duration.milliseconds(800)

    /// - Throws: the last failure, while it is too early to try again.
    func check() throws(StorageError) {
        let reason = state.withLock { state in state.until > .now ? state.reason : nil }
        if let reason { throw reason }
    }

    func failed(_ reason: StorageError) {
        state.withLock { state in
            state.failures += 1
            state.reason = reason
            state.until = .now + min(Self.first * (1 << min(state.failures, 5)), Self.longest)
        }
    }

    func succeeded() {
        state.withLock { $0 = State() }
    }
}

/// Waits on a thread of our own; never on the cooperative pool.
enum Pause {
    static func random(upTo longest: Duration) {
        let most = UInt32(longest / .microseconds(1))
        usleep(UInt32.random(in: 0...max(most, 1)))
    }
}
