import Alerting
import Engine
import Foundation
import Simulation
import TestSupport
import Testing

@testable import Outbound

/// Every provider against a stand-in that answers as its documentation says.
struct ChannelSenderTests {
    static func message(
        to address: String, secret: String? = nil, brief: String = "Shop is down. Reply 1a", isUrgent: Bool = true
    ) -> OutgoingMessage {
        OutgoingMessage(
            id: .init(7), attempt: 1, address: address, subject: "[HIGH] Shop is down",
            text: "Shop is down\nSource: Shop",
            thread: "alert-1", acceptLink: "https://n.example/m/7-abc?do=accept",
            resolveLink: "https://n.example/m/7-abc?do=resolve", openLink: "https://n.example/alerts/1", brief: brief,
            token: "7-abc", shortCode: 1, isUrgent: isUrgent, secret: secret)
    }

    static func fields(_ request: WebServer.Request) -> [String: String] {
        let parts = request.body.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        return Dictionary(
            parts.map { ($0[0], ($0.count > 1 ? $0[1] : "").removingPercentEncoding ?? "") }
        ) { $1 }
    }

    static func twilio(_ url: String, callback: String? = "https://n.example") -> TwilioSettings {
        TwilioSettings(
            accountSID: "AC1", authToken: "secret", from: "+4930", whatsAppFrom: "+4931", baseURL: url,
            callbackURL: callback)
    }

    // MARK: - Twilio

    @Test func `given Twilio, when an SMS is sent, then it is asked as documented and names the message`() async throws
    {
        try await WebServer.run { _ in
            .reply(201, body: #"{"sid":"SM9","status":"queued"}"#)
        } _: { server, client in
            let sender = TwilioSender(.sms, settings: Self.twilio(server.url), client: client)
            #expect(await sender.send(Self.message(to: "+49170")) == .delivered(receipt: "SM9"))

            let seen = server.requests[0]
            #expect(seen.uri == "/2010-04-01/Accounts/AC1/Messages.json")
            #expect(seen.headers["authorization"] == "Basic \(Data("AC1:secret".utf8).base64EncodedString())")
            #expect(
                Self.fields(seen) == [
                    "To": "+49170", "From": "+4930", "Body": "Shop is down. Reply 1a",
                    "StatusCallback": "https://n.example/twilio/status/7-abc",
                ])
        }
    }

