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
            case .tooManyRedirects: "it redirects too many times"
            case .broken: "the connection ended before the answer was whole"
            case .noAnswer: "there was no answer"
            case .notPermitted: "this server may not send such a check"
            case .invalid: "the target cannot be read"
            }
        }
    }

    public var problem: Problem?
    public var total: Duration
    public var phases: Phases
    /// Of HTTP.
    public var status: Int?
    /// The first bytes of the body, as many as are looked at.
    public var body: [UInt8]
    /// Whether the body went on beyond them.
    public var isCut: Bool
    /// When the certificate ends.
    public var certificateEnd: Timestamp?
    /// Of DNS, as text.
    public var records: [String]

    public init(
        problem: Problem? = nil, total: Duration, phases: Phases = Phases(), status: Int? = nil, body: [UInt8] = [],
        isCut: Bool = false, certificateEnd: Timestamp? = nil, records: [String] = []
    ) {
        self.problem = problem
        self.total = total
        self.phases = phases
        self.status = status
        self.body = body
        self.isCut = isCut
        self.certificateEnd = certificateEnd
        self.records = records
    }
}
