/// A monitor's target and the block that is named for its kind, on the wire and in the table.
extension MonitorSubject {
    /// - Parameter block: the member of the kind's name; `nil` means all as usual.
    /// - Throws: `Failure.invalid` that names the field.
    public init(kind: Monitor.Kind, target: String, block: JSONValue?) throws(Failure) {
        let fields = MonitorBlock(kind.rawValue, block)
        switch kind {
        case .http: self = .http(try Self.http(target, fields))
        case .tcp:
            let (host, port) = try Self.place(target, usualPort: nil)
            self = .tcp(host: host, port: port)
        case .ping: self = .ping(host: try Self.host(target))
        case .dns: self = .dns(try Self.dns(target, fields))
        case .tls: self = .tls(try Self.tls(target, fields))
        case .domain:
            var check = DomainCheck(name: try Self.host(Self.withoutScheme(target)))
            check.days = try fields.integer("days", in: 0...365) ?? check.days
            self = .domain(check)
        case .page:
            var check = PageCheck(url: try Self.url(target))
            check.mostKilobytes = try fields.integer("maxKilobytes", in: 1...1_000_000)
            check.brokenParts = try fields.integer("brokenParts", in: 0...1000) ?? 0
            check.slowest = try fields.integer("slowestMs", in: 1...60_000).map { .milliseconds($0) }
            check.usesBrowser = try fields.bool("browser") ?? false
            self = .page(check)
        case .journey:
            self = .journey(JourneyCheck(url: try Self.url(target), steps: try fields.steps()))
        case .sitemap:
            var check = SitemapCheck(url: try Self.url(target))
            check.most = try fields.integer("maxPages", in: 1...1000) ?? check.most
            check.brokenPages = try fields.integer("brokenPages", in: 0...1000) ?? 0
            self = .sitemap(check)
        case .heartbeat:
            guard let number = Int64(target), number > 0 else {
                throw Failure.field("target", "must be the id of a heartbeat monitor.")
            }
            self = .heartbeat(HeartbeatMonitor.ID(number))
        }
    }

    /// The block named for the kind.
    public var block: JSONValue {
        switch self {
        case .http(let check):
            .object([
                "method": .string(check.method.rawValue.uppercased()),
                "headers": .array(
                    check.headers.map { .object(["key": .string($0.name), "value": .string($0.value)]) }),
                "body": .string(check.body), "expectedCodes": .string(Self.text(of: check.codes)),
                "contains": .string(check.contains), "lacks": .string(check.lacks),
                "jsonPath": .string(check.jsonPath), "jsonValue": .string(check.jsonValue),
                "followRedirects": .bool(check.followsRedirects),
                "slowestMs": Self.milliseconds(check.slowest),
                "certificateDays": check.certificateDays.map { .integer(Int64($0)) } ?? .null,
                "slowestLookUpMs": Self.milliseconds(check.slowestPhases.lookUp),
                "slowestConnectMs": Self.milliseconds(check.slowestPhases.connect),
                "slowestEncryptionMs": Self.milliseconds(check.slowestPhases.encryption),
                "slowestFirstByteMs": Self.milliseconds(check.slowestPhases.firstByte),
            ])
        case .tcp, .ping, .heartbeat: .object([:])
        case .dns(let check):
            .object([
                "recordType": .string(check.type.rawValue.uppercased()),
                "records": .array(check.records.map(JSONValue.string)), "server": .string(check.server),
            ])
        case .tls(let check):
            .object([
                "certificateDays": .integer(Int64(check.days)), "hostName": .string(check.name),
                "issuer": .string(check.issuer), "acceptUntrusted": .bool(check.acceptsUntrusted),
            ])
        case .domain(let check): .object(["days": .integer(Int64(check.days))])
        case .page(let check):
            .object([
                "maxKilobytes": check.mostKilobytes.map { .integer(Int64($0)) } ?? .null,
                "brokenParts": .integer(Int64(check.brokenParts)), "slowestMs": Self.milliseconds(check.slowest),
                "browser": .bool(check.usesBrowser),
            ])
        case .journey(let check): .object(["steps": .array(check.steps.map(\.json))])
        case .sitemap(let check):
            .object([
                "maxPages": .integer(Int64(check.most)), "brokenPages": .integer(Int64(check.brokenPages)),
            ])
        }
    }

    private static func milliseconds(_ duration: Duration?) -> JSONValue {
        duration.map { .integer($0.wholeMilliseconds) } ?? .null
    }

    /// The kind that a target which somebody pasted is most likely meant for.
    public static func guess(_ target: String) -> Monitor.Kind {
        let text = target.lowercased()
        if text.hasSuffix("sitemap.xml") { return .sitemap }
        if text.hasPrefix("http://") || text.hasPrefix("https://") || text.contains("/") { return .http }
        if text.contains(":") { return .tcp }
        return text.split(separator: ".").count > 1 && !text.allSatisfy { $0.isNumber || $0 == "." } ? .http : .ping
    }

