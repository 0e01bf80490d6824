/// What a monitor checks, and what must hold for it to pass.
public enum MonitorSubject: Equatable, Sendable {
    case http(HTTPCheck)
    case tcp(host: String, port: Int)
    case ping(host: String)
    case dns(DNSCheck)
    case tls(TLSCheck)
    case domain(DomainCheck)
    case page(PageCheck)
    case journey(JourneyCheck)
    case sitemap(SitemapCheck)
    /// A job's heartbeat monitor, which passes while its signals come in time.
    case heartbeat(HeartbeatMonitor.ID)

    public var kind: Monitor.Kind {
        switch self {
        case .http: .http
        case .tcp: .tcp
        case .ping: .ping
        case .dns: .dns
        case .tls: .tls
        case .domain: .domain
        case .page: .page
        case .journey: .journey
        case .sitemap: .sitemap
        case .heartbeat: .heartbeat
        }
    }

    /// As a person writes it: a URL, `host:port`, a host, a name.
    public var target: String {
        switch self {
        case .http(let check): check.url
        case .tcp(let host, let port): Self.text(host, port)
        case .ping(let host): host
        case .dns(let check): check.name
        case .tls(let check): Self.text(check.host, check.port)
        case .domain(let check): check.name
        case .page(let check): check.url
        case .journey(let check): check.url
        case .sitemap(let check): check.url
        case .heartbeat(let id): "\(id)"
        }
    }

    private static func text(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

public struct HTTPCheck: Equatable, Sendable {
    public struct Header: Equatable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public enum Method: String, Sendable, CaseIterable {
        case get, head, post, put, patch, delete, options
    }

    public var url: String
    public var method = Method.get
    public var headers: [Header] = []
    public var body = ""
    /// Such as `200` and `300-399`; empty: 200 to 399.
    public var codes: [ClosedRange<Int>] = []
    /// Must be in the body; empty: anything.
    public var contains = ""
    /// Must not be in the body; empty: anything.
    public var lacks = ""
    /// The way to a value of a JSON body, such as `status.database`; empty: none is looked at.
    public var jsonPath = ""
    /// What that value must be, as text; empty: anything but null, false and nothing.
    public var jsonValue = ""
    public var followsRedirects = true
    /// A slower answer fails; `nil`: only the time limit counts.
    public var slowest: Duration?
    /// The longest that each part may take; `nil`: any time.
    public var slowestPhases = CheckAnswer.Phases()
    /// Days that the certificate must still be good for; `nil`: only that it is.
    public var certificateDays: Int?

    public init(url: String) {
        self.url = url
    }

    var usualCodes: [ClosedRange<Int>] { codes.isEmpty ? [200...399] : codes }
}

public struct DNSCheck: Equatable, Sendable {
    public enum RecordType: String, Sendable, CaseIterable {
        case a, aaaa, cname, mx, ns, txt

        /// As DNS numbers them.
        public var code: UInt16 {
            switch self {
            case .a: 1
            case .ns: 2
            case .cname: 5
            case .mx: 15
            case .txt: 16
            case .aaaa: 28
            }
        }
    }

    public var name: String
    public var type = RecordType.a
    /// What the records must be, in any order; empty: at least one.
    public var records: [String] = []
    /// An address to ask; empty: the system's.
    public var server = ""

    public init(name: String) {
        self.name = name
    }
}

public struct TLSCheck: Equatable, Sendable {
    public var host: String
    public var port = 443
    /// Days that the certificate must still be good for.
    public var days = 14
    /// The name that it must be for; empty: the host's.
    public var name = ""
    /// Must be in its issuer's name; empty: anything.
    public var issuer = ""
    /// Whether nobody that is trusted needs to have signed it; only its end counts then.
    public var acceptsUntrusted = false

    public init(host: String) {
        self.host = host
    }
}

/// When the registration of a domain ends.
public struct DomainCheck: Equatable, Sendable {
    public var name: String
    /// Days that it must still be registered for.
    public var days = 30

    public init(name: String) {
        self.name = name
    }
}

/// A page with all that belongs to it.
public struct PageCheck: Equatable, Sendable {
    public var url: String
    /// Of the page and its parts; `nil`: any size.
    public var mostKilobytes: Int?
    /// How many parts may be missing.
    public var brokenParts = 0
    /// A slower page fails; `nil`: only the time limit counts.
    public var slowest: Duration?
    /// Whether a browser loads it.
    public var usesBrowser = false

    public init(url: String) {
        self.url = url
    }
}

/// All pages that a sitemap names.
public struct SitemapCheck: Equatable, Sendable {
    public var url: String
    /// How many are looked at.
    public var most = 100
    /// How many may fail.
    public var brokenPages = 0

    public init(url: String) {
        self.url = url
    }
}

/// What a visitor does in a browser.
public struct JourneyCheck: Equatable, Sendable {
    public enum Step: Equatable, Sendable {
        case open(url: String)
        /// Selectors are of CSS.
        case click(selector: String)
        case fill(selector: String, text: String)
        /// The text is somewhere in the element, or on the page when the selector is empty.
        case expect(selector: String, text: String)
    }

    /// Where it begins.
    public var url: String
    public var steps: [Step]

    public init(url: String, steps: [Step] = []) {
        self.url = url
        self.steps = steps
    }
}
