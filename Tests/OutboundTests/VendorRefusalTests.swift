import Alerting
import Engine
import Foundation
import Simulation
import Testing

@testable import Outbound

/// What providers answer when they refuse, are busy or want to be left alone, each as its documentation says.
struct VendorRefusalTests {
    private typealias Case = (status: Int, headers: [String: String], body: String, outcome: DeliveryOutcome)

    private static func check(
        _ cases: [Case], _ send: (WebServer, GuardedHTTPClient, OutgoingMessage) async throws -> DeliveryOutcome
    ) async throws {
        for one in cases {
            try await WebServer.run { _ in
                .reply(one.status, headers: one.headers, body: one.body)
            } _: { server, client in
                let message = ChannelSenderTests.message(to: server.url + "/shop")
                let outcome = try await send(server, client, message)
                #expect(outcome == one.outcome, "\(one.status) \(one.body)")
            }
        }
    }

    @Test func `given ntfy's and Gotify's refusals, then a wrong token is not repeated and a limit is`() async throws {
        let cases: [Case] = [
            (403, [:], #"{"code":40301,"http":403,"error":"forbidden"}"#, .rejected(reason: "http 403")),
            (413, [:], #"{"code":41301,"http":413}"#, .rejected(reason: "http 413")),
            (429, [:], #"{"code":42901,"http":429}"#, .retry(after: nil, reason: "http 429")),
            (429, ["Retry-After": "12"], "", .retry(after: .seconds(12), reason: "http 429")),
            (500, [:], "", .retry(after: nil, reason: "http 500")), (401, [:], "", .rejected(reason: "http 401")),
        ]
        try await Self.check(cases) { _, client, message in await NtfySender(client: client).send(message) }
        try await Self.check(cases) { _, client, message in await GotifySender(client: client).send(message) }
    }

    @Test func `given Pushover's used-up quota, or a 200 that says no, then that counts`() async throws {
        try await Self.check([
            (
                429, [:], #"{"status":0,"errors":["application is over its quota"]}"#,
                .retry(after: nil, reason: "http 429")
            ),
            (200, [:], #"{"status":0,"request":"r"}"#, .rejected(reason: "pushover refused the message")),
            (200, [:], "oops", .rejected(reason: "pushover refused the message")),
        ]) { server, client, message in
            await PushoverSender(token: "t", baseURL: server.url, client: client).send(message)
        }
    }

    @Test func `given a push service's refusals, then only what passes is repeated`() async throws {
        let browser = P256Keys()
        try await Self.check([
            (403, [:], "", .rejected(reason: "http 403")), (413, [:], "", .rejected(reason: "http 413")),
            (429, ["Retry-After": "60"], "", .retry(after: .seconds(60), reason: "http 429")),
            (503, [:], "", .retry(after: nil, reason: "http 503")),
            (404, [:], "", .rejected(reason: "subscription gone")), (201, [:], "", .delivered(receipt: nil)),
        ]) { _, client, message in
            var message = message
            message.secret = "\(browser.publicKey) \(browser.secret)"
            let key = try VAPIDKey(rawRepresentation: browser.signing, contact: "mailto:ops@example.com")
            return await WebPushSender(key: key, client: client, clock: SimulatedClock()).send(message)
        }
    }

    @Test func `given Telegram that knows no such bot, then the chat is not given up`() async throws {
        try await Self.check([
            (
                401, [:], #"{"ok":false,"error_code":401,"description":"Unauthorized"}"#,
                .retry(after: nil, reason: "http 401")
            ),
            (
                404, [:], #"{"ok":false,"error_code":404,"description":"Not Found"}"#,
                .retry(after: nil, reason: "http 404")
            ),
            (400, [:], #"{"ok":false,"description":"Bad Request: chat not found"}"#, .rejected(reason: "http 400")),
        ]) { server, client, message in
            await TelegramSender(settings: .init(token: "1:x", baseURL: server.url), client: client).send(message)
        }
    }

    @Test func `given WhatsApp's closed window, then the reason says what to set`() async throws {
        try await Self.check([
            (
                400, [:], #"{"code":63016,"message":"outside the allowed window"}"#,
                .rejected(
                    reason: "twilio 63016: WhatsApp takes free words only for 24 hours after its reader wrote; "
                        + "set a template")
            )
        ]) { server, client, message in
            await TwilioSender(.whatsapp, settings: ChannelSenderTests.twilio(server.url), client: client).send(message)
        }
    }

    @Test func `given a template for WhatsApp, then its variable has the words in one line, and there is no body`()
        async throws
    {
        try await WebServer.run { _ in
            .reply(201, body: #"{"sid":"SM1"}"#)
        } _: { server, client in
            var settings = ChannelSenderTests.twilio(server.url)
            settings.whatsAppTemplate = "HX1"
            var message = ChannelSenderTests.message(to: "+49170")
            message.brief = "Shop is\tdown     now.\nReply \"1a\""
            _ = await TwilioSender(.whatsapp, settings: settings, client: client).send(message)
            _ = await TwilioSender(.sms, settings: settings, client: client).send(message)

            let fields = server.requests.map(ChannelSenderTests.fields)
            #expect(fields[0]["ContentSid"] == "HX1" && fields[0]["Body"] == nil)
            let variables = try JSONValue.parse(fields[0]["ContentVariables"] ?? "")
            #expect(variables == .object(["1": .string("Shop is down now. Reply \"1a\"")]))
            #expect(fields[1]["ContentSid"] == nil && fields[1]["Body"] == message.brief)
        }
    }

    @Test func `given Retry-After as a time, then it counts by the other side's clock, at most an hour`() {
        let date = "Sat, 28 Nov 2026 10:00:00 GMT"
        func wish(_ headers: [[String]]) -> DeliveryOutcome {
            GuardedResponse(status: 429, headers: headers, body: [], cut: nil).outcome
        }
        let cases: [(String, Duration?)] = [
            ("Sat, 28 Nov 2026 10:02:05 GMT", .seconds(125)), ("Sat, 28 Nov 2026 09:00:00 GMT", .zero),
            ("Sun, 29 Nov 2026 10:00:00 GMT", .seconds(3600)), ("soon", nil), ("120", .seconds(120)),
        ]
        for (text, wait) in cases {
            #expect(
                wish([["date", date], ["retry-after", text]]) == .retry(after: wait, reason: "http 429"), "\(text)")
        }
        #expect(wish([["retry-after", "Sat, 28 Nov 2026 10:02:05 GMT"]]) == .retry(after: nil, reason: "http 429"))
    }

    @Test func `given an SMS that is repeated, then each attempt carries the same token on the wire`() async throws {
        try await WebServer.run { _ in
            .reply(503)
        } _: { server, client in
            let sender = TwilioSender(.sms, settings: ChannelSenderTests.twilio(server.url), client: client)
            var message = ChannelSenderTests.message(to: "+49170")
            for attempt in 1...2 {
                message.attempt = attempt
                _ = await sender.send(message)
            }
            let tokens = server.requests.map { $0.headers["i-twilio-idempotency-token"] }
            #expect(tokens == ["nightbell-7", "nightbell-7"])
        }
    }

    @Test func `given a fire drill, then ntfy and Telegram show one button, and it answers the drill`() async throws {
        try await WebServer.run { _ in
            .reply(200, body: #"{"ok":true}"#)
        } _: { server, client in
            var drill = ChannelSenderTests.message(to: server.url + "/shop")
            drill.resolveLink = nil
            _ = await NtfySender(client: client).send(drill)
            drill.address = "42"
            _ = await TelegramSender(settings: .init(token: "1:x", baseURL: server.url), client: client).send(drill)

            let bodies = try server.requests.map { try JSONValue.parse($0.body) }
            #expect(bodies[0]["actions"]?.array?.map { $0["body"]?.string } == ["do=accept"])
            let buttons = bodies[1]["reply_markup"]?["inline_keyboard"]?[0]?.array
            #expect(buttons?.map { $0["callback_data"]?.string } == ["a:7-abc"])
        }
    }
}
