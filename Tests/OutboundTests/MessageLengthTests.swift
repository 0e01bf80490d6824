import Alerting
import Engine
import Foundation
import Simulation
import TestSupport
import Testing

@testable import Outbound

/// Texts that are short for people and long for a provider: each provider counts in its own way.
struct MessageLengthTests {
    /// Chinese, joined emoji, a letter with many marks, and what JSON writes twice as long.
    static let signs = ["漢", "👨‍👩‍👧‍👦", "a\u{301}\u{302}\u{303}\u{304}\u{323}", "\"", "x"]

    /// 9,000 of one.
    private static func long(_ sign: String) -> String { String(repeating: sign, count: 9000) }

    private static func message(_ text: String, to address: String, secret: String? = nil) -> OutgoingMessage {
        var message = ChannelSenderTests.message(to: address, secret: secret)
        message.subject = "[HIGH] " + text
        message.text = text
        return message
    }

    @Test(arguments: signs)
    func `given a long text in any script, then ntfy gets 4,096 bytes of it at most, in 8,192 of JSON`(sign: String)
        async throws
    {
        let text = Self.long(sign)
        try await WebServer.run { _ in
            .reply(200, body: "{}")
        } _: { server, client in
            _ = await NtfySender(client: client).send(Self.message(text, to: server.url + "/shop"))

            let body = server.requests[0].body
            let words = try #require(try JSONValue.parse(body)["message"]?.string)
            #expect(words.utf8.count <= 4096 && body.utf8.count <= 8192)
            #expect(words.utf8.count > 2000 && words.hasSuffix("…"))
            #expect(text.hasPrefix(words.dropLast()))
        }
    }

    @Test(arguments: signs)
    func `given a long text in any script, then Telegram and Pushover get what they count as enough`(sign: String)
        async throws
    {
        let text = Self.long(sign)
        try await WebServer.run { _ in
            .reply(200, body: #"{"status":1,"ok":true,"result":{"message_id":5}}"#)
        } _: { server, client in
            let telegram = TelegramSender(settings: .init(token: "1:x", baseURL: server.url), client: client)
            _ = await telegram.send(Self.message(text, to: "42"))
            let pushover = PushoverSender(token: "t", baseURL: server.url, client: client)
            _ = await pushover.send(Self.message(text, to: "user"))
            _ = await GotifySender(client: client).send(Self.message(text, to: server.url))

            let words = try #require(try JSONValue.parse(server.requests[0].body)["text"]?.string)
            #expect(words.utf16.count <= 4096 && words.utf16.count > 4000)
            let fields = ChannelSenderTests.fields(server.requests[1])
            let (title, text) = (fields["title"] ?? "", fields["message"] ?? "")
            #expect(title.unicodeScalars.count <= 250 && text.unicodeScalars.count <= 1024)
            #expect(text.unicodeScalars.count > 1000)
            #expect(server.requests[2].body.utf8.count > 1000)
        }
    }

    @Test(arguments: signs)
    func `given a long text in any script, then a browser gets it encrypted, and the contact is not given up`(
        sign: String
    ) async throws {
        let text = Self.long(sign)
        let browser = P256Keys()
        let keys = "\(browser.publicKey) \(browser.secret)"
        try await WebServer.run { _ in
            .reply(201)
        } _: { server, client in
            let key = try VAPIDKey(rawRepresentation: browser.signing, contact: "mailto:ops@example.com")
            let sender = WebPushSender(key: key, client: client, clock: SimulatedClock())

            let outcome = await sender.send(Self.message(text, to: server.url + "/sub", secret: keys))

            #expect(outcome == .delivered(receipt: nil))
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: signs)
    func `given a long text in any script, then Twilio gets 1,600 characters at most, and its calls 4,000`(sign: String)
        async throws
    {
        let text = Self.long(sign)
        try await WebServer.run { _ in
            .reply(201, body: #"{"sid":"SM1"}"#)
        } _: { server, client in
            var message = Self.message(text, to: "+49170")
            message.brief = text
            let settings = ChannelSenderTests.twilio(server.url, callback: nil)
            for channel in [Channel.sms, .whatsapp, .voice] {
                _ = await TwilioSender(channel, settings: settings, client: client).send(message)
            }

            let fields = server.requests.map(ChannelSenderTests.fields)
            #expect((fields[0]["Body"] ?? "").utf16.count <= 1600 && (fields[1]["Body"] ?? "").utf16.count <= 1600)
            #expect((fields[2]["Twiml"] ?? "").utf16.count <= 4000)
        }
    }

    @Test(arguments: signs)
    func `given a long text in any script, then chats and tickets get what they count as enough`(sign: String)
        async throws
    {
        let text = Self.long(sign)
        let limits: [(String, [String], TextUnit, Int)] = [
            ("slack", ["blocks", "text", "text"], .utf16, 3000), ("discord", ["content"], .utf16, 2000),
            ("telegram", ["text"], .utf16, 4096), ("dingtalk", ["markdown", "text"], .bytes, 20_000),
            ("google_chat_webhook", ["text"], .utf16, 4096), ("mattermost", ["text"], .utf16, 16_383),
            ("jira", ["fields", "summary"], .utf16, 255), ("github", ["title"], .utf16, 256),
        ]
        try await ActionClientTests.with { client, server in
            for (kind, path, unit, limit) in limits {
                let (params, connector) = ActionClientTests.settings(kind, server.url)
                var order = ActionClientTests.order(kind, params, connector: connector)
                order.snapshot.alert.summary = String(text.prefix(250))
                order.snapshot.alert.details = text
                _ = await client.perform(order)

                let json = try JSONValue.parse(try #require(server.requests.last).body)
                let found = path.reduce(Optional(json)) { $0?[$1] ?? $0?[0]?[$1] }
                let words = try #require(found?.string, "\(kind)")
                #expect((unit == .bytes ? words.utf8.count : words.utf16.count) <= limit, "\(kind)")
            }
            let (params, connector) = ActionClientTests.settings("microsoft_teams_webhook", server.url)
            var order = ActionClientTests.order("microsoft_teams_webhook", params, connector: connector)
            order.snapshot.alert.details = text
            _ = await client.perform(order)
            #expect(try #require(server.requests.last).body.utf8.count <= 28 * 1024)
        }
    }
}
