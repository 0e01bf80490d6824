public import Alerting

/// What a reply, a receipt or a person needs to find a message again.
extension Messages {
    /// The short code that messages about an alert to an address have; `nil`: none yet.
    public static func shortCode(
        of alert: Alert.ID, to target: String, in transaction: any Transaction
    ) throws(StorageError) -> Int? {
        try transaction.query(
            "SELECT max(short_code) AS short_code FROM messages WHERE alert_id = :alert AND target = :target",
            ["alert": .init(alert), "target": .text(target)]
        ).first?.optionalInteger("short_code").map(Int.init)
    }

    /// The code that was given to an address last.
    public static func lastShortCode(
        to target: String, in transaction: any Transaction
    ) throws(StorageError) -> Int? {
        try transaction.query(
            """
            SELECT short_code FROM messages WHERE target = :target AND short_code IS NOT NULL
            ORDER BY id DESC LIMIT 1
            """,
            ["target": .text(target)]
        ).first?.int("short_code")
    }

    /// The newest message to an address that a reply can mean: with this code, or the last one at all.
    ///
    /// - Parameter code: `nil`: whichever was sent last.
    public static func replyable(
        to target: String, code: Int?, in transaction: any Transaction
    ) throws(StorageError) -> MessageRecord? {
        try transaction.query(
            """
            SELECT \(MessageRecord.columns) FROM messages
            WHERE target = :target AND short_code IS NOT NULL AND status IN ('sending', 'delivered')
              AND (CAST(:code AS BIGINT) IS NULL OR short_code = :code)
            ORDER BY tried_at_ms IS NULL, tried_at_ms DESC, id DESC LIMIT 1
            """,
            ["target": .text(target), "code": .init(code.map(Int64.init))]
        ).first.map(MessageRecord.init)
    }

    /// The message that a provider calls by this name.
    public static func find(
        receipt: String, in transaction: any Transaction
    ) throws(StorageError) -> MessageRecord? {
        try transaction.query(
            "SELECT \(MessageRecord.columns) FROM messages WHERE receipt = :receipt ORDER BY id DESC LIMIT 1",
            ["receipt": .text(receipt)]
        ).first.map(MessageRecord.init)
    }

    public static func setReceipt(
        _ state: Receipt, of id: MessageRecord.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE messages SET receipt_state = :state WHERE id = :id", ["id": .init(id), "state": .init(state)])
    }

    /// A message that was handed over did not arrive.
    ///
    /// - Returns: `false` when it does not count as delivered any more.
    public static func undelivered(
        _ id: MessageRecord.ID, reason: String, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE messages SET status = 'failed', reason = :reason WHERE id = :id AND status = 'delivered'
            RETURNING id
            """,
            ["id": .init(id), "reason": .text(reason)]
        ).isEmpty
    }

    /// Which messages a list shows.
    public enum View: String, Sendable, CaseIterable {
        /// Not done yet.
        case open
        case failed
        case all
    }

    /// An account's messages, newest first.
    public static func list(
        account: Account.ID, _ view: View, page: Page, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        try transaction.query(
            """
            SELECT \(MessageRecord.columns) FROM messages
            WHERE account_id = :account
              AND (CAST(:view AS TEXT) = 'all' OR CAST(:view AS TEXT) = 'open' AND status IN ('waiting', 'sending')
                OR CAST(:view AS TEXT) = 'failed' AND status = 'failed')
            ORDER BY id DESC LIMIT :limit OFFSET :offset
            """,
            [
                "account": .init(account), "view": .text(view.rawValue), "limit": .init(page.limit),
                "offset": .init(page.offset),
            ]
        ).map(MessageRecord.init)
    }

    /// Makes a message that waits or has failed due at once.
    ///
    /// - Returns: `false` when it is in another state.
    public static func tryNow(
        _ id: MessageRecord.ID, at now: Timestamp, until deadline: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE messages SET status = 'sending', due_at_ms = :now, deadline_ms = :deadline, lease_until_ms = NULL
            WHERE id = :id AND (status IN ('waiting', 'failed') OR status = 'sending' AND lease_until_ms IS NULL)
              AND (purpose <> 'verification' OR body IS NOT NULL)
            RETURNING id
            """,
            ["id": .init(id), "now": .init(now), "deadline": .init(deadline)]
        ).isEmpty
    }

    /// Takes a message that waits out of its queue.
    ///
    /// - Returns: `false` when it is on its way or done.
    public static func cancelWaiting(
        _ id: MessageRecord.ID, reason: String, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE messages SET status = 'cancelled', reason = :reason
            WHERE id = :id AND (status = 'waiting' OR status = 'sending' AND lease_until_ms IS NULL) RETURNING id
            """,
            ["id": .init(id), "reason": .text(reason)]
        ).isEmpty
    }

    /// When the newest message to each of a user's contacts was handed over.
    public static func lastDelivered(
        of user: User.ID, in transaction: any Transaction
    ) throws(StorageError) -> [Contact.ID: Timestamp] {
        var times: [Contact.ID: Timestamp] = [:]
        for row in try transaction.query(
            """
            SELECT contact_id, max(sent_at_ms) AS sent_at_ms FROM messages
            WHERE user_id = :user AND status = 'delivered' AND contact_id IS NOT NULL AND sent_at_ms IS NOT NULL
            GROUP BY contact_id ORDER BY contact_id LIMIT 100
            """,
            ["user": .init(user)])
        {
            times[try row.id("contact_id")] = try row.time("sent_at_ms")
        }
        return times
    }
}
