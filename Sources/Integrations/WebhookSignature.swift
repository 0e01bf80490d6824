/// How a tool proves that a request is its own, once the owner has set the secret that both know.
///
/// Whatever the tool, the secret itself is proof too, as `Authorization: Bearer …`, as the password of
/// `Authorization: Basic …` or as `X-Webhook-Secret`: for tools that cannot sign but can send a header.
public struct WebhookSignature: Equatable, Sendable {
    public enum Proof: Equatable, Sendable {
        /// HMAC-SHA256 of the body in hexadecimal digits, after a prefix such as `sha256=`.
        case hexadecimal(prefix: String)
        /// Several of them, separated by commas; one that fits is enough.
        case anyHexadecimal(prefix: String)
        /// HMAC-SHA256 of the body in Base64.
        case base64
        /// The secret as it is.
        case secret
    }

    /// In lower case.
    public var header: String
    public var proof: Proof

    public init(header: String, proof: Proof) {
        self.header = header.lowercased()
        self.proof = proof
    }
}

/// What the sender of a request wants to be told.
public enum AnswerDialect: Equatable, Sendable {
    /// 202 with the product's own JSON.
    case standard
    /// 200; 400 with a code that the media type's script takes for success when there was nothing to do.
    case zabbix
    /// 202 with `status`, `message` and `dedup_key`.
    case pagerDuty
    /// 202 with `result`, `took` and `requestId`.
    case opsgenie
}
