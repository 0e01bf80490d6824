import Foundation

/// Takes a request's own secrets out of what the other side answered: some services send back what they were sent.
struct Redaction: Equatable, Sendable {
    private var url = ""
    private var values: [String] = []
    private static let mark = "…"
    /// Shorter ones guard nothing, and would take ordinary words apart.
    private static let shortest = 4
    /// Parts of a path that may be keys; shorter ones are names such as `messages`.
    private static let shortestPart = 12
    /// Headers without secrets.
    private static let open: Set<String> = [
        "content-type", "accept", "content-encoding", "ttl", "urgency", "x-github-api-version", "idempotency-key",
    ]

    init() {}

    init(of request: GuardedRequest) {
        url = request.url
        values = request.secrets
        for header in request.headers where !Self.open.contains(header.name.lowercased()) {
            values.append(header.value)
        }
    }

    func applied(to text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: Self.mark) }
    }

    /// The longest first, so that a part of one does not spoil it. Found when they are asked for: most answers are read
    /// by nobody.
    private var secrets: [String] {
        // What follows `Bearer`, `Basic` and the like is one, too.
        let lastWords = values.compactMap { $0.split(separator: " ").last.map(String.init) }
        let found = values + lastWords + Self.secrets(in: url)
        let forms = found.flatMap { [$0, $0.removingPercentEncoding ?? $0, $0.replacing("/", with: "\\/")] }
        return Set(forms).filter { $0.count >= Self.shortest }.sorted { ($1.count, $0) < ($0.count, $1) }
    }

    /// A URL may be a secret itself, as those of incoming webhooks are.
    private static func secrets(in url: String) -> [String] {
        guard let parts = URLComponents(string: url) else { return [url] }
        let path = parts.percentEncodedPath
        let query = parts.percentEncodedQuery ?? ""
        let values = (parts.queryItems ?? []).compactMap(\.value)
        let keys = path.split(separator: "/").map(String.init).filter { $0.count >= shortestPart }
        let whole =
            path.count >= shortestPart || !query.isEmpty ? [url, path + (query.isEmpty ? "" : "?\(query)")] : []
        return whole + [query, parts.user ?? "", parts.password ?? ""] + values + keys
    }
}
