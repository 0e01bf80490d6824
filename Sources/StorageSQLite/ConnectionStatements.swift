import GRDB
import GRDBSQLite
import Storage
import Synchronization

/// The prepared statements of all connections of one database.
final class ConnectionStatements: Sendable {
    private struct State {
        var caches: [UInt: StatementCache] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func cache(of connection: OpaquePointer) throws(StorageError) -> StatementCache {
        let key = UInt(bitPattern: connection)
        let cache = state.withLock { state -> StatementCache? in
            guard !state.isClosed else { return nil }
            if let cache = state.caches[key] { return cache }
            let cache = StatementCache()
            state.caches[key] = cache
            return cache
        }
        guard let cache else { throw .closed }
        return cache
    }

    /// Finalises everything; only while no connection is in use.
    func close() {
        let caches = state.withLock { state in
            state.isClosed = true
            defer { state.caches = [:] }
            return Array(state.caches.values)
        }
        for cache in caches { cache.removeAll() }
    }
}

/// The prepared statements of one connection, by their text; used on the connection's queue only.
final class StatementCache: Sendable {
    /// Texts are constants of ours, so that this is a net and not a size to tune.
    static let limit = 512

    /// Hashes a text by its length and its end: texts are long, few, and mostly differ there.
    private struct Key: Hashable {
        let sql: String

        func hash(into hasher: inout Hasher) {
            hasher.combine(sql.utf8.count)
            var tail: UInt64 = 0
            for byte in sql.utf8.suffix(8) { tail = tail << 8 | UInt64(byte) }
            hasher.combine(tail)
        }
    }

    private let statements = Mutex<[Key: PreparedStatement]>([:])

    var count: Int { statements.withLock { $0.count } }

    func statement(_ sql: String, on connection: OpaquePointer) throws(StorageError) -> PreparedStatement {
        let key = Key(sql: sql)
        if let statement = statements.withLock({ $0[key] }) { return statement }

        let statement = try PreparedStatement(sql, on: connection)
        statements.withLock { statements in
            if statements.count >= Self.limit {
                // Safe: a statement is in use only inside one `query`, and the one that is running is not in here yet.
                for statement in statements.values { statement.finalize() }
                statements = [:]
            }
            statements[key] = statement
        }
        return statement
    }

    func removeAll() {
        statements.withLock { statements in
            for statement in statements.values { statement.finalize() }
            statements = [:]
        }
    }
}
