import Alerting
import Crypto
import Engine
import Foundation

/// A Microsoft Teams workflow that posts the adaptive card that it gets.
///
/// Source: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors (202 means taken), read
/// 2026-11-23.
enum TeamsAction: ActionService {
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest? {
        let url = try order.needed("url")
        // A body that is no JSON is words.
        if let body = order.body, body.hasPrefix("{"), let own = try? JSONValue.parse(body) { return .json(url, own) }
        func text(_ words: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
            let block: [String: JSONValue] = [
                "type": .string("TextBlock"), "text": .string(words), "wrap": .bool(true),
            ]
            return .object(block.merging(more) { $1 })
        }
        let snapshot = order.snapshot
        let card = JSONValue.object([
            "$schema": .string("http://adaptivecards.io/schemas/adaptive-card.json"), "type": .string("AdaptiveCard"),
            "version": .string("1.4"),
            "body": .array([
                text(snapshot.headline, ["weight": .string("bolder"), "size": .string("medium")]),
                text(Limits.cut(order.body ?? snapshot.alert.details, to: 12_000, of: .bytes)),
                text("Alert source: \(snapshot.sourceName)", ["isSubtle": .bool(true)]),
            ]),
            "actions": .array([
                .object([
                    "type": .string("Action.OpenUrl"), "title": .string("Open alert"), "url": .string(snapshot.url),
                ])
            ]),
        ])
        return .json(
            url,
            .object([
                "type": .string("message"),
                "attachments": .array([
                    .object([
                        "contentType": .string("application/vnd.microsoft.card.adaptive"), "contentUrl": .null,
                        "content": card,
                    ])
                ]),
            ]))
    }
}

/// A Mattermost channel's incoming webhook.
///
/// Source: https://developers.mattermost.com/integrate/webhooks/incoming, read 2026-11-23.
enum MattermostAction: ActionService {
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest? {
        var message: [String: JSONValue] = ["text": .string(Limits.cut(order.words, to: 16_000, of: .utf16))]
        message["username"] = .string("Nightbell")
        message["channel"] = order.text("channelName").map(JSONValue.string)
        return .json(try order.needed("url"), .object(message))
    }
}

/// A Discord channel's webhook: one message an alert, which is changed in place.
///
/// Source: https://discord.com/developers/docs/resources/webhook (429 with Retry-After; `wait=true` answers the
/// message), read 2026-11-23.
enum DiscordAction: ActionService {
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest? {
        let url = try order.needed("url")
        let base = String(url.prefix { $0 != "?" })
        let message = JSONValue.object([
            "content": .string(Limits.cut(order.words, to: 2000, of: .utf16)),
            // Nobody is called by what a tool wrote.
            "allowed_mentions": .object(["parse": .array([])]),
        ])
        if let id = order.state?["message"]?.string { return .json("PATCH", "\(base)/messages/\(id)", message) }
        return .json("\(base)?wait=true", message)
    }

    static func answer(_ response: GuardedResponse, to order: ActionOrder) -> ActionAnswer {
        let state = response.status == 200 ? response.json?["id"]?.string : nil
        return ActionAnswer(
            response.outcome, status: response.status, text: response.status < 300 ? "Posted." : response.excerpt,
            state: state.map { .object(["message": .string($0)]) })
    }

    /// Somebody has deleted the message; 10015 tells of a webhook that is gone.
    static func isGone(_ response: GuardedResponse) -> Bool {
        response.status == 404 && response.json?["code"]?.integer != 10_015
    }
}

/// A Google Chat space's webhook; the posts about one alert are one thread.
///
/// Source: https://developers.google.com/workspace/chat/quickstart/webhooks, read 2026-11-23.
enum GoogleChatAction: ActionService {
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest? {
        let url = try order.needed("url")
        let option = "messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"
        return .json(
            url + (url.contains("?") ? "&" : "?") + option,
            .object([
                "text": .string(Limits.cut(order.words, to: 4000, of: .utf16)),
                "thread": .object(["threadKey": .string("nightbell-\(order.snapshot.alert.id)")]),
            ]))
    }
}

