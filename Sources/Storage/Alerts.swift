public import Alerting

/// The `alerts` table: one alert at a time. `AlertList` reads many.
public enum Alerts {
    static let columns = """
        a.id, a.account_id, a.alert_source_id, a.alert_key, a.status, a.priority, a.severity, a.summary, a.details, \
        a.extras, a.routing_key, a.escalation_policy_id, a.structure, a.escalation_state, a.escalation_level, \
        a.escalation_pass, a.escalation_due_ms, a.is_last_resort, a.assigned_user_id, a.raised_at_ms, \
        a.accepted_at_ms, a.accepted_by, a.resolved_at_ms, a.resolved_by, a.event_count, a.last_event_at_ms, \
        a.snoozed_until_ms, a.acceptances, a.committed_at_ms
        """

    /// - Parameters:
    ///   - structure: the text of the alert's policy when the caller has it at hand; `nil`: it is written anew.
    ///   - extras: likewise of its links, images, labels and custom details.
    public static func insert(
        _ alert: Alert, structure: String? = nil, extras: AlertExtrasText? = nil, in transaction: any Transaction
    ) throws(StorageError) {
        let escalation = EscalationColumns(alert.escalation.state)
        try transaction.gather(
            inserting,
            [
                "id": .init(alert.id), "account": .init(alert.account), "source": .init(alert.source),
                "key": .text(alert.key), "status": .init(alert.status), "priority": .init(alert.priority),
                "severity": .init(alert.severity.map(Int64.init)), "summary": .text(alert.summary),
                "details": .text(alert.details), "extras": .init((extras ?? AlertExtrasText(alert)).text),
                "routing_key": .init(alert.routingKey), "policy": .init(alert.policy),
                "structure": .text(structure ?? PolicyStructure.text(of: alert.escalation.policy)),
                "state": .text(escalation.state), "level": .init(escalation.level), "pass": .init(escalation.pass),
                "due": .init(escalation.due), "raised": .init(alert.raisedAt), "count": .init(alert.eventCount),
                "last_event": .init(alert.lastEventAt),
            ])
    }

    private static let inserting = GatheredStatement(
        .alerts,
        """
        INSERT INTO alerts (id, account_id, alert_source_id, alert_key, status, priority, severity, summary,
            details, extras, routing_key, escalation_policy_id, structure, escalation_state, escalation_level,
            escalation_pass, escalation_due_ms, is_last_resort, raised_at_ms, event_count, last_event_at_ms)
        VALUES (:id, :account, :source, :key, :status, :priority, :severity, :summary, :details, :extras,
            :routing_key, :policy, :structure, :state, :level, :pass, :due, 0, :raised, :count, :last_event)
        """, subject: "id")

    /// One more event was told of it: counts, and refreshes what the event says.
    ///
    /// - Parameter extras: the column's text when the caller has it at hand.
    public static func append(
        _ event: AlertEvent, extras: AlertExtrasText? = nil, to id: Alert.ID, at now: Timestamp,
        in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.gather(
            appending,
            [
                "id": .init(id), "count": .integer(1), "now": .init(now),
                "details": .init(event.details.isEmpty ? nil : event.details),
                "extras": .init((extras ?? AlertExtrasText(event)).text),
            ])
    }

    private static let appending = GatheredStatement(
        .appends,
        """
        UPDATE alerts SET event_count = event_count + :count, last_event_at_ms = :now,
            details = COALESCE(:details, details), extras = COALESCE(:extras, extras)
        WHERE id = :id
        """,
        together: """
            UPDATE alerts SET event_count = event_count + v.count, last_event_at_ms = v.now,
                details = COALESCE(v.details, alerts.details), extras = COALESCE(v.extras, alerts.extras)
            FROM (VALUES (CAST(:id AS BIGINT), CAST(:count AS BIGINT), CAST(:now AS BIGINT), CAST(:details AS TEXT),
                CAST(:extras AS TEXT))) v (id, count, now, details, extras)
            WHERE alerts.id = v.id
            """, subject: "id",
        repeats: .merged(
            by: ["id"], ["count": .sum, "now": .last, "details": .lastGiven, "extras": .lastGiven]))

    /// - Returns: `false` when it was accepted or resolved before.
    public static func accept(
        _ id: Alert.ID, by actor: Actor, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(
            """
            UPDATE alerts SET status = 'accepted', accepted_at_ms = :now, accepted_by = :actor,
                escalation_state = 'stopped', escalation_level = NULL, escalation_pass = NULL, escalation_due_ms = NULL,
                snoozed_until_ms = NULL
            WHERE id = :id AND status = 'pending' RETURNING id
            """,
            ["id": .init(id), "now": .init(now), "actor": .text(ActorColumn.text(of: actor))]
        ).isEmpty
    }

