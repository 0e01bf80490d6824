/// One problem that somebody has to look at, from its first event to its end.
public struct Alert: Equatable, Sendable {
    public typealias ID = Identifier<Alert>

    public var id: ID
    public var account: Account.ID
    public var source: AlertSource.ID
    /// The key it was raised under, as the tool spells it.
    public var key: String
    public var status: AlertStatus
    public var priority: Priority
    /// 1 (worst) to 5; `nil` when neither event nor source says one.
    public var severity: Int?
    public var summary: String
    public var details: String
    public var links: [AlertLink]
    public var images: [AlertImage]
    public var labels: [String: String]
    public var customDetails: JSONValue?
    public var routingKey: String?
    public var policy: EscalationPolicy.ID?
    public var escalation: Escalation
    public var raisedAt: Timestamp
    public var acceptedAt: Timestamp?
    public var acceptedBy: Actor?
    public var resolvedAt: Timestamp?
    public var resolvedBy: Actor?
    /// Events that were told of it, the first included.
    public var eventCount: Int
    public var lastEventAt: Timestamp
    /// Nobody is paged before then; `nil`: it is not snoozed.
    public var snoozedUntil: Timestamp?
    /// Who has accepted and who is still to, where everybody must.
    public var acceptances = SharedAcceptance()

    public init(
        id: ID, account: Account.ID, source: AlertSource.ID, key: String, status: AlertStatus = .pending,
        priority: Priority, severity: Int? = nil, summary: String, details: String = "", links: [AlertLink] = [],
        images: [AlertImage] = [], labels: [String: String] = [:], customDetails: JSONValue? = nil,
        routingKey: String? = nil, policy: EscalationPolicy.ID?, escalation: Escalation, raisedAt: Timestamp,
        acceptedAt: Timestamp? = nil, acceptedBy: Actor? = nil, resolvedAt: Timestamp? = nil,
        resolvedBy: Actor? = nil, eventCount: Int = 1, lastEventAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.source = source
        self.key = key
        self.status = status
        self.priority = priority
        self.severity = severity
        self.summary = summary
        self.details = details
        self.links = links
        self.images = images
        self.labels = labels
        self.customDetails = customDetails
        self.routingKey = routingKey
        self.policy = policy
        self.escalation = escalation
        self.raisedAt = raisedAt
        self.acceptedAt = acceptedAt
        self.acceptedBy = acceptedBy
        self.resolvedAt = resolvedAt
        self.resolvedBy = resolvedBy
        self.eventCount = eventCount
        self.lastEventAt = lastEventAt
    }

    public var isOpen: Bool { status != .resolved }
}

/// Only moves up.
public enum AlertStatus: String, Sendable, CaseIterable {
    case pending, accepted, resolved
}

/// Who did something.
public enum Actor: Hashable, Sendable {
    case user(User.ID)
    /// The alert source's own event.
    case source
    /// Nightbell itself: a timeout, a rule.
    case system
}
