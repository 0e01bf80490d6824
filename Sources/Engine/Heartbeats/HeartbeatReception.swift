public import Alerting
import Dispatch
public import Logging
import Metrics
import Storage
import Synchronization

/// Takes the signals of jobs in: many of them in one transaction, and each is answered after its commit.
public final class HeartbeatReception: Sendable {
    public enum Answer: Equatable, Sendable {
        case taken
        /// More than `perMinute` for this key.
        case tooMany
        /// The key is an alert source's that takes events, not signals.
        case notAMonitor
        case unknown
    }

    /// Signals that a key may send in a minute.
    public static let perMinute = 5
    /// Characters of what is sent along that are kept.
    public static let keptBody = 10_000

    struct Ping: Sendable {
        var monitor: HeartbeatMonitor.ID
        var signal: Heartbeat.Signal
        var body: String
        var at: Timestamp
    }

    private struct Waiting: Sendable {
        var ping: Ping
        var answer: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isRunning = false
        /// By key prefix; forgotten when a monitor is changed.
        var known: [String: (key: String, monitor: HeartbeatMonitor.ID)] = [:]
        var generation = 0
        var minutes: [HeartbeatMonitor.ID: (start: Timestamp, count: Int)] = [:]
    }

    private let store: Store
    private let wakeups: Wakeups
    private let directory: AlertSourceDirectory
    private let logger: Logger
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "nightbell.heartbeats")
    private static let batch = 200
    private static let capacity = 50_000
    private static let pings = Counter(label: "nightbell_heartbeat_pings_total")

    public init(store: Store, wakeups: Wakeups, directory: AlertSourceDirectory, logger: Logger) {
        self.store = store
        self.wakeups = wakeups
        self.directory = directory
        self.logger = logger
    }

    /// - Throws: `Failure.unavailable` when nothing was stored and the sender should come back.
    public func receive(_ signal: Heartbeat.Signal, key: String, body: String) async throws -> Answer {
        guard (AlertSourceRecord.keyPrefixLength...Limits.alertKey).contains(key.utf8.count) else { return .unknown }
        guard let monitor = try await monitor(forKey: key) else {
            return try await directory.entry(forKey: key) == nil ? .unknown : .notAMonitor
        }
        let now = store.clock.now
        guard isWithinLimit(monitor, at: now) else { return .tooMany }
        let ping = Ping(monitor: monitor, signal: signal, body: Limits.cut(body, to: Self.keptBody), at: now)
        try await submit(ping)
        Self.pings.increment()
        return .taken
    }

    /// To be called after every commit that changes a monitor.
    public func forgetAll() {
        state.withLock { state in
            state.known.removeAll()
            state.generation += 1
        }
    }

    private func monitor(forKey key: String) async throws -> HeartbeatMonitor.ID? {
        let prefix = String(key.prefix(HeartbeatMonitorRecord.keyPrefixLength))
        let (cached, generation) = state.withLock { ($0.known[prefix], $0.generation) }
        if let cached { return Tokens.areEqual(cached.key, key) ? cached.monitor : nil }
        let found = try await store.read { try HeartbeatMonitors.find(keyPrefix: prefix, in: $0) }
        guard let found, Tokens.areEqual(found.integrationKey, key) else { return nil }
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.known.count >= Self.capacity { state.known.removeAll() }
            state.known[prefix] = (key, found.id)
        }
        return found.id
    }

    private func isWithinLimit(_ monitor: HeartbeatMonitor.ID, at now: Timestamp) -> Bool {
        state.withLock { state in
            if state.minutes.count >= Self.capacity { state.minutes.removeAll() }
            var minute = state.minutes[monitor] ?? (now, 0)
            if now - minute.start >= .minutes(1) || now < minute.start { minute = (now, 0) }
            minute.count += 1
            state.minutes[monitor] = minute
            return minute.count <= Self.perMinute
        }
    }

    private func submit(_ ping: Ping) async throws {
        do {
            try await withCheckedThrowingContinuation { continuation in
                let (isFull, mustStart) = state.withLock { state in
                    guard state.waiting.count < Limits.ingestQueue else { return (true, false) }
                    state.waiting.append(Waiting(ping: ping, answer: continuation))
                    defer { state.isRunning = true }
                    return (false, !state.isRunning)
                }
                if isFull {
                    continuation.resume(
                        throwing: Failure(.unavailable, "Too many requests are waiting; come back soon."))
                }
                if mustStart { queue.async { self.drain() } }
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            logger.error("heartbeat not stored", metadata: ["reason": "\(error)"])
            throw Failure(.unavailable, "The signal could not be stored; come back soon.", cause: "\(error)")
        }
    }

    private func drain() {
        while let batch = nextBatch() {
            let result = Result { try write(batch.map(\.ping)) }
            for waiting in batch { waiting.answer.resume(with: result.map { _ in () }) }
            if case .success(true) = result { wakeups.alertsChanged() }
            wakeups.heartbeats.signal()
            wakeups.pages.send()
        }
    }

    private func nextBatch() -> [Waiting]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isRunning = false
                return nil
            }
            let batch = Array(state.waiting.prefix(Self.batch))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    /// - Returns: whether alerts changed.
    private func write(_ pings: [Ping]) throws -> Bool {
        // An alert takes its own id, one for its event and some for its lines.
        try store.ids.reserveBlocking(pings.count * 8 + 64)
        let (ids, clock) = (store.ids, store.clock)
        return try store.database.writeBlocking { transaction in
            let change = Change(transaction: transaction, ids: ids, now: clock.now)
            var isChanged = false
            for ping in pings { isChanged = try change.take(ping) || isChanged }
            return isChanged
        }
    }
}
