/// A job that says by itself that it is alive, and what is decided when it does, or does not.
public struct Heartbeat: Equatable, Sendable {
    public enum State: String, Sendable, CaseIterable {
        /// Never heard of.
        case unknown
        case healthy
        case overdue
    }

    /// What a request to a monitor's address says.
    public enum Signal: Equatable, Sendable {
        /// All is well: the run is over, or the job still lives.
        case success
        /// A run has begun.
        case start
        /// The job says itself that it failed.
        case failure
        /// A program's exit status, 0 to 255.
        case exit(Int)
        /// Words for the record, which say nothing about the state.
        case log

        /// The last part of the address: none, `start`, `fail`, `log` or an exit status; `nil` for anything else.
        public init?(_ text: String) {
            switch text {
            case "": self = .success
            case "start": self = .start
            case "fail": self = .failure
            case "log": self = .log
            default:
                guard text.utf8.count <= 3, text.utf8.allSatisfy({ (48...57).contains($0) }), let status = Int(text),
                    status <= 255
                else { return nil }
                self = .exit(status)
            }
        }

        /// Without the exit status.
        public var name: String {
            switch self {
            case .success: "success"
            case .start: "start"
            case .failure: "failure"
            case .exit: "exit"
            case .log: "log"
            }
        }

        var isFailure: Bool {
            switch self {
            case .failure: true
            case .exit(let status): status != 0
            case .success, .start, .log: false
            }
        }
    }

    /// What follows for the monitor's alert.
    public enum Action: Equatable, Sendable {
        case raise, resolve
    }

    public var state: State
    public var interval: Duration
    public var lastPing: Timestamp?
    /// When the run that goes on has begun.
    public var startedAt: Timestamp?
    /// When it is overdue; `nil`: not before the next ping.
    public var deadline: Timestamp?

    public init(
        state: State = .unknown, interval: Duration, lastPing: Timestamp? = nil, startedAt: Timestamp? = nil,
        deadline: Timestamp? = nil
    ) {
        self.state = state
        self.interval = interval
        self.lastPing = lastPing
        self.startedAt = startedAt
        self.deadline = deadline
    }

    /// Takes a signal; the first of any kind but a log starts the watch.
    ///
    /// - Returns: what follows, and how long the run took that it ends.
    public mutating func take(_ signal: Signal, at now: Timestamp) -> (action: Action?, run: Duration?) {
        guard signal != .log else { return (nil, nil) }
        lastPing = now
        if signal == .start {
            startedAt = now
            if state == .unknown {
                state = .healthy
                deadline = now + interval
            }
            return (nil, nil)
        }
        let run = startedAt.map { max(now - $0, .zero) }
        startedAt = nil
        guard !signal.isFailure else {
            let action: Action? = state == .overdue ? nil : .raise
            state = .overdue
            deadline = nil
            return (action, run)
        }
        let action: Action? = state == .overdue ? .resolve : nil
        state = .healthy
        deadline = now + interval
        return (action, run)
    }

    /// The time is over, if it is.
    public mutating func expire(at now: Timestamp) -> Action? {
        guard let due = deadline, due <= now, state != .overdue else { return nil }
        state = .overdue
        deadline = nil
        return .raise
    }
}

/// A heartbeat monitor's name.
public enum HeartbeatMonitor {
    public typealias ID = Identifier<HeartbeatMonitor>
}
