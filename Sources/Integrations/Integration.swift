public import Alerting

/// Reads one vendor's requests: a pure function from a request to alert events.
public protocol Integration: SendableMetatype {
    static var kind: IntegrationKind { get }

    /// What the request says, in its order; empty when it says something that concerns nobody (a test, a pause).
    ///
    /// Throws when the request cannot be understood. Ingestion keeps it and opens an alert about it.
    static func events(
        from request: WebhookRequest, settings: IntegrationSettings
    ) throws(IntegrationError) -> [AlertEvent]

    /// The key of the alert source, for senders that put it into the request instead of the URL; `nil`: none in it.
    static func integrationKey(in request: WebhookRequest) -> String?
}

extension Integration {
    public static func integrationKey(in request: WebhookRequest) -> String? { nil }
}

/// What an alert source's owner has set for reading its requests.
public struct IntegrationSettings: Equatable, Sendable {
    /// Where the payload says what, instead of the integration's own reader; `nil`: found by itself.
    public var mapping: PayloadMapping?
    /// Which mails count; `nil`: all raise alerts.
    public var mail: MailRules?

    public init(mapping: PayloadMapping? = nil, mail: MailRules? = nil) {
        self.mapping = mapping
        self.mail = mail
    }
}

/// Why a request was not understood.
public enum IntegrationError: Error, Equatable, Sendable {
    case malformed(reason: String)
    case missing(field: String)
    case unsupported(field: String, value: String)

    /// One sentence for a person.
    public var message: String {
        switch self {
        case .malformed(let reason): reason
        case .missing(let field): "The field \"\(field)\" is missing."
        case .unsupported(let field, let value): "The field \"\(field)\" holds \(value), which is not supported."
        }
    }

    /// The field at fault, when it is one.
    public var field: String? {
        switch self {
        case .malformed: nil
        case .missing(let field), .unsupported(let field, _): field
        }
    }

    static func unsupported(_ field: String, _ value: JSONValue?) -> Self {
        .unsupported(field: field, value: Limits.cut(value?.text ?? "nothing", to: 100))
    }
}

/// What the product says about an integration.
public struct IntegrationKind: Equatable, Sendable {
    public enum Category: String, Sendable, CaseIterable {
        case websites = "Website monitoring"
        case infrastructure = "Infrastructure monitoring"
        case applications = "Application monitoring"
        case cloud = "Cloud"
        case development = "Development and tickets"
        case paging = "Paging services"
        case custom = "Custom"
    }

    public enum Feature: String, Sendable, CaseIterable {
        case alertResolution, alertAcknowledgement, dynamicRouting, images, links, comments, backlinks, bidirectional
        case templates, priorityMapping

        public var name: String {
            switch self {
            case .alertResolution: "Alert resolution"
            case .alertAcknowledgement: "Alert acknowledgement"
            case .dynamicRouting: "Dynamic escalation policy routing"
            case .images: "Images"
            case .links: "Links"
            case .comments: "Comments"
            case .backlinks: "Backlinks"
            case .bidirectional: "Bi-directional"
            case .templates: "Templates"
            case .priorityMapping: "Priority mapping"
            }
        }
    }

    /// The API's `integrationType`, such as `UPTIMEKUMA`.
    public var type: String
    /// The segment of the URL that names it, in lower case.
    public var path: String
    /// Further segments that mean the same, because tools in the field use them.
    public var aliases: [String]
    public var name: String
    public var category: Category
    public var isFeatured: Bool
    public var features: Set<Feature>
    /// The page of the guide below `docs/guide/`, without its extension; `nil`: none yet.
    public var guide: String?
    /// How the tool signs; `nil`: it does not.
    public var signature: WebhookSignature?
    public var answers: AnswerDialect
    /// Whether requests come by HTTP; otherwise mails are its events.
    public var isMail: Bool

    public init(
        type: String, path: String, aliases: [String] = [], name: String, category: Category, isFeatured: Bool = false,
        features: Set<Feature> = [.alertResolution, .dynamicRouting, .links], guide: String? = nil,
        signature: WebhookSignature? = nil, answers: AnswerDialect = .standard, isMail: Bool = false
    ) {
        self.type = type
        self.path = path
        self.aliases = aliases
        self.name = name
        self.category = category
        self.isFeatured = isFeatured
        self.features = features
        self.guide = guide
        self.signature = signature
        self.answers = answers
        self.isMail = isMail
    }
}
