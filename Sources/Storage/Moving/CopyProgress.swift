import Alerting

/// How far a copy into this database has come: the `copy_progress` table, which is empty before and after it.
public enum CopyProgress {
    /// The row that says where the copy comes from; no table is called so.
    private static let origin = ""

    public struct Place: Equatable, Sendable {
        /// Of the last row that is here.
        public var key: [SQLValue]
        public var rows: Int

        public init(key: [SQLValue], rows: Int) {
            self.key = key
            self.rows = rows
        }
    }

    /// Which installation is being copied into this database; `nil`: none.
    public static func source(in transaction: any Transaction) throws(StorageError) -> String? {
        try transaction.query(
            "SELECT last_key FROM copy_progress WHERE table_name = :name", ["name": .text(origin)]
        ).first?.text("last_key")
    }

    public static func begin(from source: String, in transaction: any Transaction) throws(StorageError) {
        try set(origin, key: source, rows: 0, in: transaction)
    }

    public static func place(
        in table: String, _ transaction: any Transaction
    ) throws(StorageError) -> Place? {
        let row = try transaction.query(
            "SELECT last_key, row_count FROM copy_progress WHERE table_name = :name", ["name": .text(table)]
        ).first
        guard let row else { return nil }
        let values = try JSONColumn.value(of: row.text("last_key"), "last_key").array ?? []
        var key: [SQLValue] = []
        for value in values {
            switch value {
            case .integer(let integer): key.append(.integer(integer))
            case .string(let text): key.append(.text(text))
            default: throw .unreadable(column: "last_key")
            }
        }
        return Place(key: key, rows: try row.int("row_count"))
    }

    /// In the transaction that writes the rows.
    public static func reached(
        _ place: Place, in table: String, _ transaction: any Transaction
    ) throws(StorageError) {
        var values: [JSONValue] = []
        for value in place.key {
            switch value {
            case .integer(let integer): values.append(.integer(integer))
            case .text(let text): values.append(.string(text))
            default: throw .failed(message: "The key of \(table) is neither numbers nor texts.")
            }
        }
        try set(table, key: JSONColumn.text(of: .array(values)), rows: place.rows, in: transaction)
    }

    public static func end(in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM copy_progress", [:])
    }

    private static func set(
        _ table: String, key: String, rows: Int, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO copy_progress (table_name, last_key, row_count) VALUES (:name, :key, :rows)
            ON CONFLICT (table_name) DO UPDATE SET last_key = excluded.last_key, row_count = excluded.row_count
            """, ["name": .text(table), "key": .text(key), "rows": .init(rows)])
    }
}
