import Alerting
import Crypto
import Foundation
import Integrations

/// Checks that a request comes from whoever knows the alert source's webhook secret.
enum WebhookProof {
    /// - Parameter signature: how the source's tool signs; `nil`: it does not.
    static func isValid(_ request: WebhookRequest, secret: String, signature: WebhookSignature?) -> Bool {
        // A signature that is there and wrong is not made good by anything else.
        if let signature, let value = request.header(signature.header) {
            return fits(value, request.body, secret, signature.proof)
        }
        if let value = request.header("x-webhook-secret") { return Tokens.areEqual(value, secret) }
        guard let value = request.header("authorization") else { return false }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return false }
        switch parts[0].lowercased() {
        case "bearer", "token": return Tokens.areEqual(parts[1].trimmingCharacters(in: .whitespaces), secret)
        case "basic":
            guard let data = Data(base64Encoded: String(parts[1])),
                let password = String(decoding: data, as: UTF8.self).split(
                    separator: ":", maxSplits: 1, omittingEmptySubsequences: false
                ).dropFirst().first
            else { return false }
            return Tokens.areEqual(String(password), secret)
        default: return false
        }
    }

    private static func fits(
        _ value: String, _ body: [UInt8], _ secret: String, _ proof: WebhookSignature.Proof
    ) -> Bool {
        switch proof {
        case .secret: return Tokens.areEqual(value, secret)
        case .base64: return Tokens.areEqual(value, Data(code(body, secret)).base64EncodedString())
        case .hexadecimal(let prefix):
            return Tokens.areEqual(value.lowercased(), prefix + code(body, secret).hexadecimal)
        case .anyHexadecimal(let prefix):
            let wanted = prefix + code(body, secret).hexadecimal
            return value.split(separator: ",").prefix(10).contains {
                Tokens.areEqual($0.trimmingCharacters(in: .whitespaces).lowercased(), wanted)
            }
        }
    }

    private static func code(_ body: [UInt8], _ secret: String) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Data(body), using: SymmetricKey(data: Data(secret.utf8)))
    }
}
