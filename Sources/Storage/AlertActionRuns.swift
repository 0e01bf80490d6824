public import Alerting

/// One time that an alert action is done for an alert, or is to be.
public struct AlertActionRun: Equatable, Sendable {
    public enum Status: String, Sendable, CaseIterable {
        case waiting, sending, done, failed, cancelled
    }

    /// What names it.
    public struct Key: Hashable, Sendable {
        public var action: AlertActionRecord.ID
        public var alert: Alert.ID
        /// The line of the timeline that set it off, or an id of its own.
        public var cause: Int64
        public var trigger: AlertTrigger

        public init(action: AlertActionRecord.ID, alert: Alert.ID, cause: Int64, trigger: AlertTrigger) {
            self.action = action
            self.alert = alert
            self.cause = cause
            self.trigger = trigger
        }
    }

    public var key: Key
    public var status: Status
    public var attempts: Int
    public var due: Timestamp
    public var deadline: Timestamp
    public var causedAt: Timestamp
    public var httpStatus: Int?
    /// What the other side said, or why it failed.
    public var answer: String?
    public var finishedAt: Timestamp?

    public init(
        key: Key, status: Status = .waiting, attempts: Int = 0, due: Timestamp, deadline: Timestamp,
        causedAt: Timestamp, httpStatus: Int? = nil, answer: String? = nil, finishedAt: Timestamp? = nil
    ) {
        self.key = key
        self.status = status
        self.attempts = attempts
        self.due = due
        self.deadline = deadline
        self.causedAt = causedAt
        self.httpStatus = httpStatus
        self.answer = answer
        self.finishedAt = finishedAt
    }
}

/// The `alert_action_runs` table, and `alert_action_states` beside it.
public enum AlertActionRuns {
    private static let columns = """
        r.alert_action_id, r.alert_id, r.cause_id, r.trigger_name, r.status, r.attempts, r.due_at_ms, r.deadline_ms, \
        r.caused_at_ms, r.http_status, r.answer, r.finished_at_ms
        """

    /// Whether an action `x` is for the alerts of a source.
    static func applies(to source: String) -> String {
        """
        (x.has_sources = 1 AND EXISTS (SELECT 1 FROM alert_action_sources s
            WHERE s.alert_action_id = x.id AND s.alert_source_id = \(source))
        OR x.has_sources = 0 AND (x.has_teams = 0 OR EXISTS (SELECT 1 FROM alert_action_teams m
            JOIN alert_source_teams o ON o.team_id = m.team_id
            WHERE m.alert_action_id = x.id AND o.alert_source_id = \(source))))
        """
    }

