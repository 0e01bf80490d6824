import Alerting
import Foundation
import Integrations
import Testing

@testable import Engine

@Suite struct WebhookProofTests {
    // The example of docs.github.com, "Validating webhook deliveries", read 2026-11-27.
    private static let secret = "It's a Secret to Everybody"
    private static let body = "Hello, World!"
    private static let code = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    /// What a tool that signs in this way puts into its header for the example.
    private static func value(_ proof: WebhookSignature.Proof) -> String {
        switch proof {
        case .hexadecimal(let prefix): return prefix + code
        case .anyHexadecimal(let prefix): return "\(prefix)\(String(repeating: "0", count: 64)),\(prefix)\(code)"
        case .secret: return secret
        case .base64:
            let digits = Array(code)
            let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(digits[$0...($0 + 1)]), radix: 16)
            }
            return Data(bytes).base64EncodedString()
        }
    }

    private static let signing = IntegrationCatalog.entries.filter { $0.kind.signature != nil }

    private func isValid(
        _ headers: [(String, String)], body: String = body, secret: String = secret, of type: String = "GITHUB"
    ) -> Bool {
        let request = WebhookRequest(headers: headers.map { .init($0.0, $0.1) }, body: Array(body.utf8))
        return WebhookProof.isValid(
            request, secret: secret, signature: IntegrationCatalog.entry(type: type)?.kind.signature)
    }

    @Test(arguments: signing.map(\.type))
    func `given a tool that signs, when its signature is right, then it is believed and any other is not`(
        type: String
    ) throws {
        let signature = try #require(IntegrationCatalog.entry(type: type)?.kind.signature)
        let right = Self.value(signature.proof)

        #expect(isValid([(signature.header, right)], of: type))
        #expect(isValid([(signature.header.uppercased(), right)], of: type))

        #expect(!isValid([(signature.header, right.replacing("7571", with: "7572") + "x")], of: type))
        #expect(!isValid([(signature.header, "")], of: type))
        #expect(!isValid([(signature.header, right)], secret: "another secret", of: type))
        #expect(!isValid([("x-other", right)], of: type))
        if signature.proof != .secret {
            #expect(!isValid([(signature.header, right)], body: Self.body + " ", of: type))
        }
    }

    @Test func `given the tools that the guide names, when their signatures are listed, then all are there`() {
        let headers = Dictionary(uniqueKeysWithValues: Self.signing.map { ($0.type, $0.kind.signature?.header) })

        #expect(headers["GITHUB"] == "x-hub-signature-256")
        #expect(headers["GITLAB"] == "x-gitlab-token")
        #expect(headers["GRAFANA"] == "x-grafana-alerting-signature")
        #expect(headers["SENTRY"] == "sentry-hook-signature")
        #expect(headers["JIRA"] == "x-hub-signature")
        #expect(headers["PAGERDUTY"] == "x-pagerduty-signature")
        #expect(headers["HONEYCOMB"] == "x-honeycomb-webhook-token")
        #expect(headers["CHECKLY"] == "x-checkly-signature")
        #expect(headers["CLOUDFLARE"] == "cf-webhook-auth")
        #expect(headers["SIGNALFX"] == "x-sfx-signature")
        #expect(headers.count == 10)
    }

    @Test(arguments: [
        ("X-Webhook-Secret", "It's a Secret to Everybody"), ("Authorization", "Bearer It's a Secret to Everybody"),
        ("Authorization", "bearer  It's a Secret to Everybody "),
        ("Authorization", "Basic " + Data("any:It's a Secret to Everybody".utf8).base64EncodedString()),
    ])
    func `given a tool that cannot sign, when it sends the secret itself, then it is believed`(
        name: String, value: String
    ) {
        #expect(isValid([(name, value)], of: "UPTIMEKUMA"))
        #expect(isValid([(name, value)], of: "GITHUB"))
        #expect(!isValid([(name, value)], secret: "other", of: "UPTIMEKUMA"))
    }

    @Test(arguments: [
        ("Authorization", "It's a Secret to Everybody"), ("Authorization", "Digest It's a Secret to Everybody"),
        ("Authorization", "Basic !!!"), ("Authorization", "Basic " + Data("no colon".utf8).base64EncodedString()),
        ("Authorization", ""), ("Authorization", "Bearer"), ("X-Webhook-Secret", ""), ("Cookie", "secret"),
    ])
    func `given something else, when it is sent for the secret, then it is not believed`(name: String, value: String) {
        #expect(!isValid([(name, value)], of: "UPTIMEKUMA"))
    }

    @Test func `given a wrong signature, when the secret is sent beside it, then it is not believed`() {
        #expect(!isValid([("X-Hub-Signature-256", "sha256=00"), ("X-Webhook-Secret", Self.secret)]))
    }

    @Test func `given many signatures in one header, when the right one is beyond the tenth, then it is not looked at`()
    {
        let wrong = Array(repeating: "v1=" + String(repeating: "0", count: 64), count: 10)
        let right = "v1=" + Self.code

        #expect(
            isValid([("x-pagerduty-signature", (wrong.dropLast() + [right]).joined(separator: ", "))], of: "PAGERDUTY"))
        #expect(!isValid([("x-pagerduty-signature", (wrong + [right]).joined(separator: ","))], of: "PAGERDUTY"))
    }
}
