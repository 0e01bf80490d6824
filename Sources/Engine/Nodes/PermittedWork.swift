public import Logging
public import ServiceLifecycle

/// The loops that decide and send, for as long as this node may: they end in order when its permit is revoked, and the
/// server goes on without them.
public struct PermittedWork: Service {
    private let services: [any Service]
    private let permit: WorkPermit
    private let logger: Logger

    /// - Parameter services: ended one after the other, the last first.
    public init(_ services: [any Service], permit: WorkPermit, logger: Logger) {
        self.services = services
        self.permit = permit
        self.logger = logger
    }

    public func run() async throws {
        guard !services.isEmpty else { return try await gracefulShutdown() }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: services, logger: logger))
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await group.run()
                return true
            }
            tasks.addTask {
                await permit.revoked()
                await group.triggerGracefulShutdown()
                return false
            }
            tasks.addTask {
                try await gracefulShutdown()
                await group.triggerGracefulShutdown()
                return false
            }
            while let haveLoopsEnded = try await tasks.next(), !haveLoopsEnded {}
            // Without a permit the loops end before the server does.
            if permit.refusal == nil { tasks.cancelAll() }
            do {
                try await tasks.waitForAll()
            } catch is CancellationError {
                // The wait for an end that has come by another way.
            }
        }
    }
}
