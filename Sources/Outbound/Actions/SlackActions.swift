import Alerting
import Engine

/// A Slack channel's incoming webhook.
///
/// Source: https://api.slack.com/messaging/webhooks (answers "ok", or a word such as no_service with status 400 to 410;
/// 429 with Retry-After), read 2026-11-23.
enum SlackWebhookAction: ActionService {
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest? {
        let url = try order.needed("url")
        // A body that is no JSON is words.
        if let body = order.body, body.hasPrefix("{"), let own = try? JSONValue.parse(body) { return .json(url, own) }
        return .json(url, .object(["text": .string(SlackText.escaped(order.words))]))
    }
}

/// A Slack app: one message an alert, which is changed in place, with buttons while the alert is open.
///
/// Source: https://api.slack.com/methods/chat.postMessage and chat.update ("ok" tells, not the status; 429 with
/// Retry-After), read 2026-11-23.
enum SlackAppAction: ActionService {
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest? {
        let base = try order.base(else: "https://slack.com/api")
        var message: [String: JSONValue] = [
            "text": .string(SlackText.escaped(order.snapshot.headline)), "blocks": blocks(order),
        ]
        var method = "chat.postMessage"
        if let channel = order.state?["channel"]?.string, let time = order.state?["ts"]?.string {
            method = "chat.update"
            message["channel"] = .string(channel)
            message["ts"] = .string(time)
        } else {
            message["channel"] = .string(try order.needed("channelId"))
        }
        return .json(
            "\(base)/\(method)", .object(message), headers: [("Authorization", "Bearer \(try order.needed("apiKey"))")])
    }

    static func answer(_ response: GuardedResponse, to order: ActionOrder) -> ActionAnswer {
        guard response.status == 200, let json = response.json else {
            return ActionAnswer(response.outcome, status: response.status, text: response.excerpt)
        }
        guard json["ok"]?.bool == true else {
            let error = json["error"]?.string ?? "unknown"
            let passing = ["ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"]
            return ActionAnswer(
                passing.contains(error) ? .retry(after: nil, reason: error) : .rejected(reason: error),
                status: response.status, text: "Slack says: \(error)")
        }
        let state = JSONValue.object([
            "channel": json["channel"] ?? .string(order.text("channelId") ?? ""), "ts": json["ts"] ?? .null,
        ])
        return ActionAnswer(.delivered(receipt: nil), status: response.status, text: "Posted.", state: state)
    }

    /// Somebody has deleted the message, or another app's token is used by now.
    static func isGone(_ response: GuardedResponse) -> Bool {
        ["message_not_found", "cant_update_message"].contains(response.json?["error"]?.string)
    }

    private static func blocks(_ order: ActionOrder) -> JSONValue {
        let snapshot = order.snapshot
        func section(_ text: String) -> JSONValue {
            .object([
                "type": .string("section"),
                "text": .object(["type": .string("mrkdwn"), "text": .string(Limits.cut(text, to: 2900, of: .utf16))]),
            ])
        }
        let title = SlackText.escaped(snapshot.alert.summary)
        let facts = "\(snapshot.status.rawValue.uppercased()) · \(SlackText.escaped(snapshot.sourceName))"
        var blocks = [section("*<\(snapshot.url)|\(title)>*\n\(facts)\n\(SlackText.escaped(order.remark))")]
        if !snapshot.alert.details.isEmpty {
            blocks.append(section(SlackText.escaped(Limits.cut(snapshot.alert.details, to: 1500, of: .utf16))))
        }
        let actions: [(String, String)] =
            switch snapshot.status {
            case .pending: [("accept", "Accept"), ("resolve", "Resolve")]
            case .accepted: [("resolve", "Resolve")]
            case .resolved: []
            }
        if !actions.isEmpty {
            blocks.append(
                .object([
                    "type": .string("actions"),
                    "elements": .array(
                        actions.map { name, label in
                            .object([
                                "type": .string("button"), "action_id": .string(name),
                                "value": .string("\(snapshot.alert.id)"),
                                "text": .object(["type": .string("plain_text"), "text": .string(label)]),
                            ])
                        }),
                ]))
        }
        return .array(blocks)
    }
}

enum SlackText {
    /// Slack reads these three characters as its own.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// A private answer to somebody who pressed a button.
enum SlackReplyAction: ActionService {
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest? {
        .json(
            try order.needed("url"),
            .object([
                "response_type": .string("ephemeral"), "replace_original": .bool(false),
                "text": .string(SlackText.escaped(order.text("text") ?? "")),
            ]))
    }
}
