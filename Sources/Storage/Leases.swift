public import Alerting

/// The `leases` table: work outside of the database that one node at a time does.
public enum Leases {
    /// Takes the lease, or keeps it.
    ///
    /// - Returns: `false` while another holder has it.
    public static func take(
        _ name: String, for holder: String, at now: Timestamp, until end: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            INSERT INTO leases (name, holder, until_ms) VALUES (:name, :holder, :until)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms
            WHERE leases.until_ms <= :now OR leases.holder = excluded.holder
            RETURNING name
            """,
            ["name": .text(name), "holder": .text(holder), "until": .init(end), "now": .init(now)]
        ).isEmpty
    }

    public static func release(
        _ name: String, of holder: String, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "DELETE FROM leases WHERE name = :name AND holder = :holder",
            ["name": .text(name), "holder": .text(holder)])
    }
}

/// The `fetched_replies` table: what people wrote and a provider was asked for.
public enum FetchedReplies {
    /// - Returns: `false` when it was fetched before.
    public static func insert(
        _ id: String, of provider: String, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            INSERT INTO fetched_replies (provider, external_id, fetched_at_ms) VALUES (:provider, :id, :now)
            ON CONFLICT (provider, external_id) DO NOTHING RETURNING external_id
            """,
            ["provider": .text(provider), "id": .text(id), "now": .init(now)]
        ).isEmpty
    }

    /// Those of `ids` that were fetched before.
    public static func known(
        _ ids: [String], of provider: String, in transaction: any Transaction
    ) throws(StorageError) -> Set<String> {
        var known: Set<String> = []
        for id in ids {
            let rows = try transaction.query(
                """
                SELECT external_id FROM fetched_replies WHERE provider = :provider AND external_id = :id LIMIT 1
                """,
                ["provider": .text(provider), "id": .text(id)])
            if !rows.isEmpty { known.insert(id) }
        }
        return known
    }

    public static func prune(before time: Timestamp, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            "DELETE FROM fetched_replies WHERE fetched_at_ms < :time", ["time": .init(time)])
    }
}
