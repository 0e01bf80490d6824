public import Alerting

/// One provider's place in a channel: whoever sends has a queue of its own.
public struct Lane: Hashable, Sendable {
    public var channel: Channel
    /// 0 is the channel's first choice.
    public var provider: Int

    public init(_ channel: Channel, provider: Int = 0) {
        self.channel = channel
        self.provider = provider
    }

    /// Providers of one channel.
    public static let most = 8
}

/// Taking what is due, and what a contact was sent of late.
extension Messages {
    /// Takes up to `limit` messages of a lane that are due, or whose sender's lease ended: by rank, then the oldest.
    ///
    /// - Parameters:
    ///   - cutoff: what was due by then is taken; `nil`: what is due now.
    ///   - provider: who takes them; `nil`: the lane's own.
    public static func claimDue(
        _ lane: Lane, at now: Timestamp, dueBy cutoff: Timestamp? = nil, for provider: Int? = nil,
        until lease: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        var taken: [MessageRecord] = []
        for rank in try dueRanks(lane, by: cutoff ?? now, in: transaction) where taken.count < limit {
            taken += try transaction.query(
                """
                UPDATE messages SET status = 'sending', lease_until_ms = :lease, due_at_ms = :lease,
                    attempts = attempts + 1, provider = :taker, tried_at_ms = :now
                WHERE channel = :channel AND provider = :provider AND rank = :rank
                  AND status IN ('waiting', 'sending') AND due_at_ms <= :cutoff
                  AND id IN (SELECT id FROM messages
                    WHERE channel = :channel AND provider = :provider AND rank = :rank
                      AND status IN ('waiting', 'sending') AND due_at_ms <= :cutoff
                    ORDER BY due_at_ms, id LIMIT :limit)
                RETURNING \(MessageRecord.columns)
                """,
                [
                    "lease": .init(lease), "channel": .init(lane.channel), "provider": .init(lane.provider),
                    "taker": .init(provider ?? lane.provider), "rank": .init(rank.rawValue), "now": .init(now),
                    "cutoff": .init(cutoff ?? now), "limit": .init(limit - taken.count),
                ]
            ).map(MessageRecord.init).sorted { $0.id < $1.id }
        }
        return taken
    }

    /// The ranks of a lane's due messages, the first to be sent first.
    private static func dueRanks(
        _ lane: Lane, by cutoff: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord.Rank] {
        let rows = try transaction.query(
            dueRanks,
            ["channel": .init(lane.channel), "provider": .init(lane.provider), "cutoff": .init(cutoff)])
        let ranks = Set(try rows.map { row throws(StorageError) in try row.int("rank") })
        return MessageRecord.Rank.allCases.filter { ranks.contains($0.rawValue) }
    }

    static let dueRanks = """
        SELECT v.rank FROM (\(MessageRecord.Rank.allCases.map { "SELECT CAST(\($0.rawValue) AS BIGINT) AS rank" }
            .joined(separator: " UNION ALL "))) v
        WHERE EXISTS (SELECT 1 FROM messages m
            WHERE m.channel = :channel AND m.provider = :provider AND m.rank = v.rank
              AND m.status IN ('waiting', 'sending') AND m.due_at_ms <= :cutoff)
        """

    /// When the next message of each of a channel's lanes is due, by the lane's provider; empty lanes are left out.
    public static func nextDue(
        ofEachLane channel: Channel, in transaction: any Transaction
    ) throws(StorageError) -> [Int: Timestamp] {
        let rows = try transaction.query(nextDueOfEachLane, ["channel": .init(channel)])
        var due: [Int: Timestamp] = [:]
        for row in rows { due[try row.int("provider")] = try row.optionalTime("due_at_ms") }
        return due
    }

    private static let nextDueOfEachLane = """
        SELECT l.provider, (SELECT m.due_at_ms FROM messages m
            WHERE m.channel = :channel AND m.provider = l.provider AND m.status IN ('waiting', 'sending')
            ORDER BY m.due_at_ms, m.id LIMIT 1) AS due_at_ms
        FROM (\((0..<Lane.most).map { "SELECT CAST(\($0) AS BIGINT) AS provider" }.joined(separator: " UNION ALL "))) l
        """

    /// When the next message of a channel is due, whichever provider has it.
    public static func nextDue(_ channel: Channel, in transaction: any Transaction) throws(StorageError) -> Timestamp? {
        try transaction.query(
            """
            SELECT min(due_at_ms) AS due_at_ms FROM messages
            WHERE channel = :channel AND status IN ('waiting', 'sending')
            """,
            ["channel": .init(channel)]
        ).first?.optionalTime("due_at_ms")
    }

    /// Which messages of a lane are due, the oldest first.
    public static func due(
        _ lane: Lane, at now: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord.ID] {
        try transaction.query(
            """
            SELECT id FROM messages
            WHERE channel = :channel AND provider = :provider AND status IN ('waiting', 'sending')
              AND due_at_ms <= :now
            ORDER BY due_at_ms, id LIMIT :limit
            """,
            [
                "channel": .init(lane.channel), "provider": .init(lane.provider), "now": .init(now),
                "limit": .init(limit),
            ]
        ).map { row throws(StorageError) in try row.id("id") }
    }