/// A Telegram channel or group, by a bot; the posts about one alert answer the first.
///
/// Source: https://core.telegram.org/bots/api#sendmessage ("ok" tells; 429 with parameters.retry_after), read
/// 2026-11-23.
enum TelegramAction: ActionService {
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest? {
        let base = try order.base(else: "https://api.telegram.org")
        var message: [String: JSONValue] = [
            "chat_id": .string(try order.needed("channelId")),
            "text": .string(Limits.cut(order.words, to: 4096, of: .utf16)),
            "disable_web_page_preview": .bool(true),
        ]
        if let first = order.state?["message"]?.integer {
            message["reply_to_message_id"] = .integer(first)
            message["allow_sending_without_reply"] = .bool(true)
        }
        return .json("\(base)/bot\(try order.needed("apiKey"))/sendMessage", .object(message))
    }

    static func answer(_ response: GuardedResponse, to order: ActionOrder) -> ActionAnswer {
        let json = response.json
        let words = json?["description"]?.string ?? (response.status < 300 ? "Posted." : response.excerpt)
        var answer = ActionAnswer(response.outcome, status: response.status, text: words)
        if response.status == 429, let seconds = json?["parameters"]?["retry_after"]?.integer {
            answer.outcome = .retry(after: .seconds(min(max(seconds, 0), 3600)), reason: "http 429")
        } else if json?["ok"]?.bool == true, order.state == nil, let id = json?["result"]?["message_id"] {
            answer.state = .object(["message": id])
        } else if response.status == 200, json?["ok"]?.bool != true {
            answer.outcome = .rejected(reason: words)
        }
        return answer
    }
}

/// A DingTalk group's robot, signed when there is a secret.
///
/// Source: https://open.dingtalk.com/document/robots/custom-robot-access (errcode tells; 130101: too fast), read
/// 2026-11-23.
enum DingTalkAction: ActionService {
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest? {
        var url = try order.needed("url")
        if let secret = order.text("secret") {
            let time = order.now.milliseconds
            let code = HMAC<SHA256>.authenticationCode(
                for: Data("\(time)\n\(secret)".utf8), using: SymmetricKey(data: Data(secret.utf8)))
            let allowed = CharacterSet.alphanumerics
            let sign = Data(code).base64EncodedString().addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
            url += (url.contains("?") ? "&" : "?") + "timestamp=\(time)&sign=\(sign)"
        }
        let mobiles = order.texts("atMobiles")
        let isAll = order.params["isAtAll"]?.bool ?? (order.text("isAtAll") == "true")
        let mentions = mobiles.map { "@\($0)" }.joined(separator: " ")
        return .json(
            url,
            .object([
                "msgtype": .string("markdown"),
                "markdown": .object([
                    "title": .string(Limits.cut(order.snapshot.headline, to: 100, of: .utf16)),
                    "text": .string(
                        Limits.cut(order.words, to: 15_000, of: .bytes) + (mentions.isEmpty ? "" : "\n\n\(mentions)")),
                ]),
                "at": .object(["isAtAll": .bool(isAll), "atMobiles": .array(mobiles.map(JSONValue.string))]),
            ]))
    }

    static func answer(_ response: GuardedResponse, to order: ActionOrder) -> ActionAnswer {
        guard response.status == 200, let code = response.json?["errcode"]?.integer, code != 0 else {
            return ActionAnswer(response.outcome, status: response.status, text: response.excerpt)
        }
        let reason = "errcode \(code)"
        let isPassing = [-1, 130_101].contains(code)
        return ActionAnswer(
            isPassing ? .retry(after: .seconds(60), reason: reason) : .rejected(reason: reason),
            status: response.status, text: response.json?["errmsg"]?.string ?? reason)
    }
}
