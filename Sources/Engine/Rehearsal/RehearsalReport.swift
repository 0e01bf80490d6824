public import Alerting

/// What happened in a rehearsal, in order, and what came of it.
public struct RehearsalReport: Equatable, Sendable {
    /// What a line is about.
    public enum Stage: String, Sendable, CaseIterable {
        case event, filter, type, maintenance, key, grouping, priority, policy, alert, level, person, message, answer
        case notice
    }

    public struct Line: Equatable, Sendable {
        public var at: Timestamp
        public var stage: Stage
        /// `nil`: it is about no alert.
        public var alert: Alert.ID?
        public var text: String
        /// The address of a message; not for everybody's eyes.
        public var contact: String?

        public init(at: Timestamp, stage: Stage, alert: Alert.ID? = nil, text: String, contact: String? = nil) {
            self.at = at
            self.stage = stage
            self.alert = alert
            self.text = text
            self.contact = contact
        }
    }

    /// One message that would have been handed over.
    public struct Page: Equatable, Sendable {
        public var at: Timestamp
        public var alert: Alert.ID
        /// The person's full name; `nil`: the last-resort contact.
        public var person: String?
        public var channel: Channel
        public var contact: String
        /// 0-based.
        public var level: Int?

        public init(
            at: Timestamp, alert: Alert.ID, person: String?, channel: Channel, contact: String, level: Int?
        ) {
            self.at = at
            self.alert = alert
            self.person = person
            self.channel = channel
            self.contact = contact
            self.level = level
        }
    }

    /// An alert as it is at the end.
    public struct Outcome: Equatable, Sendable {
        public var alert: Alert.ID
        public var summary: String
        public var key: String
        public var priority: Priority
        public var status: AlertStatus
        public var policy: String?
        public var isLastResort: Bool
        public var people: [Person]

        public init(
            alert: Alert.ID, summary: String, key: String, priority: Priority, status: AlertStatus, policy: String?,
            isLastResort: Bool, people: [Person]
        ) {
            self.alert = alert
            self.summary = summary
            self.key = key
            self.priority = priority
            self.status = status
            self.policy = policy
            self.isLastResort = isLastResort
            self.people = people
        }
    }

    /// Why somebody was paged, or was not.
    public struct Person: Equatable, Sendable {
        public var name: String
        public var reason: PagingReason

        public init(name: String, reason: PagingReason) {
            self.name = name
            self.reason = reason
        }
    }

    /// The alert source's name.
    public var source: String
    public var start: Timestamp
    public var end: Timestamp
    public var lines: [Line]
    public var pages: [Page]
    /// By id.
    public var alerts: [Outcome]

    public init(
        source: String, start: Timestamp, end: Timestamp, lines: [Line], pages: [Page], alerts: [Outcome]
    ) {
        self.source = source
        self.start = start
        self.end = end
        self.lines = lines
        self.pages = pages
        self.alerts = alerts
    }
}
