import Crypto
import Foundation

/// Whether a request comes from Twilio: the `X-Twilio-Signature` header.
///
/// Source: Twilio, "Validating Requests are coming from Twilio", read 2026-11-27: the whole URL, then each field of the
/// form by name, name and value without anything between them; HMAC-SHA1 with the auth token; Base64.
public struct TwilioSignature: Sendable {
    private let key: SymmetricKey

    public init(authToken: String) {
        key = SymmetricKey(data: Data(authToken.utf8))
    }

    public func of(url: String, fields: [(name: String, value: String)]) -> String {
        // Fields of one name with the same value count once, as Twilio's own libraries do it.
        var seen: Set<String> = []
        let pairs = fields.filter { seen.insert("\($0.name)\u{0}\($0.value)").inserted }
            .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
        let text = pairs.reduce(url) { $0 + $1.name + $1.value }
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Data(text.utf8), using: key)
        return Data(code).base64EncodedString()
    }

    public func isRight(_ given: String, url: String, fields: [(name: String, value: String)]) -> Bool {
        Tokens.areEqual(of(url: url, fields: fields), given)
    }
}
