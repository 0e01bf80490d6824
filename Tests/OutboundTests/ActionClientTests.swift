import Alerting
import Engine
import Foundation
import Synchronization
import Testing

@testable import Outbound

/// Services as their vendors document them, small: they look at what they get as the real ones do, and answer likewise.
enum VendorStandIn {
    static func answer(_ request: WebServer.Request) -> WebServer.Answer {
        let path = String(request.uri.prefix { $0 != "?" })
        // What is no JSON has none of the fields that are looked for.
        let json = (try? JSONValue.parse(Array(request.body.utf8))) ?? .null
        let token = request.headers["authorization"] ?? ""
        func basic(_ text: String) -> Bool { token == "Basic " + Data(text.utf8).base64EncodedString() }
        switch (request.method, path) {
        case ("POST", "/slack"):
            return json["text"]?.string == nil ? .reply(400, body: "invalid_payload") : .reply(200, body: "ok")
        case ("POST", "/api/chat.postMessage"), ("POST", "/api/chat.update"): return slack(path, json, token)
        case ("POST", "/teams"):
            let card = json["attachments"]?[0]
            let isCard = card?["contentType"]?.string == "application/vnd.microsoft.card.adaptive"
            return isCard && card?["content"]?["version"]?.string != nil ? .reply(202) : .reply(400)
        case ("POST", "/mattermost"):
            return (json["text"]?.string ?? "").isEmpty
                ? .reply(400, body: #"{"id":"web.incoming_webhook.text.app_error"}"#) : .reply(200, body: "ok")
        case ("POST", "/discord"):
            guard json["content"]?.string != nil else { return .reply(400, body: #"{"code":50006}"#) }
            return request.uri.contains("wait=true") ? .reply(200, body: #"{"id":"77"}"#) : .reply(204)
        case ("PATCH", "/discord/messages/77"): return .reply(200, body: #"{"id":"77"}"#)
        case ("POST", "/chat"):
            return request.uri.contains("key=k&messageReplyOption=") && json["thread"]?["threadKey"] != nil
                ? .reply(200, body: #"{"name":"spaces/a/messages/b"}"#) : .reply(400)
        case ("POST", "/bot1:t/sendMessage"):
            guard json["chat_id"] != nil, json["text"] != nil else {
                return .reply(400, body: #"{"ok":false,"error_code":400,"description":"Bad Request"}"#)
            }
            return .reply(200, body: #"{"ok":true,"result":{"message_id":5}}"#)
        case ("POST", "/dingtalk"): return dingTalk(request, json)
        case ("POST", "/rest/api/2/issue"):
            guard basic("a@example.com:t") else { return .reply(401) }
            let fields = json["fields"]
            guard fields?["project"]?["key"]?.string == "OPS", fields?["issuetype"]?["name"] != nil,
                (fields?["summary"]?.string ?? "").isEmpty == false
            else { return .reply(400, body: #"{"errors":{"project":"valid project is required"}}"#) }
            return .reply(201, body: #"{"id":"10000","key":"OPS-24"}"#)
        case ("POST", "/rest/api/2/issue/OPS-24/comment"):
            return json["body"]?.string == nil ? .reply(400) : .reply(201, body: #"{"id":"1"}"#)
        default: return ticket(request, path, json, token)
        }
    }

    private static func ticket(
        _ request: WebServer.Request, _ path: String, _ json: JSONValue, _ token: String
    ) -> WebServer.Answer {
        func basic(_ text: String) -> Bool { token == "Basic " + Data(text.utf8).base64EncodedString() }
        switch (request.method, path) {
        case ("POST", "/api/now/table/incident"):
            guard basic("u:p") else { return .reply(401, body: #"{"error":{"message":"User Not Authenticated"}}"#) }
            return .reply(201, body: #"{"result":{"sys_id":"abc","number":"INC1"}}"#)
        case ("PATCH", "/api/now/table/incident/abc"):
            let isWhole = json["state"]?.string != "6" || json["close_notes"] != nil
            return isWhole ? .reply(200, body: #"{"result":{}}"#) : .reply(403)
        case ("POST", "/api/v2/tickets.json"):
            guard basic("a@example.com/token:t") else { return .reply(401) }
            return json["ticket"]?["comment"]?["body"] == nil
                ? .reply(422) : .reply(201, body: #"{"ticket":{"id":35436}}"#)
        case ("PUT", "/api/v2/tickets/35436.json"): return .reply(200, body: #"{"ticket":{"id":35436}}"#)
        case ("POST", "/repos/o/r/issues"):
            guard token == "Bearer t" else { return .reply(401, body: #"{"message":"Bad credentials"}"#) }
            return json["title"] == nil ? .reply(422) : .reply(201, body: #"{"number":1347}"#)
        case ("POST", "/repos/o/r/issues/1347/comments"): return .reply(201, body: #"{"id":1}"#)
        case ("PATCH", "/repos/o/r/issues/1347"):
            return json["state"]?.string == "closed" ? .reply(200, body: #"{"number":1347}"#) : .reply(422)
        case ("POST", "/api/v1/tickets"):
            guard token == "Token token=t" else { return .reply(401) }
            return json["article"]?["body"] == nil || json["customer_id"] == nil
                ? .reply(422) : .reply(201, body: #"{"id":19}"#)
        case ("PUT", "/api/v1/tickets/19"): return .reply(200, body: #"{"id":19}"#)
        case ("POST", "/tas/api/incidents"):
            guard basic("u:p") else { return .reply(401) }
            let isShort = (json["briefDescription"]?.string ?? "").count <= 80
            return isShort ? .reply(201, body: #"{"id":"uuid-1"}"#) : .reply(400)
        case ("PATCH", "/tas/api/incidents/id/uuid-1"): return .reply(200, body: #"{"id":"uuid-1"}"#)
        case (_, "/hook"): return .reply(200, body: "taken")
        default: return .reply(404)
        }
    }

    private static func slack(_ path: String, _ json: JSONValue, _ token: String) -> WebServer.Answer {
        guard token == "Bearer xoxb-1" else { return .reply(200, body: #"{"ok":false,"error":"invalid_auth"}"#) }
        guard json["channel"]?.string == "C1" else {
            return .reply(200, body: #"{"ok":false,"error":"channel_not_found"}"#)
        }
        if path.hasSuffix("update"), json["ts"]?.string != "1503435956.000247" {
            return .reply(200, body: #"{"ok":false,"error":"message_not_found"}"#)
        }
        return .reply(200, body: #"{"ok":true,"channel":"C1","ts":"1503435956.000247"}"#)
    }

    private static func dingTalk(_ request: WebServer.Request, _ json: JSONValue) -> WebServer.Answer {
        let query = request.uri.split(separator: "?").last ?? ""
        let items = Dictionary(
            query.split(separator: "&").map { item in
                let parts = item.split(separator: "=", maxSplits: 1).map(String.init)
                return (parts[0], parts.count > 1 ? parts[1].removingPercentEncoding ?? "" : "")
            }
        ) { $1 }
        // Computed by Python's hmac for this time and the secret "SEC".
        guard items["timestamp"] == "1790000000000", items["sign"] == "lkPZZCfyd+Y1m4mX/EnT1dx6JD3trxL4XAT/TApG3i8="
        else {
            return .reply(200, body: #"{"errcode":310000,"errmsg":"sign not match"}"#)
        }
        return json["markdown"]?["text"] == nil
            ? .reply(200, body: #"{"errcode":40035}"#) : .reply(200, body: #"{"errcode":0,"errmsg":"ok"}"#)
    }
}

struct ActionClientTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    static func order(
        _ kind: String, _ params: [String: JSONValue], connector: [String: JSONValue] = [:],
        trigger: AlertTrigger = .created, state: JSONValue? = nil, body: String? = nil
    ) -> ActionOrder {
        let alert = Alert(
            id: .init(7), account: .init(1), source: .init(2), key: "k", priority: .high,
            summary: "Disk <full> & \"more\"", details: "97 %\nsee below", policy: nil,
            escalation: Escalation(policy: EscalationPolicy(levels: []), raisedAt: now), raisedAt: now, lastEventAt: now
        )
        return ActionOrder(
            kind: kind, params: .object(params), connector: .object(connector),
            snapshot: AlertSnapshot(
                alert, trigger: trigger, sourceName: "Shop", url: "https://bell.example/alerts/7", actor: "Alice"),
            body: body, state: state, idempotencyKey: "1-7-9-alert-created", now: now)
    }

    static func with<Result>(
        _ answer: @escaping @Sendable (WebServer.Request) -> WebServer.Answer = VendorStandIn.answer,
        _ body: (ActionClient, WebServer) async throws -> Result
    ) async throws -> Result {
        try await WebServer.run(answer) { server, client in try await body(ActionClient(client: client), server) }
    }

    static func always(_ answer: WebServer.Answer) -> @Sendable (WebServer.Request) -> WebServer.Answer {
        { _ in answer }
    }

    /// What each service needs, at the stand-in.
    static func settings(
        _ kind: String, _ url: String
    ) -> (params: [String: JSONValue], connector: [String: JSONValue]) {
        let site: [String: JSONValue] = ["url": .string(url)]
        func and(_ more: [String: String]) -> [String: JSONValue] {
            site.merging(more.mapValues(JSONValue.string)) { $1 }
        }
        return switch kind {
        case "slack_webhook": (["url": .string(url + "/slack")], [:])
        case "slack":
            (["channelId": .string("C1")], ["apiKey": .string("xoxb-1"), "url": .string(url + "/api")])
        case "microsoft_teams_webhook": (["url": .string(url + "/teams")], [:])
        case "mattermost": (["url": .string(url + "/mattermost")], [:])
        case "discord": (["url": .string(url + "/discord")], [:])
        case "google_chat_webhook": (["url": .string(url + "/chat?key=k")], [:])
        case "telegram": (["channelId": .string("@ops")], and(["apiKey": "1:t"]))
        case "dingtalk": ([:], ["url": .string(url + "/dingtalk?access_token=a"), "secret": .string("SEC")])
        case "jira": (["project": .string("OPS")], and(["email": "a@example.com", "password": "t"]))
        case "servicenow", "topdesk": ([:], and(["username": "u", "password": "p"]))
        case "zendesk": ([:], and(["email": "a@example.com", "apiKey": "t"]))
        case "github": (["owner": .string("o"), "repository": .string("r")], and(["apiKey": "t"]))
        case "zammad": (["email": .string("c@example.com")], and(["apiKey": "t"]))
        default: (["webhookUrl": .string(url + "/hook")], [:])
        }
    }

    static let kinds = [
        "webhook", "zapier", "slack_webhook", "slack", "microsoft_teams_webhook", "mattermost", "discord",
        "google_chat_webhook", "telegram", "dingtalk", "jira", "servicenow", "zendesk", "github", "zammad", "topdesk",
    ]

    @Test(arguments: kinds)
    func `given a service as its vendor documents it, when an alert is raised and resolved, then it takes both`(
        kind: String
    ) async throws {
        try await Self.with { client, server in
            let (params, connector) = Self.settings(kind, server.url)
            let first = await client.perform(Self.order(kind, params, connector: connector))
            let last = await client.perform(
                Self.order(kind, params, connector: connector, trigger: .resolved, state: first.state))

            #expect(first.reason == nil, "\(first)")
            #expect(last.reason == nil, "\(last)")
            // A GitHub issue gets its last remark before it is closed.
            #expect(server.requests.count == (kind == "github" ? 3 : 2))
        }
    }

    @Test(arguments: ["slack", "discord", "telegram", "jira", "servicenow", "zendesk", "github", "zammad", "topdesk"])
    func `given a message or ticket that was made, when more happens, then it is added to the same`(kind: String)
        async throws
    {
        try await Self.with { client, server in
            let (params, connector) = Self.settings(kind, server.url)
            let first = await client.perform(Self.order(kind, params, connector: connector))
            let state = try #require(first.state)
            _ = await client.perform(
                Self.order(kind, params, connector: connector, trigger: .acknowledged, state: state))

            let uris = server.requests.map(\.uri)
            #expect(uris[0] != uris[1] || kind == "telegram", "\(uris)")
        }
    }

    @Test(arguments: ["jira", "servicenow", "zendesk", "github", "zammad", "topdesk"])
    func `given no ticket, when an alert is accepted, then none is made`(kind: String) async throws {
        try await Self.with { client, server in
            let (params, connector) = Self.settings(kind, server.url)
            let answer = await client.perform(
                Self.order(kind, params, connector: connector, trigger: .acknowledged))

            #expect(answer.reason == nil && server.requests.isEmpty)
        }
    }

    @Test(arguments: kinds)
    func `given a rate limit, a fault and a refusal, when a service answers so, then it is come back to or not`(
        kind: String
    ) async throws {
        let answers: [(WebServer.Answer, Bool)] = [
            (.reply(429, headers: ["Retry-After": "7"], body: "{}"), true), (.reply(503, body: "{}"), true),
            (.reply(404, body: "{}"), false), (.reply(401, body: "{}"), false),
        ]
        for (answer, isPassing) in answers {
            try await Self.with(Self.always(answer)) { client, server in
                let (params, connector) = Self.settings(kind, server.url)
                let told = await client.perform(Self.order(kind, params, connector: connector))
                switch told.outcome {
                case .retry(let after, _):
                    #expect(isPassing && (told.status != 429 || after == .seconds(7)), "\(told)")
                case .rejected: #expect(!isPassing, "\(told)")
                case .delivered, .unknown: Issue.record("\(told)")
                }
            }
        }
    }

    @Test func `given services that tell by their body, when it says no, then that counts and not the status`()
        async throws
    {
        let cases: [(String, String, Bool)] = [
            ("slack", #"{"ok":false,"error":"channel_not_found"}"#, false),
            ("slack", #"{"ok":false,"error":"ratelimited"}"#, true),
            ("telegram", #"{"ok":false,"description":"Forbidden"}"#, false),
            ("dingtalk", #"{"errcode":310000,"errmsg":"sign not match"}"#, false),
            ("dingtalk", #"{"errcode":130101,"errmsg":"send too fast"}"#, true),
        ]
        for (kind, body, isPassing) in cases {
            try await Self.with(Self.always(.reply(200, body: body))) { client, server in
                let (params, connector) = Self.settings(kind, server.url)
                let told = await client.perform(Self.order(kind, params, connector: connector))
                if case .retry = told.outcome { #expect(isPassing, "\(body)") } else { #expect(!isPassing, "\(body)") }
                #expect(told.reason != nil)
            }
        }
        try await Self.with(
            Self.always(.reply(429, body: #"{"ok":false,"error_code":429,"parameters":{"retry_after":35}}"#))
        ) { client, server in
            let (params, connector) = Self.settings("telegram", server.url)
            let told = await client.perform(Self.order("telegram", params, connector: connector))
            #expect(told.outcome == .retry(after: .seconds(35), reason: "http 429"))
        }
        let limited = WebServer.Answer.reply(403, headers: ["X-RateLimit-Remaining": "0"], body: "{}")
        try await Self.with(Self.always(limited)) { client, server in
            let (params, connector) = Self.settings("github", server.url)
            let told = await client.perform(Self.order("github", params, connector: connector))
            #expect(told.outcome == .retry(after: .seconds(60), reason: "http 403"))
        }
    }

    @Test func `given a webhook with a secret and headers, when it is called, then its receiver can check it`()
        async throws
    {
        try await Self.with { client, server in
            let params: [String: JSONValue] = [
                "webhookUrl": .string(server.url + "/hook"), "secret": .string("s3cret"),
                "headers": .array([.object(["key": .string("X-Team"), "value": .string("ops")])]),
            ]
            _ = await client.perform(Self.order("webhook", params))
            _ = await client.perform(Self.order("webhook", params, body: "plain ‹words›"))

            let request = try #require(server.requests.first)
            let json = try JSONValue.parse(request.body)
            #expect(json["eventType"]?.string == "alert-created" && json["status"]?.string == "PENDING")
            #expect(json["alertSource"]?["name"]?.string == "Shop" && json["id"]?.integer == 7)
            #expect(request.headers["x-team"] == "ops" && request.headers["content-type"] == "application/json")
            #expect(request.headers["x-nightbell-instance"] == "test")
            #expect(server.requests[1].body == "plain ‹words›")
            // Computed by Python's hmac.
            #expect(
                server.requests[1].headers["nightbell-signature"]
                    == "t=1790000000,v1=5267907a260f06df32d7bab4d6fec35aa64c99703890fcd00fe279a3a2161e55")
            #expect(request.headers["nightbell-signature"]?.hasPrefix("t=1790000000,v1=") == true)
            #expect(request.headers["nightbell-signature"] != server.requests[1].headers["nightbell-signature"])
        }
    }

    @Test func `given words with signs of the service, when they are posted to Slack, then they are escaped`()
        async throws
    {
        try await Self.with { client, server in
            let (params, connector) = Self.settings("slack", server.url)
            _ = await client.perform(Self.order("slack", params, connector: connector))

            let body = try #require(server.requests.first?.body)
            #expect(body.contains("Disk &lt;full&gt; &amp;") && !body.contains("<full>"))
            #expect(body.contains(#""action_id":"accept""#) && body.contains(#""value":"7""#))
        }
    }

    @Test func `given a header that breaks the line or a private address, when it is called, then nothing goes out`()
        async throws
    {
        try await Self.with { client, server in
            let broken = await client.perform(
                Self.order(
                    "webhook",
                    [
                        "webhookUrl": .string(server.url + "/hook"),
                        "headers": .array([.object(["key": .string("X"), "value": .string("a\r\nB: c")])]),
                    ]))
            let guarded = GuardedHTTPClient(version: "1", instance: "test", allowsPrivateAddresses: false)
            let refused = await ActionClient(client: guarded).perform(
                Self.order("webhook", ["webhookUrl": .string(server.url + "/hook")]))
            await guarded.shutdown()

            #expect(broken.reason != nil && refused.reason?.contains("private") == true)
            #expect(server.requests.isEmpty)
        }
    }
}
