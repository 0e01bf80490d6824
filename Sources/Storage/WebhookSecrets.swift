public import Alerting

/// The `webhook_secrets` table: what tools sign their requests with, by alert source.
///
/// A signature can only be checked by whoever has the secret itself, so it is kept as it is.
public enum WebhookSecrets {
    public static func find(
        _ source: AlertSource.ID, in transaction: any Transaction
    ) throws(StorageError) -> String? {
        try transaction.query(
            "SELECT w.secret FROM webhook_secrets w WHERE w.alert_source_id = :id", ["id": .init(source)]
        ).first?.text("secret")
    }

    /// - Parameter secret: `nil` removes it.
    public static func set(
        _ secret: String?, of source: AlertSource.ID, in transaction: any Transaction
    ) throws(StorageError) {
        guard let secret else {
            return try transaction.execute(
                "DELETE FROM webhook_secrets WHERE alert_source_id = :id", ["id": .init(source)])
        }
        try transaction.execute(
            """
            INSERT INTO webhook_secrets (alert_source_id, secret) VALUES (:id, :secret)
            ON CONFLICT (alert_source_id) DO UPDATE SET secret = :secret
            """,
            ["id": .init(source), "secret": .text(secret)])
    }
}
