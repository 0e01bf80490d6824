public import Alerting

/// The `alert_keys` table: which alert key belongs to which open alert.
public enum AlertKeys {
    /// What is known of a key; `nil` when it was never seen or its row is gone.
    ///
    /// - Parameter countsKeys: whether the open alert's other keys are counted, which only the end of one needs to
    ///   know; otherwise `openKeys` is 1.
    public static func find(
        _ key: AlertKey, source: AlertSource.ID, countsKeys: Bool = true, in transaction: any Transaction
    ) throws(StorageError) -> KnownKey? {
        let rows = try transaction.query(
            countsKeys ? findCounting : find,
            ["source": .init(source), "key": .text(key.folded)])
        return try rows.first.map(known)
    }

    /// A key among several that are looked for.
    public struct Wanted: Sendable {
        public var key: AlertKey
        /// Whether its alert may end with it: then its keys are counted, and it is found out whether anybody was told.
        public var mayEnd: Bool

        public init(_ key: AlertKey, mayEnd: Bool) {
            self.key = key
            self.mayEnd = mayEnd
        }
    }

    /// What is asked of one alert source.
    public struct Search: Sendable {
        public var source: AlertSource.ID
        public var keys: [Wanted]
        /// Alerts that were raised under this key are passed over in the search for the source's newest open alert;
        /// `nil`: that is not looked for.
        public var newestExcept: AlertKey?

        public init(_ source: AlertSource.ID, _ keys: [Wanted], newestExcept: AlertKey? = nil) {
            self.source = source
            self.keys = keys
            self.newestExcept = newestExcept
        }
    }

    /// What is known of one alert source.
    public struct Found: Sendable {
        /// By their folded texts; of those never seen, nothing. An open alert that may end has as many keys as there
        /// are, but is said to have one more than may end at most: enough to tell whether one is left. One that may not
        /// end by any of the keys has 1 key, and somebody was told of it.
        public var keys: [String: (key: KnownKey, isTold: Bool)] = [:]
        /// As `newestOpen`; `nil` also when it was not looked for.
        public var newest: GroupCandidate?
    }

    /// What is known of several keys of several alert sources, all asked for at once.
    ///
    /// - Returns: as many as there are searches, in their order.
    public static func find(
        _ searches: [Search], in transaction: any Transaction
    ) throws(StorageError) -> [Found] {
        let questions = searches.flatMap { search in
            let things = search.keys.map { [.init(search.source), SQLValue.text($0.key.folded), .init($0.mayEnd)] }
            let newest = search.newestExcept.map { [newestOpen(source: search.source, except: $0)] } ?? []
            return [Question.lookUp(finding, things)] + newest
        }
        var answers = try transaction.query(questions)[...]
        return try searches.map { search throws(StorageError) in
            var found = Found()
            for row in answers.popFirst() ?? [] {
                found.keys[try row.text("alert_key")] = (try known(row), try row.bool("is_told"))
            }
            if search.newestExcept != nil { found.newest = try answers.popFirst()?.first.map(candidate) }
            return found
        }
    }

    // A join on both columns, and not IN: for that PostgreSQL may read all keys of the source. Keys are counted once
    // for each alert, which may have many of those that are looked for, and no further than until it is certain that
    // some are left.
    private static let finding = LookUp(
        names: ["source", "key", "ends"], nothing: [.integer(0), .text(""), .integer(0)]
    ) {
        """
        WITH wanted (alert_source_id, alert_key, may_end) AS (VALUES \($0)),
        found AS MATERIALIZED (
            SELECT k.alert_key, k.alert_id, k.resolved_at_ms, a.status, a.priority, v.may_end
            FROM wanted v CROSS JOIN alert_keys k LEFT JOIN alerts a ON a.id = k.alert_id
            WHERE k.alert_source_id = v.alert_source_id AND k.alert_key = v.alert_key),
        ends AS MATERIALIZED (
            SELECT d.alert_id,
                (SELECT count(*) FROM (SELECT 1 FROM alert_keys o WHERE o.alert_id = d.alert_id
                    LIMIT (SELECT count(*) + 1 FROM found WHERE may_end = 1)) c) AS open_keys,
                CASE WHEN EXISTS (SELECT 1 FROM messages m WHERE m.alert_id = d.alert_id) THEN 1 ELSE 0 END
                    AS is_told
            FROM (SELECT DISTINCT alert_id FROM found WHERE may_end = 1 AND alert_id IS NOT NULL) d)
        SELECT f.alert_key, f.alert_id, f.resolved_at_ms, f.status, f.priority,
            coalesce(e.open_keys, 1) AS open_keys, coalesce(e.is_told, 1) AS is_told
        FROM found f LEFT JOIN ends e ON e.alert_id = f.alert_id
        """
    }

    private static func known(_ row: Row) throws(StorageError) -> KnownKey {
        let id: Alert.ID? = try row.optionalID("alert_id")
        let status: AlertStatus? = try row.optionalName("status")
        guard let id, let status, status != .resolved else {
            return KnownKey(open: nil, resolvedAt: try row.optionalTime("resolved_at_ms"))
        }
        return KnownKey(
            open: OpenAlert(
                id: id, status: status, priority: try row.name("priority"), openKeys: try row.int("open_keys")),
            resolvedAt: try row.optionalTime("resolved_at_ms"))
    }

    private static let find = """
        SELECT k.alert_id, k.resolved_at_ms, a.status, a.priority, 1 AS open_keys
        FROM alert_keys k LEFT JOIN alerts a ON a.id = k.alert_id
        WHERE k.alert_source_id = :source AND k.alert_key = :key
        """
    private static let findCounting = """
        SELECT k.alert_id, k.resolved_at_ms, a.status, a.priority,
            (SELECT count(*) FROM alert_keys o WHERE o.alert_id = k.alert_id) AS open_keys
        FROM alert_keys k LEFT JOIN alerts a ON a.id = k.alert_id
        WHERE k.alert_source_id = :source AND k.alert_key = :key
        """

