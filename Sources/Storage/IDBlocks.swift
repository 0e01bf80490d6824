/// Blocks of ids that a node takes for itself, so that ids are known before a row is written.
public enum IDBlocks {
    /// Takes the next `count` ids of `name`; no other lease ever holds one of them. The first id of all is 1.
    public static func lease(
        _ count: Int, of name: String, in transaction: any Transaction
    ) throws(StorageError) -> Range<Int64> {
        precondition(count > 0, "a lease of no ids")
        let rows = try transaction.query(
            """
            INSERT INTO id_blocks (name, next_id) VALUES (:name, 1 + CAST(:count AS BIGINT))
            ON CONFLICT (name) DO UPDATE SET next_id = id_blocks.next_id + CAST(:count AS BIGINT)
            RETURNING next_id
            """,
            ["name": .text(name), "count": SQLValue(count)])
        guard let end = try rows.first?.integer("next_id") else { throw .unreadable(column: "next_id") }
        return end - Int64(count)..<end
    }
}
