public import Alerting

public struct AccountRecord: Equatable, Sendable {
    public var id: Account.ID
    public var name: String
    public var owner: User.ID?
    /// Paged when nobody on a policy can be reached; empty: the owner.
    public var lastResortEmails: [String]

    public init(id: Account.ID, name: String, owner: User.ID?, lastResortEmails: [String]) {
        self.id = id
        self.name = name
        self.owner = owner
        self.lastResortEmails = lastResortEmails
    }
}

/// The `accounts` table.
public enum Accounts {
    public static func insert(
        id: Account.ID, name: String, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO accounts (id, name, last_resort_emails, created_at_ms) VALUES (:id, :name, '[]', :now)
            """,
            ["id": .init(id), "name": .text(name), "now": .init(now)])
    }

    public static func find(_ id: Account.ID, in transaction: any Transaction) throws(StorageError) -> AccountRecord? {
        try transaction.query(
            "SELECT id, name, owner_user_id, last_resort_emails FROM accounts WHERE id = :id", ["id": .init(id)]
        ).first.map(record)
    }

    /// The account that was made first: the one that `nightbell setup` made.
    public static func first(in transaction: any Transaction) throws(StorageError) -> AccountRecord? {
        try transaction.query(
            "SELECT id, name, owner_user_id, last_resort_emails FROM accounts ORDER BY id LIMIT 1", [:]
        ).first.map(record)
    }

    public static func update(
        _ account: AccountRecord, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE accounts SET name = :name, owner_user_id = :owner, last_resort_emails = :emails WHERE id = :id
            """,
            [
                "name": .text(account.name), "owner": .init(account.owner),
                "emails": .text(JSONColumn.text(of: .array(account.lastResortEmails.map(JSONValue.string)))),
                "id": .init(account.id),
            ])
    }

    /// Where the last-resort contact is reached: the account's addresses, else its owner's.
    public static func lastResort(
        of id: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> [String] {
        guard let account = try find(id, in: transaction) else { return [] }
        if !account.lastResortEmails.isEmpty { return account.lastResortEmails }
        guard let owner = account.owner, let user = try Users.find(owner, in: transaction) else { return [] }
        return [user.email]
    }

    private static func record(_ row: Row) throws(StorageError) -> AccountRecord {
        let emails = try JSONColumn.value(of: row.text("last_resort_emails"), "last_resort_emails")
        return AccountRecord(
            id: try row.id("id"), name: try row.text("name"), owner: try row.optionalID("owner_user_id"),
            lastResortEmails: (emails.array ?? []).compactMap(\.string))
    }
}
