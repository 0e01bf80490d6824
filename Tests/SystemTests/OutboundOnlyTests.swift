import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// A server that nobody outside can reach: what people answer is fetched.
    @Suite(.serialized) struct OutboundOnlyTests {
        @Test(.timeLimit(.minutes(3)))
        func `given no public address, when a page is answered by SMS and a bot is written to, then both are heard`()
            async throws
        {
            let standIn = try ChildProcess(TestTools.python(), [TestTools.script("replies_standin.py")])
            let outside = TestHTTPClient(url: "http://127.0.0.1:\(try await standIn.waitForLines(1)[0])")
            let shop = try await Shop.open(environment: [
                "NIGHTBELL_TWILIO_ACCOUNT_SID": "AC1", "NIGHTBELL_TWILIO_AUTH_TOKEN": "token",
                "NIGHTBELL_TWILIO_FROM": "+4930", "NIGHTBELL_TWILIO_BASE_URL": outside.url,
                "NIGHTBELL_TELEGRAM_TOKEN": "1:x", "NIGHTBELL_TELEGRAM_BASE_URL": outside.url,
                "NIGHTBELL_ALLOW_PRIVATE_ADDRESSES": "true",
            ])
            let phone = "+491701234567"
            try await Self.page(phone, with: shop, standIn)

            #expect(try await shop.rapidSpike("failing").status == 202)
            try await standIn.waitForLine(containing: "Reply 1a accept")
            let reply = #"{"sid": "SMin", "direction": "inbound", "from": "\#(phone)", "to": "+4930", "body": "1a"}"#
            _ = try await outside.post("/written", json: reply)
            try await standIn.waitForLine(containing: "You have accepted this alert.")
            try await shop.waitForAlerts(["ACCEPTED"])

            let update = #"{"update_id": 4, "message": {"chat": {"id": 9}, "text": "/start no-link"}}"#
            _ = try await outside.post("/update", json: update)
            let answer = try await standIn.waitForLine(containing: "sendMessage")
            #expect(answer.contains(#""chat_id":9"#) && answer.contains("not valid"))
            #expect(try await shop.server.stop() == .status(0))
        }

        /// Makes something a verified contact that is paged at once, by each of some ways.
        ///
        /// - Parameter words: what the line with its code begins with, as the stand-in writes it.
        static func page(
            _ target: String, kind: String = "phone-numbers", by methods: [String] = ["SMS"],
            words: String = "Your Nightbell code is", with shop: Shop, _ standIn: ChildProcess
        ) async throws {
            let contacts = "/api/users/current/contacts/\(kind)"
            let region = kind == "phone-numbers" ? #", "regionCode": "DE""# : ""
            let made = try await shop.api.post(contacts, json: #"{"target": "\#(target)"\#(region)}"#)
            let id = try Shop.id(of: made.json)
            #expect(try await shop.api.post("\(contacts)/\(id)/code", json: "{}").status == 204)
            let sent = try await standIn.waitForLine(containing: words)
            let code = try #require(sent.split(separator: "code is ").last).prefix(6)
            let verified = try await shop.api.post(
                "\(contacts)/\(id)/verification", json: #"{"code": "\#(code)"}"#)
            #expect(try verified.json["status"]?.string == "OK")
            for method in methods {
                let preference = try await shop.api.post(
                    "/api/users/current/notification-preferences/alerts",
                    json:
                        #"{"method": "\#(method)", "contact": {"id": \#(id)}, "delayMin": 0, "type": "HIGH_PRIORITY"}"#
                )
                #expect(preference.status == 201)
            }
        }
    }
}