    @Test(arguments: [
        (
            400, #"{"code":21211,"message":"Invalid 'To' Phone Number","status":400}"#,
            DeliveryOutcome.rejected(reason: "twilio 21211")
        ),
        (
            400, #"{"code":21610,"message":"unsubscribed","status":400}"#,
            .rejected(reason: "twilio 21610: the recipient has sent STOP")
        ),
        (401, #"{"code":20003,"message":"Authenticate","status":401}"#, .retry(after: nil, reason: "twilio 20003")),
        (429, #"{"code":20429,"message":"Too Many Requests"}"#, .retry(after: nil, reason: "http 429")),
        (500, "oops", .retry(after: nil, reason: "http 500")), (404, "", .rejected(reason: "http 404")),
    ])
    func `given Twilio's errors, then each has its outcome`(status: Int, body: String, outcome: DeliveryOutcome)
        async throws
    {
        try await WebServer.run { _ in
            .reply(status, body: body)
        } _: { server, client in
            let sender = TwilioSender(.sms, settings: Self.twilio(server.url), client: client)
            #expect(await sender.send(Self.message(to: "+49170")) == outcome)
        }
    }

    @Test func `given a provider that closes the connection, then it may have been taken and is repeated`() async throws
    {
        try await WebServer.run { _ in
            .close
        } _: { server, client in
            let sender = TwilioSender(.sms, settings: Self.twilio(server.url), client: client)
            guard case .unknown = await sender.send(Self.message(to: "+49170")) else {
                Issue.record("not unknown")
                return
            }
        }
    }

    @Test func `given a call and WhatsApp, then their own fields are asked for`() async throws {
        try await WebServer.run { _ in
            .reply(201, body: #"{"sid":"CA1"}"#)
        } _: { server, client in
            _ = await TwilioSender(.voice, settings: Self.twilio(server.url), client: client).send(
                Self.message(to: "+49170"))
            _ = await TwilioSender(.whatsapp, settings: Self.twilio(server.url), client: client).send(
                Self.message(to: "+49170"))
            _ = await TwilioSender(.voice, settings: Self.twilio(server.url, callback: nil), client: client)
                .send(Self.message(to: "+49170"))

            #expect(server.requests[0].uri.hasSuffix("/Calls.json"))
            #expect(Self.fields(server.requests[0])["Url"] == "https://n.example/twilio/voice/7-abc")
            #expect(Self.fields(server.requests[1])["To"] == "whatsapp:+49170")
            #expect(Self.fields(server.requests[1])["From"] == "whatsapp:+4931")
            let document = try #require(Self.fields(server.requests[2])["Twiml"])
            #expect(document.contains("<Say") && !document.contains("Gather"))
            #expect(Self.fields(server.requests[2])["StatusCallback"] == nil)
        }
    }

    // MARK: - Any SMS gateway

    @Test func `given a gateway in JSON, then its places are filled once and escaped`() async throws {
        try await WebServer.run { _ in
            .reply(200, body: #"{"state":"OK"}"#)
        } _: { server, client in
            let settings = try SMSGatewaySettings(
                url: server.url + "/send?from={from}", headers: "Authorization: App key\nX-Id: 1",
                body: #"{"to":"{to}","text":"{text}","ref":"{id}","odd":"{unknown}"}"#, from: "Shop & Co",
                success: #"contains "state":"OK""#)
            let text = "He said \"{to}\"\nand left"

            #expect(
                await SMSGatewaySender(settings: settings, client: client).send(Self.message(to: "+49170", brief: text))
                    == .delivered(receipt: nil))

            let seen = server.requests[0]
            let body = try JSONValue.parse(seen.body)
            #expect(seen.uri == "/send?from=Shop%20%26%20Co")
            #expect(seen.headers["authorization"] == "App key")
            #expect(seen.headers["content-type"] == "application/json")
            #expect(body["text"]?.string == text)
            #expect(body["to"]?.string == "+49170" && body["ref"]?.string == "7")
            #expect(body["odd"]?.string == "{unknown}")
        }
    }

    @Test func `given a gateway by GET that says no with status 200, then the rule decides`() async throws {
        try await WebServer.run { request in
            .reply(request.uri.contains("%2B49170") ? 200 : 400, body: "ERR 301")
        } _: { server, client in
            let settings = try SMSGatewaySettings(
                url: server.url + "/?to={to}&m={text}", method: "GET", success: "contains OK")
            let outcome = await SMSGatewaySender(settings: settings, client: client).send(Self.message(to: "+49170"))
            #expect(outcome == .retry(after: nil, reason: "the gateway's answer is no success"))
            #expect(server.requests[0].method == "GET")
        }
    }

    @Test(arguments: [
        ("ftp://gateway/{to}{text}", "POST", "", "2xx"), ("https://gateway/", "POST", "", "2xx"),
        ("https://gateway/{to}/{text}", "DELETE", "", "2xx"),
        ("https://gateway/{to}/{text}", "POST", "no colon", "2xx"),
        ("https://gateway/{to}/{text}", "POST", "", "maybe"),
    ])
    func `given a description that cannot work, then it is refused`(
        url: String, method: String, headers: String, success: String
    ) {
        #expect(throws: Failure.self) {
            try SMSGatewaySettings(url: url, method: method, headers: headers, success: success)
        }
    }

    // MARK: - Push services

    @Test func `given ntfy, Gotify and Pushover, then each is asked in its own words`() async throws {
        try await WebServer.run { _ in
            .reply(200, body: #"{"status":1,"request":"r1"}"#)
        } _: { server, client in
            #expect(
                await NtfySender(client: client).send(Self.message(to: server.url + "/shop-42", secret: "tk_1"))
                    == .delivered(receipt: nil))
            #expect(
                await GotifySender(client: client).send(Self.message(to: server.url + "/", secret: "app"))
                    == .delivered(receipt: nil))
            let pushover = PushoverSender(token: "t", baseURL: server.url, client: client)
            #expect(await pushover.send(Self.message(to: "user", isUrgent: false)) == .delivered(receipt: "r1"))

            let ntfy = try JSONValue.parse(server.requests[0].body)
            #expect(server.requests[0].uri == "/" && server.requests[0].headers["authorization"] == "Bearer tk_1")
            #expect(ntfy["topic"]?.string == "shop-42" && ntfy["priority"]?.integer == 5)
            #expect(ntfy["actions"]?[0]?["url"]?.string == "https://n.example/m/7-abc")
            #expect(ntfy["actions"]?[1]?["body"]?.string == "do=resolve")
            #expect(server.requests[1].uri == "/message" && server.requests[1].headers["x-gotify-key"] == "app")
            #expect(
                Self.fields(server.requests[2])["priority"] == "0" && Self.fields(server.requests[2])["user"] == "user")
        }
    }

    @Test func `given Pushover's refusals, then a wrong user is not repeated and a server's error is`() async throws {
        try await WebServer.run { request in
            request.body.contains("user=wrong")
                ? .reply(400, body: #"{"status":0,"errors":["user identifier is invalid"]}"#) : .reply(503)
        } _: { server, client in
            let sender = PushoverSender(token: "t", baseURL: server.url, client: client)
            #expect(await sender.send(Self.message(to: "wrong")) == .rejected(reason: "http 400"))
            #expect(await sender.send(Self.message(to: "right")) == .retry(after: nil, reason: "http 503"))
        }
    }

    // MARK: - Telegram

    @Test func `given Telegram, then a message has buttons, and its wish to wait is kept`() async throws {
        try await WebServer.run { request in
            let body = (try? JSONValue.parse(request.body)) ?? .null  // What is no JSON gets an error.
            switch body["chat_id"]?.integer {
            case 42: return .reply(200, body: #"{"ok":true,"result":{"message_id":5}}"#)
            case 43: return .reply(429, body: #"{"ok":false,"error_code":429,"parameters":{"retry_after":17}}"#)
            default: return .reply(403, body: #"{"ok":false,"description":"Forbidden: bot was blocked by the user"}"#)
            }
        } _: { server, client in
            let sender = TelegramSender(settings: .init(token: "1:x", baseURL: server.url), client: client)
            #expect(await sender.send(Self.message(to: "42")) == .delivered(receipt: "telegram-5"))
            #expect(await sender.send(Self.message(to: "43")) == .retry(after: .seconds(17), reason: "http 429"))
            #expect(await sender.send(Self.message(to: "44")) == .rejected(reason: "http 403"))

            let body = try JSONValue.parse(server.requests[0].body)
            #expect(server.requests[0].uri == "/bot1:x/sendMessage")
            let button = body["reply_markup"]?["inline_keyboard"]?[0]?[0]
            #expect(button?["callback_data"]?.string == "a:7-abc")
        }
    }

    // MARK: - Web Push

    @Test
    func `given a browser, then what the push service gets is read by a library of others, and only with its keys`()
        async throws
    {
        let browser = P256Keys()
        let subscription = try PushSubscription(
            endpoint: "https://push.example/x", publicKey: browser.publicKey, authSecret: browser.secret)
        try await WebServer.run { request in
            request.uri == "/gone" ? .reply(410) : .reply(201)
        } _: { server, client in
            let key = try VAPIDKey(rawRepresentation: browser.signing, contact: "mailto:ops@example.com")
            let sender = WebPushSender(key: key, client: client, clock: SimulatedClock())
            #expect(
                await sender.send(Self.message(to: server.url + "/sub", secret: subscription.keys))
                    == .delivered(receipt: nil))
            #expect(
                await sender.send(Self.message(to: server.url + "/gone", secret: subscription.keys))
                    == .rejected(reason: "subscription gone"))
            #expect(
                await sender.send(Self.message(to: server.url + "/sub", secret: "no keys"))
                    == .rejected(reason: "the subscription cannot be used"))
            let seen = server.requests[0]
            #expect(seen.headers["content-encoding"] == "aes128gcm" && seen.headers["urgency"] == "high")
            #expect(seen.headers["authorization"]?.hasPrefix("vapid t=") == true)
        }

        let sealed = try WebPushEncryption.encrypt(Array("Shop is down – ü".utf8), for: subscription)
        let lines = [browser.privateKey, browser.secret, Base64URL.encode(Data(sealed))]
        let read = try await ChildProcess.run(
            TestTools.python(), [TestTools.script("decrypt_push.py")],
            input: Data((lines.joined(separator: "\n") + "\n").utf8), environment: ["PYTHONIOENCODING": "utf-8"])
        #expect(read.output == ["Shop is down – ü"])
    }
}
