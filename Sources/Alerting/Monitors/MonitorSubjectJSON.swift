/// A monitor's target and the block that is named for its kind, on the wire and in the table.
extension MonitorSubject {
    /// - Parameter block: the member of the kind's name; `nil` means all as usual.
    /// - Throws: `Failure.invalid` that names the field.
    public init(kind: Monitor.Kind, target: String, block: JSONValue?) throws(Failure) {
        let fields = Block(kind.rawValue, block)
        switch kind {
        case .http: self = .http(try Self.http(target, fields))
        case .tcp:
            let (host, port) = try Self.place(target, usualPort: nil)
            self = .tcp(host: host, port: port)
        case .ping: self = .ping(host: try Self.host(target))
        case .dns: self = .dns(try Self.dns(target, fields))
        case .tls:
            let (host, port) = try Self.place(Self.withoutScheme(target), usualPort: 443)
            var check = TLSCheck(host: host)
            check.port = port
            check.days = try fields.integer("certificateDays", in: 0...365) ?? check.days
            self = .tls(check)
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
                "slowestMs": check.slowest.map { .integer($0.wholeMilliseconds) } ?? .null,
                "certificateDays": check.certificateDays.map { .integer(Int64($0)) } ?? .null,
            ])
        case .tcp, .ping: .object([:])
        case .dns(let check):
            .object([
                "recordType": .string(check.type.rawValue.uppercased()),
                "records": .array(check.records.map(JSONValue.string)), "server": .string(check.server),
            ])
        case .tls(let check): .object(["certificateDays": .integer(Int64(check.days))])
        }
    }

    /// The kind that a target which somebody pasted is most likely meant for.
    public static func guess(_ target: String) -> Monitor.Kind {
        let text = target.lowercased()
        if text.hasPrefix("http://") || text.hasPrefix("https://") || text.contains("/") { return .http }
        if text.contains(":") { return .tcp }
        return text.split(separator: ".").count > 1 && !text.allSatisfy { $0.isNumber || $0 == "." } ? .http : .ping
    }

    private static func http(_ target: String, _ fields: Block) throws(Failure) -> HTTPCheck {
        let url = target.contains("://") ? target : "https://\(target)"
        guard url.utf8.count <= Limits.monitorTarget, url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }),
            url.lowercased().hasPrefix("http://") || url.lowercased().hasPrefix("https://")
        else { throw Failure.field("target", "must be a URL that begins with http:// or https://, without blanks.") }
        var check = HTTPCheck(url: url)
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
        return check
    }

    private static func dns(_ target: String, _ fields: Block) throws(Failure) -> DNSCheck {
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

/// The members of a kind's block; null is as good as absent.
private struct Block {
    private let name: String
    private let value: JSONValue?

    init(_ name: String, _ value: JSONValue?) {
        self.name = name
        self.value = value
    }

    private func member(_ field: String) -> JSONValue? {
        value?[field].flatMap { $0.isNull ? nil : $0 }
    }

    private func wrong(_ field: String, _ sentence: String) -> Failure { .field("\(name).\(field)", sentence) }

    func text(_ field: String, limit: Int) throws(Failure) -> String? {
        guard let value = member(field) else { return nil }
        guard let text = value.string else { throw wrong(field, "must be a text.") }
        guard text.utf8.count <= limit else { throw wrong(field, "may have at most \(limit) bytes.") }
        return text
    }

    func texts(_ field: String, most: Int, limit: Int) throws(Failure) -> [String] {
        guard let value = member(field) else { return [] }
        guard let items = value.array, items.count <= most else {
            throw wrong(field, "must be a list of at most \(most) texts.")
        }
        var texts: [String] = []
        for item in items {
            guard let text = item.string, (1...limit).contains(text.utf8.count) else {
                throw wrong(field, "must be texts of 1 to \(limit) bytes.")
            }
            texts.append(text)
        }
        return texts
    }

    func bool(_ field: String) throws(Failure) -> Bool? {
        guard let value = member(field) else { return nil }
        guard let isTrue = value.bool else { throw wrong(field, "must be true or false.") }
        return isTrue
    }

    func integer(_ field: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
        guard let value = member(field) else { return nil }
        guard let number = value.integer, let exact = Int(exactly: number), range.contains(exact) else {
            throw wrong(field, "must be \(range.lowerBound) to \(range.upperBound).")
        }
        return exact
    }

    func headers() throws(Failure) -> [HTTPCheck.Header] {
        try MonitorHeaders.read(member("headers"), "\(name).headers")
    }
}

/// Headers that somebody set for a request of ours: `[{"key","value"}]`.
public enum MonitorHeaders {
    /// - Throws: `Failure.invalid` that names the field.
    public static func read(_ value: JSONValue?, _ field: String) throws(Failure) -> [HTTPCheck.Header] {
        guard let value, !value.isNull else { return [] }
        let wrong = Failure.field(field, "must be a list of at most 20 objects {\"key\", \"value\"}.")
        guard let items = value.array, items.count <= 20 else { throw wrong }
        var headers: [HTTPCheck.Header] = []
        for item in items {
            guard let name = item["key"]?.string, let value = item["value"]?.string else { throw wrong }
            headers.append(try checked(name, value, field))
        }
        return headers
    }

    /// One that may stand in a request.
    public static func checked(_ name: String, _ value: String, _ field: String) throws(Failure) -> HTTPCheck.Header {
        let isName = name.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
        }
        let isValue = value.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
        let own = ["host", "content-length", "transfer-encoding", "connection", "user-agent", "x-nightbell-instance"]
        guard (1...100).contains(name.utf8.count), isName, value.utf8.count <= 2000, isValue,
            !own.contains(name.lowercased())
        else {
            throw Failure.field(field, "has a header that cannot be sent: “\(Limits.cut(name, to: 60))”.")
        }
        return HTTPCheck.Header(name: name, value: value)
    }
}
