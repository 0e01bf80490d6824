public import Storage
import Synchronization

/// A database that fails when it is told to: full, locked, or gone in the middle of what a node does.
///
/// A node that dies keeps its database from then on: whatever its tasks still try to write is refused, as if the
/// process were no more. A new node gets a new one over the same file.
public final class FaultyDatabase: Database {
    private enum Mode {
        case works
        case refuses(StorageError)
        /// The node dies at the write after `others` more; `isCommitted`: that one is still durable.
        case dies(others: Int, isCommitted: Bool)
        case isDead
    }

    private enum Permission {
        case granted, last
        case denied(StorageError)
    }

    private let base: any Database
    private let mode = Mutex(Mode.works)
    private static let dead = StorageError.unavailable(message: "The node is dead.")

    public init(_ base: any Database) {
        self.base = base
    }

    public var isDead: Bool {
        mode.withLock { if case .isDead = $0 { true } else { false } }
    }

    /// Refuses writes from now on; reads go on.
    public func refuseWrites(_ error: StorageError) {
        mode.withLock { mode in
            if case .isDead = mode { return }
            mode = .refuses(error)
        }
    }

    public func recover() {
        mode.withLock { mode in
            if case .isDead = mode { return }
            mode = .works
        }
    }

    /// Dies at a later write.
    ///
    /// - Parameters:
    ///   - others: how many writes succeed before it.
    ///   - isCommitted: whether the write at which it dies is durable although nobody hears of it.
    public func die(after others: Int, isCommitted: Bool) {
        mode.withLock { $0 = .dies(others: others, isCommitted: isCommitted) }
    }

    public func die() {
        mode.withLock { $0 = .isDead }
    }

    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        switch nextWrite() {
        case .denied(let error): throw error
        case .granted: return try await base.write(body)
        case .last:
            _ = try await base.write(body)
            throw Self.dead
        }
    }

    public func writeBlocking<Result: Sendable>(
        _ body: @Sendable (any Transaction) throws -> Result
    ) throws -> Result {
        switch nextWrite() {
        case .denied(let error): throw error
        case .granted: return try base.writeBlocking(body)
        case .last:
            _ = try base.writeBlocking(body)
            throw Self.dead
        }
    }

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        guard !isDead else { throw Self.dead }
        return try await base.read(body)
    }

    private func nextWrite() -> Permission {
        mode.withLock { mode in
            switch mode {
            case .works: return .granted
            case .refuses(let error): return .denied(error)
            case .isDead: return .denied(Self.dead)
            case .dies(let others, let isCommitted):
                guard others == 0 else {
                    mode = .dies(others: others - 1, isCommitted: isCommitted)
                    return .granted
                }
                mode = .isDead
                return isCommitted ? .last : .denied(Self.dead)
            }
        }
    }
}
