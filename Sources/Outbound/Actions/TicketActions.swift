import Alerting
import Engine
import Foundation

/// Services in which an alert becomes a ticket, and what follows a remark on it.
protocol TicketService: ActionService {
    /// A request that opens a ticket.
    static func opening(_ order: ActionOrder) throws(ActionFault) -> GuardedRequest
    /// A request that adds to a ticket, and ends it when the alert is resolved.
    static func following(_ order: ActionOrder, ticket: String) throws(ActionFault) -> GuardedRequest
    /// Names the ticket that was opened; `nil`: the answer does not say.
    static func ticket(in json: JSONValue) -> String?
}

extension TicketService {
    static func request(for order: ActionOrder) throws(ActionFault) -> GuardedRequest? {
        if let ticket = order.state?["ticket"]?.scalarText { return try following(order, ticket: ticket) }
        return order.makesTicket ? try opening(order) : nil
    }

    static func answer(_ response: GuardedResponse, to order: ActionOrder) -> ActionAnswer { told(response, order) }

    /// Somebody has deleted the ticket.
    static func isGone(_ response: GuardedResponse) -> Bool { [404, 410].contains(response.status) }

    /// By the answer's status; the ticket that was opened is remembered.
    static func told(_ response: GuardedResponse, _ order: ActionOrder) -> ActionAnswer {
        var answer = ActionAnswer(response.outcome, status: response.status, text: response.excerpt)
        guard (200...299).contains(response.status) else { return answer }
        guard order.state == nil else {
            answer.text = "Added to ticket \(order.state?["ticket"]?.scalarText ?? "")."
            return answer
        }
        guard let ticket = response.json.flatMap({ Self.ticket(in: $0) }) else {
            return ActionAnswer(
                .rejected(reason: "The answer names no ticket."), status: response.status, text: response.excerpt)
        }
        answer.text = "Ticket \(ticket)"
        answer.state = .object(["ticket": .string(ticket)])
        return answer
    }

    static func basic(_ user: String, _ password: String) -> (name: String, value: String) {
        ("Authorization", "Basic " + Data("\(user):\(password)".utf8).base64EncodedString())
    }
}

/// Source: https://developer.atlassian.com/cloud/jira/platform/rest/v2 (issue: 201 with key; 429 with Retry-After),
/// read 2026-11-23; transitions, which an issue offers by its state: 204, read 2026-11-28.
enum JiraAction: TicketService {
    static func opening(_ order: ActionOrder) throws(ActionFault) -> GuardedRequest {
        .json(
            "\(try order.base())/rest/api/2/issue",
            .object([
                "fields": .object([
                    "project": .object(["key": .string(try order.needed("project"))]),
                    "issuetype": .object(["name": .string(order.text("issueType") ?? "Task")]),
                    "summary": .string(Limits.cut(order.snapshot.alert.summary, to: 250, of: .utf16)),
                    "description": .string(order.description),
                ])
            ]), headers: [try login(order)])
    }

    static func following(_ order: ActionOrder, ticket: String) throws(ActionFault) -> GuardedRequest {
        .json(
            "\(try order.base())/rest/api/2/issue/\(ticket)/comment", .object(["body": .string(order.remark)]),
            headers: [try login(order)])
    }

    static func request(
        _ step: Int, after response: GuardedResponse?, for order: ActionOrder
    ) throws(ActionFault) -> GuardedRequest? {
        guard step > 0 else { return try request(for: order) }
        guard order.isEnd, let wanted = order.text("transition"), let ticket = order.state?["ticket"]?.scalarText
        else { return nil }
        let url = "\(try order.base())/rest/api/2/issue/\(ticket)/transitions"
        if step == 1 { return GuardedRequest(method: "GET", url: url, headers: [try login(order)]) }
        let offered = response?.json?["transitions"]?.array ?? []
        let found = offered.first { transition in
            [transition["id"], transition["name"], transition["to"]?["name"]]
                .contains { $0?.scalarText?.lowercased() == wanted.lowercased() }
        }
        guard let id = found?["id"]?.scalarText else {
            throw ActionFault(reason: "Jira offers no transition \(wanted) for \(ticket).")
        }
        return .json(url, .object(["transition": .object(["id": .string(id)])]), headers: [try login(order)])
    }

    static func ticket(in json: JSONValue) -> String? { json["key"]?.string }

    private static func login(_ order: ActionOrder) throws(ActionFault) -> (name: String, value: String) {
        basic(try order.needed("email"), try order.needed("password"))
    }
}

