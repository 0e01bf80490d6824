public import Alerting

/// What a process has brought of its local journal into the database: the `intake_journals` table.
public enum IntakeJournals {
    /// How far the intake of one process has come.
    public struct Position: Equatable, Sendable {
        /// The newest batch that was committed without the journal; 0: none.
        public var committedBatch: Int64
        /// The newest request of the journal that was committed; 0: none.
        public var replayed: Int64

        public init(committedBatch: Int64 = 0, replayed: Int64 = 0) {
            self.committedBatch = committedBatch
            self.replayed = replayed
        }
    }

    public static func position(of id: String, in transaction: any Transaction) throws(StorageError) -> Position {
        let row = try transaction.query(
            "SELECT committed_batch, replayed FROM intake_journals WHERE id = :id", ["id": .text(id)]
        ).first
        guard let row else { return Position() }
        return Position(
            committedBatch: try row.integer("committed_batch"), replayed: try row.integer("replayed"))
    }

    /// Notes in a batch's own transaction that it was committed.
    public static func committed(
        batch: Int64, of id: String, node: String, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO intake_journals (id, node, committed_batch, replayed, changed_at_ms)
            VALUES (:id, :node, :batch, 0, :now)
            ON CONFLICT (id) DO UPDATE SET committed_batch = excluded.committed_batch,
                changed_at_ms = excluded.changed_at_ms
            """, ["id": .text(id), "node": .text(node), "batch": .integer(batch), "now": .init(now)])
    }

    /// Notes in the transaction that commits them that requests of a journal were committed, up to number `sequence`.
    public static func replayed(
        upTo sequence: Int64, of id: String, node: String, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO intake_journals (id, node, committed_batch, replayed, changed_at_ms)
            VALUES (:id, :node, 0, :sequence, :now)
            ON CONFLICT (id) DO UPDATE SET replayed = excluded.replayed, changed_at_ms = excluded.changed_at_ms
            """, ["id": .text(id), "node": .text(node), "sequence": .integer(sequence), "now": .init(now)])
    }

    /// Forgets processes that have not written since `time`.
    public static func prune(before time: Timestamp, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            "DELETE FROM intake_journals WHERE changed_at_ms < :time", ["time": .init(time)])
    }
}
