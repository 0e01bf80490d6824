public import Storage
import Synchronization

/// Whether this node may still write: until a newer version has changed the database's form.
public final class WorkPermit: Sendable {
    private struct State {
        var reason: String?
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Why this node must not write any more, in a sentence; `nil`: it may.
    public var refusal: String? { state.withLock { $0.reason } }

    /// For good: only a newer program can go on.
    ///
    /// - Returns: whether it was valid until now.
    @discardableResult
    public func revoke(_ reason: String) -> Bool {
        let (isFirst, waiting) = state.withLock { state in
            let isFirst = state.reason == nil
            state.reason = state.reason ?? reason
            defer { state.waiting = [] }
            return (isFirst, state.waiting)
        }
        for continuation in waiting { continuation.finish() }
        return isFirst
    }

    /// Returns when the permit is revoked or the task is cancelled.
    func revoked() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        state.withLock { state in
            if state.reason == nil { state.waiting.append(continuation) } else { continuation.finish() }
        }
        for await _ in stream {}
    }
}

/// A database that takes no more writes once the permit is revoked.
public struct PermittedDatabase: Database {
    private let base: any Database
    private let permit: WorkPermit

    public init(_ base: any Database, permit: WorkPermit) {
        self.base = base
        self.permit = permit
    }

    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try check()
        return try await base.write(body)
    }

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await base.read(body)
    }

    public func writeBlocking<Result: Sendable>(
        _ body: @Sendable (any Transaction) throws -> Result
    ) throws -> Result {
        try check()
        return try base.writeBlocking(body)
    }

    private func check() throws(StorageError) {
        if let refusal = permit.refusal { throw .unavailable(message: refusal) }
    }
}
