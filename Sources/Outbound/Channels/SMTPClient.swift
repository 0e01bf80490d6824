public import Alerting
import Dispatch
import Synchronization

/// Hands mails to one mail server over a few connections that are kept open.
public final class SMTPClient: Sendable {
    private struct State {
        /// The last one used is used next, so that the others may fall idle.
        var idle: [SMTPConnection] = []
        var opened = 0
        var isClosed = false
        var waiting: [(id: Int, continuation: CheckedContinuation<SMTPConnection?, Never>)] = []
        var nextID = 0
    }

    /// Mails that may wait for a connection.
    static let queue = 10_000
    private let settings: SMTPSettings
    private let closing = SMTPClosing()
    private let state = Mutex(State())

    public init(_ settings: SMTPSettings) {
        self.settings = settings
    }

    /// Tries once; takes at most the settings' waiting and total limits together.
    public func send(_ message: MIMEMessage) async -> DeliveryOutcome {
        guard let connection = await connection() else {
            return .retry(after: nil, reason: "No connection to the mail server became free in time.")
        }
        let outcome = await connection.send(message)
        giveBack(connection)
        return outcome
    }

    /// Takes no more mails; those being handed over have `grace` to finish and are broken off then.
    public func close(grace: Duration = .seconds(5)) {
        closing.begin(grace: grace)
        let (idle, waiting) = state.withLock { state in
            state.isClosed = true
            defer { (state.idle, state.waiting) = ([], []) }
            return (state.idle, state.waiting)
        }
        for waiter in waiting { waiter.continuation.resume(returning: nil) }
        withExtendedLifetime(idle) {}
    }

    private func connection() async -> SMTPConnection? {
        await withCheckedContinuation { continuation in
            let now: SMTPConnection?? = state.withLock { state in
                if state.isClosed { return .some(nil) }
                if let connection = state.idle.popLast() { return connection }
                if state.opened < max(settings.connections, 1),
                    let connection = SMTPConnection(settings, closing: closing)
                {
                    state.opened += 1
                    return connection
                }
                guard state.opened > 0, state.waiting.count < Self.queue else { return .some(nil) }
                state.nextID += 1
                state.waiting.append((state.nextID, continuation))
                expire(state.nextID)
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
    }

    private func expire(_ id: Int) {
        DispatchQueue.global().asyncAfter(deadline: .now() + (settings.waitLimit / .seconds(1))) { [weak self] in
            let waiter = self?.state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    private func giveBack(_ connection: SMTPConnection) {
        let waiter = state.withLock { state -> CheckedContinuation<SMTPConnection?, Never>? in
            if state.isClosed { return nil }
            guard state.waiting.isEmpty else { return state.waiting.removeFirst().continuation }
            state.idle.append(connection)
            return nil
        }
        waiter?.resume(returning: connection)
    }
}
