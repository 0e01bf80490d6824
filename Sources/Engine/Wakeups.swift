public import Alerting
public import Storage
import Synchronization

/// Wakes one loop: set by whoever commits work for it, waited for by the loop itself.
public final class Waker: Sendable {
    private struct State {
        var isSet = false
        /// Since the end of the last wait.
        var isSignalled = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let onSignal: @Sendable () -> Void

    /// - Parameter onSignal: told of each signal of this node's own.
    public init(onSignal: @escaping @Sendable () -> Void = {}) {
        self.onSignal = onSignal
    }

    /// Ends the current wait, or else the next one at once: there is work.
    public func signal() {
        state.withLock { $0.isSignalled = true }
        wake()
        onSignal()
    }

    /// The same for what may be work, like what another node has told, or for an end: nobody else is told.
    public func wake() {
        let waiting = state.withLock { state in
            let waiting = state.waiting
            state.waiting = nil
            state.isSet = waiting == nil
            return waiting
        }
        waiting?.resume()
    }

    /// Returns at a signal, when the task is cancelled, or after `longest`. Only one task may wait.
    ///
    /// - Returns: whether there was a signal since the last wait: work is there, and need not be looked for.
    @discardableResult
    public func wait(atMost longest: Duration) async -> Bool {
        let timer = Task {
            do {
                try await Task.sleep(for: max(longest, .zero))
                self.wake()
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
            wake()
        }
        return state.withLock { state in
            defer { state.isSignalled = false }
            return state.isSignalled
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
    private let onSend: @Sendable () -> Void

    /// - Parameter onSend: told of each change on this node.
    public init(onSend: @escaping @Sendable () -> Void = {}) {
        self.onSend = onSend
    }

    public func send() {
        tell()
        onSend()
    }

    /// The same for what another node has told.
    public func tell() {
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

/// What this node keeps in memory of what other nodes may change.
public final class ChangesElsewhere: Sendable {
    private let caches = Mutex<[@Sendable () -> Void]>([])

    /// - Parameter forget: called whenever another node may have changed something.
    public func add(_ forget: @escaping @Sendable () -> Void) {
        caches.withLock { $0.append(forget) }
    }

    public func forgetAll() {
        for forget in caches.withLock({ $0 }) { forget() }
    }
}

/// Who is to be woken after which commit.
public struct Wakeups: Sendable {
    public let escalation: Waker
    public let maintenance: Waker
    public let heartbeats: Waker
    /// Events wait in event flows.
    public let flows: Waker
    public let notices: Waker
    public let monitors: Waker
    public let webhooks: Waker
    /// Alerts that hold services may have ended.
    public let services: Waker
    public let notifications: [Lane: Waker]
    /// Alert actions were queued.
    public let actions: Waker
    /// What pages show has changed.
    public let pages: ChangeSignal
    /// What is to be forgotten when another node has changed the configuration.
    public let elsewhere = ChangesElsewhere()
    private let onConfiguration: @Sendable () -> Void

    /// - Parameter tell: passes this node's signals on to the others.
    public init(lanes: [Lane], tell: @escaping @Sendable (SignalTopic) -> Void = { _ in }) {
        escalation = Waker { tell(.work) }
        maintenance = Waker { tell(.work) }
        heartbeats = Waker { tell(.work) }
        flows = Waker { tell(.work) }
        notices = Waker { tell(.work) }
        monitors = Waker { tell(.work) }
        webhooks = Waker { tell(.work) }
        services = Waker { tell(.work) }
        notifications = Dictionary(lanes.map { ($0, Waker { tell(.work) }) }) { $1 }
        actions = Waker { tell(.work) }
        pages = ChangeSignal { tell(.pages) }
        onConfiguration = { tell(.configuration) }
    }

    /// Something was changed that other nodes keep in memory.
    public func configurationChanged() {
        onConfiguration()
        pages.send()
    }

    /// Another node has committed work.
    public func wakeAll() {
        escalation.wake()
        maintenance.wake()
        heartbeats.wake()
        flows.wake()
        notices.wake()
        monitors.wake()
        webhooks.wake()
        services.wake()
        actions.wake()
        for waker in notifications.values { waker.wake() }
    }

    /// Timers were set or alerts changed.
    public func alertsChanged() {
        escalation.signal()
        actions.signal()
        services.signal()
        pages.send()
    }

    /// Services got another status: some are to be told.
    public func servicesChanged() {
        notices.signal()
        messagesQueued()
    }

    /// Messages were queued, perhaps on any channel.
    public func messagesQueued() {
        messagesQueued(Set(notifications.keys.map(\.channel)))
    }

    /// Messages were queued: for each channel's first provider, as far as is known. The others look.
    public func messagesQueued(_ channels: Set<Channel>) {
        for (lane, waker) in notifications where channels.contains(lane.channel) {
            if lane.provider == 0 { waker.signal() } else { waker.wake() }
        }
        pages.send()
    }
}
