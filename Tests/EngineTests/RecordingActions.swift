import Alerting
import Engine
import Synchronization

/// Keeps what it was asked for, and answers as told.
final class RecordingActions: ActionSender {
    private struct State {
        var taken: [ActionOrder] = []
        var answers: [ActionAnswer] = []
        var hangs = false
        var hanging: [CheckedContinuation<Void, Never>] = []
        var observers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    /// Where this is in an action's URL, it hangs until `release`.
    static let hangingURL = "https://hang.example"

    var orders: [ActionOrder] { state.withLock { $0.taken } }
    var triggers: [AlertTrigger] { orders.map(\.snapshot.trigger) }
    /// Of services that answer.
    var answered: [ActionOrder] { orders.filter { !Self.hangs($0) } }
    var hung: [ActionOrder] { orders.filter(Self.hangs) }

    /// The answers of the next orders; afterwards all go well.
    func answer(_ next: ActionAnswer...) { state.withLock { $0.answers = next } }

    func perform(_ order: ActionOrder) async -> ActionAnswer {
        let observers = state.withLock { state in
            state.taken.append(order)
            defer { state.observers.removeAll { $0.count <= state.taken.count } }
            return state.observers.filter { $0.count <= state.taken.count }
        }
        for observer in observers { observer.continuation.resume() }
        if Self.hangs(order) {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.hangs { state.hanging.append(continuation) }
                    return !state.hangs
                }
                if isOver { continuation.resume() }
            }
            return ActionAnswer(.unknown(reason: "no answer"))
        }
        return state.withLock { state in
            state.answers.isEmpty
                ? ActionAnswer(.delivered(receipt: nil), status: 200) : state.answers.removeFirst()
        }
    }

    /// From now on what goes to `hangingURL` gets no answer.
    func hang() { state.withLock { $0.hangs = true } }

    /// Ends all that hangs, and hangs no more.
    func release() {
        let hanging = state.withLock { state in
            state.hangs = false
            defer { state.hanging = [] }
            return state.hanging
        }
        for continuation in hanging { continuation.resume() }
    }

    /// Returns when `count` orders, counted from the first of all, have been asked for.
    func waitForOrders(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.taken.count < count else { return true }
                state.observers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private static func hangs(_ order: ActionOrder) -> Bool {
        order.params["webhookUrl"]?.string?.hasPrefix(hangingURL) == true
    }
}
