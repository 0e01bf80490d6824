import Alerting
import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Python's `smtplib` as a sender that we did not write.
    @Suite(.serialized) struct MailInTests {
        private static func open() async throws -> (shop: Shop, port: Int) {
            let shop = try await Shop.open(
                environment: ["NIGHTBELL_SMTP_LISTEN": "127.0.0.1:0", "NIGHTBELL_MAIL_DOMAIN": "bell.example"],
                type: "EMAIL2")
            let line = try await shop.server.process.waitForLine(containing: "mails are taken", on: .error)
            let port = line.split(separator: " ").first { $0.hasPrefix("port=") }?.dropFirst(5)
            return (shop, try #require(port.flatMap { Int($0) }))
        }

        /// - Returns: what `smtplib` says of the answer: `taken`, or a code and its text.
        private static func send(
            _ subject: String, _ text: String, to address: String, port: Int, more: [String] = []
        ) async throws -> String {
            let result = try await ChildProcess.run(
                TestTools.python(),
                [TestTools.script("send_mail.py"), "--port", "\(port)", "--to", address, "--subject", subject] + more,
                input: Data(text.utf8))
            guard result.exit == .status(0) else {
                throw Shop.Unexpected(description: "send_mail.py: \(result.error)")
            }
            return result.output.joined(separator: " ")
        }

        @Test func `given a mail address, when Python sends mails of a failure and its end, then the alert follows`()
            async throws
        {
            let (shop, port) = try await Self.open()
            let address = shop.integrationKey
            #expect(address.hasPrefix("shop-"))
            #expect(address.hasSuffix("@bell.example"))
            let source = try await shop.api.get("/api/alert-sources/\(shop.source)").json
            var members = try #require(source.object)
            members["emailResolveFiltered"] = .bool(true)
            members["emailResolvePredicates"] = try JSONValue.parse(
                #"[{"field": "EMAIL_SUBJECT", "criteria": "CONTAINS_STRING", "value": "ist behoben"}]"#)
            members["resolveKeyExtractor"] = try JSONValue.parse(
                #"{"field": "EMAIL_SUBJECT", "criteria": "ALL_TEXT_BEFORE", "value": " ist "}"#)
            let saved = try await shop.api.send(
                "PUT", "/api/alert-sources/\(shop.source)", body: JSONValue.object(members).text,
                type: "application/json")
            #expect(saved.status == 200)

            let failing = try await Self.send(
                "Störung am Warenkorb ist größer geworden – bitte ansehen", "Der Warenkorb ist langsam: 2 s.\n",
                to: address, port: port, more: ["--html"])
            #expect(failing == "taken")
            let raised = try await shop.waitForAlert(in: "PENDING")
            #expect(raised["summary"]?.string == "Störung am Warenkorb ist größer geworden – bitte ansehen")
            #expect(raised["details"]?.string?.contains("Der Warenkorb ist langsam: 2 s.") == true)
            #expect(raised["alertKey"]?.string == "Störung am Warenkorb")

            let passing = try await Self.send(
                "Störung am Warenkorb ist behoben", "Alles gut.\n", to: address.uppercased(), port: port)
            #expect(passing == "taken")
            #expect(try await shop.waitForAlert(in: "RESOLVED")["id"] == raised["id"])
        }

        @Test func `given what raises nothing, when Python sends it, then it is told so at once`() async throws {
            let (shop, port) = try await Self.open()
            let address = shop.integrationKey

            #expect(try await Self.send("x", "y", to: "nobody@bell.example", port: port).hasPrefix("550 5.1.1"))
            #expect(
                try await Self.send("x", "y", to: address, port: port, more: ["--from", ""]).hasPrefix("550 5.7.1"))
            let absence = ["--header", "Auto-Submitted: auto-replied"]
            #expect(try await Self.send("x", "y", to: address, port: port, more: absence).hasPrefix("554 5.7.1"))
            let large = ["--attach", "11000000"]
            #expect(try await Self.send("x", "y", to: address, port: port, more: large).hasPrefix("552 5.3.4"))
            #expect(try await shop.alerts().isEmpty)

            // A large one that fits is taken; its text is at its beginning.
            let fits = ["--attach", "5000000"]
            #expect(try await Self.send("Big", "The text.", to: address, port: port, more: fits) == "taken")
            let alert = try await shop.waitForAlert(in: "PENDING")
            #expect(alert["details"]?.string?.contains("The text.") == true)
        }

        @Test func `given a server that is asked to end, when a connection is open, then it ends in time`() async throws
        {
            let (shop, port) = try await Self.open()
            let connection = try RawConnection(port: port)
            try connection.write("EHLO web-1\r\n")

            #expect(try await shop.server.stop(within: .seconds(10)) == .status(0))
            withExtendedLifetime(connection) {}
        }
    }
}