/// Source: https://www.servicenow.com/docs (Table API: incident, 201 with result.sys_id), read 2026-11-23.
enum ServiceNowAction: TicketService {
    static func opening(_ order: ActionOrder) throws(ActionFault) -> GuardedRequest {
        var fields: [String: JSONValue] = [
            "short_description": .string(Limits.cut(order.snapshot.alert.summary, to: 160, of: .utf16)),
            "description": .string(order.description),
            "correlation_id": .string("nightbell-\(order.snapshot.alert.id)"),
        ]
        let names = [
            "callerId": "caller_id", "impact": "impact", "urgency": "urgency", "assignmentGroup": "assignment_group",
            "ownerGroup": "owner_group", "service": "business_service", "serviceOffering": "service_offering",
            "contactType": "contact_type",
        ]
        for (name, column) in names { fields[column] = order.text(name).map(JSONValue.string) }
        return .json("\(try order.base())/api/now/table/incident", .object(fields), headers: [try login(order)])
    }

    static func following(_ order: ActionOrder, ticket: String) throws(ActionFault) -> GuardedRequest {
        var fields: [String: JSONValue] = ["work_notes": .string(order.remark)]
        if order.isEnd {
            fields["state"] = .string("6")
            fields["close_code"] = .string(order.text("closeCode") ?? "Resolved by caller")
            fields["close_notes"] = .string(order.remark)
        }
        return .json(
            "PATCH", "\(try order.base())/api/now/table/incident/\(ticket)", .object(fields),
            headers: [try login(order)])
    }

    static func ticket(in json: JSONValue) -> String? { json["result"]?["sys_id"]?.string }

    private static func login(_ order: ActionOrder) throws(ActionFault) -> (name: String, value: String) {
        basic(try order.needed("username"), try order.needed("password"))
    }
}

/// Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets (201 with ticket.id; 429 with
/// Retry-After), read 2026-11-23.
enum ZendeskAction: TicketService {
    static func opening(_ order: ActionOrder) throws(ActionFault) -> GuardedRequest {
        var ticket: [String: JSONValue] = [
            "subject": .string(order.snapshot.alert.summary),
            "comment": .object(["body": .string(order.description)]),
            "external_id": .string("nightbell-\(order.snapshot.alert.id)"),
        ]
        ticket["priority"] = order.text("priority").map { .string($0.lowercased()) }
        return .json(
            "\(try order.base())/api/v2/tickets.json", .object(["ticket": .object(ticket)]),
            headers: [try login(order)])
    }

    static func following(_ order: ActionOrder, ticket: String) throws(ActionFault) -> GuardedRequest {
        var changes: [String: JSONValue] = [
            "comment": .object(["body": .string(order.remark), "public": .bool(false)])
        ]
        if order.isEnd { changes["status"] = .string("solved") }
        return .json(
            "PUT", "\(try order.base())/api/v2/tickets/\(ticket).json", .object(["ticket": .object(changes)]),
            headers: [try login(order)])
    }

    static func ticket(in json: JSONValue) -> String? { json["ticket"]?["id"]?.scalarText }

    private static func login(_ order: ActionOrder) throws(ActionFault) -> (name: String, value: String) {
        basic("\(try order.needed("email"))/token", try order.needed("apiKey"))
    }
}

/// Source: https://docs.github.com/rest/issues/issues (201 with number; 403 or 429 with Retry-After), read 2026-11-23;
/// "Rate limits for the REST API" (x-ratelimit-reset, in seconds since 1970, when x-ratelimit-remaining is 0), read
/// 2026-11-28.
enum GitHubAction: TicketService {
    static func opening(_ order: ActionOrder) throws(ActionFault) -> GuardedRequest {
        .json(
            try issues(order),
            .object([
                "title": .string(Limits.cut(order.snapshot.alert.summary, to: 250, of: .utf16)),
                "body": .string(order.description), "labels": .array(order.texts("labels").map(JSONValue.string)),
            ]), headers: try headers(order))
    }

    static func following(_ order: ActionOrder, ticket: String) throws(ActionFault) -> GuardedRequest {
        .json(
            "\(try issues(order))/\(ticket)/comments", .object(["body": .string(order.remark)]),
            headers: try headers(order))
    }

    static func request(
        _ step: Int, after response: GuardedResponse?, for order: ActionOrder
    ) throws(ActionFault) -> GuardedRequest? {
        guard step > 0 else { return try request(for: order) }
        guard step == 1, order.isEnd, let ticket = order.state?["ticket"]?.scalarText else { return nil }
        return .json(
            "PATCH", "\(try issues(order))/\(ticket)", .object(["state": .string("closed")]),
            headers: try headers(order))
    }