    /// - Returns: `false` when it was resolved before.
    public static func resolve(
        _ id: Alert.ID, by actor: Actor, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Bool {
        try !transaction.query(resolvingOnce, resolution(id, actor, now)).isEmpty
    }

    /// Resolves an alert that the transaction has seen open.
    public static func end(
        _ id: Alert.ID, by actor: Actor, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.gather(ending, resolution(id, actor, now))
    }

    private static let resolved = """
        escalation_state = 'stopped', escalation_level = NULL, escalation_pass = NULL, escalation_due_ms = NULL,
        snoozed_until_ms = NULL, status = 'resolved'
        """

    private static let resolving = """
        UPDATE alerts SET \(resolved), resolved_at_ms = :now, resolved_by = :actor
        WHERE id = :id AND status <> 'resolved'
        """

    private static let ending = GatheredStatement(
        .ends, resolving,
        together: """
            UPDATE alerts SET \(resolved), resolved_at_ms = v.now, resolved_by = v.actor
            FROM (VALUES (CAST(:id AS BIGINT), CAST(:now AS BIGINT), CAST(:actor AS TEXT))) v (id, now, actor)
            WHERE alerts.id = v.id AND alerts.status <> 'resolved'
            """, subject: "id", repeats: .merged(by: ["id"], [:]))

    private static let resolvingOnce = resolving + " RETURNING id"

    private static func resolution(_ id: Alert.ID, _ actor: Actor, _ now: Timestamp) -> Arguments {
        ["now": .init(now), "actor": .text(ActorColumn.text(of: actor)), "id": .init(id)]
    }

    /// Counts an event and nothing else of it.
    ///
    /// - Returns: how many there are now.
    public static func count(
        _ id: Alert.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) -> Int {
        try transaction.query(
            """
            UPDATE alerts SET event_count = event_count + 1, last_event_at_ms = :now WHERE id = :id
            RETURNING event_count
            """,
            ["id": .init(id), "now": .init(now)]
        ).first?.int("event_count") ?? 0
    }

    public static func setDetails(
        _ details: String, of id: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE alerts SET details = :details WHERE id = :id",
            ["details": .text(Limits.cut(details, to: Limits.details)), "id": .init(id)])
    }

    /// Keeps the text that the alert is grouped by.
    public static func setGroupText(
        _ text: String, of id: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE alerts SET group_text = :text WHERE id = :id", ["text": .text(text), "id": .init(id)])
    }

    public static func raisePriority(of id: Alert.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("UPDATE alerts SET priority = 'high' WHERE id = :id", ["id": .init(id)])
    }

    /// Where the escalation stands now; a snooze is over with that.
    ///
    /// - Parameters:
    ///   - acceptances: empty: anybody's acceptance is enough, and nobody's counts yet.
    ///   - committedAt: when the transaction that raised the alert was over; `nil`: as it is.
    public static func setEscalation(
        _ state: Escalation.State, acceptances: SharedAcceptance = SharedAcceptance(), committedAt: Timestamp? = nil,
        of id: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) {
        let escalation = EscalationColumns(state)
        try transaction.execute(
            """
            UPDATE alerts SET escalation_state = :state, escalation_level = :level, escalation_pass = :pass,
                escalation_due_ms = :due, snoozed_until_ms = NULL, acceptances = :acceptances,
                committed_at_ms = COALESCE(:committed, committed_at_ms)
            WHERE id = :id
            """,
            [
                "state": .text(escalation.state), "level": .init(escalation.level), "pass": .init(escalation.pass),
                "due": .init(escalation.due), "acceptances": .init(AcceptancesColumn.text(of: acceptances)),
                "committed": .init(committedAt), "id": .init(id),
            ])
    }

