public import Alerting

/// A signed-in browser; only the hash of its token is stored.
public struct SessionRecord: Equatable, Sendable {
    public var tokenHash: String
    public var user: User.ID
    public var csrfToken: String
    public var createdAt: Timestamp
    public var lastSeenAt: Timestamp
    public var expiresAt: Timestamp

    public init(
        tokenHash: String, user: User.ID, csrfToken: String, createdAt: Timestamp, lastSeenAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.tokenHash = tokenHash
        self.user = user
        self.csrfToken = csrfToken
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.expiresAt = expiresAt
    }
}

/// The `sessions` table.
public enum Sessions {
    public static func insert(_ session: SessionRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO sessions (token_hash, user_id, csrf_token, created_at_ms, last_seen_at_ms, expires_at_ms)
            VALUES (:hash, :user, :csrf, :created, :seen, :expires)
            """,
            [
                "hash": .text(session.tokenHash), "user": .init(session.user), "csrf": .text(session.csrfToken),
                "created": .init(session.createdAt), "seen": .init(session.lastSeenAt),
                "expires": .init(session.expiresAt),
            ])
    }

    /// `nil` when there is none or it has expired.
    public static func find(
        tokenHash: String, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> SessionRecord? {
        try transaction.query(
            """
            SELECT token_hash, user_id, csrf_token, created_at_ms, last_seen_at_ms, expires_at_ms FROM sessions
            WHERE token_hash = :hash AND expires_at_ms > :now
            """,
            ["hash": .text(tokenHash), "now": .init(now)]
        ).first.map { row throws(StorageError) in
            SessionRecord(
                tokenHash: try row.text("token_hash"), user: try row.id("user_id"),
                csrfToken: try row.text("csrf_token"), createdAt: try row.time("created_at_ms"),
                lastSeenAt: try row.time("last_seen_at_ms"), expiresAt: try row.time("expires_at_ms"))
        }
    }

    public static func delete(tokenHash: String, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM sessions WHERE token_hash = :hash", ["hash": .text(tokenHash)])
    }

    /// Signs a user out everywhere but in `kept`.
    public static func deleteAll(
        of user: User.ID, except kept: String?, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "DELETE FROM sessions WHERE user_id = :user AND token_hash <> :kept",
            ["user": .init(user), "kept": .text(kept ?? "")])
    }

    /// Writes when the session was last used and until when it lives.
    public static func touch(_ session: SessionRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            "UPDATE sessions SET last_seen_at_ms = :seen, expires_at_ms = :expires WHERE token_hash = :hash",
            [
                "seen": .init(session.lastSeenAt), "expires": .init(session.expiresAt),
                "hash": .text(session.tokenHash),
            ])
    }

    /// Keeps the `count` sessions of a user that were used last.
    public static func trim(
        of user: User.ID, keeping count: Int, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            DELETE FROM sessions WHERE user_id = :user AND token_hash NOT IN
                (SELECT token_hash FROM sessions WHERE user_id = :user
                 ORDER BY last_seen_at_ms DESC, token_hash LIMIT :count)
            """,
            ["user": .init(user), "count": .init(count)])
    }

    public static func prune(before now: Timestamp, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM sessions WHERE expires_at_ms <= :now", ["now": .init(now)])
    }
}

/// A key for the REST API; only its hash is stored.
public struct APIKeyRecord: Equatable, Sendable {
    public typealias ID = Identifier<APIKeyRecord>

    public var id: ID
    public var user: User.ID
    public var name: String
    /// The part that the key is looked up by.
    public var prefix: String
    public var hash: String
    public var createdAt: Timestamp
    public var lastUsedAt: Timestamp?

    public init(
        id: ID, user: User.ID, name: String, prefix: String, hash: String, createdAt: Timestamp,
        lastUsedAt: Timestamp? = nil
    ) {
        self.id = id
        self.user = user
        self.name = name
        self.prefix = prefix
        self.hash = hash
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }
}

/// The `api_keys` table.
public enum APIKeys {
    public static func insert(_ key: APIKeyRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO api_keys (id, user_id, name, key_prefix, key_hash, created_at_ms)
            VALUES (:id, :user, :name, :prefix, :hash, :created)
            """,
            [
                "id": .init(key.id), "user": .init(key.user), "name": .text(key.name), "prefix": .text(key.prefix),
                "hash": .text(key.hash), "created": .init(key.createdAt),
            ])
    }

    public static func find(prefix: String, in transaction: any Transaction) throws(StorageError) -> APIKeyRecord? {
        try transaction.query(
            """
            SELECT id, user_id, name, key_prefix, key_hash, created_at_ms, last_used_at_ms FROM api_keys
            WHERE key_prefix = :prefix
            """,
            ["prefix": .text(prefix)]
        ).first.map(record)
    }

    /// One person's, oldest first.
    public static func list(of user: User.ID, in transaction: any Transaction) throws(StorageError) -> [APIKeyRecord] {
        try transaction.query(
            """
            SELECT id, user_id, name, key_prefix, key_hash, created_at_ms, last_used_at_ms FROM api_keys
            WHERE user_id = :user ORDER BY id LIMIT 100
            """,
            ["user": .init(user)]
        ).map(record)
    }

    public static func touch(
        _ id: APIKeyRecord.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE api_keys SET last_used_at_ms = :now WHERE id = :id", ["id": .init(id), "now": .init(now)])
    }

    /// Only a key of `user`'s own.
    public static func delete(
        _ id: APIKeyRecord.ID, of user: User.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "DELETE FROM api_keys WHERE id = :id AND user_id = :user", ["id": .init(id), "user": .init(user)])
    }

    private static func record(_ row: Row) throws(StorageError) -> APIKeyRecord {
        APIKeyRecord(
            id: try row.id("id"), user: try row.id("user_id"), name: try row.text("name"),
            prefix: try row.text("key_prefix"), hash: try row.text("key_hash"),
            createdAt: try row.time("created_at_ms"), lastUsedAt: try row.optionalTime("last_used_at_ms"))
    }
}
