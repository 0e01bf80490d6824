public import Alerting

/// Does one check of the outside world.
public protocol Prober: Sendable {
    /// Never throws: what went wrong is in the answer. Ends within `limit` and a little.
    func check(_ subject: MonitorSubject, within limit: Duration) async -> CheckAnswer
}

/// Sends one webhook, within limits of its own.
public protocol WebhookCaller: Sendable {
    func call(_ call: WebhookCall) async -> WebhookAnswer
}

public struct WebhookCall: Equatable, Sendable {
    public var method: String
    public var url: String
    public var headers: [HTTPCheck.Header]
    public var body: [UInt8]

    public init(method: String, url: String, headers: [HTTPCheck.Header], body: [UInt8]) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

public enum WebhookAnswer: Equatable, Sendable {
    case answered(status: Int, body: String)
    /// One sentence.
    case failed(reason: String)
}
