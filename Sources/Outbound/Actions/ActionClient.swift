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
        let (answer, isGone) = await perform(order, by: service)
        guard isGone else { return answer }
        // What was made for the alert is not there any more: it is made anew, or nothing is left to add to.
        var fresh = order
        fresh.state = nil
        var (again, _) = await perform(fresh, by: service)
        guard again.reason == nil else { return again }
        if again.state == nil { again.text = "It is gone there; nothing was added." }
        again.state = again.state ?? .null
        return again
    }

    /// - Returns: the answer, and whether what is remembered of the alert is gone at the service.
    private func perform(_ order: ActionOrder, by service: any ActionService.Type) async -> (ActionAnswer, Bool) {
        var answer = ActionAnswer(.delivered(receipt: nil), text: "There was nothing to do.")
        var response: GuardedResponse?
        // What was done before a failure is not done again.
        let first = order.hasFirstStep ? 1 : 0
        for step in first..<Self.mostSteps {
            do throws(ActionFault) {
                guard var request = try service.request(step, after: response, for: order) else { break }
                request.secrets = order.secrets
                switch await client.send(request) {
                case .success(let taken):
                    response = taken
                    answer = service.answer(taken, to: order).redacted(by: taken.redaction)
                    if order.state != nil, service.isGone(taken) { return (answer, true) }
                case .failure(let failure): answer = ActionAnswer(failure.outcome, text: failure.reason)
                }
            } catch {
                answer = ActionAnswer(.rejected(reason: error.reason))
            }
            guard answer.reason == nil else {
                if step > 0 { answer.state = order.stateWithFirstStep }
                break
            }
        }
        return (answer, false)
    }

    private static let mostSteps = 3

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

/// One service that alert actions speak to: pure functions around one request, or a few in a row.
protocol ActionService: SendableMetatype {
    /// - Returns: `nil`: there is nothing to do.
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest?
    /// The request of a step, counted from 0; those after the first may be repeated.
    ///
    /// - Parameter response: what the step before was answered; `nil` for the first that is done this time.
    /// - Returns: `nil`: all is done.
    static func request(
        _ step: Int, after response: GuardedResponse?, for order: ActionOrder
    ) throws(ActionFault) -> GuardedRequest?
    /// Whether an answer says that what was made for the alert earlier is not there any more.
    static func isGone(_ response: GuardedResponse) -> Bool
    static func answer(_ response: GuardedResponse, to order: ActionOrder) -> ActionAnswer
}

extension ActionService {
    static func request(
        _ step: Int, after response: GuardedResponse?, for order: ActionOrder
    ) throws(ActionFault) -> GuardedRequest? {
        step == 0 ? try request(for: order) : nil
    }

    static func isGone(_ response: GuardedResponse) -> Bool { false }

    static func answer(_ response: GuardedResponse, to order: ActionOrder) -> ActionAnswer {
        ActionAnswer(response.outcome, status: response.status, text: response.excerpt)
    }
}

/// Why no request can be made.
struct ActionFault: Error, Equatable {
    var reason: String
}

extension ActionOrder {
    /// What nobody may read in an answer.
    var secrets: [String] {
        let named = ActionKind.secretFields.flatMap { [params[$0]?.scalarText, connector[$0]?.scalarText] }
        let headers = (params["headers"]?.array ?? []).map { $0["value"]?.scalarText }
        return (named + headers).compactMap(\.self)
    }

    /// Whether an earlier attempt has done the first of its steps.
    var hasFirstStep: Bool { state?["told"]?.string == idempotencyKey }

    var stateWithFirstStep: JSONValue? {
        guard var members = state?.object else { return nil }
        members["told"] = .string(idempotencyKey)
        return .object(members)
    }

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
            ?? [snapshot.headline, Limits.cut(snapshot.alert.details, to: 2000, of: .utf16), snapshot.url]
            .filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The words of a ticket.
    var description: String {
        body ?? """
            \(Limits.cut(snapshot.alert.details, to: 20_000, of: .utf16))

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

extension ActionAnswer {
    func redacted(by redaction: Redaction) -> ActionAnswer {
        var answer = self
        answer.text = redaction.applied(to: text)
        switch outcome {
        case .delivered: break
        case .rejected(let reason): answer.outcome = .rejected(reason: redaction.applied(to: reason))
        case .retry(let wish, let reason): answer.outcome = .retry(after: wish, reason: redaction.applied(to: reason))
        case .unknown(let reason): answer.outcome = .unknown(reason: redaction.applied(to: reason))
        }
        return answer
    }
}

extension GuardedResponse {
    /// The beginning of the body, when it is text, without our secrets: taken out before it is cut, which could leave a
    /// part of one.
    var excerpt: String {
        guard let text = String(validating: body, as: UTF8.self) else { return "\(body.count) bytes" }
        return Limits.cut(redaction.applied(to: text), to: 500)
    }

    /// `nil` when it is no JSON.
    var json: JSONValue? {
        // What is none says nothing more than its status.
        try? JSONValue.parse(body)
    }
}
