public import Alerting
public import Engine
import Foundation
public import Logging
public import ServiceLifecycle

/// A bot of Telegram's; the contact's address is a chat's number.
///
/// Source: Telegram, "Bot API": sendMessage, getUpdates, answerCallbackQuery, ResponseParameters; read 2026-11-27.
public struct TelegramSettings: Sendable {
    public var token: String
    /// Without a slash at its end.
    public var baseURL: String

    public static let usualBaseURL = "https://api.telegram.org"

    public init(token: String, baseURL: String = usualBaseURL) {
        self.token = token
        self.baseURL = baseURL
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
            "text": .string(Limits.cut("\(message.subject)\n\n\(message.text)", to: 4000)),
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

/// Fetches what people write to the bot and which buttons they press, by long polling: no public address is needed.
public struct TelegramPoller: Service {
    private let settings: TelegramSettings
    private let client: GuardedHTTPClient
    private let desk: TelegramDesk
    private let logger: Logger
    /// Seconds that Telegram keeps a question open for.
    private let patience: Int

    public init(
        settings: TelegramSettings, client: GuardedHTTPClient, desk: TelegramDesk, logger: Logger, patience: Int = 20
    ) {
        self.settings = settings
        self.client = client
        self.desk = desk
        self.logger = logger
        self.patience = patience
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var offset: Int64 = 0
            while !Task.isCancelled {
                do {
                    offset = try await poll(from: offset)
                } catch {
                    logger.warning("telegram not asked", metadata: ["reason": "\(error)"])
                    // Ended by a shutdown only.
                    try? await Task.sleep(for: .seconds(5))
                }
            }
        }
    }

    /// One question and what follows from its answer.
    ///
    /// - Returns: where the next one begins.
    func poll(from offset: Int64) async throws -> Int64 {
        let question = JSONValue.object([
            "offset": .integer(offset), "timeout": .integer(Int64(patience)),
            "allowed_updates": .array([.string("message"), .string("callback_query")]),
        ])
        let answer = try await call("getUpdates", question)
        var next = offset
        for update in answer["result"]?.array ?? [] {
            guard let id = update["update_id"]?.integer else { continue }
            next = max(next, id + 1)
            try await take(update)
        }
        return next
    }

    private func take(_ update: JSONValue) async throws {
        if let query = update["callback_query"], let id = query["id"]?.string, let data = query["data"]?.string {
            let sentence = await desk.press(data)
            _ = try await call(
                "answerCallbackQuery",
                .object([
                    "callback_query_id": .string(id), "text": .string(Limits.cut(sentence, to: 190)),
                    "show_alert": .bool(true),
                ]))
            return
        }
        guard let message = update["message"], let chat = message["chat"]?["id"]?.integer,
            let text = message["text"]?.string
        else { return }
        let name = message["from"]?["first_name"]?.string ?? ""
        guard let sentence = try await desk.receive(text, chat: chat, name: name) else { return }
        _ = try await call("sendMessage", .object(["chat_id": .integer(chat), "text": .string(sentence)]))
    }

    private struct Refused: Error, CustomStringConvertible {
        var description: String
    }

    private func call(_ method: String, _ body: JSONValue) async throws -> JSONValue {
        var limits = GuardedRequest.Limits()
        limits.read = .seconds(patience + 10)
        limits.total = .seconds(patience + 15)
        limits.responseBody = 1024 * 1024
        let request = GuardedRequest(
            url: settings.url(method), headers: [("Content-Type", "application/json")], body: body.bytes(),
            limits: limits)
        switch await client.send(request) {
        case .failure(let failure): throw Refused(description: failure.reason)
        case .success(let answer):
            guard (200...299).contains(answer.status), answer.cut == nil else {
                throw Refused(description: "http \(answer.status)")
            }
            return try JSONValue.parse(answer.body)
        }
    }
}
