import Engine
import Logging
import ServiceLifecycle
import Synchronization
import Testing

struct PermittedWorkTests {
    /// Runs until it is told to end.
    private final class Loop: Service {
        let isRunning = Mutex(false)
        let started = AsyncStream.makeStream(of: Void.self)

        func run() async throws {
            isRunning.withLock { $0 = true }
            started.continuation.yield()
            try await gracefulShutdown()
            isRunning.withLock { $0 = false }
        }
    }

    private static let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(.timeLimit(.minutes(5)))
    func `given work that may go on, when the server ends, then it ends`() async throws {
        let loop = Loop()
        let work = PermittedWork([loop], permit: WorkPermit(), logger: Self.silence)
        let group = ServiceGroup(configuration: .init(services: [work], logger: Self.silence))
        let running = Task { try await group.run() }
        for await _ in loop.started.stream { break }

        await group.triggerGracefulShutdown()
        try await running.value

        #expect(!loop.isRunning.withLock { $0 })
    }

    @Test(.timeLimit(.minutes(5)))
    func `given work, when its permit is revoked, then it ends and the server goes on until it is told`() async throws {
        let (loop, other, permit) = (Loop(), Loop(), WorkPermit())
        let work = PermittedWork([loop], permit: permit, logger: Self.silence)
        let group = ServiceGroup(configuration: .init(services: [other, work], logger: Self.silence))
        let running = Task { try await group.run() }
        for await _ in loop.started.stream { break }
        for await _ in other.started.stream { break }

        permit.revoke("newer")
        while loop.isRunning.withLock({ $0 }) { await Task.yield() }
        #expect(other.isRunning.withLock { $0 })

        await group.triggerGracefulShutdown()
        try await running.value
        #expect(!other.isRunning.withLock { $0 })
    }
}
