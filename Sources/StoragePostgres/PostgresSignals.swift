import Dispatch
import Glibc
public import Storage
import Synchronization

/// Signals between nodes by `NOTIFY`, on a connection and a thread of their own.
public final class PostgresSignals: NodeSignals {
    private struct State {
        var outgoing: Set<SignalTopic> = []
        var listeners: [AsyncStream<SignalTopic>.Continuation] = []
        var isListening = false
        var isClosed = false
    }

    private let address: PostgresAddress
    private let state = Mutex(State())
    /// A pipe to ourselves: written to when there is something to send; `poll` waits for it beside the connection.
    private let alarm: (read: CInt, write: CInt)
    private static let channel = "nightbell"
    private static let patience = Duration.seconds(5)
    /// Between two looks at the connection, and between two attempts to connect.
    private static let interval = Duration.seconds(1)
    /// What is sent within this time is sent once.
    private static let bundle = Duration.milliseconds(20)

    public init(_ address: PostgresAddress) {
        self.address = address
        var ends: [CInt] = [-1, -1]
        // Without a pipe what is sent waits for the next look.
        pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        alarm = (ends[0], ends[1])
        DispatchQueue(label: "nightbell.postgres.signals").async { [weak self] in
            while let self, !self.state.withLock({ $0.isClosed }) { self.serve() }
        }
    }

    deinit {
        Glibc.close(alarm.read)
        Glibc.close(alarm.write)
    }

    public func send(_ topic: SignalTopic) {
        let isNew = state.withLock { $0.outgoing.insert(topic).inserted }
        if isNew { ring() }
    }

    public func heard() -> AsyncStream<SignalTopic> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: SignalTopic.self, bufferingPolicy: .bufferingNewest(SignalTopic.allCases.count * 4))
        let isLate = state.withLock { state in
            if state.isClosed { continuation.finish() } else { state.listeners.append(continuation) }
            return state.isListening
        }
        // Whatever was told while it was not there yet.
        if isLate { for topic in SignalTopic.allCases { continuation.yield(topic) } }
        return stream
    }

    public func close() {
        let listeners = state.withLock { state in
            state.isClosed = true
            defer { state.listeners = [] }
            return state.listeners
        }
        for listener in listeners { listener.finish() }
        ring()
    }

    private func ring() { write(alarm.write, [1], 1) }

    /// Listens and speaks until the connection breaks or everything ends.
    private func serve() {
        do {
            let connection = try Connection(address, patience: Self.patience)
            try connection.run(script: "LISTEN \(Self.channel)", patience: Self.patience)
            let listeners = state.withLock { state in
                state.isListening = true
                return state.listeners
            }
            defer { state.withLock { $0.isListening = false } }
            // Whatever was told while nobody listened.
            for topic in SignalTopic.allCases { tell(topic, to: listeners) }
            while !state.withLock({ $0.isClosed }) {
                try connection.wait(orFor: alarm.read, Deadline(Self.interval))
                let told = try connection.notifications().filter { $0.sender != connection.processID }
                for topic in Set(told.compactMap({ SignalTopic(rawValue: $0.payload) })) {
                    tell(topic, to: state.withLock { $0.listeners })
                }
                try speak(on: connection)
            }
        } catch {
            // The nodes' own looks at the database go on meanwhile; what is lost with the connection is told after it.
            var descriptor = pollfd(fd: -1, events: 0, revents: 0)
            poll(&descriptor, 1, Deadline(Self.interval).milliseconds)
        }
    }

    private func speak(on connection: Connection) throws(StorageError) {
        var rings = [UInt8](repeating: 0, count: 64)
        read(alarm.read, &rings, rings.count)
        guard state.withLock({ !$0.outgoing.isEmpty }) else { return }
        usleep(UInt32(Self.bundle / .microseconds(1)))
        let topics = state.withLock { state in
            defer { state.outgoing = [] }
            return state.outgoing
        }
        let calls = topics.map { "SELECT CAST(pg_notify('\(Self.channel)', '\($0.rawValue)') AS TEXT)" }
        try connection.run(script: calls.joined(separator: "; "), patience: Self.patience)
    }

    private func tell(_ topic: SignalTopic, to listeners: [AsyncStream<SignalTopic>.Continuation]) {
        for listener in listeners { listener.yield(topic) }
    }
}
