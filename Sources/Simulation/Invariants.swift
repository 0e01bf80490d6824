public import Alerting
public import Storage

/// What must hold after every step, whatever happened before it.
public enum Invariants {
    /// - Parameters:
    ///   - ungrouped: alert sources that raise an alert for every key.
    ///   - isSettled: whether the node has just done all that was due at `now`.
    /// - Returns: a sentence for everything that does not hold; empty: all is well.
    public static func violations(
        ungrouped: Set<AlertSource.ID>, isSettled: Bool, at now: Timestamp, in transaction: any Transaction
    ) throws -> [String] {
        let scope = Scope(account: SimulatedCast.account, user: SimulatedCast.carol.user, role: .admin)
        let records = try AlertList.list(AlertFilter(), scope: scope, page: Page(limit: 100_000), in: transaction)
        let timers = try timers(in: transaction)
        let keys = try keys(in: transaction)
        var found: [String] = []
        var open: [String: Alert.ID] = [:]
        for record in records {
            let alert = record.alert
            let owned = keys[alert.id] ?? 0
            let due = timers[alert.id]
            found += try contradictions(of: record, due: due, keys: owned, in: transaction)
            found += try messageFaults(of: alert, isSettled: isSettled, at: now, in: transaction)
            guard alert.isOpen, ungrouped.contains(alert.source) else { continue }
            let name = "\(alert.source)/\(alert.key.lowercased())"
            if let other = open.updateValue(alert.id, forKey: name) {
                found.append("Alerts \(other) and \(alert.id) are both open for \(name).")
            }
        }
        let known = Set(records.filter(\.alert.isOpen).map(\.alert.id))
        for id in keys.keys where !known.contains(id) {
            found.append("A key belongs to alert \(id), which is not open.")
        }
        return found
    }

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

    /// No message is lost: each has ended or has an instant at which it is looked at again.
    private static func messageFaults(
        of alert: Alert, isSettled: Bool, at now: Timestamp, in transaction: any Transaction
    ) throws -> [String] {
        var found: [String] = []
        for message in try Messages.list(of: alert.id, in: transaction) {
            switch message.status {
            case .delivered, .failed, .cancelled: break
            case .waiting:
                if alert.status != .pending {
                    found.append("Message \(message.id) waits; its alert is \(alert.status).")
                }
                if isSettled, message.due <= now { found.append("Message \(message.id) is due and was left.") }
            case .sending:
                if isSettled, message.due <= now { found.append("Message \(message.id) is due again and was left.") }
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
            if message?.status != .sending { faults.append("Message \(id) left although it was not claimed.") }
            if alert?.alert.status != .pending { faults.append("Message \(id) left after its alert was answered.") }
        } catch {
            faults.append("Message \(id) could not be looked up: \(error).")
        }
        if taken.contains(id), !unrecorded.contains(id) { faults.append("Message \(id) was sent again.") }
        guard delivers else { return }
        unrecorded.remove(id)
        taken.insert(id)
    }

    /// The outcome of this attempt was not written down, so that another one is right.
    func forgive(_ id: MessageRecord.ID) {
        unrecorded.insert(id)
    }
}
