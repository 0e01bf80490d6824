import NIOCore

/// When to look whether anything has happened on a connection.
struct IdleWatch {
    private let timeout: TimeAmount?
    private var next: Scheduled<Void>?
    /// When something happened last.
    var latest = NIODeadline.uptimeNanoseconds(0)

    /// - Parameter timeout: `nil`: never.
    init(after timeout: TimeAmount?) { self.timeout = timeout }

    /// Looks again when nothing has happened for as long since `start`.
    mutating func start(from start: NIODeadline, on loop: any EventLoop, _ look: @escaping @Sendable () -> Void) {
        guard let timeout else { return }
        next?.cancel()
        next = loop.scheduleTask(deadline: start + timeout, look)
    }

    func isOver(at now: NIODeadline) -> Bool {
        timeout.map { now >= latest + $0 } ?? false
    }

    mutating func end() {
        next?.cancel()
        next = nil
    }
}
