public import Alerting

/// What somebody wants to hear of without being paged.
public enum SubscriptionTarget: Hashable, Sendable {
    case alert(Alert.ID)
    /// All alerts of the source.
    case source(AlertSource.ID)
    /// The status of a service.
    case service(ServiceRecord.ID)

    var kind: String {
        switch self {
        case .alert: "alert"
        case .source: Self.sourceKind
        case .service: Self.serviceKind
        }
    }

    var id: Int64 {
        switch self {
        case .alert(let id): id.rawValue
        case .source(let id): id.rawValue
        case .service(let id): id.rawValue
        }
    }

    private static let sourceKind = "alert_source"
    private static let serviceKind = "service"

    init(kind: String, id: Int64) {
        self =
            switch kind {
            case Self.sourceKind: .source(.init(id))
            case Self.serviceKind: .service(.init(id))
            default: .alert(.init(id))
            }
    }
}

/// The `subscriptions` table.
public enum Subscriptions {
    public static func insert(
        _ target: SubscriptionTarget, of user: User.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO subscriptions (user_id, kind, target_id, created_at_ms) VALUES (:user, :kind, :target, :now)
            ON CONFLICT (user_id, kind, target_id) DO NOTHING
            """,
            ["user": .init(user), "kind": .text(target.kind), "target": .integer(target.id), "now": .init(now)])
    }

    public static func delete(
        _ target: SubscriptionTarget, of user: User.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "DELETE FROM subscriptions WHERE user_id = :user AND kind = :kind AND target_id = :target",
            ["user": .init(user), "kind": .text(target.kind), "target": .integer(target.id)])
    }

    /// All of one person's, oldest first.
    public static func list(
        of user: User.ID, in transaction: any Transaction
    ) throws(StorageError) -> [SubscriptionTarget] {
        try transaction.query(
            """
            SELECT kind, target_id FROM subscriptions WHERE user_id = :user
            ORDER BY created_at_ms, kind, target_id LIMIT 1000
            """,
            ["user": .init(user)]
        ).map { row throws(StorageError) in
            SubscriptionTarget(kind: try row.text("kind"), id: try row.integer("target_id"))
        }
    }

    public static func contains(
        _ target: SubscriptionTarget, of user: User.ID, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            SELECT user_id FROM subscriptions WHERE user_id = :user AND kind = :kind AND target_id = :target LIMIT 1
            """,
            ["user": .init(user), "kind": .text(target.kind), "target": .integer(target.id)]
        ).isEmpty
    }

    /// Everybody who has subscribed to it, by id.
    public static func users(
        of target: SubscriptionTarget, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [User.ID] {
        try transaction.query(
            """
            SELECT user_id FROM subscriptions WHERE kind = :kind AND target_id = :target
            ORDER BY user_id LIMIT :limit
            """,
            ["kind": .text(target.kind), "target": .integer(target.id), "limit": .init(limit)]
        ).map { row throws(StorageError) in try row.id("user_id") }
    }

    /// Forgets those of things that are gone.
    public static func prune(in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            DELETE FROM subscriptions
            WHERE kind = 'alert' AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = target_id)
               OR kind = 'alert_source' AND NOT EXISTS (SELECT 1 FROM alert_sources s WHERE s.id = target_id)
               OR kind = 'service' AND NOT EXISTS (SELECT 1 FROM services v WHERE v.id = target_id)
            """, [:])
    }
}

/// One thing that one subscriber is still to be told.
public struct SubscriptionNewsRecord: Equatable, Sendable {
    /// The line of the timeline that says it.
    public var cause: TimelineEntry.ID
    public var user: User.ID
    public var alert: Alert.ID
    public var trigger: AlertTrigger
    public var actor: Actor
}

/// The `subscription_news` table.
public enum SubscriptionNews {
    /// Queues a line of an alert's timeline for everybody who has subscribed, but for whoever brought it about: one
    /// statement, whatever there is.
    public static func enqueue(
        _ trigger: AlertTrigger, alert: Alert.ID, cause: TimelineEntry.ID, by actor: Actor,
        in transaction: any Transaction
    ) throws(StorageError) {
        let except: User.ID =
            switch actor {
            case .user(let id): id
            case .source, .system: User.ID(0)
            }
        try transaction.execute(
            """
            INSERT INTO subscription_news (cause_id, user_id, alert_id, trigger_name, actor)
            SELECT DISTINCT CAST(:cause AS BIGINT), s.user_id, a.id, CAST(:trigger AS TEXT), CAST(:actor AS TEXT)
            FROM alerts a JOIN subscriptions s ON s.kind = 'alert' AND s.target_id = a.id
                OR s.kind = 'alert_source' AND s.target_id = a.alert_source_id
            WHERE a.id = :alert AND s.user_id <> :except
            ON CONFLICT (cause_id, user_id) DO NOTHING
            """,
            [
                "cause": .init(cause), "alert": .init(alert), "trigger": .init(trigger),
                "actor": .text(ActorColumn.text(of: actor)), "except": .init(except),
            ])
    }

    public static func isEmpty(in transaction: any Transaction) throws(StorageError) -> Bool {
        try transaction.query("SELECT cause_id FROM subscription_news ORDER BY cause_id LIMIT 1", [:]).isEmpty
    }

    /// Takes what is to be told of the `limit` oldest lines out of the table, oldest first.
    public static func take(
        limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [SubscriptionNewsRecord] {
        try transaction.query(
            """
            DELETE FROM subscription_news WHERE cause_id IN
                (SELECT DISTINCT n.cause_id FROM subscription_news n ORDER BY n.cause_id LIMIT :limit)
            RETURNING cause_id, user_id, alert_id, trigger_name, actor
            """,
            ["limit": .init(limit)]
        ).map { row throws(StorageError) in
            SubscriptionNewsRecord(
                cause: try row.id("cause_id"), user: try row.id("user_id"), alert: try row.id("alert_id"),
                trigger: try row.name("trigger_name"), actor: try ActorColumn.actor(row, "actor"))
        }.sorted { ($0.cause, $0.user) < ($1.cause, $1.user) }
    }
}
