public import Alerting
public import Engine

/// Messages to topics of ntfy, at ntfy.sh or a server of one's own; the contact's address is the topic's URL, its
/// secret an access token.
///
/// Source: ntfy, "Publishing", section "Publish as JSON" and "Action buttons", read 2026-11-27; server/server.go of
/// v2.14, read 2026-11-28: a message has 4,096 bytes, the JSON around it twice as many.
public struct NtfySender: Sender {
    public let channel = Channel.ntfy
    /// Bytes; a longer message would come as a file.
    static let limit = 4096
    private let client: GuardedHTTPClient

    public init(client: GuardedHTTPClient) {
        self.client = client
    }

    public func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        guard let slash = message.address.lastIndex(of: "/"), slash > message.address.startIndex else {
            return .rejected(reason: "the topic's URL has no topic")
        }
        let topic = String(message.address[message.address.index(after: slash)...])
        var members: [String: JSONValue] = [
            "topic": .string(topic), "title": .string(Limits.cut(message.subject, to: 750, of: .bytes)),
            "priority": .integer(message.isUrgent ? 5 : 3),
            "tags": .array([.string(message.isUrgent ? "rotating_light" : "bell")]),
        ]
        if let link = message.openLink { members["click"] = .string(link) }
        let actions = [("Accept", message.acceptLink, "accept"), ("Resolve", message.resolveLink, "resolve")]
        members["actions"] = .array(
            actions.compactMap { label, link, action in
                link.map { link in
                    .object([
                        "action": .string("http"), "label": .string(label), "method": .string("POST"),
                        "url": .string(String(link.prefix { $0 != "?" })), "body": .string("do=\(action)"),
                        "headers": .object(["Content-Type": .string("application/x-www-form-urlencoded")]),
                        "clear": .bool(true),
                    ])
                }
            })
        var headers: [(name: String, value: String)] = [("Content-Type", "application/json")]
        if let secret = message.secret { headers.append(("Authorization", "Bearer \(secret)")) }
        let body = Fitting.body(of: message.text, to: Self.limit, most: Self.limit * 2) { text in
            members["message"] = .string(text)
            return JSONValue.object(members).bytes()
        }
        let request = GuardedRequest(url: String(message.address[...slash]), headers: headers, body: body)
        return await client.send(request).outcome
    }
}

/// Messages to a Gotify server; the contact's address is the server's URL, its secret an application's token.
///
/// Source: Gotify, "Push messages" and "Message extras", read 2026-11-27.
public struct GotifySender: Sender {
    public let channel = Channel.gotify
    private let client: GuardedHTTPClient

    public init(client: GuardedHTTPClient) {
        self.client = client
    }

    public func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        var text = Limits.cut(message.text, to: 3000)
        var members: [String: JSONValue] = [
            "title": .string(Limits.cut(message.subject, to: 250)), "priority": .integer(message.isUrgent ? 8 : 4),
        ]
        if let link = message.openLink {
            members["extras"] = .object([
                "client::notification": .object(["click": .object(["url": .string(link)])])
            ])
        } else if let link = message.acceptLink {
            text += "\n\(link)"
        }
        members["message"] = .string(text)
        let base = message.address.hasSuffix("/") ? String(message.address.dropLast()) : message.address
        let request = GuardedRequest(
            url: "\(base)/message",
            headers: [("Content-Type", "application/json"), ("X-Gotify-Key", message.secret ?? "")],
            body: JSONValue.object(members).bytes())
        return await client.send(request).outcome
    }
}

/// Messages through Pushover; the contact's address is a user's or a group's key.
///
/// Source: Pushover, "Message API", read 2026-11-27: 200 with `status` 1; 4xx: do not repeat; 429: the month's quota is
/// used up; 5xx: repeat after five seconds at least; a message has 1,024 characters, its title 250, a URL 512.
public struct PushoverSender: Sender {
    public let channel = Channel.pushover
    /// Pushover asks for two connections at most.
    public let places = 2
    private let token: String
    private let baseURL: String
    private let client: GuardedHTTPClient

    public static let usualBaseURL = "https://api.pushover.net"

    public init(token: String, baseURL: String = usualBaseURL, client: GuardedHTTPClient) {
        self.token = token
        self.baseURL = baseURL
        self.client = client
    }

    public func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        var fields = [
            ("token", token), ("user", message.address), ("title", Limits.cut(message.subject, to: 250, of: .scalars)),
            ("message", Limits.cut(message.text, to: 1024, of: .scalars)), ("priority", message.isUrgent ? "1" : "0"),
        ]
        // Half a link leads nowhere.
        if let link = message.acceptLink ?? message.openLink, link.unicodeScalars.count <= 512 {
            fields += [("url", link), ("url_title", "Answer")]
        }
        let request = GuardedRequest(
            url: baseURL + "/1/messages.json", headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(FormText.encode(fields).utf8))
        switch await client.send(request) {
        case .failure(let failure): return failure.outcome
        case .success(let answer):
            // What is no JSON says no more than its status.
            let body = try? JSONValue.parse(answer.body)
            guard case .delivered = answer.outcome else { return answer.outcome }
            guard body?["status"]?.integer == 1 else { return .rejected(reason: "pushover refused the message") }
            return .delivered(receipt: body?["request"]?.string)
        }
    }
}

extension Result<GuardedResponse, GuardedFailure> {
    /// What it means for the message, where the status says it all.
    var outcome: DeliveryOutcome {
        switch self {
        case .success(let answer): answer.outcome
        case .failure(let failure): failure.outcome
        }
    }
}
