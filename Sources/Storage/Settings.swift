/// Named values of the installation: its instance id, its signing key, the set-up link's hash.
public enum Settings {
    /// Of the installation's own name.
    public static let instanceID = "instance_id"

    public static func value(_ name: String, in transaction: any Transaction) throws(StorageError) -> String? {
        try transaction.query("SELECT value FROM settings WHERE name = :name LIMIT 1", ["name": .text(name)])
            .first?.text("value")
    }

    public static func set(_ name: String, to value: String, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO settings (name, value) VALUES (:name, :value)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """,
            ["name": .text(name), "value": .text(value)])
    }

    public static func remove(_ name: String, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM settings WHERE name = :name", ["name": .text(name)])
    }
}
