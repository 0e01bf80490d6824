import HTTPTypes
import Integrations
import NIOHTTP1

/// The head of a request that is taken where it is read: an event for an alert source's URL, short, and with nothing in
/// its fields that `IngestDoor` would look at or that belongs to its connection.
struct EventHead {
    /// Bytes; a longer body is read where it keeps nobody else's connection waiting.
    private static let longestBody = 64 * 1024

    let path: String
    /// The integration key in the path.
    let key: String
    let headers: [WebhookRequest.Header]
    /// As `IngestDoor.standardAnswer` wants it.
    let correlation: String?

    /// `nil`: the request is not for here.
    init?(_ head: HTTPRequestHead) {
        guard head.method == .POST, head.version == .http1_1, let key = WebResponder.integrationKey(in: head.uri),
            !key.utf8.contains(UInt8(ascii: "?"))
        else { return nil }
        var headers: [WebhookRequest.Header] = []
        headers.reserveCapacity(head.headers.count)
        var (hasHost, length, correlation) = (false, Int?.none, String?.none)
        for (name, value) in head.headers {
            let name = name.lowercased()
            switch name {
            case "host" where !hasHost:
                hasHost = true
                continue
            case "content-length": length = Int(value)
            case "connection" where value.lowercased() != "keep-alive": return nil
            case Self.correlationName: correlation = correlation ?? value
            case _ where Self.unusual.contains(name): return nil
            default: break
            }
            headers.append(WebhookRequest.Header(lowercased: name, value))
        }
        guard let length, length <= Self.longestBody else { return nil }
        self.path = head.uri
        self.key = key
        self.headers = headers
        self.correlation = correlation
    }

    private static let correlationName = IngestDoor.correlationHeader.canonicalName
    private static let unusual: Set<String> = [
        "content-encoding", "transfer-encoding", "expect", "upgrade", IngestDoor.instanceHeader.canonicalName,
    ]
}
