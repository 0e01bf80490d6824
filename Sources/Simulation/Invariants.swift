public import Alerting
public import Storage

/// What must hold after every step, whatever happened before it.
public enum Invariants {
    /// - Parameters:
    ///   - ungrouped: alert sources that raise an alert for every key.
    ///   - isSettled: whether the node has just done all that was due at `now`; then ended alerts are looked at too.
    /// - Returns: a sentence for everything that does not hold; empty: all is well.
    public static func violations(
        ungrouped: Set<AlertSource.ID>, isSettled: Bool, at now: Timestamp, in transaction: any Transaction
    ) throws -> [String] {
        let filter = AlertFilter(statuses: isSettled ? [] : [.pending, .accepted])
        let records = try AlertList.list(filter, scope: scope, page: Page(limit: 100_000), in: transaction)
        let timers = try timers(in: transaction)
        let keys = try keys(in: transaction)
        var found: [String] = []
        var open: [String: Alert.ID] = [:]
        for record in records {
            let alert = record.alert
            found += try contradictions(
                of: record, due: timers[alert.id], keys: keys[alert.id] ?? 0, in: transaction)
            guard alert.isOpen, ungrouped.contains(alert.source) else { continue }
            let name = "\(alert.source)/\(alert.key.lowercased())"
            if let other = open.updateValue(alert.id, forKey: name) {
                found.append("Alerts \(other) and \(alert.id) are both open for \(name).")
            }
        }
        found += try messageFaults(isSettled: isSettled, at: now, in: transaction)
        let known = Set(records.filter(\.alert.isOpen).map(\.alert.id))
        for id in keys.keys where !known.contains(id) {
            found.append("A key belongs to alert \(id), which is not open.")
        }
        return found
    }

    /// What the timelines of all alerts say; for the end of a story.
    public static func timelineFaults(in transaction: any Transaction) throws -> [String] {
        try AlertList.list(AlertFilter(), scope: scope, page: Page(limit: 100_000), in: transaction).flatMap { record in
            let lines = try Timeline.list(of: record.alert.id, limit: 100_000, in: transaction).map(\.entry)
            return TimelineOrder(alert: record.alert, lines: lines).faults
        }
    }

    private static let scope = Scope(account: SimulatedCast.account, user: SimulatedCast.carol.user, role: .admin)

    /// Every open alert is accepted, waits for a known instant, rests, or has ended and said so.
    private static func contradictions(
        of record: AlertRecord, due: Timestamp?, keys: Int, in transaction: any Transaction
    ) throws -> [String] {
        let alert = record.alert
        var found: [String] = []
        if alert.isOpen, keys == 0 { found.append("Alert \(alert.id) is open without a key.") }
        guard alert.status == .pending else {
            if due != nil { found.append("Alert \(alert.id) is \(alert.status) and still waits to escalate.") }
            if alert.escalation.state != .stopped { found.append("Alert \(alert.id) is \(alert.status) and walks on.") }
            return found
        }
        if alert.escalation.due != due {
            found.append("Alert \(alert.id) waits for \(text(alert.escalation.due)); its timer says \(text(due)).")
        }
        switch alert.escalation.state {
        case .ready, .waiting: break
        case .rested:
            if alert.priority == .high { found.append("Alert \(alert.id) rests although it is HIGH.") }
        case .stopped:
            found.append("Alert \(alert.id) is pending and its escalation has stopped.")
        case .exhausted:
            let kinds = try Timeline.list(of: alert.id, limit: 100_000, in: transaction).map(\.entry.kind)
            if !kinds.contains(.escalationEnded) { found.append("Alert \(alert.id) ended silently.") }
        }
        return found
    }

