public import Alerting

/// Makes monitors of what RapidSpike's API lists. Pure: others fetch and write.
public enum RapidSpikeImport {
    /// One that can be made here, as the body of a request to our API.
    public struct Found: Equatable, Sendable {
        public var name: String
        public var kind: Monitor.Kind
        public var target: String
        public var isPaused: Bool

        public init(name: String, kind: Monitor.Kind, target: String, isPaused: Bool) {
            self.name = name
            self.kind = kind
            self.target = target
            self.isPaused = isPaused
        }

        /// A body for `POST /api/monitors`.
        public var body: JSONValue {
            .object([
                "name": .string(Limits.cut(name, to: Limits.name)), "kind": .string(kind.rawValue.uppercased()),
                "target": .string(target), "paused": .bool(isPaused),
            ])
        }

        /// What makes two of them the same.
        public var key: String { "\(kind.rawValue) \(target.lowercased())" }
    }

    /// The kinds that RapidSpike's uptime monitors have.
    public static let kinds: [Monitor.Kind] = [.http, .tcp, .ping]
    public static let pageSize = 100

    /// The monitors of one page of a list, and all that is on it, whether it can be read or not.
    ///
    /// - Parameter answer: of `/v1/{kind}monitors`.
    /// - Throws: `Failure.invalid` for what is no such answer.
    public static func read(
        _ answer: JSONValue, kind: Monitor.Kind
    ) throws(Failure) -> (found: [Found], items: [JSONValue]) {
        guard let items = answer["data"]?["\(kind.rawValue)_monitors"]?.array else {
            throw Failure(.invalid, "This is no list of \(kind.words) monitors of RapidSpike's API.")
        }
        return (items.compactMap { found($0["monitor"] ?? $0, kind) }, items)
    }

    private static func found(_ item: JSONValue, _ kind: Monitor.Kind) -> Found? {
        let domain = item["website"]?["domain_name"]?.string ?? item["server"]?["ip_address"]?.string ?? ""
        let path = item["target"]?.string ?? item["page"]?["path"]?.string ?? ""
        guard let text = target(kind, domain: domain, path: path, port: item["port"]?.scalarText) else { return nil }
        let target = kind == .http ? encoded(text) : text
        let label = item["label"]?.string ?? ""
        return Found(
            name: label.isEmpty ? target : label, kind: kind, target: target,
            isPaused: item["paused"]?.bool ?? (item["paused"]?.integer == 1))
    }

    /// Letters beyond ASCII, as browsers send them.
    private static func encoded(_ url: String) -> String {
        url.utf8.map { byte in
            guard byte > 127 else { return String(UnicodeScalar(byte)) }
            return "%" + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    private static func target(_ kind: Monitor.Kind, domain: String, path: String, port: String?) -> String? {
        let host = MonitorSite(target: domain).host
        switch kind {
        case .http:
            if path.hasPrefix("http://") || path.hasPrefix("https://") { return path }
            guard !domain.isEmpty else { return nil }
            let root = domain.contains("://") ? MonitorSite(target: domain).root : "https://\(domain)"
            return root + (path.hasPrefix("/") ? path : "/" + path)
        case .tcp:
            if path.contains(":") { return path }
            guard !host.isEmpty, let port = port ?? (Int(path) == nil ? nil : path) else { return nil }
            return "\(host):\(port)"
        case .ping:
            let name = path.isEmpty || path.hasPrefix("/") ? host : path
            return name.isEmpty ? nil : name
        case .dns, .tls, .domain, .page, .journey, .sitemap, .heartbeat: return nil
        }
    }
}