    /// A URL of a website; what has no scheme is meant as https.
    private static func url(_ target: String) throws(Failure) -> String {
        let url = target.contains("://") ? target : "https://\(target)"
        guard url.utf8.count <= Limits.monitorTarget, url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }),
            url.lowercased().hasPrefix("http://") || url.lowercased().hasPrefix("https://")
        else { throw Failure.field("target", "must be a URL that begins with http:// or https://, without blanks.") }
        return url
    }

    private static func http(_ target: String, _ fields: MonitorBlock) throws(Failure) -> HTTPCheck {
        var check = HTTPCheck(url: try url(target))
        if let method = try fields.text("method", limit: 10) {
            guard let known = HTTPCheck.Method(rawValue: method.lowercased()) else {
                throw Failure.field("http.method", "must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.")
            }
            check.method = known
        }
        check.headers = try fields.headers()
        check.body = try fields.text("body", limit: Limits.monitorBody) ?? ""
        check.codes = try codes(fields.text("expectedCodes", limit: 200) ?? "")
        check.contains = try fields.text("contains", limit: Limits.monitorText) ?? ""
        check.lacks = try fields.text("lacks", limit: Limits.monitorText) ?? ""
        check.jsonPath = try fields.text("jsonPath", limit: Limits.monitorText) ?? ""
        check.jsonValue = try fields.text("jsonValue", limit: Limits.monitorText) ?? ""
        check.followsRedirects = try fields.bool("followRedirects") ?? true
        check.slowest = try fields.integer("slowestMs", in: 1...60_000).map { .milliseconds($0) }
        check.certificateDays = try fields.integer("certificateDays", in: 0...365)
        func slowest(_ field: String) throws(Failure) -> Duration? {
            try fields.integer(field, in: 1...60_000).map { .milliseconds($0) }
        }
        check.slowestPhases = CheckAnswer.Phases(
            lookUp: try slowest("slowestLookUpMs"), connect: try slowest("slowestConnectMs"),
            encryption: try slowest("slowestEncryptionMs"), firstByte: try slowest("slowestFirstByteMs"))
        return check
    }

    private static func tls(_ target: String, _ fields: MonitorBlock) throws(Failure) -> TLSCheck {
        let (host, port) = try place(withoutScheme(target), usualPort: 443)
        var check = TLSCheck(host: host)
        check.port = port
        check.days = try fields.integer("certificateDays", in: 0...365) ?? check.days
        check.issuer = try fields.text("issuer", limit: Limits.monitorText) ?? ""
        check.acceptsUntrusted = try fields.bool("acceptUntrusted") ?? false
        if let name = try fields.text("hostName", limit: 253), !name.isEmpty { check.name = try Self.host(name) }
        return check
    }

    private static func dns(_ target: String, _ fields: MonitorBlock) throws(Failure) -> DNSCheck {
        var check = DNSCheck(name: try host(target))
        if let type = try fields.text("recordType", limit: 10) {
            guard let known = DNSCheck.RecordType(rawValue: type.lowercased()) else {
                throw Failure.field("dns.recordType", "must be A, AAAA, CNAME, MX, NS or TXT.")
            }
            check.type = known
        }
        check.records = try fields.texts("records", most: 50, limit: Limits.monitorText)
        check.server = try fields.text("server", limit: 64) ?? ""
        return check
    }

    /// `200, 301-399` as ranges.
    static func codes(_ text: String) throws(Failure) -> [ClosedRange<Int>] {
        let wrong = Failure.field("http.expectedCodes", "must be codes from 100 to 599, such as 200, 301-399.")
        var ranges: [ClosedRange<Int>] = []
        for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1],
                (100...599).contains(low), (low...599).contains(high)
            else { throw wrong }
            ranges.append(low...high)
        }
        return ranges
    }

    private static func text(of codes: [ClosedRange<Int>]) -> String {
        codes.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ")
    }

    private static func withoutScheme(_ target: String) -> String {
        guard target.lowercased().hasPrefix("https://") else { return target }
        return String(target.dropFirst(8).prefix { $0 != "/" })
    }

    /// A host's name or address.
    private static func host(_ text: String) throws(Failure) -> String {
        var host = text
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let isFine = host.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || ".-_:".utf8.contains($0)
        }
        guard (1...253).contains(host.utf8.count), isFine, host.first != "-" else {
            throw Failure.field("target", "must be a host's name or address.")
        }
        return host
    }

    /// `host:port`, `[2001:db8::1]:443`.
    private static func place(_ text: String, usualPort: Int?) throws(Failure) -> (host: String, port: Int) {
        let wrong = Failure.field("target", "must be a host and a port from 1 to 65535, such as db.example.com:5432.")
        let colon = text.lastIndex(of: ":")
        let isAddress = text.filter { $0 == ":" }.count > 1 && !text.hasPrefix("[")
        guard let colon, !isAddress, !text.hasSuffix("]") else {
            guard let usualPort else { throw wrong }
            return (try host(text), usualPort)
        }
        guard let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port) else { throw wrong }
        return (try host(String(text[..<colon])), port)
    }
}