    /// Queues what a line of an alert's timeline sets off: one statement, whatever there is. With `created`, what is to
    /// be done if the alert is still open later is queued, too.
    ///
    /// - Parameters:
    ///   - cause: the line.
    ///   - patience: how long a run is tried after it is due.
    public static func enqueue(
        _ trigger: AlertTrigger, alert: Alert.ID, cause: Int64, at now: Timestamp, patience: Duration,
        in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO alert_action_runs (alert_action_id, alert_id, cause_id, trigger_name, status, attempts,
                due_at_ms, deadline_ms, caused_at_ms)
            SELECT x.id, a.id, CAST(:cause AS BIGINT), t.trigger_name, 'waiting', 0, CAST(:now AS BIGINT) + \(delay),
                CAST(:now AS BIGINT) + \(delay) + CAST(:patience AS BIGINT), CAST(:now AS BIGINT)
            FROM alert_action_triggers t JOIN alert_actions x ON x.id = t.alert_action_id
            JOIN alerts a ON a.id = :alert AND a.account_id = x.account_id
            WHERE t.trigger_name IN (:trigger, :later) AND \(applies(to: "a.alert_source_id"))
            ON CONFLICT (alert_action_id, alert_id, cause_id, trigger_name) DO NOTHING
            """,
            [
                "cause": .integer(cause), "now": .init(now), "patience": .init(patience), "alert": .init(alert),
                "trigger": .init(trigger), "later": .init(trigger == .created ? .notResolved : trigger),
            ])
    }

    /// How long after its cause a run is due.
    private static let delay = """
        CASE t.trigger_name WHEN 'v-alert-not-resolved' THEN x.not_resolved_ms
            WHEN 'alert-escalation-ended' THEN x.escalation_ended_ms ELSE 0 END
        """

    public static func insert(_ run: AlertActionRun, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO alert_action_runs (alert_action_id, alert_id, cause_id, trigger_name, status, attempts,
                due_at_ms, deadline_ms, caused_at_ms)
            VALUES (:action, :alert, :cause, :trigger, :status, :attempts, :due, :deadline, :caused)
            """,
            [
                "action": .init(run.key.action), "alert": .init(run.key.alert), "cause": .integer(run.key.cause),
                "trigger": .init(run.key.trigger), "status": .init(run.status), "attempts": .init(run.attempts),
                "due": .init(run.due), "deadline": .init(run.deadline), "caused": .init(run.causedAt),
            ])
    }

    /// What may be claimed at `now`: due, of no busy action, and the first of its action for its alert.
    public static func due(
        at now: Timestamp, busy: [AlertActionRecord.ID], limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [AlertActionRun] {
        var arguments: Arguments = ["now": .init(now), "limit": .init(limit)]
        let avoided = arguments.list(busy, as: "busy")
        return try transaction.query(
            """
            SELECT \(columns) FROM alert_action_runs r
            WHERE r.status IN ('waiting', 'sending') AND r.due_at_ms <= :now
              AND r.alert_action_id NOT IN (\(avoided))
              AND \(isNext)
            ORDER BY r.due_at_ms, r.alert_action_id, r.alert_id, r.cause_id LIMIT :limit
            """, arguments
        ).map(run)
    }

    /// Whether no earlier run of the action for the alert must be over first; what waits by intention holds up nothing.
    private static let isNext = """
        NOT EXISTS (SELECT 1 FROM alert_action_runs e
            WHERE e.alert_action_id = r.alert_action_id AND e.alert_id = r.alert_id
              AND e.status IN ('waiting', 'sending') AND e.trigger_name NOT IN ('v-alert-not-resolved', 'manual')
              AND (e.caused_at_ms < r.caused_at_ms OR e.caused_at_ms = r.caused_at_ms AND e.cause_id < r.cause_id)
              AND (e.attempts > 0 OR e.due_at_ms <= r.due_at_ms))
        """

    /// Takes one run until `lease`; one whose lease is over is taken again.
    ///
    /// - Returns: `false` when somebody else was first.
    public static func claim(
        _ run: AlertActionRun, until lease: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE alert_action_runs SET status = 'sending', attempts = attempts + 1, due_at_ms = :lease
            WHERE alert_action_id = :action AND alert_id = :alert AND cause_id = :cause AND trigger_name = :trigger
              AND status IN ('waiting', 'sending') AND due_at_ms = :due
            RETURNING alert_id
            """,
            [
                "lease": .init(lease), "action": .init(run.key.action), "alert": .init(run.key.alert),
                "cause": .integer(run.key.cause), "trigger": .init(run.key.trigger), "due": .init(run.due),
            ]
        ).isEmpty
    }

    public static func postpone(
        _ key: AlertActionRun.Key, to due: Timestamp, answer: String, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE alert_action_runs SET status = 'waiting', due_at_ms = :due, answer = :answer
            WHERE alert_action_id = :action AND alert_id = :alert AND cause_id = :cause AND trigger_name = :trigger
              AND status = 'sending'
            """,
            [
                "due": .init(due), "answer": .text(answer), "action": .init(key.action), "alert": .init(key.alert),
                "cause": .integer(key.cause), "trigger": .init(key.trigger),
            ])
    }

    public static func finish(
        _ key: AlertActionRun.Key, _ status: AlertActionRun.Status, at now: Timestamp, httpStatus: Int?,
        answer: String, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            UPDATE alert_action_runs SET status = :status, finished_at_ms = :now, http_status = :http, answer = :answer
            WHERE alert_action_id = :action AND alert_id = :alert AND cause_id = :cause AND trigger_name = :trigger
              AND status IN ('waiting', 'sending')
            """,
            [
                "status": .init(status), "now": .init(now), "http": .init(httpStatus.map(Int64.init)),
                "answer": .text(answer), "action": .init(key.action), "alert": .init(key.alert),
                "cause": .integer(key.cause), "trigger": .init(key.trigger),
            ])
    }

    /// The instant of the next run or the end of the next lease.
    public static func nextDue(in transaction: any Transaction) throws(StorageError) -> Timestamp? {
        try transaction.query(
            """
            SELECT r.due_at_ms FROM alert_action_runs r WHERE r.status IN ('waiting', 'sending') AND \(isNext)
            ORDER BY r.due_at_ms, r.alert_action_id, r.alert_id, r.cause_id LIMIT 1
            """, [:]
        ).first?.time("due_at_ms")
    }

    /// An alert's, oldest first.
    public static func list(
        alert: Alert.ID, limit: Int = 500, in transaction: any Transaction
    ) throws(StorageError) -> [AlertActionRun] {
        try transaction.query(
            """
            SELECT \(columns) FROM alert_action_runs r WHERE r.alert_id = :alert
            ORDER BY r.caused_at_ms, r.cause_id, r.alert_action_id, r.trigger_name LIMIT :limit
            """,
            ["alert": .init(alert), "limit": .init(limit)]
        ).map(run)
    }

    /// An action's newest ones.
    public static func list(
        action: AlertActionRecord.ID, limit: Int, in transaction: any Transaction
    ) throws(StorageError) -> [AlertActionRun] {
        try transaction.query(
            """
            SELECT \(columns) FROM alert_action_runs r WHERE r.alert_action_id = :action
            ORDER BY r.caused_at_ms DESC, r.cause_id DESC, r.alert_id DESC, r.trigger_name LIMIT :limit
            """,
            ["action": .init(action), "limit": .init(limit)]
        ).map(run)
    }

    // MARK: - What an action remembers of an alert

    public static func state(
        action: AlertActionRecord.ID, alert: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) -> JSONValue? {
        let row = try transaction.query(
            "SELECT state FROM alert_action_states WHERE alert_action_id = :action AND alert_id = :alert",
            ["action": .init(action), "alert": .init(alert)]
        ).first
        guard let row else { return nil }
        let state = try JSONColumn.value(of: row.text("state"), "state")
        return state == .null ? nil : state
    }

    /// - Parameter state: `null`: nothing is remembered any more.
    public static func setState(
        _ state: JSONValue, action: AlertActionRecord.ID, alert: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO alert_action_states (alert_action_id, alert_id, state) VALUES (:action, :alert, :state)
            ON CONFLICT (alert_action_id, alert_id) DO UPDATE SET state = excluded.state
            """,
            ["action": .init(action), "alert": .init(alert), "state": .text(JSONColumn.text(of: state))])
    }

    private static func run(_ row: Row) throws(StorageError) -> AlertActionRun {
        AlertActionRun(
            key: .init(
                action: try row.id("alert_action_id"), alert: try row.id("alert_id"),
                cause: try row.integer("cause_id"), trigger: try row.name("trigger_name")),
            status: try row.name("status"), attempts: try row.int("attempts"), due: try row.time("due_at_ms"),
            deadline: try row.time("deadline_ms"), causedAt: try row.time("caused_at_ms"),
            httpStatus: try row.optionalInteger("http_status").map(Int.init), answer: try row.optionalText("answer"),
            finishedAt: try row.optionalTime("finished_at_ms"))
    }
}
