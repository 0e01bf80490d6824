public import Alerting
public import Engine

/// Messages to browsers that have subscribed, encrypted end to end; the contact's address is the browser's endpoint.
///
/// Source: RFC 8030 (Web Push): 201 for a message that was taken, 404 and 410 for a subscription that is gone.
public struct WebPushSender: Sender {
    public let channel = Channel.push
    public let name = "Web Push"
    private let key: VAPIDKey
    private let client: GuardedHTTPClient
    private let clock: any Clock

    /// Seconds that a push service keeps a message for a phone that is off.
    private static let lifetime = 4 * 3600

    public init(key: VAPIDKey, client: GuardedHTTPClient, clock: any Clock) {
        self.key = key
        self.client = client
        self.clock = clock
    }

    public func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        let request: GuardedRequest
        do {
            let subscription = try PushSubscription(endpoint: message.address, keys: message.secret ?? "")
            request = GuardedRequest(
                url: subscription.endpoint,
                headers: [
                    ("Authorization", try key.authorization(for: subscription.endpoint, at: clock.now)),
                    ("Content-Encoding", "aes128gcm"), ("Content-Type", "application/octet-stream"),
                    ("TTL", "\(Self.lifetime)"), ("Urgency", message.isUrgent ? "high" : "normal"),
                ], body: try WebPushEncryption.encrypt(Self.content(message), for: subscription))
        } catch {
            return .rejected(reason: "the subscription cannot be used")
        }
        let result = await client.send(request)
        if case .success(let answer) = result, [404, 410].contains(answer.status) {
            return .rejected(reason: "subscription gone")
        }
        return result.outcome
    }

    /// What the service worker reads.
    private static func content(_ message: OutgoingMessage) -> [UInt8] {
        var members: [String: JSONValue?] = [
            "id": .string("\(message.id)"),
            "title": .string(Limits.cut(Limits.cut(message.subject, to: 200), to: 800, of: .bytes)),
            "isUrgent": .bool(message.isUrgent),
            "tag": .string(message.thread ?? "message-\(message.id)"), "open": message.openLink.map(JSONValue.string),
            "answer": message.acceptLink.map { .string(String($0.prefix { $0 != "?" })) },
            "mayResolve": .bool(message.resolveLink != nil),
        ]
        let text = Limits.cut(message.text, to: 600)
        return Fitting.body(of: text, to: WebPushEncryption.limit, most: WebPushEncryption.limit) { text in
            members["body"] = .string(text)
            return JSONValue.object(members.compactMapValues(\.self)).bytes()
        }
    }
}
