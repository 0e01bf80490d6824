import Alerting
import Integrations

/// What the event explorer keeps of a request's headers: a JSON object without credentials and cookies.
enum StoredHeaders {
    static func text(of headers: [WebhookRequest.Header]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(512)
        text.append(UInt8(ascii: "{"))
        for header in headers.prefix(Limits.storedHeaders) {
            let value = isSecret(header.name) ? "(hidden)" : Limits.cut(header.value, to: Limits.storedHeader)
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            JSONValue.append(text: header.name, to: &text)
            text.append(UInt8(ascii: ":"))
            JSONValue.append(text: value, to: &text)
        }
        text.append(UInt8(ascii: "}"))
        return String(decoding: text, as: UTF8.self)
    }

    static func isSecret(_ name: String) -> Bool {
        // Nearly all headers are one of a few: searching their names for words would cost more than the rest.
        guard !harmless.contains(name) else { return false }
        return secret.contains(name) || words.contains { name.contains($0) }
    }

    private static let harmless: Set<String> = [
        "host", "content-type", "content-length", "user-agent", "accept", "accept-encoding", "accept-language",
        "connection", "transfer-encoding", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip",
    ]
    private static let secret: Set<String> = ["authorization", "proxy-authorization", "cookie", "set-cookie"]
    private static let words = ["token", "secret", "password", "api-key", "apikey", "signature"]
}
