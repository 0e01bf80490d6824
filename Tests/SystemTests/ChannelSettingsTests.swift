import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Providers as an operator sets them up, in the environment of the real server.
    @Suite(.serialized) struct ChannelSettingsTests {
        private static func standIn() async throws -> (child: ChildProcess, url: String) {
            let child = try ChildProcess(TestTools.python(), [TestTools.script("replies_standin.py")])
            return (child, "http://127.0.0.1:\(try await child.waitForLines(1)[0])")
        }

        /// What an operator reads has no secret and no number in it.
        private static func expectQuiet(_ shop: Shop, about secrets: [String]) {
            let log = (shop.server.process.lines(on: .error) + shop.server.process.lines()).joined(separator: "\n")
            for secret in secrets { #expect(!log.contains(secret), "\(secret)") }
            #expect(log.contains("message handed over"))
        }

        @Test(.timeLimit(.minutes(3)))
        func `given Twilio with WhatsApp's template and no throttle, then pages go by both, each at once`() async throws
        {
            let (standIn, url) = try await Self.standIn()
            let shop = try await Shop.open(environment: [
                "NIGHTBELL_TWILIO_ACCOUNT_SID": "AC1", "NIGHTBELL_TWILIO_AUTH_TOKEN": "twilio-secret",
                "NIGHTBELL_TWILIO_FROM": "+4930", "NIGHTBELL_TWILIO_BASE_URL": url,
                "NIGHTBELL_TWILIO_WHATSAPP_FROM": "+4931", "NIGHTBELL_TWILIO_WHATSAPP_TEMPLATE": "HXtemplate",
                "NIGHTBELL_THROTTLE_SMS": "off", "NIGHTBELL_PROVIDER_PLACES": "2",
                "NIGHTBELL_ALLOW_PRIVATE_ADDRESSES": "true",
            ])
            let phone = "+491701234567"
            try await OutboundOnlyTests.page(phone, by: ["SMS", "WHATSAPP"], with: shop, standIn)

            for monitor in ["Cart", "Home", "Search"] {
                #expect(try await shop.rapidSpike("failing", monitor: monitor).status == 202)
            }

            for monitor in ["Cart", "Home", "Search"] {
                try await standIn.waitForLine(containing: "From=+4930&Body=[HIGH] Shop - \(monitor)")
                try await standIn.waitForLine(containing: #"ContentVariables={"1":"[HIGH] Shop - \#(monitor)"#)
            }
            let whatsApp = try await standIn.waitForLine(containing: "From=whatsapp:+4931&ContentSid=HXtemplate")
            #expect(!whatsApp.contains("Body="))
            Self.expectQuiet(shop, about: ["twilio-secret", phone])
            #expect(try await shop.server.stop() == .status(0))
        }

        @Test(.timeLimit(.minutes(3)))
        func `given any SMS gateway, Pushover and a throttle, then both are used as set, and what is too much waits`()
            async throws
        {
            let (standIn, url) = try await Self.standIn()
            let shop = try await Shop.open(environment: [
                "NIGHTBELL_SMS_GATEWAY_URL": "\(url)/sms", "NIGHTBELL_SMS_GATEWAY_METHOD": "PUT",
                "NIGHTBELL_SMS_GATEWAY_HEADERS": "X-Key: gateway-secret", "NIGHTBELL_SMS_GATEWAY_FROM": "Shop",
                "NIGHTBELL_SMS_GATEWAY_BODY": #"{"to":"{to}","by":"{from}","words":"{text}"}"#,
                "NIGHTBELL_SMS_GATEWAY_SUCCESS": "contains taken",
                "NIGHTBELL_PUSHOVER_TOKEN": "pushover-secret", "NIGHTBELL_PUSHOVER_BASE_URL": url,
                "NIGHTBELL_THROTTLE_PUSH": "1/1h", "NIGHTBELL_THROTTLE_SMS": "off",
                "NIGHTBELL_ALLOW_PRIVATE_ADDRESSES": "true",
            ])
            let (phone, user) = ("+491701234567", String(repeating: "u", count: 30))
            try await OutboundOnlyTests.page(phone, with: shop, standIn)
            try await OutboundOnlyTests.page(
                user, kind: "pushover", by: ["PUSHOVER"], words: "message=Your Nightbell code is", with: shop, standIn)

            #expect(try await shop.rapidSpike("failing", monitor: "Home").status == 202)
            try await standIn.waitForLine(containing: #""by":"Shop","words":"[HIGH] Shop - Home"#)
            // The first alert of a source goes at once, whatever was sent in that hour.
            let push = try await standIn.waitForLine(containing: "title=[HIGH] Shop - Home")
            #expect(push.contains("token=pushover-secret&user=\(user)"))
            #expect(try await shop.rapidSpike("failing", monitor: "Cart").status == 202)
            try await standIn.waitForLine(containing: #""words":"[HIGH] Shop - Cart"#)
            let cart = try #require(try await shop.alerts().first { $0["summary"]?.string?.contains("Cart") == true })
            let told = try await shop.api.get("/api/alerts/\(try Shop.id(of: cart))/notifications").json.array ?? []
            let states = told.map { "\($0["method"]?.string ?? "") \($0["status"]?.string ?? "")" }
            #expect(states.contains("PUSHOVER SCHEDULED"), "\(states)")

            Self.expectQuiet(shop, about: ["gateway-secret", "pushover-secret", phone, user])
            #expect(try await shop.server.stop() == .status(0))
        }

        @Test func `given settings of channels that cannot be, when the server starts, then each is named`()
            async throws
        {
            let folder = TemporaryFolder()
            let result = try await RunningServer.run(
                ["serve", "--data-dir", folder.path],
                environment: [
                    "NIGHTBELL_THROTTLE_SMS": "often", "NIGHTBELL_PROVIDER_PLACES": "65",
                    "NIGHTBELL_SMS_GATEWAY_URL": "https://sms.example/send",
                    "NIGHTBELL_PUSHOVER_TOKEN": "pushover-secret",
                    "NIGHTBELL_PUSHOVER_BASE_URL": "pushover", "NIGHTBELL_TWILIO_ACCOUNT_SID": "AC1",
                    "NIGHTBELL_TWILIO_WHATSAPP_FROM": "+4931",
                ])

            let text = result.error.joined(separator: "\n")
            #expect(result.exit == .status(64))
            for name in [
                "NIGHTBELL_THROTTLE_SMS must be counts and windows",
                "NIGHTBELL_PROVIDER_PLACES must be a number from 1",
                "NIGHTBELL_SMS_GATEWAY_URL is not usable", "NIGHTBELL_PUSHOVER_BASE_URL must begin with",
                "NIGHTBELL_TWILIO_AUTH_TOKEN is needed",
            ] {
                #expect(text.contains(name), "\(text)")
            }
            #expect(!text.contains("pushover-secret"))
        }
    }
}
