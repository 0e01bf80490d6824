import Alerting
import Logging
import ServiceLifecycle

/// How a loop runs: does what is due, sleeps until the next instant or a signal, and looks at least once a second.
struct Rhythm: Sendable {
    /// In log lines.
    let name: String
    let waker: Waker
    let clock: any Clock
    let logger: Logger
    /// Between two looks when nothing is known to be due.
    var longest = Self.longestSleep

    static let longestSleep = Duration.seconds(1)

    /// Runs until the server stops.
    ///
    /// - Parameters:
    ///   - step: does what is due; answers whether there may be more.
    ///   - nextDue: the instant of what comes next; `nil`: nothing is known.
    func run(
        step: @escaping @Sendable () async throws -> Bool, nextDue: @escaping @Sendable () async throws -> Timestamp?
    ) async {
        await withGracefulShutdownHandler {
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                do {
                    if try await step() { continue }
                    let next = try await nextDue()
                    let pause = next.map { min($0 - clock.now, longest) } ?? longest
                    await waker.wait(atMost: max(pause, .milliseconds(1)))
                } catch {
                    logger.error("loop failed", metadata: ["loop": "\(name)", "reason": "\(error)"])
                    await waker.wait(atMost: Self.longestSleep)
                }
            }
        } onGracefulShutdown: {
            waker.signal()
        }
    }
}
