public import Alerting
import Synchronization

/// Wakes one loop: set by whoever commits work for it, waited for by the loop itself.
public final class Waker: Sendable {
    private struct State {
        var isSet = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    public init() {}

    /// Ends the current wait, or else the next one at once.
    public func signal() {
        let waiting = state.withLock { state in
            let waiting = state.waiting
            state.waiting = nil
            state.isSet = waiting == nil
            return waiting
        }
        waiting?.resume()
    }

    /// Returns at a signal, when the task is cancelled, or after `longest`. Only one task may wait.
    public func wait(atMost longest: Duration) async {
        let timer = Task {
            do {
                try await Task.sleep(for: max(longest, .zero))
                self.signal()
            } catch {
                // Cancelled: the wait is over already.
            }
        }
        defer { timer.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isSet = state.withLock { state in
                    guard !state.isSet, !Task.isCancelled else {
                        state.isSet = false
                        return true
                    }
                    precondition(state.waiting == nil, "only one task may wait for a waker")
                    state.waiting = continuation
                    return false
                }
                if isSet { continuation.resume() }
            }
        } onCancel: {
            signal()
        }
    }
}

/// Tells any number of listeners that something changed; each hears at least once after the last change.
public final class ChangeSignal: Sendable {
    private struct State {
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    public init() {}

    public func send() {
        let listeners = state.withLock { Array($0.listeners.values) }
        for listener in listeners { listener.yield() }
    }

    /// Ends when the listener is cancelled or `finish` is called.
    public func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    /// Ends all streams: the server stops.
    public func finish() {
        let listeners = state.withLock { Array($0.listeners.values) }
        for listener in listeners { listener.finish() }
    }
}

/// Who is to be woken after which commit.
public struct Wakeups: Sendable {
    public let escalation = Waker()
    public let maintenance = Waker()
    public let notices = Waker()
    public let notifications: [Channel: Waker]
    /// What pages show has changed.
    public let pages = ChangeSignal()

    public init(channels: Set<Channel>) {
        notifications = Dictionary(uniqueKeysWithValues: channels.map { ($0, Waker()) })
    }

    /// Timers were set or alerts changed.
    public func alertsChanged() {
        escalation.signal()
        pages.send()
    }

    /// Messages were queued.
    public func messagesQueued() {
        for waker in notifications.values { waker.signal() }
        pages.send()
    }
}
