public import Storage
import Synchronization

/// The database on a PostgreSQL server: one connection for ingestion, two for other writers, four for readers, each
/// made when it is first needed and made again after it broke.
///
/// When `write` returns, its effect is as durable as the server is. A body may run more than once, and must therefore
/// do nothing but draw ids and run statements: two transactions that change the same row at once are one after the
/// other in the end. `StorageError.unavailable` from a write leaves open whether it was committed.
public final class PostgresDatabase: Database {
    public let address: PostgresAddress
    private let ingestion: Lanes
    private let writers: Lanes
    private let readers: Lanes
    private let isClosed = Mutex(false)
    private static let writerCount = 2
    private static let readerCount = 4

    /// Connects to nothing yet.
    ///
    /// - Parameters:
    ///   - patience: how long one answer of the server may take.
    ///   - intakePatience: the same for ingestion; `nil`: as long.
    public init(
        _ address: PostgresAddress, patience: Duration = .seconds(15), intakePatience: Duration? = nil
    ) {
        self.address = address
        let backOff = BackOff()
        func sessions(_ count: Int, _ patience: Duration, _ planning: Connection.Planning) -> [Session] {
            (0..<count).map { _ in Session(address, patience: patience, backOff: backOff, planning: planning) }
        }
        ingestion = Lanes("ingestion", sessions(1, intakePatience ?? patience, .byIndex))
        writers = Lanes("writer", sessions(Self.writerCount, patience, .byIndex))
        readers = Lanes("reader", sessions(Self.readerCount, patience, .free))
    }

    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await run(.write, on: writers, body)
    }

    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try await run(.read, on: readers, body)
    }

    public func writeBlocking<Result: Sendable>(
        _ body: @Sendable (any Transaction) throws -> Result
    ) throws -> Result {
        try refuseWhenClosed()
        return try ingestion.run { session in try session.transact(.write, body) }
    }

    /// Ends all connections; whatever is asked afterwards is refused. Blocks until what is under way has ended.
    public func close() {
        isClosed.withLock { $0 = true }
        for lanes in [ingestion, writers, readers] { lanes.close() }
    }

    /// Runs on the calling thread, before anything else; for migrations.
    func transact<Result>(
        _ body: (PostgresTransaction) throws -> Result
    ) throws -> Result {
        try refuseWhenClosed()
        return try ingestion.run { session in try session.transact(.write, body) }
    }

    private func run<Result: Sendable>(
        _ kind: PostgresTransaction.Kind, on lanes: Lanes,
        _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try refuseWhenClosed()
        return try await withCheckedThrowingContinuation { continuation in
            lanes.submit { session in
                continuation.resume(with: Swift.Result { try session.transact(kind, body) })
            }
        }
    }

    private func refuseWhenClosed() throws(StorageError) {
        if isClosed.withLock({ $0 }) { throw .unavailable(message: "The database is closed.") }
    }
}

extension PostgresDatabase {
    /// Runs statements on a connection of their own and outside of any transaction, such as those that make databases;
    /// blocks the calling thread.
    ///
    /// - Returns: the first column of the last statement's rows, as text.
    @discardableResult
    public static func run(
        script: String, at address: PostgresAddress, patience: Duration = .seconds(60)
    ) throws(StorageError) -> [String] {
        try Connection(address, patience: patience).run(script: script, patience: patience)
    }
}
