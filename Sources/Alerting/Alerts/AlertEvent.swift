/// What an alert source tells us, in our own words.
public struct AlertEvent: Equatable, Sendable {
    public typealias ID = Identifier<AlertEvent>

    public enum Kind: String, Sendable, CaseIterable {
        case alert, accept, resolve, comment
    }

    public var kind: Kind
    /// Names the problem within its alert source; events with one key belong to one open alert. `nil`: no key.
    public var alertKey: String?
    /// One line, plain text; empty only for accept, resolve and comment.
    public var summary: String
    /// Markdown or plain text.
    public var details: String
    public var priority: Priority?
    /// 1 (worst) to 5.
    public var severity: Int?
    public var links: [AlertLink]
    public var images: [AlertImage]
    public var comments: [AlertComment]
    public var labels: [String: String]
    /// Aliases or ids of services, as sent.
    public var services: [String]
    /// The tool's own payload or what the sender put there, as it came.
    public var customDocument: JSONDocument?
    /// Tried left to right; the first that names a policy wins.
    public var routingKeys: [String]
    /// The tool's own time of what happened, when it says one.
    public var occurredAt: Timestamp?

    public init(
        kind: Kind, alertKey: String? = nil, summary: String = "", details: String = "", priority: Priority? = nil,
        severity: Int? = nil, links: [AlertLink] = [], images: [AlertImage] = [], comments: [AlertComment] = [],
        labels: [String: String] = [:], services: [String] = [], customDetails: JSONValue? = nil,
        routingKeys: [String] = [], occurredAt: Timestamp? = nil
    ) {
        self.kind = kind
        self.alertKey = alertKey
        self.summary = summary
        self.details = details
        self.priority = priority
        self.severity = severity
        self.links = links
        self.images = images
        self.comments = comments
        self.labels = labels
        self.services = services
        customDocument = customDetails.map(JSONDocument.init)
        self.routingKeys = routingKeys
        self.occurredAt = occurredAt
    }

    /// The tree of `customDocument`, which may be built anew at each call.
    public var customDetails: JSONValue? {
        get { customDocument?.value }
        set { customDocument = newValue.map(JSONDocument.init) }
    }
}

public struct AlertLink: Hashable, Sendable {
    public var href: String
    public var text: String?

    public init(href: String, text: String? = nil) {
        self.href = href
        self.text = text
    }
}

public struct AlertImage: Hashable, Sendable {
    public var source: String
    public var href: String?
    public var alternative: String?

    public init(source: String, href: String? = nil, alternative: String? = nil) {
        self.source = source
        self.href = href
        self.alternative = alternative
    }
}

public struct AlertComment: Hashable, Sendable {
    public var creator: String
    public var content: String

    public init(creator: String, content: String) {
        self.creator = creator
        self.content = content
    }
}

public enum Priority: String, Sendable, CaseIterable {
    case high, low
}
