public import Alerting

/// A monitor with its state, its next check and its last result.
public struct MonitorRecord: Equatable, Sendable {
    public var id: Monitor.ID
    public var account: Account.ID
    public var uuid: String
    public var name: String
    public var subject: MonitorSubject
    public var interval: Duration
    public var timeout: Duration
    public var retests: Int
    public var isPaused: Bool
    /// Where its alerts are raised; `nil`: nowhere.
    public var source: AlertSource.ID?
    public var watch: MonitorWatch
    /// `nil` while it is paused.
    public var due: Timestamp?
    public var last: LastCheck?
    /// By id.
    public var teams: [Team.ID]
    public var groups: [DeliveryGroup.ID]
    /// Places that it is checked from, by name; empty: where the servers are.
    public var regions: [String]
    /// How many of them must say that it fails.
    public var agree: Int
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public struct LastCheck: Equatable, Sendable {
        public var at: Timestamp
        public var total: Duration
        /// `nil`: it passed.
        public var reason: String?
        public var validUntil: Timestamp?

        public init(at: Timestamp, total: Duration, reason: String?, validUntil: Timestamp?) {
            self.at = at
            self.total = total
            self.reason = reason
            self.validUntil = validUntil
        }
    }

    public init(
        id: Monitor.ID, account: Account.ID, uuid: String, name: String, subject: MonitorSubject,
        interval: Duration, timeout: Duration, retests: Int, isPaused: Bool = false, source: AlertSource.ID? = nil,
        watch: MonitorWatch = MonitorWatch(), due: Timestamp?, last: LastCheck? = nil, teams: [Team.ID] = [],
        groups: [DeliveryGroup.ID] = [], regions: [String] = [], agree: Int = 1,
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.uuid = uuid
        self.name = name
        self.subject = subject
        self.interval = interval
        self.timeout = timeout
        self.retests = retests
        self.isPaused = isPaused
        self.source = source
        self.watch = watch
        self.due = due
        self.last = last
        self.teams = teams
        self.groups = groups
        self.regions = regions
        self.agree = agree
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    public var grid: MonitorGrid { MonitorGrid(monitor: id, interval: interval) }

    /// Whether the servers themselves check it.
    public var isCheckedAtHome: Bool { regions.isEmpty || regions.contains(Monitor.homeRegion) }
}

extension MonitorRecord {
    init(_ row: Row) throws(StorageError) {
        let settings = try JSONColumn.value(of: row.text("settings"), "settings")
        let subject: MonitorSubject
        do {
            subject = try MonitorSubject(kind: row.name("kind"), target: row.text("target"), block: settings)
        } catch is Failure {
            throw StorageError.unreadable(column: "settings")
        } catch let error as StorageError {
            throw error
        } catch {
            throw StorageError.unreadable(column: "settings")
        }
        var last: LastCheck?
        if let at = try row.optionalTime("checked_at_ms") {
            last = LastCheck(
                at: at, total: .milliseconds(try row.optionalInteger("total_ms") ?? 0),
                reason: try row.optionalText("reason"), validUntil: try row.optionalTime("valid_until_ms"))
        }
        self.init(
            id: try row.id("id"), account: try row.id("account_id"), uuid: try row.text("uuid"),
            name: try row.text("name"), subject: subject, interval: .milliseconds(try row.integer("interval_ms")),
            timeout: .milliseconds(try row.integer("timeout_ms")), retests: try row.int("retests"),
            isPaused: try row.bool("is_paused"), source: try row.optionalID("alert_source_id"),
            watch: MonitorWatch(
                state: try row.name("state"), suspicions: try row.int("suspicions"),
                failingSince: try row.optionalTime("failing_since_ms"),
                changedAt: try row.optionalTime("changed_at_ms")),
            due: try row.optionalTime("due_at_ms"), last: last,
            regions: (try JSONColumn.value(of: row.text("regions"), "regions").array ?? []).compactMap(\.string),
            agree: try row.int("agree"), createdAt: try row.time("created_at_ms"),
            updatedAt: try row.time("updated_at_ms"))
    }
}
