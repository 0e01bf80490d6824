public import Alerting
public import Engine
import Synchronization

/// Checks nothing: answers as it is told to, by target.
public final class SimulatedProber: Prober {
    private struct State {
        var answers: [String: CheckAnswer] = [:]
        var checked: [String] = []
        var held: [String: Gate] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// The targets that were checked, in order.
    public var checked: [String] { state.withLock { $0.checked } }

    /// Says how all further checks of a target end; one that nothing is said of passes in 20 ms.
    public func answer(_ target: String, _ answer: CheckAnswer) {
        state.withLock { $0.answers[target] = answer }
    }

    /// Has the next check of a target wait at a gate.
    public func hold(_ target: String) -> Gate {
        let gate = Gate()
        state.withLock { $0.held[target] = gate }
        return gate
    }

    /// Where one check waits until somebody opens.
    public final class Gate: Sendable {
        private let arrived = AsyncStream.makeStream(of: Void.self)
        private let opened = AsyncStream.makeStream(of: Void.self)

        /// Returns when the check is here.
        public func reached() async {
            for await _ in arrived.stream { return }
        }

        public func open() { opened.continuation.yield() }

        fileprivate func pass() async {
            arrived.continuation.yield()
            for await _ in opened.stream { return }
        }
    }

    public func check(_ subject: MonitorSubject, within limit: Duration) async -> CheckAnswer {
        let gate = state.withLock { state in
            state.checked.append(subject.target)
            return state.held.removeValue(forKey: subject.target)
        }
        await gate?.pass()
        return state.withLock { state in
            return state.answers[subject.target] ?? CheckAnswer(total: .milliseconds(20), status: 200)
        }
    }
}

/// Calls nobody: keeps what it is given and answers as it is told to.
public final class SimulatedWebhookCaller: WebhookCaller {
    private struct State {
        var calls: [WebhookCall] = []
        var answer = WebhookAnswer.answered(status: 202, body: "{}")
    }

    private let state = Mutex(State())

    public init() {}

    public var calls: [WebhookCall] { state.withLock { $0.calls } }

    public func answer(_ answer: WebhookAnswer) {
        state.withLock { $0.answer = answer }
    }

    public func call(_ call: WebhookCall) async -> WebhookAnswer {
        state.withLock { state in
            state.calls.append(call)
            return state.answer
        }
    }
}
