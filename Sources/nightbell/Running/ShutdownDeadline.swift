import Dispatch
import Foundation
import Logging
import Synchronization

/// Ends the process ten seconds after it was asked to, whatever still hangs: a mail server that does not answer, most
/// likely. What was being sent is sent again at the next start.
final class ShutdownDeadline: Sendable {
    private let driver: StorageDriver
    private let logger: Logger
    private let hasBegun = Mutex(false)
    private static let patience = 8.0
    private static let limit = 9.5

    init(driver: StorageDriver, logger: Logger) {
        self.driver = driver
        self.logger = logger
    }

    /// Whether the process was asked to end.
    var isRunning: Bool { hasBegun.withLock { $0 } }

    func begin() {
        let isFirst = hasBegun.withLock { hasBegun in
            defer { hasBegun = true }
            return !hasBegun
        }
        guard isFirst else { return }
        logger.info("server stopping")
        let (driver, logger) = (driver, logger)
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) {
            logger.warning("something did not end in time: it is left to the next start")
            // Only tidies up; every committed transaction is on the disk.
            try? driver.close()
            _exit(0)
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.limit) { _exit(0) }
    }
}

/// Asks a running server to stop from inside the process.
final class ServerStop: Sendable {
    private let trigger = Mutex<(@Sendable () async -> Void)?>(nil)

    func attach(_ trigger: @escaping @Sendable () async -> Void) {
        self.trigger.withLock { $0 = trigger }
    }

    func stop() async {
        await trigger.withLock { $0 }?()
    }
}
