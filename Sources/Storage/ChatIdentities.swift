public import Alerting

/// The `chat_identities` table: who somebody is in a chat.
public enum ChatIdentities {
    /// Says who somebody is; an earlier word is overwritten.
    public static func set(
        _ external: String, kind: String, account: Account.ID, user: User.ID, at now: Timestamp,
        in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO chat_identities (account_id, kind, external_id, user_id, created_at_ms)
            VALUES (:account, :kind, :external, :user, :now)
            ON CONFLICT (account_id, kind, external_id) DO UPDATE SET user_id = excluded.user_id,
                created_at_ms = excluded.created_at_ms
            """,
            [
                "account": .init(account), "kind": .text(kind), "external": .text(external), "user": .init(user),
                "now": .init(now),
            ])
    }

    /// - Returns: `nil` for somebody who has not said who they are.
    public static func find(
        _ external: String, kind: String, account: Account.ID, in transaction: any Transaction
    ) throws(StorageError) -> User.ID? {
        try transaction.query(
            """
            SELECT user_id FROM chat_identities
            WHERE account_id = :account AND kind = :kind AND external_id = :external
            """,
            ["account": .init(account), "kind": .text(kind), "external": .text(external)]
        ).first?.id("user_id")
    }
}
