/// Who could be concerned by a line on an alert's timeline at all: every batch of events asks, and mostly it is nobody.
public struct TimelineAudience: Sendable {
    /// Whether there is an alert action, of any account, that is set off by something.
    public var hasActions: Bool
    /// Whether anybody has subscribed to anything.
    public var hasSubscribers: Bool

    public init(in transaction: any Transaction) throws(StorageError) {
        let row = try transaction.query(
            """
            SELECT EXISTS (SELECT 1 FROM alert_action_triggers) AS has_actions,
                EXISTS (SELECT 1 FROM subscriptions) AS has_subscribers
            """, [:]
        ).first
        hasActions = try row?.bool("has_actions") ?? false
        hasSubscribers = try row?.bool("has_subscribers") ?? false
    }
}
