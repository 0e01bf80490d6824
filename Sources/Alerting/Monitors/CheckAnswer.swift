/// What one check found, before anybody judges it.
public struct CheckAnswer: Equatable, Sendable {
    /// How long each part took; what was not reached is `nil`.
    public struct Phases: Equatable, Sendable {
        public var lookUp: Duration?
        public var connect: Duration?
        public var encryption: Duration?
        public var firstByte: Duration?

        public init(
            lookUp: Duration? = nil, connect: Duration? = nil, encryption: Duration? = nil,
            firstByte: Duration? = nil
        ) {
            self.lookUp = lookUp
            self.connect = connect
            self.encryption = encryption
            self.firstByte = firstByte
        }
    }

    /// Why there was no whole answer.
    public enum Problem: String, Error, Sendable, CaseIterable {
        case nameUnknown = "name_unknown"
        case addressRefused = "address_refused"
        case refused
        case unreachable
        case timedOut = "timed_out"
        case notTrusted = "not_trusted"
        case handshake
        case tooManyRedirects = "too_many_redirects"
        case broken
        case noAnswer = "no_answer"
        case notPermitted = "not_permitted"
        case ourselves
        case missing
        case tooLarge = "too_large"
        case invalid

        /// A few words that can stand after a colon.
        public var words: String {
            switch self {
            case .nameUnknown: "the host's name is unknown"
            case .addressRefused: "the address is in a private or local network, which is not allowed"
            case .refused: "the connection was refused"
            case .unreachable: "the host cannot be reached"
            case .timedOut: "there was no answer in time"
            case .notTrusted: "the certificate is not acceptable"
            case .handshake: "encryption could not be agreed on"
            case .tooManyRedirects: "it redirects more than \(Limits.monitorRedirects) times"
            case .broken: "the connection ended before the answer was whole"
            case .noAnswer: "there was no answer"
            case .notPermitted: "this server may not send such a check"
            case .ourselves: "the target is this server itself, which cannot report its own outage"
            case .tooLarge: "it is larger than what is looked at"
            case .missing: "what it is checked with is not installed on this server"
            case .invalid: "the target cannot be read"
            }
        }
    }

    /// The certificate that was shown.
    public struct Certificate: Equatable, Sendable {
        public var end: Timestamp
        /// As the certificate names it.
        public var issuer: String
        /// Certificates that were sent, its own among them.
        public var chain: Int

        public init(end: Timestamp, issuer: String = "", chain: Int = 1) {
            self.end = end
            self.issuer = issuer
            self.chain = chain
        }
    }

    /// What belongs to a page or to a sitemap: parts or pages that were fetched as well.
    public struct Parts: Equatable, Sendable {
        public var count: Int
        /// Of the document and all parts.
        public var bytes: Int
        /// Those that did not load, as words: where, and why.
        public var broken: [String]
        /// Whether there were more than are looked at.
        public var isCut: Bool

        public init(count: Int, bytes: Int, broken: [String] = [], isCut: Bool = false) {
            self.count = count
            self.bytes = bytes
            self.broken = broken
            self.isCut = isCut
        }
    }

    public var problem: Problem?
    /// What is said instead of the problem's own words.
    public var detail: String?
    public var total: Duration
    public var phases: Phases
    /// Of HTTP.
    public var status: Int?
    /// The first bytes of the body, as many as are looked at.
    public var body: [UInt8]
    /// Whether the body went on beyond them.
    public var isCut: Bool
    public var certificate: Certificate?
    /// When the registration of a domain ends.
    public var domainEnd: Timestamp?
    /// Of DNS, as text.
    public var records: [String]
    public var parts: Parts?
    /// A picture of a page that failed, as PNG.
    public var screenshot: [UInt8]?

    public init(
        problem: Problem? = nil, detail: String? = nil, total: Duration, phases: Phases = Phases(),
        status: Int? = nil, body: [UInt8] = [], isCut: Bool = false, certificate: Certificate? = nil,
        domainEnd: Timestamp? = nil, records: [String] = [], parts: Parts? = nil, screenshot: [UInt8]? = nil
    ) {
        self.problem = problem
        self.detail = detail
        self.total = total
        self.phases = phases
        self.status = status
        self.body = body
        self.isCut = isCut
        self.certificate = certificate
        self.domainEnd = domainEnd
        self.records = records
        self.parts = parts
        self.screenshot = screenshot
    }

    /// When a certificate or a registration that was seen ends.
    public var validUntil: Timestamp? { certificate?.end ?? domainEnd }
}