    /// No message is lost: each has ended or has an instant at which it is looked at again; and one that goes out with
    /// another belongs to one that is on its way.
    private static func messageFaults(
        isSettled: Bool, at now: Timestamp, in transaction: any Transaction
    ) throws -> [String] {
        let rows = try transaction.query(
            """
            SELECT m.id, m.status, m.due_at_ms, m.bundle_id, a.status AS alert_status, l.status AS leader_status
            FROM messages m LEFT JOIN alerts a ON a.id = m.alert_id LEFT JOIN messages l ON l.id = m.bundle_id
            WHERE m.status IN ('waiting', 'sending') ORDER BY m.id LIMIT 100000
            """, [:])
        var found: [String] = []
        for row in rows {
            let id: MessageRecord.ID = try row.id("id")
            let status: MessageRecord.Status = try row.name("status")
            let due = try row.time("due_at_ms")
            let alert: AlertStatus? = try row.optionalName("alert_status")
            if status == .waiting, let alert, alert != .pending {
                found.append("Message \(id) waits; its alert is \(alert).")
            }
            if isSettled, due <= now { found.append("Message \(id) is \(status), is due and was left.") }
            guard try row.optionalInteger("bundle_id") != nil else { continue }
            if status == .waiting { found.append("Message \(id) goes out with another and still waits.") }
            let leader: MessageRecord.Status? = try row.optionalName("leader_status")
            if leader != .sending {
                found.append("Message \(id) goes out with one that is \(leader?.rawValue ?? "gone").")
            }
        }
        return found
    }

    private static func timers(in transaction: any Transaction) throws -> [Alert.ID: Timestamp] {
        let rows = try transaction.query(
            "SELECT alert_id, due_at_ms FROM timers WHERE kind = 'escalation' ORDER BY alert_id LIMIT 100000", [:])
        return try Dictionary(uniqueKeysWithValues: rows.map { (try $0.id("alert_id"), try $0.time("due_at_ms")) })
    }

    private static func keys(in transaction: any Transaction) throws -> [Alert.ID: Int] {
        let rows = try transaction.query(
            """
            SELECT alert_id, count(*) AS count FROM alert_keys WHERE alert_id IS NOT NULL
            GROUP BY alert_id ORDER BY alert_id LIMIT 100000
            """, [:])
        return try Dictionary(uniqueKeysWithValues: rows.map { (try $0.id("alert_id"), try $0.int("count")) })
    }

    private static func text(_ time: Timestamp?) -> String {
        time?.iso8601 ?? "nothing"
    }
}

/// What must hold of every message at the instant at which it leaves the node.
///
/// Kept beside the world, for the whole of a story: a message leaves only while its alert is pending and its row is
/// claimed; it leaves again only when the node had reason to think that it never arrived.
public actor Witness {
    private let disk: any Database
    /// Attempts of which a node never learned how they went.
    private var unrecorded: Set<MessageRecord.ID> = []
    private var taken: Set<MessageRecord.ID> = []
    /// Claimed behind one that hung: whoever took them over meanwhile was right to send them too.
    private var excused: Set<MessageRecord.ID> = []
    public private(set) var faults: [String] = []

    public init(disk: any Database) {
        self.disk = disk
    }

    func watch(_ id: MessageRecord.ID, delivers: Bool) async {
        do {
            let (message, alert) = try await disk.read { transaction in
                let message = try Messages.find(id, in: transaction)
                return (message, try message?.alert.flatMap { try Alerts.find($0, in: transaction) })
            }
            guard !excused.contains(id) else { return }
            if message?.status != .sending { faults.append("Message \(id) left although it was not claimed.") }
            if message?.purpose.isPage == true, alert?.alert.status != .pending {
                faults.append("Message \(id) left after its alert was answered.")
            }
        } catch {
            faults.append("Message \(id) could not be looked up: \(error).")
        }
        if taken.contains(id), !unrecorded.contains(id) { faults.append("Message \(id) was sent again.") }
        guard delivers else { return }
        unrecorded.remove(id)
        taken.insert(id)
    }

    func excuse(_ ids: some Sequence<MessageRecord.ID>) {
        excused.formUnion(ids)
    }

    /// An attempt that hung has arrived after all, and that was written down.
    func took(_ id: MessageRecord.ID) {
        unrecorded.remove(id)
        taken.insert(id)
    }

    /// The outcome of this attempt was not written down, so that another one is right.
    func forgive(_ id: MessageRecord.ID) {
        unrecorded.insert(id)
    }
}
