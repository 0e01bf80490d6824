import Alerting
import Foundation
import Integrations
import Synchronization

/// What stands before every request to an alert source of Amazon SNS: its signature is checked, and a subscription is
/// confirmed by fetching the address that comes with it. Both addresses must be Amazon's own.
///
/// Source: docs.aws.amazon.com/sns, "Verifying the signatures of Amazon SNS messages" (versions 1 and 2, the
/// certificate by HTTPS from Amazon), read 2026-11-27.
final class AmazonGate: Sendable {
    /// Why a message is not let in.
    enum Refusal: Error, Equatable {
        /// It is not signed, or not by Amazon.
        case notAmazon(reason: String)
        /// The certificate cannot be had at the moment.
        case unavailable
    }

    private let fetcher: (any Fetcher)?
    private let clock: any Clock
    /// By address; a certificate lives for about a year.
    private let certificates = Mutex<[String: SigningCertificate]>([:])
    private static let mostCertificates = 64

    init(fetcher: (any Fetcher)?, clock: any Clock) {
        self.fetcher = fetcher
        self.clock = clock
    }

    func check(_ request: WebhookRequest) async throws(Refusal) {
        let message = try envelope(request)
        guard let version = message["SignatureVersion"]?.scalarText,
            let signature = message["Signature"]?.string.flatMap({ Data(base64Encoded: $0) }),
            let address = message["SigningCertURL"]?.string ?? message["SigningCertUrl"]?.string
        else { throw .notAmazon(reason: "The message is not signed by Amazon SNS.") }
        guard Self.isAmazon(address), address.hasSuffix(".pem") else {
            throw .notAmazon(reason: "The certificate of the message's signature is not Amazon's.")
        }
        let certificate = try await certificate(at: address)
        guard (certificate.notBefore...certificate.notAfter).contains(clock.now) else {
            throw .notAmazon(reason: "The certificate of the message's signature is not valid now.")
        }
        let text = AmazonSNS.signedText(of: message)
        guard certificate.isValid([UInt8](signature), of: text, version: version) else {
            throw .notAmazon(reason: "The signature of the message is wrong.")
        }
    }

    /// Confirms the subscription that the request announces, if it does; what was checked already.
    ///
    /// - Returns: whether there was nothing to confirm or Amazon took the confirmation.
    func confirm(_ request: WebhookRequest) async -> Bool {
        guard let message = try? envelope(request),  // It was read before.
            message["Type"]?.string == "SubscriptionConfirmation"
        else { return true }
        guard let address = message["SubscribeURL"]?.string, Self.isAmazon(address), let fetcher,
            let page = await fetcher.fetch(address)
        else { return false }
        return (200...299).contains(page.status)
    }

    /// Whether an address is one of SNS by HTTPS: `https://sns.eu-west-1.amazonaws.com/…`, China's too.
    static func isAmazon(_ address: String) -> Bool {
        guard address.utf8.count <= 2000, let parts = URLComponents(string: address), parts.scheme == "https",
            parts.user == nil, parts.port == nil, let host = parts.host?.lowercased()
        else { return false }
        for ending in [".amazonaws.com", ".amazonaws.com.cn"] where host.hasSuffix(ending) {
            let labels = host.dropLast(ending.count).split(separator: ".", omittingEmptySubsequences: false)
            let isRegion =
                labels.count == 2 && !labels[1].isEmpty
                && labels[1].allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            if isRegion, labels[0] == "sns" { return true }
        }
        return false
    }

    private func envelope(_ request: WebhookRequest) throws(Refusal) -> JSONValue {
        guard
            case .success(let json) = Result(catching: { () throws(JSONError) in
                try JSONValue.parse(request.body)
            }), case .object = json
        else { throw .notAmazon(reason: "The body is no message of Amazon SNS.") }
        return json
    }

    private func certificate(at address: String) async throws(Refusal) -> SigningCertificate {
        if let known = certificates.withLock({ $0[address] }) { return known }
        guard let fetcher, let page = await fetcher.fetch(address), page.status == 200 else { throw .unavailable }
        guard let certificate = SigningCertificate(pem: String(decoding: page.body, as: UTF8.self)) else {
            throw .notAmazon(reason: "The certificate of the message's signature cannot be read.")
        }
        certificates.withLock { known in
            if known.count >= Self.mostCertificates { known.removeAll() }
            known[address] = certificate
        }
        return certificate
    }
}
