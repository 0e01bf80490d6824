import Alerting
import Engine
import Foundation
import Logging
import Simulation
import TestSupport
import Testing

@testable import Outbound

/// Services that send back what they were sent: nothing of ours is read in what people see of it.
struct SecretTests {
    /// Answers with all of the request, as some gateways and debugging endpoints do.
    static func echo(_ status: Int) -> @Sendable (WebServer.Request) -> WebServer.Answer {
        { request in
            let headers = request.headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            let slashes = request.uri.replacing("/", with: #"\/"#)
            let text =
                "\(request.method) \(request.uri) \(slashes)\n\(headers.joined(separator: "\n"))\n\(request.body)"
            return .reply(status, body: text)
        }
    }

    @Test(arguments: [200, 400, 503])
    func `given an endpoint that echoes the request, then its answer is shown without our secrets`(status: Int)
        async throws
    {
        try await WebServer.run(Self.echo(status)) { server, client in
            let url = server.url.replacing("http://", with: "http://robot:pass-word@")
            let params: [String: JSONValue] = [
                "webhookUrl": .string(url + "/services/T00/B00/XXXXkeyOfTheHook?token=in-the-query"),
                "secret": .string("signing-secret"),
                "headers": .array([
                    .object(["key": .string("Authorization"), "value": .string("Bearer head-token")]),
                    .object(["key": .string("X-Key"), "value": .string("other-token")]),
                ]),
            ]
            let order = ActionClientTests.order("webhook", params, body: "signing-secret is in the body")

            let answer = await ActionClient(client: client).perform(order)

            let shown = "\(answer.text) \(answer.reason ?? "")"
            let secrets = [
                "head-token", "other-token", "keyOfTheHook", "in-the-query", "pass-word", "signing-secret",
                Data("robot:pass-word".utf8).base64EncodedString(),
            ]
            for secret in secrets { #expect(!shown.contains(secret), "\(shown)") }
            #expect(answer.text.contains("POST"))
        }
    }

    @Test func `given connectors' secrets in answers of 500 characters and more, then not even a part is left`()
        async throws
    {
        let secret = "connector-secret-of-ours"
        let (long, short) = (String(repeating: "x", count: 490) + secret, "wrong token \(secret)")
        let cases: [(String, [String: JSONValue], [String: JSONValue], String)] = [
            (
                "jira", ["project": .string("OPS")], ["email": .string("a@b.example"), "password": .string(secret)],
                long
            ),
            ("github", ["owner": .string("o"), "repository": .string("r")], ["apiKey": .string(secret)], long),
            (
                "telegram", ["channelId": .string("@ops")], ["apiKey": .string(secret)],
                #"{"ok":false,"description":"\#(short)"}"#
            ),
            (
                "slack", ["channelId": .string("C1")], ["apiKey": .string(secret)],
                #"{"ok":false,"error":"\#(short)"}"#
            ),
            ("dingtalk", [:], ["secret": .string(secret)], #"{"errcode":7,"errmsg":"\#(short)"}"#),
        ]
        for (kind, params, connector, body) in cases {
            try await ActionClientTests.with(ActionClientTests.always(.reply(200, body: body))) { client, server in
                var connector = connector
                connector["url"] = .string(server.url)
                let answer = await client.perform(ActionClientTests.order(kind, params, connector: connector))
                let shown = "\(answer.text) \(answer.reason ?? "")"
                #expect(!shown.contains("connector") && !shown.isEmpty, "\(kind): \(shown)")
            }
        }
    }

    @Test(arguments: [400, 401, 503])
    func `given providers that echo the request, then no outcome has a token or an address in it`(status: Int)
        async throws
    {
        try await WebServer.run(Self.echo(status)) { server, client in
            let twilio = TwilioSettings(
                accountSID: "AC1", authToken: "twilio-token", from: "+4930", whatsAppFrom: "+4931", baseURL: server.url,
                callbackURL: nil)
            let gateway = try SMSGatewaySettings(
                url: server.url + "/?key=gateway-key", headers: "Authorization: Bearer gateway-token",
                body: #"{"to":"{to}","text":"{text}"}"#)
            let senders: [(any Sender, String)] = [
                (TwilioSender(.sms, settings: twilio, client: client), "+49170"),
                (TwilioSender(.voice, settings: twilio, client: client), "+49170"),
                (SMSGatewaySender(settings: gateway, client: client), "+49170"),
                (TelegramSender(settings: .init(token: "1:telegram-token", baseURL: server.url), client: client), "42"),
                (PushoverSender(token: "pushover-token", baseURL: server.url, client: client), "user-key"),
                (NtfySender(client: client), server.url + "/secret-topic"),
                (GotifySender(client: client), server.url),
            ]
            for (sender, address) in senders {
                let outcome = "\(await sender.send(ChannelSenderTests.message(to: address, secret: "contact-token")))"
                for secret in ["token", "key", "topic", "+49170", "127.0.0.1", "Bearer", "Basic"] {
                    #expect(!outcome.contains(secret), "\(sender.name): \(outcome)")
                }
            }
            for source in [
                TwilioReplies(settings: twilio, client: client) as any ReplySource,
                SMSGatewayReplies(
                    settings: try SMSGatewayPolling(url: server.url + "/?key=gateway-key", headers: gateway.headers),
                    client: client),
            ] {
                let error = await #expect(throws: ReplySourceError.self) { try await source.fetch() }
                #expect(error?.description == "http \(status)")
            }
        }
    }

    @Test(arguments: [
        "http://127.0.0.1:1/bot-token", "http://no.such.invalid/bot-token", "https://u:pass-word@[::1]:1/",
    ])
    func `given a host that is not there, then the failure says so without its URL`(url: String) async throws {
        let client = GuardedHTTPClient(version: "1", instance: "test", allowsPrivateAddresses: true)
        let order = ActionClientTests.order(
            "webhook", ["webhookUrl": .string(url), "secret": .string("signing-secret")])
        let answer = await ActionClient(client: client).perform(order)
        await client.shutdown()

        let shown = "\(answer.text) \(answer.reason ?? "")"
        for secret in ["token", "pass-word", "signing", "127.0.0.1", "invalid"] { #expect(!shown.contains(secret)) }
        #expect(answer.reason?.isEmpty == false)
    }
}
