public import Alerting

/// A code that was sent to a contact to see whether it reaches its owner; only its hash is kept.
public struct ContactCodeRecord: Equatable, Sendable {
    public var contact: Contact.ID
    public var hash: String
    public var sentAt: Timestamp
    public var expiresAt: Timestamp
    /// Wrong entries so far.
    public var tries: Int
    /// Codes sent since `windowAt`.
    public var sends: Int
    public var windowAt: Timestamp

    public init(
        contact: Contact.ID, hash: String, sentAt: Timestamp, expiresAt: Timestamp, tries: Int = 0, sends: Int,
        windowAt: Timestamp
    ) {
        self.contact = contact
        self.hash = hash
        self.sentAt = sentAt
        self.expiresAt = expiresAt
        self.tries = tries
        self.sends = sends
        self.windowAt = windowAt
    }
}

/// The `contact_codes` table.
public enum ContactCodes {
    public static func find(
        _ contact: Contact.ID, in transaction: any Transaction
    ) throws(StorageError) -> ContactCodeRecord? {
        try transaction.query(
            """
            SELECT contact_id, code_hash, sent_at_ms, expires_at_ms, tries, sends, window_at_ms FROM contact_codes
            WHERE contact_id = :contact
            """,
            ["contact": .init(contact)]
        ).first.map { row throws(StorageError) in
            ContactCodeRecord(
                contact: try row.id("contact_id"), hash: try row.text("code_hash"), sentAt: try row.time("sent_at_ms"),
                expiresAt: try row.time("expires_at_ms"), tries: try row.int("tries"), sends: try row.int("sends"),
                windowAt: try row.time("window_at_ms"))
        }
    }

    /// Keeps the code in the place of the contact's last one.
    public static func set(_ code: ContactCodeRecord, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO contact_codes (contact_id, code_hash, sent_at_ms, expires_at_ms, tries, sends, window_at_ms)
            VALUES (:contact, :hash, :sent, :expires, :tries, :sends, :window)
            ON CONFLICT (contact_id) DO UPDATE SET code_hash = excluded.code_hash, sent_at_ms = excluded.sent_at_ms,
                expires_at_ms = excluded.expires_at_ms, tries = excluded.tries, sends = excluded.sends,
                window_at_ms = excluded.window_at_ms
            """,
            [
                "contact": .init(code.contact), "hash": .text(code.hash), "sent": .init(code.sentAt),
                "expires": .init(code.expiresAt), "tries": .init(code.tries), "sends": .init(code.sends),
                "window": .init(code.windowAt),
            ])
    }

    public static func delete(_ contact: Contact.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM contact_codes WHERE contact_id = :id", ["id": .init(contact)])
    }
}

/// The `contact_links` table: secrets with which another device becomes somebody's contact; only hashes are kept.
public enum ContactLinks {
    public static func insert(
        tokenHash: String, user: User.ID, kind: ContactRecord.Kind, until end: Timestamp,
        in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO contact_links (token_hash, user_id, kind, expires_at_ms) VALUES (:hash, :user, :kind, :end)
            """,
            ["hash": .text(tokenHash), "user": .init(user), "kind": .init(kind), "end": .init(end)])
    }

    /// Whose it is; `nil` when there is none or it has expired.
    public static func user(
        tokenHash: String, kind: ContactRecord.Kind, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> User.ID? {
        try transaction.query(
            """
            SELECT user_id FROM contact_links WHERE token_hash = :hash AND kind = :kind AND expires_at_ms > :now
            LIMIT 1
            """,
            ["hash": .text(tokenHash), "kind": .init(kind), "now": .init(now)]
        ).first?.id("user_id")
    }

    public static func delete(tokenHash: String, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM contact_links WHERE token_hash = :hash", ["hash": .text(tokenHash)])
    }

    public static func prune(before now: Timestamp, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM contact_links WHERE expires_at_ms <= :now", ["now": .init(now)])
    }
}
