public import Alerting

/// The `escalation_turns` table: whose turn it was on each level that calls one of its people at a time.
public enum EscalationTurns {
    /// - Parameter level: 0-based in the policy, without what was put in front of it.
    public static func find(
        _ policy: EscalationPolicy.ID, level: Int, in transaction: any Transaction
    ) throws(StorageError) -> Turn? {
        let rows = try transaction.query(
            "SELECT user_id, position FROM escalation_turns WHERE escalation_policy_id = :policy AND level = :level",
            ["policy": .init(policy), "level": .init(level)])
        guard let row = rows.first else { return nil }
        return Turn(user: try row.id("user_id"), position: try row.int("position"))
    }

    public static func set(
        _ turn: Turn, of policy: EscalationPolicy.ID, level: Int, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO escalation_turns (escalation_policy_id, level, user_id, position)
            VALUES (:policy, :level, :user, :position)
            ON CONFLICT (escalation_policy_id, level)
            DO UPDATE SET user_id = excluded.user_id, position = excluded.position
            """,
            [
                "policy": .init(policy), "level": .init(level), "user": .init(turn.user),
                "position": .init(turn.position),
            ])
    }
}
