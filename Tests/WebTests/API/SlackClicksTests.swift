import Alerting
import Engine
import Foundation
import HTTPTypes
import Simulation
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Web

/// Keeps what goes out.
private final class KeptActions: ActionSender {
    private let kept = Mutex<[ActionOrder]>([])
    var orders: [ActionOrder] { kept.withLock { $0 } }

    func perform(_ order: ActionOrder) async -> ActionAnswer {
        kept.withLock { $0.append(order) }
        return ActionAnswer(.delivered(receipt: nil), status: 200)
    }
}

@Suite struct SlackClicksTests {
    private static let secret = "8f742231b10e8888abcd99yyyzzz85a5"

    private static func connector(_ server: APIServer) async throws -> String {
        let made = try await server.post(
            "/api/connectors",
            .object([
                "name": .string("Slack"), "type": .string("slack"),
                "params": .object(["apiKey": .string("xoxb-1"), "secret": .string(secret)]),
            ]))
        return try #require(made.json?["id"]?.string)
    }

    private static func click(_ alert: Alert.ID, _ action: String = "accept") -> [UInt8] {
        let payload = JSONValue.object([
            "type": .string("block_actions"), "user": .object(["id": .string("U1")]),
            "team": .object(["id": .string("T1")]), "response_url": .string("https://hooks.slack.example/actions/T1/2"),
            "actions": .array([.object(["action_id": .string(action), "value": .string("\(alert)")])]),
        ])
        return Array(("payload=" + Form.encode(payload.text)).utf8)
    }

    private static func post(
        _ body: [UInt8], to connector: String, _ server: APIServer, time: Int64? = nil, signature: String? = nil
    ) async throws -> APIServer.Answer {
        let time = "\(time ?? server.clock.now.milliseconds / 1000)"
        var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
        headers[HTTPField.Name("X-Slack-Request-Timestamp")!] = time
        headers[HTTPField.Name("X-Slack-Signature")!] =
            signature ?? SlackClicks.signature(of: body, time: time, secret: Self.secret)
        return try await server.send(.post, "/api/v1/slack/\(connector)", body, key: "", headers: headers)
    }

    @Test func `given somebody who said who they are, when they click, then it is done in their name`() async throws {
        try await APIServer.run { server in
            let connector = try await Self.connector(server)
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let alert = try #require(try await server.event(source))
            let account = server.carol.account
            let carol = server.carol.id
            let now = server.clock.now
            try await server.database.database.write { transaction in
                try ChatIdentities.set(
                    "U1", kind: "slack:T1", account: account, user: carol, at: now, in: transaction)
            }

            let answer = try await Self.post(Self.click(alert), to: connector, server)
            let read = try await server.get("/api/alerts/\(alert)")

            #expect(answer.status == 200)
            #expect(read.json?["status"]?.string == "ACCEPTED")
        }
    }

    @Test func `given a stranger, and then somebody too late, when they click, then each is told so privately`()
        async throws
    {
        let actions = KeptActions()
        try await APIServer.run(actions: actions) { server in
            let connector = try await Self.connector(server)
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let alert = try #require(try await server.event(source))
            _ = try await Self.post(Self.click(alert), to: connector, server)

            let (carol, now) = (server.carol, server.clock.now)
            try await server.database.database.write { transaction in
                try ChatIdentities.set(
                    "U1", kind: "slack:T1", account: carol.account, user: carol.id, at: now, in: transaction)
            }
            try await server.engine.desk.resolve(alert, by: Caller(carol))
            _ = try await Self.post(Self.click(alert), to: connector, server)

            let told = actions.orders
            #expect(told.map(\.kind) == ["slack_reply", "slack_reply"])
            #expect(told.allSatisfy { $0.params["url"]?.string == "https://hooks.slack.example/actions/T1/2" })
            #expect(told[0].params["text"]?.string?.contains("https://bell.example/chat-identity?token=") == true)
            #expect(told[1].params["text"]?.string?.contains("resolved") == true)
        }
    }

    @Test func `given a stranger, an old or a wrong signature, when they click, then the alert stays as it is`()
        async throws
    {
        try await APIServer.run { server in
            let connector = try await Self.connector(server)
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let alert = try #require(try await server.event(source))
            let body = Self.click(alert)
            let now = server.clock.now.milliseconds / 1000

            let stranger = try await Self.post(body, to: connector, server)
            let old = try await Self.post(body, to: connector, server, time: now - 301)
            let early = try await Self.post(body, to: connector, server, time: now + 301)
            let wrong = try await Self.post(body, to: connector, server, signature: "v0=00")
            let nowhere = try await Self.post(body, to: "999999", server)
            let garbage = try await Self.post(Array("payload={".utf8), to: connector, server)
            let read = try await server.get("/api/alerts/\(alert)")

            #expect(stranger.status == 200)
            for answer in [old, early, wrong] { #expect(answer.status == 403) }
            #expect(nowhere.status == 404 && garbage.status == 400)
            #expect(read.json?["status"]?.string == "PENDING")
        }
    }

    @Test func `given Slack's own library, when it signs a request, then ours agrees`() async throws {
        let python = try TestTools.python()
        try await APIServer.run { server in
            let connector = try await Self.connector(server)
            let body = Array("payload=%7B%22type%22%3A%22view%22%2C%22user%22%3A%7B%22id%22%3A%22U1%22%7D%7D".utf8)
            let time = server.clock.now.milliseconds / 1000
            let code = """
                from slack_sdk.signature import SignatureVerifier
                print(SignatureVerifier("\(Self.secret)").generate_signature(
                    timestamp="\(time)", body="\(String(decoding: body, as: UTF8.self))"), end="")
                """
            let signer = try await ChildProcess.run(python, ["-c", code])
            let signature = signer.output.joined()

            let answer = try await Self.post(body, to: connector, server, signature: signature)

            #expect(signature.hasPrefix("v0=") && answer.status == 200)
        }
    }
}
