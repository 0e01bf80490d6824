public import Alerting
public import Engine
import Synchronization

/// A channel that sends nothing: it keeps what it is given and answers as it is told to.
public final class SimulatedSender: Sender {
    /// How one attempt goes.
    public enum Answer: Equatable, Sendable {
        case outcome(DeliveryOutcome)
        /// Nothing comes back until `release` says how it went.
        case hang
        /// The node dies before the message left it.
        case crashBefore
        /// The message left, and the node dies before it can write that down.
        case crashAfter

        public static let delivered = Self.outcome(.delivered(receipt: nil))

        /// Whether the other side takes the message.
        public var isDelivery: Bool { self == .delivered || self == .crashAfter }
    }

    /// One attempt that left the node.
    public struct Attempt: Equatable, Sendable {
        public var at: Timestamp
        public var message: OutgoingMessage
        public var answer: Answer
    }

    private struct State {
        var attempts: [Attempt] = []
        /// By address; the empty one stands for all others. The first of a list is used up, the last stays.
        var scripts: [String: [Answer]] = [:]
        var hanging: [CheckedContinuation<DeliveryOutcome, Never>] = []
        var observers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var crash: @Sendable () -> Void = {}
        var onHang: @Sendable () -> Void = {}
        var inspect: @Sendable (OutgoingMessage, Answer) async -> Void = { _, _ in }
    }

    public let channel: Channel
    private let clock: SimulatedClock
    private let state = Mutex(State())

    public init(_ channel: Channel, clock: SimulatedClock) {
        self.channel = channel
        self.clock = clock
    }

    /// Everything that left the node, in order.
    public var attempts: [Attempt] { state.withLock { $0.attempts } }

    /// What the other side took, in order.
    public var delivered: [OutgoingMessage] { attempts.filter(\.answer.isDelivery).map(\.message) }

    /// Addresses of what the other side took, in order.
    public var addresses: [String] { delivered.map(\.address) }

    /// Says how the next attempts go, one after the other; the last answer stays for all later ones.
    ///
    /// - Parameter address: `nil`: every address without a script of its own.
    public func answer(_ answers: Answer..., for address: String? = nil) {
        answer(answers, for: address)
    }

    /// The same, for a list.
    public func answer(_ answers: [Answer], for address: String? = nil) {
        precondition(!answers.isEmpty, "a script without an answer")
        state.withLock { $0.scripts[address ?? ""] = answers }
    }

    /// Forgets all scripts: everything is delivered.
    public func recover() {
        state.withLock { $0.scripts = [:] }
    }

    /// What happens when a script says that the node dies.
    public func onCrash(_ crash: @escaping @Sendable () -> Void) {
        state.withLock { $0.crash = crash }
    }

    /// What happens when an attempt begins to hang.
    public func onHang(_ stir: @escaping @Sendable () -> Void) {
        state.withLock { $0.onHang = stir }
    }

    /// Looks at every message just before it leaves, and at how that will go.
    public func onSend(_ inspect: @escaping @Sendable (OutgoingMessage, Answer) async -> Void) {
        state.withLock { $0.inspect = inspect }
    }

    public func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        let answer = nextAnswer(for: message.address)
        if answer == .crashBefore {
            state.withLock { $0.crash }()
            return .unknown(reason: "crashed")
        }
        await state.withLock { $0.inspect }(message, answer)
        let at = clock.now
        let observers = state.withLock { state in
            state.attempts.append(Attempt(at: at, message: message, answer: answer))
            defer { state.observers.removeAll { $0.count <= state.attempts.count } }
            return state.observers.filter { $0.count <= state.attempts.count }
        }
        switch answer {
        case .outcome(let outcome):
            for observer in observers { observer.continuation.resume() }
            return outcome
        case .hang:
            return await withCheckedContinuation { continuation in
                let stir = state.withLock { state in
                    state.hanging.append(continuation)
                    return state.onHang
                }
                for observer in observers { observer.continuation.resume() }
                stir()
            }
        case .crashBefore, .crashAfter:
            for observer in observers { observer.continuation.resume() }
            state.withLock { $0.crash }()
            return .delivered(receipt: nil)
        }
    }

    /// Ends the attempt that hangs for the longest.
    public func releaseFirst(_ outcome: DeliveryOutcome = .delivered(receipt: nil)) {
        let first = state.withLock { state in state.hanging.isEmpty ? nil : state.hanging.removeFirst() }
        first?.resume(returning: outcome)
    }

    /// Ends all attempts that hang.
    public func release(_ outcome: DeliveryOutcome = .delivered(receipt: nil)) {
        let hanging = state.withLock { state in
            defer { state.hanging = [] }
            return state.hanging
        }
        for continuation in hanging { continuation.resume(returning: outcome) }
    }

    /// Returns when `count` attempts, counted from the first of all, have left the node.
    public func waitForAttempts(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.attempts.count < count else { return true }
                state.observers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func nextAnswer(for address: String) -> Answer {
        state.withLock { state in
            for name in [address, ""] {
                guard var script = state.scripts[name], let first = script.first else { continue }
                if script.count > 1 {
                    script.removeFirst()
                    state.scripts[name] = script
                }
                return first
            }
            return .delivered
        }
    }
}
