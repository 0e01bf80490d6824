import Dispatch
import Storage
import Synchronization

/// Several sessions that share their work: whichever is free takes what waits longest, on a thread of its own.
final class Lanes: Sendable {
    typealias Job = @Sendable (Session) -> Void

    private struct State {
        var waiting: [Job] = []
        var idle: [Int]
    }

    private let sessions: [Session]
    private let queues: [DispatchQueue]
    private let state: Mutex<State>

    init(_ label: String, _ sessions: [Session]) {
        self.sessions = sessions
        queues = sessions.indices.map { DispatchQueue(label: "nightbell.postgres.\(label).\($0)") }
        state = Mutex(State(idle: Array(sessions.indices.reversed())))
    }

    func submit(_ job: @escaping Job) {
        let lane = state.withLock { state -> Int? in
            state.waiting.append(job)
            return state.idle.popLast()
        }
        guard let lane else { return }
        queues[lane].async { self.drain(lane) }
    }

    /// Does the job on the calling thread, with a session that nobody else uses meanwhile; only for lanes of one
    /// session that nobody submits to.
    func run<Result>(_ job: (Session) throws -> Result) throws -> Result {
        try queues[0].sync { try job(sessions[0]) }
    }

    /// Ends all connections once what is under way has ended.
    func close() {
        for (queue, session) in zip(queues, sessions) { queue.sync { session.close() } }
    }

    private func drain(_ lane: Int) {
        while let job = next(for: lane) { job(sessions[lane]) }
    }

    private func next(for lane: Int) -> Job? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.idle.append(lane)
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
