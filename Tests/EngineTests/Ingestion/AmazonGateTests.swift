import Alerting
import Integrations
import Simulation
import TestSupport
import Testing

@testable import Engine

@Suite struct AmazonGateTests {
    private let pages = AmazonPages()
    private let clock = SimulatedClock()

    private var gate: AmazonGate { AmazonGate(fetcher: pages, clock: clock) }

    private func request(_ name: String) -> WebhookRequest {
        WebhookRequest(headers: [.init("Content-Type", "text/plain")], body: AmazonPages.bytes("\(name).json"))
    }

    private func changed(_ name: String, _ field: String, to value: JSONValue?) throws -> WebhookRequest {
        var members = try #require(JSONValue.parse(AmazonPages.bytes("\(name).json")).object)
        members[field] = value
        return WebhookRequest(body: JSONValue.object(members).bytes())
    }

    private func refusal(_ request: WebhookRequest, _ gate: AmazonGate? = nil) async -> AmazonGate.Refusal? {
        do throws(AmazonGate.Refusal) {
            try await (gate ?? self.gate).check(request)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["alarm", "ok", "subscription", "no-subject"])
    func `given a message signed by version 1 or 2, when it is checked, then it is let in`(name: String) async {
        #expect(await refusal(request(name)) == nil)
        #expect(pages.fetched == [AmazonPages.address(of: "leaf")])
    }

    @Test func `given several messages of one certificate, when they are checked, then it is fetched once`() async {
        let gate = gate

        for name in ["alarm", "ok", "subscription"] { #expect(await refusal(request(name), gate) == nil) }

        #expect(pages.fetched.count == 1)
    }

    @Test(arguments: [
        ("Message", JSONValue.string("{}")), ("Subject", .string("OK")), ("Subject", nil), ("Timestamp", .string("")),
        ("TopicArn", .string("arn:aws:sns:eu-west-1:1:other")), ("MessageId", .string("x")),
        ("Signature", .string("AAAA")), ("Signature", .string("")), ("SignatureVersion", .string("3")),
        ("SignatureVersion", .string("2")),
    ])
    func `given a signed message that was changed, when it is checked, then its signature is wrong`(
        field: String, value: JSONValue?
    ) async throws {
        let refusal = await refusal(try changed("alarm", field, to: value))

        #expect(refusal == .notAmazon(reason: "The signature of the message is wrong."))
    }

    @Test func `given a subscription whose token was changed, when it is checked, then its signature is wrong`()
        async throws
    {
        for (field, value) in [("Token", "other"), ("SubscribeURL", "https://sns.eu-west-1.amazonaws.com/?x")] {
            let refusal = await refusal(try changed("subscription", field, to: .string(value)))

            #expect(refusal == .notAmazon(reason: "The signature of the message is wrong."))
        }
    }

    @Test func `given another key than the certificate's, when it is checked, then its signature is wrong`() async {
        #expect(await refusal(request("other-key")) == .notAmazon(reason: "The signature of the message is wrong."))
    }

    @Test func `given a certificate that is over or not yet valid, when it is checked, then it is refused`() async {
        let invalid = AmazonGate.Refusal.notAmazon(
            reason: "The certificate of the message's signature is not valid now.")
        #expect(await refusal(request("expired")) == invalid)

        clock.set(to: Timestamp(iso8601: "2025-05-31T23:59:59Z") ?? clock.now)
        #expect(await refusal(request("alarm")) == invalid)
        clock.set(to: Timestamp(iso8601: "2025-06-01T00:00:00Z") ?? clock.now)
        #expect(await refusal(request("alarm")) == nil)
        clock.set(to: Timestamp(iso8601: "2045-06-01T00:00:01Z") ?? clock.now)
        #expect(await refusal(request("alarm")) == invalid)
    }

    @Test func `given a certificate that is elsewhere, when it is checked, then it is never fetched`() async {
        #expect(
            await refusal(request("certificate-elsewhere"))
                == .notAmazon(reason: "The certificate of the message's signature is not Amazon's."))
        #expect(pages.fetched == [])
    }

    @Test(arguments: ["ec", "root"])
    func `given a certificate without the right key, when it is checked, then it is refused`(name: String) async throws
    {
        let request = try changed("alarm", "SigningCertURL", to: .string(AmazonPages.address(of: name)))

        guard case .notAmazon = await refusal(request) else {
            Issue.record("it was let in, or is tried again")
            return
        }
    }

    @Test func `given a certificate that cannot be fetched, when it is checked, then it is tried again later`() async {
        let address = AmazonPages.address(of: "leaf")
        pages.set(address, to: nil)
        #expect(await refusal(request("alarm")) == .unavailable)
        pages.set(address, to: FetchedPage(status: 503, body: AmazonPages.bytes("leaf.pem")))
        #expect(await refusal(request("alarm")) == .unavailable)
        #expect(await refusal(request("alarm"), AmazonGate(fetcher: nil, clock: clock)) == .unavailable)
    }

    @Test(arguments: [
        "", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "<html>",
    ])
    func `given a page that is no certificate, when it is read, then it is none`(text: String) async {
        #expect(SigningCertificate(pem: text) == nil)
    }

    @Test func `given a certificate, when it is cut off or changed anywhere, then reading it ends well`() throws {
        let pem = String(decoding: AmazonPages.bytes("leaf.pem"), as: UTF8.self)
        #expect(SigningCertificate(pem: pem) != nil)
        let lines = pem.split(separator: "\n").dropFirst().dropLast().joined()
        let characters = Array(lines)
        for index in stride(from: 0, to: characters.count, by: 7) {
            var other = characters
            other[index] = other[index] == "A" ? "/" : "A"
            for body in [String(characters[..<index]), String(other)] {
                _ = SigningCertificate(
                    pem: "-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----")
            }
        }
    }

    @Test(arguments: ["", "{}", "[]", "null", "hello", #"{"Type":"Notification"}"#, #"{"Signature":7}"#])
    func `given what nobody signed, when it is checked, then it is refused`(body: String) async {
        guard case .notAmazon = await refusal(WebhookRequest(body: Array(body.utf8))) else {
            Issue.record("it was let in, or is tried again")
            return
        }
        #expect(pages.fetched == [])
    }

    @Test(arguments: [
        ("https://sns.eu-west-1.amazonaws.com/x.pem", true), ("https://sns.cn-north-1.amazonaws.com.cn/x.pem", true),
        ("https://SNS.EU-WEST-1.AMAZONAWS.COM/x.pem", true), ("https://sns.us-gov-west-1.amazonaws.com/", true),
        ("http://sns.eu-west-1.amazonaws.com/x.pem", false), ("https://sns.amazonaws.com/x.pem", false),
        ("https://sns.eu-west-1.amazonaws.com.example.com/x.pem", false),
        ("https://sns.eu-west-1.amazonaws.com@example.com/x.pem", false),
        ("https://user@sns.eu-west-1.amazonaws.com/x.pem", false),
        ("https://sns.eu-west-1.amazonaws.com:8443/x.pem", false), ("https://s3.eu-west-1.amazonaws.com/x.pem", false),
        ("https://bucket.sns.eu-west-1.amazonaws.com/x.pem", false), ("https://sns..amazonaws.com/x.pem", false),
        ("https://sns.eu_west.amazonaws.com/x.pem", false), ("https://example.com/sns.eu-west-1.amazonaws.com", false),
        ("https://169.254.169.254/x.pem", false), ("", false), ("file:///etc/passwd", false),
    ])
    func `given an address, when it is asked whose it is, then only SNS by HTTPS is Amazon's`(
        address: String, isAmazon: Bool
    ) {
        #expect(AmazonGate.isAmazon(address) == isAmazon)
    }

    @Test func `given a subscription, when it is confirmed, then its address is fetched and what it says counts`() async
    {
        #expect(await gate.confirm(request("subscription")))
        #expect(pages.fetched == [AmazonPages.subscription])

        pages.set(AmazonPages.subscription, to: FetchedPage(status: 403, body: []))
        #expect(await !gate.confirm(request("subscription")))
        #expect(await gate.confirm(request("alarm")))
    }

    @Test func `given a subscription that leads elsewhere, when it is confirmed, then nothing is fetched`() async {
        #expect(await refusal(request("subscription-elsewhere")) == nil)
        #expect(await !gate.confirm(request("subscription-elsewhere")))
        #expect(pages.fetched == [AmazonPages.address(of: "leaf")])
    }
}
