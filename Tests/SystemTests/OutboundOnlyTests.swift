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
            try await page(phone, with: shop, standIn)

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

        /// Makes the phone a verified contact that is paged at once.
        private func page(_ phone: String, with shop: Shop, _ standIn: ChildProcess) async throws {
            let contacts = "/api/users/current/contacts/phone-numbers"
            let made = try await shop.api.post(contacts, json: #"{"target": "\#(phone)", "regionCode": "DE"}"#)
            let id = try Shop.id(of: made.json)
            #expect(try await shop.api.post("\(contacts)/\(id)/code", json: "{}").status == 204)
            let sms = try await standIn.waitForLine(containing: "Your Nightbell code is")
            let code = try #require(sms.split(separator: "code is ").last).prefix(6)
            let verified = try await shop.api.post(
                "\(contacts)/\(id)/verification", json: #"{"code": "\#(code)"}"#)
            #expect(try verified.json["status"]?.string == "OK")
            let preference = try await shop.api.post(
                "/api/users/current/notification-preferences/alerts",
                json: #"{"method": "SMS", "contact": {"id": \#(id)}, "delayMin": 0, "type": "HIGH_PRIORITY"}"#)
            #expect(preference.status == 201)
        }
    }
}
