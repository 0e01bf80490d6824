import ServiceLifecycle

/// Gives a service a limited time for its graceful end and then cancels it, so that one that hangs does not hold up
/// those that end after it.
struct Bounded: Service {
    let service: any Service
    let patience: Duration
    /// Called as soon as the end is asked for.
    let onGracefulShutdown: @Sendable () -> Void

    init(_ service: any Service, patience: Duration, onGracefulShutdown: @escaping @Sendable () -> Void = {}) {
        self.service = service
        self.patience = patience
        self.onGracefulShutdown = onGracefulShutdown
    }

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                group.addTask {
                    try await gracefulShutdown()
                    try await Task.sleep(for: patience)
                }
                // The service's end, or the end of our patience.
                try await group.next()
                group.cancelAll()
                do {
                    try await group.waitForAll()
                } catch {
                    // Either was cancelled just now; what else goes wrong while ending is of no use to anybody.
                }
            }
        } onGracefulShutdown: {
            onGracefulShutdown()
        }
    }
}