    /// When the transaction that raised the alert was over; what is known already stays.
    public static func setCommitted(
        at time: Timestamp, _ id: Alert.ID, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE alerts SET committed_at_ms = :time WHERE id = :id AND committed_at_ms IS NULL",
            ["time": .init(time), "id": .init(id)])
    }

    /// Puts the alert on another policy, to be walked from its start, or on one person when `assigned` is given; in
    /// both cases an accepted alert is pending again.
    public static func reassign(
        _ id: Alert.ID, policy: EscalationPolicy.ID?, escalation: Escalation, assigned: User.ID?,
        in transaction: any Transaction
    ) throws(StorageError) {
        let columns = EscalationColumns(escalation.state)
        try transaction.execute(
            """
            UPDATE alerts SET status = 'pending', accepted_at_ms = NULL, accepted_by = NULL,
                escalation_policy_id = COALESCE(:policy, escalation_policy_id), structure = :structure,
                escalation_state = :state, escalation_level = :level, escalation_pass = :pass,
                escalation_due_ms = :due, assigned_user_id = :assigned, snoozed_until_ms = NULL, acceptances = NULL
            WHERE id = :id AND status <> 'resolved'
            """,
            [
                "policy": .init(policy), "structure": .text(PolicyStructure.text(of: escalation.policy)),
                "state": .text(columns.state), "level": .init(columns.level), "pass": .init(columns.pass),
                "due": .init(columns.due), "assigned": .init(assigned), "id": .init(id),
            ])
    }

    /// Notes on the alert that the account's last-resort contact was paged.
    public static func markLastResort(_ id: Alert.ID, in transaction: any Transaction) throws(StorageError) {
        try transaction.execute("UPDATE alerts SET is_last_resort = 1 WHERE id = :id", ["id": .init(id)])
    }

    /// Several at once, whatever their teams, by id; for the engine.
    public static func find(
        _ ids: [Alert.ID], in transaction: any Transaction
    ) throws(StorageError) -> [Alert.ID: AlertRecord] {
        var arguments: Arguments = [:]
        let wanted = arguments.list(ids, as: "alert")
        var found: [Alert.ID: AlertRecord] = [:]
        for row in try transaction.query(
            "SELECT \(columns) FROM alerts a WHERE a.id IN (\(wanted)) ORDER BY a.id LIMIT 10000", arguments)
        {
            let record = try AlertRecord(row)
            found[record.alert.id] = record
        }
        return found
    }

    /// Whatever its teams; for the engine.
    public static func find(_ id: Alert.ID, in transaction: any Transaction) throws(StorageError) -> AlertRecord? {
        try transaction.query("SELECT \(columns) FROM alerts a WHERE a.id = :id", ["id": .init(id)])
            .first.map(AlertRecord.init)
    }

    /// One that the caller may see; `nil` otherwise.
    public static func find(
        _ id: Alert.ID, scope: Scope, in transaction: any Transaction
    ) throws(StorageError) -> AlertRecord? {
        try transaction.query(
            """
            SELECT \(columns) FROM alerts a
            WHERE a.id = :id AND a.account_id = :account \(scope.sourceCondition("a.alert_source_id"))
            """,
            ["id": .init(id), "account": .init(scope.account)]
        ).first.map(AlertRecord.init)
    }
}

/// An alert with what only its row knows.
public struct AlertRecord: Equatable, Sendable {
    public var alert: Alert
    /// Whether the account's last-resort contact was paged for it.
    public var isLastResort: Bool
    /// The one person it was handed to; `nil` while it follows its policy.
    public var assigned: User.ID?
    /// When the transaction that raised it was over; `nil`: nobody noticed.
    public var committedAt: Timestamp?

    init(_ row: Row) throws(StorageError) {
        let policy = try PolicyStructure.policy(of: row.text("structure"), "structure")
        let extras = try AlertExtras(row.optionalText("extras"))
        alert = Alert(
            id: try row.id("id"), account: try row.id("account_id"), source: try row.id("alert_source_id"),
            key: try row.text("alert_key"), status: try row.name("status"), priority: try row.name("priority"),
            severity: try row.optionalInteger("severity").map(Int.init), summary: try row.text("summary"),
            details: try row.text("details"), links: extras.links, images: extras.images, labels: extras.labels,
            customDetails: extras.customDetails, routingKey: try row.optionalText("routing_key"),
            policy: try row.optionalID("escalation_policy_id"),
            escalation: Escalation(policy: policy, state: try EscalationColumns.state(of: row)),
            raisedAt: try row.time("raised_at_ms"), acceptedAt: try row.optionalTime("accepted_at_ms"),
            acceptedBy: try ActorColumn.optionalActor(row, "accepted_by"),
            resolvedAt: try row.optionalTime("resolved_at_ms"),
            resolvedBy: try ActorColumn.optionalActor(row, "resolved_by"), eventCount: try row.int("event_count"),
            lastEventAt: try row.time("last_event_at_ms"))
        alert.snoozedUntil = try row.optionalTime("snoozed_until_ms")
        alert.acceptances = try AcceptancesColumn.value(of: row.optionalText("acceptances"))
        isLastResort = try row.bool("is_last_resort")
        committedAt = try row.optionalTime("committed_at_ms")
        assigned = try row.optionalID("assigned_user_id")
    }
}
