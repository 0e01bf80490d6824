public import Alerting

/// A pair of keys that tools which poll RapidSpike sign their requests with.
public struct RapidSpikeKey: Equatable, Sendable {
    public typealias ID = Identifier<RapidSpikeKey>

    public var id: ID
    public var account: Account.ID
    /// Whose eyes it sees with.
    public var user: User.ID
    public var label: String
    public var publicKey: String
    public var secret: String
    public var createdAt: Timestamp

    public init(
        id: ID, account: Account.ID, user: User.ID, label: String, publicKey: String, secret: String,
        createdAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.user = user
        self.label = label
        self.publicKey = publicKey
        self.secret = secret
        self.createdAt = createdAt
    }
}

/// The `rapidspike_keys` table.
public enum RapidSpikeKeys {
    private static let columns =
        "k.id, k.account_id, k.user_id, k.label, k.public_key, k.secret, k.created_at_ms"

    public static func insert(_ key: RapidSpikeKey, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO rapidspike_keys (id, account_id, user_id, label, public_key, secret, created_at_ms)
            VALUES (:id, :account, :user, :label, :public, :secret, :created)
            """,
            [
                "id": .init(key.id), "account": .init(key.account), "user": .init(key.user),
                "label": .text(key.label), "public": .text(key.publicKey), "secret": .text(key.secret),
                "created": .init(key.createdAt),
            ])
    }

    public static func delete(_ id: RapidSpikeKey.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM rapidspike_keys WHERE id = :id", ["id": .init(id)])
    }

    /// Of one user, by label.
    public static func list(
        of user: User.ID, in transaction: any Transaction
    ) throws(StorageError) -> [RapidSpikeKey] {
        try transaction.query(
            "SELECT \(columns) FROM rapidspike_keys k WHERE k.user_id = :user ORDER BY k.label, k.id LIMIT 100",
            ["user": .init(user)]
        ).map(key)
    }

    public static func find(
        publicKey: String, in transaction: any Transaction
    ) throws(StorageError) -> RapidSpikeKey? {
        try transaction.query(
            "SELECT \(columns) FROM rapidspike_keys k WHERE k.public_key = :key", ["key": .text(publicKey)]
        ).first.map(key)
    }

    private static func key(_ row: Row) throws(StorageError) -> RapidSpikeKey {
        RapidSpikeKey(
            id: try row.id("id"), account: try row.id("account_id"), user: try row.id("user_id"),
            label: try row.text("label"), publicKey: try row.text("public_key"), secret: try row.text("secret"),
            createdAt: try row.time("created_at_ms"))
    }
}
