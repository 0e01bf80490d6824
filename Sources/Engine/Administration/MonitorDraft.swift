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
    /// Places that it is checked from, by name; empty: where the servers are.
    public var regions: [String]
    /// How many of them must say that it fails.
    public var agree: Int

    public static let usualInterval = Duration.seconds(60)
    public static let usualTimeout = Duration.seconds(10)
    public static let usualRetests = 1

    public init(
        name: String, subject: MonitorSubject, interval: Duration = usualInterval, timeout: Duration = usualTimeout,
        retests: Int = usualRetests, isPaused: Bool = false, source: AlertSource.ID? = nil,
        groups: [DeliveryGroup.ID]? = nil, teams: [Team.ID]? = nil, regions: [String] = [], agree: Int = 1
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
        self.regions = regions
        self.agree = agree
    }

    /// The monitor as it is, to change a part of it.
    public init(_ monitor: MonitorRecord) {
        self.init(
            name: monitor.name, subject: monitor.subject, interval: monitor.interval, timeout: monitor.timeout,
            retests: monitor.retests, isPaused: monitor.isPaused, source: monitor.source, groups: monitor.groups,
            teams: monitor.teams, regions: monitor.regions, agree: monitor.agree)
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
        var names: Set<String> = []
        for region in regions { names.insert(try RegionName.checked(region)) }
        guard names.count <= Monitor.mostRegions else {
            throw .invalid("regions", "there may be at most \(Monitor.mostRegions).")
        }
        draft.regions = names.sorted()
        guard (1...max(1, names.count)).contains(agree) else {
            throw .invalid("agree", "must be 1 to the number of regions.")
        }
        guard Monitor.retests.contains(retests) else {
            throw .invalid("retests", "must be \(Monitor.retests.lowerBound) to \(Monitor.retests.upperBound).")
        }
        return draft
    }
}

/// What a place that checks are made from may be called.
enum RegionName {
    /// Such as `eu-west-1` or `office`: 1 to 40 small letters, digits and dashes.
    ///
    /// - Throws: `Failure.invalid`.
    static func checked(_ text: String, _ field: String = "regions") throws(Failure) -> String {
        let name = text.lowercased()
        let isFine = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        guard (1...40).contains(name.utf8.count), isFine else {
            throw .invalid(field, "may have 1 to 40 small letters, digits and dashes, such as eu-west-1.")
        }
        return name
    }
}
