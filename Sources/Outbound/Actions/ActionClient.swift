import Alerting
public import Engine

/// Does alert actions over the guarded HTTP client: one request each, made and read by the service's own file.
public struct ActionClient: ActionSender {
    private let client: GuardedHTTPClient

    public init(client: GuardedHTTPClient) {
        self.client = client
    }

    public func perform(_ order: ActionOrder) async -> ActionAnswer {
        guard let service = Self.services[order.kind] else {
            return ActionAnswer(.rejected(reason: "There is nothing behind \(order.kind) here."))
        }
        let request: GuardedRequest
        do throws(ActionFault) {
            guard let made = try service.request(for: order) else {
                return ActionAnswer(.delivered(receipt: nil), text: "There was nothing to do.")
            }
            request = made
        } catch {
            return ActionAnswer(.rejected(reason: error.reason))
        }
        switch await client.send(request) {
        case .success(let response): return service.answer(response, to: order)
        case .failure(let failure): return ActionAnswer(failure.outcome, text: failure.reason)
        }
    }

    private static let services: [String: any ActionService.Type] = [
        "webhook": WebhookAction.self, "zapier": WebhookAction.self, "slack_webhook": SlackWebhookAction.self,
        "slack": SlackAppAction.self, "slack_reply": SlackReplyAction.self, "microsoft_teams_webhook": TeamsAction.self,
        "mattermost": MattermostAction.self,
        "discord": DiscordAction.self, "google_chat_webhook": GoogleChatAction.self, "telegram": TelegramAction.self,
        "dingtalk": DingTalkAction.self, "dingtalk_action": DingTalkAction.self, "jira": JiraAction.self,
        "servicenow": ServiceNowAction.self, "zendesk": ZendeskAction.self, "github": GitHubAction.self,
        "zammad": ZammadAction.self, "topdesk": TopdeskAction.self,
    ]
}

/// One service that alert actions speak to: pure functions around one request.
protocol ActionService: SendableMetatype {
    /// - Returns: `nil`: there is nothing to do.
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest?
    static func answer(_ response: GuardedResponse, to order: ActionOrder) -> ActionAnswer
}

extension ActionService {
    static func answer(_ response: GuardedResponse, to order: ActionOrder) -> ActionAnswer {
        ActionAnswer(response.outcome, status: response.status, text: response.excerpt)
    }
}

/// Why no request can be made.
struct ActionFault: Error, Equatable {
    var reason: String
}

extension ActionOrder {
    /// A setting of the action, or else of its connector; `nil` for none and for an empty one.
    func text(_ name: String) -> String? {
        [params[name], connector[name]].lazy.compactMap { $0?.scalarText }.first { !$0.isEmpty }
    }

    func needed(_ name: String) throws(ActionFault) -> String {
        guard let text = text(name) else { throw ActionFault(reason: "The setting \(name) is missing.") }
        return text
    }

    /// The service's address without a slash at its end.
    func base(else usual: String? = nil) throws(ActionFault) -> String {
        guard let url = connector["url"]?.string.flatMap({ $0.isEmpty ? nil : $0 }) ?? usual else {
            throw ActionFault(reason: "The setting url is missing.")
        }
        return url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    func texts(_ name: String) -> [String] { (params[name]?.array ?? []).compactMap(\.string) }

    /// The words of a post: the filled-in template, or the usual ones.
    var words: String {
        body
            ?? [snapshot.headline, Limits.cut(snapshot.alert.details, to: 2000), snapshot.url]
            .filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The words of a ticket.
    var description: String {
        body ?? """
            \(Limits.cut(snapshot.alert.details, to: 20_000))

            Alert source: \(snapshot.sourceName)
            Priority: \(snapshot.alert.priority.rawValue.uppercased())
            Alert: \(snapshot.url)
            """
    }

    /// What is added to a ticket later on.
    var remark: String {
        let words = "The alert \(snapshot.trigger.words)"
        let who = snapshot.actor.isEmpty ? "" : " by \(snapshot.actor)"
        return words + who + "." + (snapshot.text.isEmpty ? "" : "\n\n\(snapshot.text)")
    }

    /// Whether a ticket may be made of this trigger; all others only add to one that is there.
    var makesTicket: Bool {
        switch snapshot.trigger {
        case .created, .raised, .escalationEnded, .notResolved, .manual, .autoEscalated, .assigned: true
        case .acknowledged, .commentAdded, .resolved, .autoResolved, .responderAdded, .responderRemoved,
            .channelAttached, .channelDetached:
            false
        }
    }

    var isEnd: Bool { snapshot.trigger == .resolved || snapshot.trigger == .autoResolved }
}

extension GuardedRequest {
    static func json(
        _ url: String, _ value: JSONValue, headers: [(name: String, value: String)] = []
    ) -> GuardedRequest {
        json("POST", url, value, headers: headers)
    }

    static func json(
        _ method: String, _ url: String, _ value: JSONValue, headers: [(name: String, value: String)] = []
    ) -> GuardedRequest {
        GuardedRequest(
            method: method, url: url, headers: [("Content-Type", "application/json")] + headers, body: value.bytes())
    }
}

extension GuardedResponse {
    /// The beginning of the body, when it is text.
    var excerpt: String {
        Limits.cut(String(validating: body.prefix(2000), as: UTF8.self) ?? "\(body.count) bytes", to: 500)
    }

    /// `nil` when it is no JSON.
    var json: JSONValue? {
        // What is none says nothing more than its status.
        try? JSONValue.parse(body)
    }
}