    /// The source's newest open alert, for the ways of grouping that join it.
    ///
    /// - Parameter excluded: alerts that were raised under this key are passed over.
    public static func newestOpen(
        source: AlertSource.ID, except excluded: AlertKey, in transaction: any Transaction
    ) throws(StorageError) -> GroupCandidate? {
        try transaction.query([newestOpen(source: source, except: excluded)])[0].first.map(candidate)
    }

    private static func newestOpen(source: AlertSource.ID, except excluded: AlertKey) -> Question {
        .statement(
            """
            SELECT id, status, priority, raised_at_ms, group_text FROM alerts
            WHERE alert_source_id = :source AND status <> 'resolved' AND alert_key <> :excluded
            ORDER BY raised_at_ms DESC, id DESC LIMIT 1
            """,
            ["source": .init(source), "excluded": .text(excluded.text)])
    }

    /// The source's newest open alerts that were raised with a text to be grouped by, newest first.
    ///
    /// - Parameter text: only those with the same one; `nil`: any.
    public static func openByText(
        _ text: String?, source: AlertSource.ID, except excluded: AlertKey, limit: Int,
        in transaction: any Transaction
    ) throws(StorageError) -> [GroupCandidate] {
        var arguments: Arguments = [
            "source": .init(source), "excluded": .text(excluded.text), "limit": .init(limit),
        ]
        if let text { arguments.add("text", .text(text)) }
        return try transaction.query(
            """
            SELECT id, status, priority, raised_at_ms, group_text FROM alerts
            WHERE alert_source_id = :source AND status <> 'resolved' AND alert_key <> :excluded
              AND group_text IS NOT NULL \(text == nil ? "" : "AND group_text = :text")
            ORDER BY raised_at_ms DESC, id DESC LIMIT :limit
            """,
            arguments
        ).map(candidate)
    }

    private static func candidate(_ row: Row) throws(StorageError) -> GroupCandidate {
        GroupCandidate(
            alert: OpenAlert(id: try row.id("id"), status: try row.name("status"), priority: try row.name("priority")),
            raisedAt: try row.time("raised_at_ms"), text: try row.optionalText("group_text"))
    }

    /// Makes `key` one of the open alert's.
    ///
    /// - Throws: `StorageError.conflict`, at the commit at the latest, when another open alert has the key, which only
    ///   another node can have brought about.
    public static func open(
        _ key: AlertKey, alert: Alert.ID, source: AlertSource.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try change(key, alert: alert, source: source, resolvedAt: nil, at: now, in: transaction)
    }

    /// Takes `key` from its alert and remembers the tool's own time of its latest resolve, whether or not it was open.
    public static func close(
        _ key: AlertKey, source: AlertSource.ID, resolvedAt: Timestamp?, at now: Timestamp,
        in transaction: any Transaction
    ) throws(StorageError) {
        try change(key, alert: nil, source: source, resolvedAt: resolvedAt, at: now, in: transaction)
    }

    private static func change(
        _ key: AlertKey, alert: Alert.ID?, source: AlertSource.ID, resolvedAt: Timestamp?, at now: Timestamp,
        in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.gather(
            changing,
            [
                "source": .init(source), "key": .text(key.folded), "alert": .init(alert),
                "resolved": .init(resolvedAt), "now": .init(now),
            ])
    }

    // A key that is taken has no instant of change, which its column refuses: nobody waits for an answer.
    private static let changing = GatheredStatement(
        .keys,
        """
        INSERT INTO alert_keys (alert_source_id, alert_key, alert_id, resolved_at_ms, changed_at_ms)
        VALUES (:source, :key, :alert, :resolved, :now)
        ON CONFLICT (alert_source_id, alert_key)
        DO UPDATE SET alert_id = excluded.alert_id,
            resolved_at_ms = CASE
                WHEN excluded.resolved_at_ms IS NULL OR excluded.resolved_at_ms < alert_keys.resolved_at_ms
                THEN alert_keys.resolved_at_ms ELSE excluded.resolved_at_ms END,
            changed_at_ms = CASE
                WHEN excluded.alert_id IS NULL OR alert_keys.alert_id IS NULL
                  OR alert_keys.alert_id = excluded.alert_id
                  OR NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = alert_keys.alert_id AND a.status <> 'resolved')
                THEN excluded.changed_at_ms END
        """, repeats: .merged(by: ["source", "key"], ["alert": .last, "resolved": .greatest, "now": .last]))

    /// Takes all keys from an alert that ends.
    public static func closeAll(
        of alert: Alert.ID, at now: Timestamp, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            "UPDATE alert_keys SET alert_id = NULL, changed_at_ms = :now WHERE alert_id = :alert",
            ["alert": .init(alert), "now": .init(now)])
    }

    /// Forgets closed keys that nothing happened to since `time`, those first that were closed first.
    public static func prune(
        before time: Timestamp, limit: Int, in transaction: any Transaction
    ) throws(StorageError) {
        try transaction.execute(
            """
            DELETE FROM alert_keys WHERE alert_id IS NULL AND changed_at_ms < :time
              AND (alert_source_id, alert_key) IN (SELECT alert_source_id, alert_key FROM alert_keys
                WHERE alert_id IS NULL AND changed_at_ms < :time
                ORDER BY changed_at_ms, alert_source_id, alert_key LIMIT :limit)
            """,
            ["time": .init(time), "limit": .init(limit)])
    }
}
