import Alerting
import Engine
import Logging
import Simulation
import Synchronization
import TestSupport
import Testing

@testable import Outbound

/// Providers that are asked for what people wrote, each against a stand-in that answers as its documentation says.
struct FetchedReplyTests {
    private typealias Cast = SimulatedCast

    private func world() async throws -> SimulatedWorld {
        let world = try await SimulatedWorld(TemporaryDatabase(inMemory: true), channels: [.sms, .email])
        try await world.prefer(.sms, for: Cast.alice)
        return world
    }

    /// What a provider has to say.
    private final class Place: Sendable {
        let isQuiet = Mutex(true)
    }

    private let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `given Twilio's list, then what people wrote is taken, oldest first, with its time`() async throws {
        let list = """
            {"messages": [
              {"sid": "SM3", "direction": "inbound", "from": "+49170", "to": "+4930", "body": "1r",
               "date_sent": "Mon, 16 Aug 2010 03:45:01 +0000"},
              {"sid": "SM2", "direction": "outbound-api", "from": "+4930", "to": "+49170", "body": "Shop is down",
               "date_sent": "Mon, 16 Aug 2010 03:44:01 +0000"},
              {"sid": "SM1", "direction": "inbound", "from": "whatsapp:+49171", "to": "+4930", "body": "1a",
               "date_sent": null}]}
            """
        try await WebServer.run { _ in
            .reply(200, body: list)
        } _: { server, client in
            var settings = TwilioSettings(
                accountSID: "AC1", authToken: "secret", from: "+4930", baseURL: server.url, callbackURL: nil)
            let replies = try await TwilioReplies(settings: settings, client: client).fetch()
            #expect(
                replies == [
                    FetchedReply(id: "SM1", from: "+49171", text: "1a", channel: .whatsapp),
                    FetchedReply(
                        id: "SM3", from: "+49170", text: "1r", sentAt: Timestamp(iso8601: "2010-08-16T03:45:01Z")),
                ])
            #expect(server.requests.map(\.method) == ["GET"])
            #expect(server.requests[0].uri == "/2010-04-01/Accounts/AC1/Messages.json?To=%2B4930&PageSize=100")
            #expect(server.requests[0].headers["authorization"]?.hasPrefix("Basic ") == true)

            settings.from = "MG77"
            settings.whatsAppFrom = "+4931"
            _ = try await TwilioReplies(settings: settings, client: client).fetch()
            #expect(
                server.requests.dropFirst().map(\.uri) == [
                    "/2010-04-01/Accounts/AC1/Messages.json?PageSize=100",
                    "/2010-04-01/Accounts/AC1/Messages.json?To=whatsapp%3A%2B4931&PageSize=100",
                ])
        }
    }

    @Test func `given any gateway's list, then its own names are followed and numbers are brought into form`()
        async throws
    {
        let list = """
            {"data": {"inbox": [{"nr": 17, "sender": "0049 170 1234567", "words": "1a"}, {"nr": "x", "words": "1a"},
              {"nr": 18, "sender": "491701234567", "words": "STOP"}, {"nr": 19, "sender": "INFO", "words": "ad"}]}}
            """
        try await WebServer.run { _ in
            .reply(200, body: list)
        } _: { server, client in
            let headers = [SMSGatewaySettings.Header(name: "X-Key", value: "k")]
            let settings = try SMSGatewayPolling(
                url: server.url + "/in", headers: headers, fields: "list=data.inbox id=nr from=sender text=words")
            #expect(
                try await SMSGatewayReplies(settings: settings, client: client).fetch() == [
                    FetchedReply(id: "17", from: "+491701234567", text: "1a"),
                    FetchedReply(id: "18", from: "+491701234567", text: "STOP"),
                    FetchedReply(id: "19", from: "INFO", text: "ad"),
                ])
            #expect(server.requests[0].headers["x-key"] == "k")
        }
    }

    @Test(arguments: ["[]", "{}", "nonsense", #"{"messages": 3}"#])
    func `given a gateway that answers something else, then that is an error and nothing is taken`(body: String)
        async throws
    {
        try await WebServer.run { request in
            .reply(request.uri == "/down" ? 503 : 200, body: body)
        } _: { server, client in
            let settings = try SMSGatewayPolling(url: server.url, headers: [], fields: "list=messages")
            await #expect(throws: ReplySourceError.self) {
                try await SMSGatewayReplies(settings: settings, client: client).fetch()
            }
            let down = try SMSGatewayPolling(url: server.url + "/down", headers: [])
            let error = await #expect(throws: ReplySourceError.self) {
                try await SMSGatewayReplies(settings: down, client: client).fetch()
            }
            #expect(error?.description == "http 503")
        }
    }

    @Test func `given fields that are none, then they are refused with a sentence`() {
        for fields in ["list", "list=a=b", "number=x"] {
            #expect(throws: Failure.self) {
                try SMSGatewayPolling(url: "https://x.example", headers: [], fields: fields)
            }
        }
        #expect(throws: Failure.self) { try SMSGatewayPolling(url: "ftp://x.example", headers: []) }
    }

    @Test func `given two nodes, then one asks, and a reply that is listed again and again acts once`() async throws {
        let list =
            #"{"messages": [{"sid": "SM1", "direction": "inbound", "from": "\#(Cast.alice.phone)", "body": "1a"}]}"#
        let place = Place()
        let world = try await world()
        let id = try #require(try await world.post(.alert, "home").alert)
        try await world.settle()
        try await WebServer.run { _ in
            .reply(200, body: place.isQuiet.withLock { $0 } ? #"{"messages": []}"# : list)
        } _: { server, client in
            let settings = TwilioSettings(
                accountSID: "AC1", authToken: "s", from: "+4930", baseURL: server.url, callbackURL: nil)
            let pollers = ["one", "two"].map { node in
                ReplyPoller(
                    source: TwilioReplies(settings: settings, client: client), desk: world.engine.fetchedReplies,
                    lease: NodeLease(store: world.engine.store, name: "replies of Twilio", holder: node),
                    logger: silence)
            }
            let quiet = try await pollers[0].ask()
            #expect(quiet == 0)
            place.isQuiet.withLock { $0 = false }
            #expect(try await pollers[1].ask() == nil)
            #expect(try await pollers[0].ask() == 1)
            #expect(try await pollers[0].ask() == 0)
        }
        #expect(try await world.timeline(of: id).contains { $0.kind == .accepted })
    }

    // MARK: - Telegram

    private func telegram(
        _ server: WebServer, _ client: GuardedHTTPClient, _ world: SimulatedWorld, node: String = "one",
        webhook: String? = nil
    ) -> TelegramReplies {
        TelegramReplies(
            settings: TelegramSettings(token: "1:x", baseURL: server.url, webhookURL: webhook), client: client,
            desk: world.engine.telegram,
            lease: NodeLease(store: world.engine.store, name: "telegram", holder: node), logger: silence, patience: 1)
    }

    @Test func `given no public address, then one node asks Telegram, from where it was, and answers people`()
        async throws
    {
        let world = try await world()
        let id = try #require(try await world.post(.alert, "home").alert)
        try await world.settle()
        let token = world.links.token(for: .init(world.sender(.sms).delivered[0].id.rawValue))
        let updates = #"""
            {"ok": true, "result": [
              {"update_id": 41, "message": {"chat": {"id": 5}, "text": "hello", "from": {"first_name": "X"}}},
              {"update_id": 42, "callback_query": {"id": "q", "data": "a:\#(token)"}}]}
            """#
        try await WebServer.run { request in
            switch request.uri.split(separator: "/").last {
            case "getUpdates":
                .reply(200, body: request.body.contains(#""offset":0"#) ? updates : #"{"ok":true,"result":[]}"#)
            case "answerCallbackQuery": .reply(400, body: #"{"ok":false,"description":"query is too old"}"#)
            default: .reply(200, body: #"{"ok":true,"result":true}"#)
            }
        } _: { server, client in
            let first = telegram(server, client, world)
            let next = try await first.ask(from: nil)
            #expect(next == 43)
            #expect(try await telegram(server, client, world, node: "two").ask(from: nil) == nil)
            #expect(try await first.ask(from: 43) == 43)
            #expect(
                server.requests.map { $0.uri.split(separator: "/").last.map(String.init) } == [
                    "deleteWebhook", "getUpdates", "answerCallbackQuery", "getUpdates",
                ])
            #expect(server.requests[2].body.contains("You have accepted this alert."))
        }
        #expect(try await world.timeline(of: id).contains { $0.kind == .accepted })
    }

    @Test func `given a public address, then Telegram is told of it with a secret that the token cannot be read from`()
        async throws
    {
        let world = try await world()
        try await WebServer.run { _ in
            .reply(200, body: #"{"ok":true,"result":true}"#)
        } _: { server, client in
            try await telegram(server, client, world, webhook: "https://n.example/telegram/updates").setWebhook()
            let body = try JSONValue.parse(server.requests[0].body)
            #expect(server.requests[0].uri == "/bot1:x/setWebhook")
            #expect(body["url"]?.string == "https://n.example/telegram/updates")
            let secret = try #require(body["secret_token"]?.string)
            #expect(secret == TelegramDesk.webhookSecret(botToken: "1:x"))
            #expect((1...256).contains(secret.count) && !secret.contains("1:x"))
            #expect(secret.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        }
    }
}