    /// Takes one message that is due; `nil` when somebody else was first.
    public static func claim(
        _ id: MessageRecord.ID, at now: Timestamp, until lease: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> MessageRecord? {
        try transaction.query(
            """
            UPDATE messages SET status = 'sending', lease_until_ms = :lease, due_at_ms = :lease,
                attempts = attempts + 1, tried_at_ms = :now
            WHERE id = :id AND status IN ('waiting', 'sending') AND due_at_ms <= :now
            RETURNING \(MessageRecord.columns)
            """,
            ["lease": .init(lease), "id": .init(id), "now": .init(now)]
        ).first.map(MessageRecord.init)
    }

    /// Puts a message that was just claimed back to wait, as if it had not been tried.
    public static func hold(
        _ id: MessageRecord.ID, until due: Timestamp, reason: String, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE messages SET due_at_ms = :due, lease_until_ms = NULL, attempts = attempts - 1, tried_at_ms = NULL,
                reason = :reason, status = CASE WHEN EXISTS (
                    SELECT 1 FROM messages o WHERE o.alert_id = messages.alert_id AND o.status = 'waiting'
                      AND o.channel = messages.channel AND o.target = messages.target
                      AND o.delay_min = messages.delay_min AND o.purpose = messages.purpose)
                  THEN 'sending' ELSE 'waiting' END
            WHERE id = :id AND status = 'sending'
            """,
            ["id": .init(id), "due": .init(due), "reason": .text(reason)])
    }

    /// A page that a contact was or is being sent.
    public struct Told: Equatable, Sendable {
        public var message: MessageRecord.ID
        public var at: Timestamp
        public var source: AlertSource.ID?
    }

    /// The pages that an address was sent on a channel since `since`, newest first; without those of a message and
    /// without what it or another one carries.
    public static func told(
        _ target: String, on channel: Channel, since: Timestamp, besides message: MessageRecord.ID,
        in transaction: any Transaction
    ) throws(StorageError) -> [Told] {
        try transaction.query(
            """
            SELECT id, tried_at_ms, alert_source_id FROM messages
            WHERE target = :target AND channel = :channel AND tried_at_ms > :since AND id <> :id
              AND purpose = 'page' AND status IN ('sending', 'delivered')
            ORDER BY tried_at_ms DESC, id DESC LIMIT 1000
            """,
            ["target": .text(target), "channel": .init(channel), "since": .init(since), "id": .init(message)]
        ).map { row throws(StorageError) in
            Told(
                message: try row.id("id"), at: try row.time("tried_at_ms"),
                source: try row.optionalID("alert_source_id"))
        }
    }

    /// Whether an address was not told of an alert source since `since`, and nothing that would tell it waits.
    public static func isFirst(
        of source: AlertSource.ID, to target: String, on channel: Channel, since: Timestamp,
        in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try transaction.query(
            """
            SELECT id FROM messages
            WHERE target = :target AND channel = :channel AND alert_source_id = :source AND purpose = 'page'
              AND (tried_at_ms > :since AND status IN ('sending', 'delivered')
                OR tried_at_ms IS NULL AND status IN ('waiting', 'sending'))
            LIMIT 1
            """,
            [
                "target": .text(target), "channel": .init(channel), "source": .init(source), "since": .init(since),
            ]
        ).isEmpty
    }

    /// The pages that were held back for an address, oldest first.
    ///
    /// - Parameter reason: the one they were held back for.
    public static func held(
        _ target: String, on channel: Channel, reason: String, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        try transaction.query(
            """
            SELECT \(MessageRecord.columns) FROM messages
            WHERE target = :target AND channel = :channel AND tried_at_ms IS NULL AND purpose = 'page'
              AND (status = 'waiting' OR status = 'sending' AND lease_until_ms IS NULL) AND reason = :reason
            ORDER BY id LIMIT 500
            """,
            ["target": .text(target), "channel": .init(channel), "reason": .text(reason)]
        ).map(MessageRecord.init)
    }

    /// Makes a waiting message a part of another that is being sent.
    public static func bundle(
        _ id: MessageRecord.ID, into leader: MessageRecord.ID, until lease: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE messages SET status = 'sending', bundle_id = :leader, due_at_ms = :lease, lease_until_ms = :lease
            WHERE id = :id AND (status = 'waiting' OR status = 'sending' AND lease_until_ms IS NULL)
            """,
            ["id": .init(id), "leader": .init(leader), "lease": .init(lease)])
    }

    /// The messages that another one carries, by id.
    public static func bundled(
        in leader: MessageRecord.ID, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        try transaction.query(
            "SELECT \(MessageRecord.columns) FROM messages WHERE bundle_id = :leader ORDER BY id LIMIT 500",
            ["leader": .init(leader)]
        ).map(MessageRecord.init)
    }

    /// The parts of a message that could not go with it wait again, each for itself.
    public static func unbundle(
        _ leader: MessageRecord.ID, due: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE messages SET bundle_id = NULL, due_at_ms = :due, lease_until_ms = NULL
            WHERE bundle_id = :leader AND status = 'sending'
            """,
            ["leader": .init(leader), "due": .init(due)])
    }

    /// The parts of a message went with it.
    ///
    /// - Returns: them, by id.
    public static func deliveredBundle(
        _ leader: MessageRecord.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> [MessageRecord] {
        try transaction.query(
            """
            UPDATE messages SET status = 'delivered', sent_at_ms = :now, lease_until_ms = NULL
            WHERE bundle_id = :leader AND status = 'sending'
            RETURNING \(MessageRecord.columns)
            """,
            ["leader": .init(leader), "now": .init(now)]
        ).map(MessageRecord.init).sorted { $0.id < $1.id }
    }
}
