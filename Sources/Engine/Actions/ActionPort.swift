public import Alerting

/// Does alert actions outside: posts to a chat, opens a ticket, calls a webhook.
public protocol ActionSender: Sendable {
    /// Tries once, within its own limits of time and size; never throws: what went wrong is in the answer.
    func perform(_ order: ActionOrder) async -> ActionAnswer
}

/// One alert action for one alert, ready to be done.
public struct ActionOrder: Equatable, Sendable {
    /// As on the wire, such as `slack_webhook`.
    public var kind: String
    /// The action's own settings.
    public var params: JSONValue
    /// The connector's, with its secrets; an empty object without one.
    public var connector: JSONValue
    public var snapshot: AlertSnapshot
    /// The filled-in body template; `nil`: there is none, or it could not be filled in.
    public var body: String?
    /// What an earlier one for the same alert left behind, such as the number of a ticket.
    public var state: JSONValue?
    /// The same for each repetition.
    public var idempotencyKey: String
    public var now: Timestamp

    public init(
        kind: String, params: JSONValue, connector: JSONValue = .object([:]), snapshot: AlertSnapshot,
        body: String? = nil, state: JSONValue? = nil, idempotencyKey: String, now: Timestamp
    ) {
        self.kind = kind
        self.params = params
        self.connector = connector
        self.snapshot = snapshot
        self.body = body
        self.state = state
        self.idempotencyKey = idempotencyKey
        self.now = now
    }
}

/// How it went.
public struct ActionAnswer: Equatable, Sendable {
    public var outcome: DeliveryOutcome
    /// `nil`: there was no answer, or it was not asked for over HTTP.
    public var status: Int?
    /// The beginning of what the other side said, without secrets of ours.
    public var text: String
    /// To be remembered for the next one about the same alert; `nil`: as it is, `null`: nothing any more.
    public var state: JSONValue?

    public init(_ outcome: DeliveryOutcome, status: Int? = nil, text: String = "", state: JSONValue? = nil) {
        self.outcome = outcome
        self.status = status
        self.text = text
        self.state = state
    }

    /// Why it did not work; `nil`: it did.
    public var reason: String? {
        switch outcome {
        case .delivered: nil
        case .rejected(let reason), .retry(_, let reason), .unknown(let reason): reason
        }
    }
}

/// For installations, and tests, from which nothing goes out.
struct NoActionSender: ActionSender {
    func perform(_ order: ActionOrder) async -> ActionAnswer {
        ActionAnswer(.rejected(reason: "This server sends nothing out."))
    }
}
