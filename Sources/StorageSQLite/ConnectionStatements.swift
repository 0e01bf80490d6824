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
    static let limit = 512

    private struct State {
        var places = StatementPlaces(room: StatementCache.limit)
        var statements: [PreparedStatement] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.statements.count } }

    func statement(_ sql: String, on connection: OpaquePointer) throws(StorageError) -> PreparedStatement {
        let known = state.withLock { state in state.places.place(of: sql).map { state.statements[$0] } }
        if let known { return known }

        let statement = try PreparedStatement(sql, on: connection)
        state.withLock { state in
            let place = state.places.newPlace(for: sql)
            guard place < state.statements.count else { return state.statements.append(statement) }
            // Safe: a statement is in use only inside one `query`, and the one that is running is not in here yet.
            state.statements[place].finalize()
            state.statements[place] = statement
        }
        return statement
    }

    func removeAll() {
        state.withLock { state in
            for statement in state.statements { statement.finalize() }
            state = State()
        }
    }
}
