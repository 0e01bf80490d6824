public import Alerting

/// Who changed what in the configuration.
public struct AuditEntry: Equatable, Sendable {
    public typealias ID = Identifier<AuditEntry>

    public var id: ID
    public var account: Account.ID
    public var at: Timestamp
    /// `nil`: the command line.
    public var user: User.ID?
    /// Such as `alert_source.updated`.
    public var action: String
    /// Such as `alert_source`.
    public var targetKind: String
    public var target: Int64?
    /// A sentence without secrets.
    public var details: String

    public init(
        id: ID, account: Account.ID, at: Timestamp, user: User.ID?, action: String, targetKind: String,
        target: Int64?, details: String = ""
    ) {
        self.id = id
        self.account = account
        self.at = at
        self.user = user
        self.action = action
        self.targetKind = targetKind
        self.target = target
        self.details = details
    }
}

/// The `audit_entries` table.
public enum AuditLog {
    public static func insert(_ entry: AuditEntry, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO audit_entries (id, account_id, at_ms, user_id, action, target_kind, target_id, details)
            VALUES (:id, :account, :at, :user, :action, :kind, :target, :details)
            """,
            [
                "id": .init(entry.id), "account": .init(entry.account), "at": .init(entry.at),
                "user": .init(entry.user), "action": .text(entry.action), "kind": .text(entry.targetKind),
                "target": .init(entry.target), "details": .text(entry.details),
            ])
    }

    /// Newest first.
    public static func list(
        account: Account.ID, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [AuditEntry] {
        try transaction.query(
            """
            SELECT id, account_id, at_ms, user_id, action, target_kind, target_id, details FROM audit_entries
            WHERE account_id = :account ORDER BY id DESC LIMIT :limit OFFSET :offset
            """,
            ["account": .init(account), "limit": .init(page.limit), "offset": .init(page.offset)]
        ).map { row throws(StorageError) in
            AuditEntry(
                id: try row.id("id"), account: try row.id("account_id"), at: try row.time("at_ms"),
                user: try row.optionalID("user_id"), action: try row.text("action"),
                targetKind: try row.text("target_kind"), target: try row.optionalInteger("target_id"),
                details: try row.text("details"))
        }
    }
}
