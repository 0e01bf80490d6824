public import Alerting
public import Engine

/// A bot of Telegram's; the contact's address is a chat's number.
///
/// Source: Telegram, "Bot API": sendMessage, ResponseParameters; read 2026-11-27. A text has 4,096 units of UTF-16.
public struct TelegramSettings: Sendable {
    public var token: String
    /// Without a slash at its end.
    public var baseURL: String
    /// Where Telegram sends what people write; `nil`: it is asked for it.
    public var webhookURL: String?

    public static let usualBaseURL = "https://api.telegram.org"

    public init(token: String, baseURL: String = usualBaseURL, webhookURL: String? = nil) {
        self.token = token
        self.baseURL = baseURL
        self.webhookURL = webhookURL
    }

    func url(_ method: String) -> String { "\(baseURL)/bot\(token)/\(method)" }
}

public struct TelegramSender: Sender {
    public let channel = Channel.telegram
    private let settings: TelegramSettings
    private let client: GuardedHTTPClient

    public init(settings: TelegramSettings, client: GuardedHTTPClient) {
        self.settings = settings
        self.client = client
    }

    public func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        var members: [String: JSONValue] = [
            "chat_id": Int64(message.address).map(JSONValue.integer) ?? .string(message.address),
            "text": .string(Limits.cut("\(message.subject)\n\n\(message.text)", to: 4096, of: .utf16)),
            "link_preview_options": .object(["is_disabled": .bool(true)]),
        ]
        if let token = message.token, message.acceptLink != nil {
            let choices = [("Accept", "a", message.acceptLink), ("Resolve", "r", message.resolveLink)]
            let buttons = choices.filter { $0.2 != nil }.map { label, letter, _ in
                JSONValue.object(["text": .string(label), "callback_data": .string("\(letter):\(token)")])
            }
            members["reply_markup"] = .object(["inline_keyboard": .array([.array(buttons)])])
        }
        let request = GuardedRequest(
            url: settings.url("sendMessage"), headers: [("Content-Type", "application/json")],
            body: JSONValue.object(members).bytes())
        switch await client.send(request) {
        case .failure(let failure): return failure.outcome
        case .success(let answer):
            // What is no JSON says no more than its status.
            let body = try? JSONValue.parse(answer.body)
            if case .delivered = answer.outcome {
                return .delivered(receipt: body?["result"]?["message_id"]?.integer.map { "telegram-\($0)" })
            }
            if answer.status == 429, let seconds = body?["parameters"]?["retry_after"]?.integer {
                return .retry(after: .seconds(min(max(seconds, 1), 3600)), reason: "http 429")
            }
            // The bot's own token is wrong, not the chat.
            if answer.status == 401 || answer.status == 404 {
                return .retry(after: nil, reason: "http \(answer.status)")
            }
            return answer.outcome
        }
    }
}
