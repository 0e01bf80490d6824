public import Alerting
public import Storage
import Synchronization

/// People's keys for the REST API. Keys are shown once and kept as hashes.
public final class APIKeyring: Sendable {
    /// How long a caller is remembered, and with that how long another node may honour a deleted key.
    private static let memory = Duration.seconds(30)
    private static let mostRemembered = 1000
    /// A key's last use is written at most this often.
    private static let touchInterval = Duration.minutes(1)
    private static let mostKeys = 50

    private struct Remembered {
        var key: APIKeyRecord.ID
        var caller: Caller
        var until: Timestamp
    }

    private struct State {
        /// By the key's hash.
        var callers: [String: Remembered] = [:]
        var touched: [APIKeyRecord.ID: Timestamp] = [:]
        /// Counts what was forgotten, so that a look-up which began before is not remembered.
        var generation = 0
    }

    private let store: Store
    private let state = Mutex(State())

    public init(store: Store) {
        self.store = store
    }

    /// Makes a key for `user`.
    ///
    /// - Parameter actor: who made it; `nil`: the command line.
    /// - Returns: the key, which cannot be read again, and its record.
    public func create(
        for user: User.ID, name: String, by actor: User.ID?
    ) async throws -> (key: String, record: APIKeyRecord) {
        let name = try FieldRules.name(name)
        let key = Tokens.apiKey()
        let record = try await Failure.translating {
            try await store.write { change in
                guard let owner = try Users.find(user, in: change.transaction) else {
                    throw Failure(.notFound, "There is no such user.")
                }
                guard try APIKeys.list(of: user, in: change.transaction).count < Self.mostKeys else {
                    throw Failure(.conflict, "There are \(Self.mostKeys) API keys already; delete one first.")
                }
                let record = APIKeyRecord(
                    id: try change.newID(), user: user, name: name, prefix: Self.prefix(of: key),
                    hash: Tokens.sha256(key), createdAt: change.now)
                try APIKeys.insert(record, in: change.transaction)
                try change.audit(
                    "api_key.created", account: owner.account, by: actor, target: "api_key", id: record.id.rawValue,
                    details: "API key “\(name)” of \(owner.fullName)")
                return record
            }
        }
        return (key, record)
    }

    /// Oldest first.
    public func list(of user: User.ID) async throws -> [APIKeyRecord] {
        try await Failure.translating {
            try await store.read { transaction in try APIKeys.list(of: user, in: transaction) }
        }
    }

    /// Revokes one of the caller's own keys, from now on.
    public func delete(_ id: APIKeyRecord.ID, by caller: Caller) async throws {
        try await Failure.translating {
            try await store.write { change in
                guard let key = try APIKeys.list(of: caller.user, in: change.transaction).first(where: { $0.id == id })
                else { throw Failure(.notFound, "There is no API key \(id) of yours.") }
                try APIKeys.delete(id, of: caller.user, in: change.transaction)
                try Generations.advance(Generations.configuration, in: change.transaction)
                try change.audit(
                    "api_key.deleted", account: caller.account, by: caller.user, target: "api_key", id: id.rawValue,
                    details: "API key “\(key.name)”")
            }
        }
        forget { $0.key == id }
    }

    /// Who holds `key`.
    ///
    /// - Throws: `Failure.forbidden` with the cause `KEY_ERROR` for a key that is unknown or revoked.
    public func authenticate(_ key: String) async throws -> Caller {
        let unknown = Failure(.forbidden, "This API key is unknown or was revoked.", cause: "KEY_ERROR")
        guard key.utf8.count <= 200 else { throw unknown }
        let (hash, now) = (Tokens.sha256(key), store.clock.now)
        let (remembered, generation) = state.withLock { ($0.callers[hash], $0.generation) }
        if let remembered, remembered.until > now {
            await touch(remembered.key, at: now)
            return remembered.caller
        }
        let found = try await Failure.translating {
            try await store.read { transaction -> (APIKeyRecord.ID, Caller)? in
                guard let record = try APIKeys.find(prefix: Self.prefix(of: key), in: transaction),
                    Tokens.areEqual(record.hash, hash), let user = try Users.find(record.user, in: transaction)
                else { return nil }
                return (record.id, Caller(user))
            }
        }
        guard let (id, caller) = found else { throw unknown }
        remember(Remembered(key: id, caller: caller, until: now + Self.memory), by: hash, at: now, if: generation)
        await touch(id, at: now)
        return caller
    }

    /// The user was changed or deleted: the next request looks again.
    public func forget(_ user: User.ID) {
        forget { $0.caller.user == user }
    }

    /// Another node has changed somebody, or revoked a key.
    public func forgetAll() {
        forget { _ in true }
    }

    private static func prefix(of key: String) -> String {
        String(key.prefix(16))
    }

    private func remember(_ caller: Remembered, by hash: String, at now: Timestamp, if generation: Int) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.callers.count >= Self.mostRemembered {
                state.callers = state.callers.filter { $0.value.until > now }
                if state.callers.count >= Self.mostRemembered { state.callers = [:] }
            }
            state.callers[hash] = caller
        }
    }

    private func forget(_ isMeant: (Remembered) -> Bool) {
        state.withLock { state in
            state.generation += 1
            state.callers = state.callers.filter { !isMeant($0.value) }
        }
    }

    private func touch(_ id: APIKeyRecord.ID, at now: Timestamp) async {
        let isDue = state.withLock { state in
            if let last = state.touched[id], now - last < Self.touchInterval { return false }
            if state.touched.count >= Self.mostRemembered { state.touched = [:] }
            state.touched[id] = now
            return true
        }
        guard isDue else { return }
        // Only tells people which keys are in use: a full disk must not keep them from reading.
        try? await store.write { change in try APIKeys.touch(id, at: now, in: change.transaction) }
    }
}