    static func ticket(in json: JSONValue) -> String? { json["number"]?.scalarText }

    static func answer(_ response: GuardedResponse, to order: ActionOrder) -> ActionAnswer {
        let isUsedUp = response.header("x-ratelimit-remaining") == "0"
        // A used-up rate limit is told by 403, too.
        if response.status == 429 || response.status == 403 && (isUsedUp || response.header("retry-after") != nil) {
            let reset = response.header("x-ratelimit-reset").flatMap { Int64($0) }
                .map { Timestamp(milliseconds: $0.multipliedReportingOverflow(by: 1000).partialValue) }
            let untilReset = isUsedUp ? reset.flatMap(response.wait) : nil
            return ActionAnswer(
                .retry(after: response.wish ?? untilReset ?? .seconds(60), reason: "http \(response.status)"),
                status: response.status, text: response.excerpt)
        }
        return told(response, order)
    }

    private static func issues(_ order: ActionOrder) throws(ActionFault) -> String {
        func part(_ name: String) throws(ActionFault) -> String {
            let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._"))
            return try order.needed(name).addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        }
        return
            try order.base(else: "https://api.github.com")
            + "/repos/\(try part("owner"))/\(try part("repository"))/issues"
    }

    private static func headers(_ order: ActionOrder) throws(ActionFault) -> [(name: String, value: String)] {
        [
            ("Authorization", "Bearer \(try order.needed("apiKey"))"), ("Accept", "application/vnd.github+json"),
            ("X-GitHub-Api-Version", "2022-11-28"),
        ]
    }
}

/// Source: https://docs.zammad.org/en/latest/api/ticket (201 with id), read 2026-11-23.
enum ZammadAction: TicketService {
    static func opening(_ order: ActionOrder) throws(ActionFault) -> GuardedRequest {
        .json(
            "\(try order.base())/api/v1/tickets",
            .object([
                "title": .string(Limits.cut(order.snapshot.alert.summary, to: 250, of: .utf16)),
                "group": .string(order.text("group") ?? "Users"),
                "customer_id": .string("guess:\(try order.needed("email"))"),
                "article": article(order.snapshot.alert.summary, order.description),
            ]), headers: try headers(order))
    }

    static func following(_ order: ActionOrder, ticket: String) throws(ActionFault) -> GuardedRequest {
        var changes: [String: JSONValue] = ["article": article("Nightbell", order.remark)]
        if order.isEnd { changes["state"] = .string("closed") }
        return .json(
            "PUT", "\(try order.base())/api/v1/tickets/\(ticket)", .object(changes), headers: try headers(order))
    }

    static func ticket(in json: JSONValue) -> String? { json["id"]?.scalarText }

    private static func article(_ subject: String, _ body: String) -> JSONValue {
        .object([
            "subject": .string(subject), "body": .string(body.isEmpty ? subject : body), "type": .string("note"),
            "internal": .bool(false),
        ])
    }

    private static func headers(_ order: ActionOrder) throws(ActionFault) -> [(name: String, value: String)] {
        [("Authorization", "Token token=\(try order.needed("apiKey"))")]
    }
}

/// Source: https://developers.topdesk.com (incidents: 201 with id), read 2026-11-23.
enum TopdeskAction: TicketService {
    static func opening(_ order: ActionOrder) throws(ActionFault) -> GuardedRequest {
        var incident: [String: JSONValue] = [
            "briefDescription": .string(Limits.cut(order.snapshot.alert.summary, to: 80, of: .utf16)),
            "request": .string(order.description), "externalNumber": .string("nightbell-\(order.snapshot.alert.id)"),
        ]
        incident["status"] = order.text("status").map(JSONValue.string)
        return .json("\(try order.base())/tas/api/incidents", .object(incident), headers: [try login(order)])
    }

    static func following(_ order: ActionOrder, ticket: String) throws(ActionFault) -> GuardedRequest {
        var changes: [String: JSONValue] = ["action": .string(order.remark)]
        if order.isEnd { changes["processingStatus"] = .object(["name": .string("Closed")]) }
        return .json(
            "PATCH", "\(try order.base())/tas/api/incidents/id/\(ticket)", .object(changes),
            headers: [try login(order)])
    }

    static func ticket(in json: JSONValue) -> String? { json["id"]?.string }

    private static func login(_ order: ActionOrder) throws(ActionFault) -> (name: String, value: String) {
        basic(try order.needed("username"), try order.needed("password"))
    }
}
