import Alerting
import Engine
import Foundation
import Synchronization
import Testing

@testable import Outbound

/// What follows an alert action's first request: messages and tickets that are gone, ends of tickets, limits.
struct ActionFollowUpTests {
    private static func order(
        _ kind: String, _ url: String, trigger: AlertTrigger, state: JSONValue?, more: [String: JSONValue] = [:]
    ) -> ActionOrder {
        let (params, connector) = ActionClientTests.settings(kind, url)
        return ActionClientTests.order(
            kind, params.merging(more) { $1 }, connector: connector, trigger: trigger, state: state)
    }

    private static func paths(_ server: WebServer) -> [String] {
        server.requests.map { "\($0.method) \($0.uri.prefix { $0 != "?" })" }
    }

    @Test(arguments: [
        ("slack", ["channel": "C1", "ts": "1.2"], "1503435956.000247"), ("discord", ["message": "66"], "77"),
    ])
    func `given a message that somebody deleted, when more happens, then it is posted anew and remembered`(
        kind: String, state: [String: String], fresh: String
    ) async throws {
        try await ActionClientTests.with { request in
            request.uri.hasPrefix("/discord/messages/66")
                ? .reply(404, body: #"{"message":"Unknown Message","code":10008}"#) : VendorStandIn.answer(request)
        } _: { client, server in
            let answer = await client.perform(
                Self.order(
                    kind, server.url, trigger: .acknowledged, state: .object(state.mapValues(JSONValue.string))))

            #expect(answer.reason == nil && server.requests.count == 2)
            #expect((answer.state?["ts"] ?? answer.state?["message"])?.string == fresh)
        }
    }

    @Test func `given a chat that is gone as a whole, then the refusal stays and what is remembered, too`() async throws
    {
        try await ActionClientTests.with(
            ActionClientTests.always(.reply(404, body: #"{"message":"Unknown Webhook","code":10015}"#))
        ) { client, server in
            let state = JSONValue.object(["message": .string("66")])
            let answer = await client.perform(Self.order("discord", server.url, trigger: .resolved, state: state))
            #expect(answer.reason == "http 404" && answer.state == nil && server.requests.count == 1)
        }
    }

    @Test(arguments: ["jira", "servicenow", "zendesk", "github", "zammad", "topdesk"])
    func `given a ticket that somebody deleted, then a remark is left out, and an escalation opens another`(
        kind: String
    ) async throws {
        try await ActionClientTests.with { request in
            request.uri.contains("/gone") ? .reply(404, body: "{}") : VendorStandIn.answer(request)
        } _: { client, server in
            let state = JSONValue.object(["ticket": .string("gone")])
            let remark = await client.perform(Self.order(kind, server.url, trigger: .acknowledged, state: state))
            let opened = await client.perform(Self.order(kind, server.url, trigger: .escalationEnded, state: state))

            #expect(remark.reason == nil && remark.state == .null)
            #expect(remark.text == "It is gone there; nothing was added.")
            #expect(opened.reason == nil && opened.state?["ticket"] != nil && server.requests.count == 3)
        }
    }

    @Test func `given a GitHub issue, when the alert is resolved, then the remark comes before the end, once`()
        async throws
    {
        let isDown = Mutex(true)
        try await ActionClientTests.with { request in
            if request.method == "PATCH", isDown.withLock({ $0 }) { return .reply(503) }
            return VendorStandIn.answer(request)
        } _: { client, server in
            var order = Self.order("github", server.url, trigger: .resolved, state: .object(["ticket": .integer(1347)]))
            let first = await client.perform(order)
            isDown.withLock { $0 = false }
            order.state = first.state
            let second = await client.perform(order)

            #expect(first.reason == "http 503" && second.reason == nil)
            #expect(
                Self.paths(server) == [
                    "POST /repos/o/r/issues/1347/comments", "PATCH /repos/o/r/issues/1347",
                    "PATCH /repos/o/r/issues/1347",
                ])
            #expect(server.requests[0].body.contains("was resolved"))
        }
    }

    @Test(arguments: [("done", "31"), ("31", "31"), ("Closed", "31"), ("Nope", nil as String?)])
    func `given a Jira transition by name or number, when the alert is resolved, then the issue takes it`(
        wanted: String, id: String?
    ) async throws {
        let offered = #"{"transitions":[{"id":"11","name":"Start"},{"id":"31","name":"Done","to":{"name":"Closed"}}]}"#
        try await ActionClientTests.with { request in
            switch (request.method, request.uri) {
            case ("GET", "/rest/api/2/issue/OPS-24/transitions"): .reply(200, body: offered)
            case ("POST", "/rest/api/2/issue/OPS-24/transitions"): .reply(204)
            default: VendorStandIn.answer(request)
            }
        } _: { client, server in
            let state = JSONValue.object(["ticket": .string("OPS-24")])
            let more = ["transition": JSONValue.string(wanted)]
            _ = await client.perform(
                Self.order("jira", server.url, trigger: .acknowledged, state: state, more: more))
            let answer = await client.perform(
                Self.order("jira", server.url, trigger: .resolved, state: state, more: more))

            #expect(answer.reason == (id == nil ? "Jira offers no transition Nope for OPS-24." : nil))
            // A remark, then a remark, a look at what is offered, and the transition.
            #expect(server.requests.count == (id == nil ? 3 : 4))
            guard id != nil else { return }
            let asked = try JSONValue.parse(server.requests[3].body)
            #expect(asked["transition"]?["id"]?.string == id)
        }
    }

    @Test func `given GitHub's used-up limit, then it is come back to when it says, by its own clock`() async throws {
        // 2026-11-28T10:00:00Z and ten minutes later.
        let headers = [
            "Date": "Sat, 28 Nov 2026 10:00:00 GMT", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795860600",
        ]
        for status in [403, 429] {
            try await ActionClientTests.with(
                ActionClientTests.always(.reply(status, headers: headers, body: "{}"))
            ) { client, server in
                let told = await client.perform(Self.order("github", server.url, trigger: .created, state: nil))
                #expect(told.outcome == .retry(after: .seconds(600), reason: "http \(status)"))
            }
        }
    }

    @Test func `given Slack that refuses an update, then only what passes is tried again`() async throws {
        let cases = [("ratelimited", true), ("is_inactive", false), ("edit_window_closed", false)]
        for (error, isPassing) in cases {
            try await ActionClientTests.with(
                ActionClientTests.always(.reply(200, body: #"{"ok":false,"error":"\#(error)"}"#))
            ) { client, server in
                let state = JSONValue.object(["channel": .string("C1"), "ts": .string("1.2")])
                let told = await client.perform(Self.order("slack", server.url, trigger: .resolved, state: state))
                if case .retry = told.outcome { #expect(isPassing) } else { #expect(!isPassing) }
                #expect(told.text == "Slack says: \(error)" && server.requests.count == 1)
            }
        }
    }

    @Test func `given a private answer, then it goes to Slack's address for it, to one person only, and escaped`()
        async throws
    {
        try await ActionClientTests.with(ActionClientTests.always(.reply(200, body: "ok"))) { client, server in
            let params: [String: JSONValue] = [
                "url": .string(server.url + "/actions/T1/2/abc"), "text": .string("Accepted <already> & so on"),
            ]
            let answer = await client.perform(ActionClientTests.order("slack_reply", params, trigger: .manual))

            let body = try JSONValue.parse(server.requests[0].body)
            #expect(answer.reason == nil && server.requests[0].uri == "/actions/T1/2/abc")
            #expect(body["response_type"]?.string == "ephemeral" && body["replace_original"]?.bool == false)
            #expect(body["text"]?.string == "Accepted &lt;already&gt; &amp; so on")
        }
    }

    @Test func `given DingTalk without a connector, then its own settings sign and mention`() async throws {
        try await ActionClientTests.with { client, server in
            let params: [String: JSONValue] = [
                "url": .string(server.url + "/dingtalk?access_token=a"), "secret": .string("SEC"),
                "isAtAll": .string("true"), "atMobiles": .array([.string("138")]),
            ]
            let answer = await client.perform(ActionClientTests.order("dingtalk_action", params))

            let body = try JSONValue.parse(server.requests[0].body)
            #expect(answer.reason == nil, "\(answer)")
            #expect(
                body["at"]?["isAtAll"]?.bool == true && body["markdown"]?["text"]?.string?.hasSuffix("@138") == true)
        }
    }

    @Test func `given a webhook that is repeated, then it carries the same key on the wire`() async throws {
        try await ActionClientTests.with(ActionClientTests.always(.reply(503))) { client, server in
            let order = ActionClientTests.order("webhook", ["webhookUrl": .string(server.url + "/hook")])
            for _ in 1...2 { _ = await client.perform(order) }
            #expect(
                server.requests.map { $0.headers["idempotency-key"] }
                    == Array(repeating: order.idempotencyKey, count: 2))
        }
    }

    @Test func `given ServiceNow's further settings, then each is a column of the incident`() async throws {
        let names = [
            "ownerGroup": "owner_group", "service": "business_service", "serviceOffering": "service_offering",
            "contactType": "contact_type", "assignmentGroup": "assignment_group",
        ]
        try await ActionClientTests.with { client, server in
            let more = names.mapValues { JSONValue.string("the \($0)") }
            _ = await client.perform(
                Self.order("servicenow", server.url, trigger: .created, state: nil, more: more))
            let body = try JSONValue.parse(server.requests[0].body)
            for column in names.values { #expect(body[column]?.string == "the \(column)") }
        }
        let fields = try #require(ActionKind.named("servicenow")).fields.map(\.name)
        #expect(names.keys.allSatisfy(fields.contains))
    }
}
