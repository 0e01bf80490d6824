public import Alerting
public import Storage

/// A monitor as somebody wants it to be.
public struct MonitorDraft: Equatable, Sendable {
    public var name: String
    public var subject: MonitorSubject
    public var interval: Duration
    public var timeout: Duration
    public var retests: Int
    public var isPaused: Bool
    /// `nil`: it raises nothing by itself.
    public var source: AlertSource.ID?
    /// `nil`: as they are, none on creation; so is the next.
    public var groups: [DeliveryGroup.ID]?
    public var teams: [Team.ID]?

    public static let usualInterval = Duration.seconds(60)
    public static let usualTimeout = Duration.seconds(10)
    public static let usualRetests = 1

    public init(
        name: String, subject: MonitorSubject, interval: Duration = usualInterval, timeout: Duration = usualTimeout,
        retests: Int = usualRetests, isPaused: Bool = false, source: AlertSource.ID? = nil,
        groups: [DeliveryGroup.ID]? = nil, teams: [Team.ID]? = nil
    ) {
        self.name = name
        self.subject = subject
        self.interval = interval
        self.timeout = timeout
        self.retests = retests
        self.isPaused = isPaused
        self.source = source
        self.groups = groups
        self.teams = teams
    }

    /// The monitor as it is, to change a part of it.
    public init(_ monitor: MonitorRecord) {
        self.init(
            name: monitor.name, subject: monitor.subject, interval: monitor.interval, timeout: monitor.timeout,
            retests: monitor.retests, isPaused: monitor.isPaused, source: monitor.source, groups: monitor.groups,
            teams: monitor.teams)
    }

    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> MonitorDraft {
        var draft = self
        draft.name = try FieldRules.name(name)
        let (intervals, timeouts) = (Monitor.intervals, Monitor.timeouts)
        guard intervals.contains(Int(interval.components.seconds)), interval.components.attoseconds == 0 else {
            throw .invalid("intervalSec", "must be \(intervals.lowerBound) to \(intervals.upperBound).")
        }
        guard timeouts.contains(Int(timeout.components.seconds)), timeout.components.attoseconds == 0 else {
            throw .invalid("timeoutSec", "must be \(timeouts.lowerBound) to \(timeouts.upperBound).")
        }
        guard Monitor.retests.contains(retests) else {
            throw .invalid("retests", "must be \(Monitor.retests.lowerBound) to \(Monitor.retests.upperBound).")
        }
        return draft
    }
}
