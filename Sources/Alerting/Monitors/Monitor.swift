/// Something that we watch from outside, by checks of our own.
public enum Monitor {
    public typealias ID = Identifier<Monitor>

    /// What is checked, in the words of the wire in lower case.
    public enum Kind: String, Sendable, CaseIterable {
        case http, tcp, ping, dns, tls, domain, page, journey, sitemap, heartbeat

        public var words: String {
            switch self {
            case .http: "HTTP"
            case .tcp: "TCP"
            case .ping: "Ping"
            case .dns: "DNS"
            case .tls: "TLS certificate"
            case .domain: "Domain expiry"
            case .page: "Page"
            case .journey: "User journey"
            case .sitemap: "Sitemap"
            case .heartbeat: "Heartbeat"
            }
        }

        /// Which rules of delivery groups it follows.
        public var area: MonitorArea {
            switch self {
            case .http, .tls, .domain, .page, .journey, .sitemap: .website
            case .tcp, .ping: .server
            case .dns, .heartbeat: .tools
            }
        }
    }

    /// Seconds between two checks.
    public static let intervals = 10...3600
    /// Seconds that a check may take.
    public static let timeouts = 1...60
    /// Checks that must fail after the first before a failure counts.
    public static let retests = 0...10
    /// Places that one monitor is checked from.
    public static let mostRegions = 10
    /// The place where the servers themselves are.
    public static let homeRegion = "local"
}

/// The three kinds of rules that attach delivery groups.
public enum MonitorArea: String, Sendable, CaseIterable {
    case website, server, tools
}

/// When a monitor is checked.
///
/// Checks stand on a grid that belongs to the monitor alone, so that nothing drifts however long a check takes, and
/// monitors that were made one after the other are spread evenly over their interval.
public struct MonitorGrid: Equatable, Sendable {
    public var monitor: Monitor.ID
    public var interval: Duration

    public init(monitor: Monitor.ID, interval: Duration) {
        self.monitor = monitor
        self.interval = interval
    }

    /// Multiples of the golden ratio fall evenly into an interval, whatever number comes next.
    private var phase: Int64 {
        let part = UInt64(bitPattern: monitor.rawValue) &* 0x9E37_79B9_7F4A_7C15
        return Int64(part.multipliedFullWidth(by: UInt64(interval.wholeMilliseconds)).high)
    }

    /// The first instant of the grid after `time`.
    public func next(after time: Timestamp) -> Timestamp {
        let (length, phase) = (interval.wholeMilliseconds, phase)
        let passed = time.milliseconds - phase
        let periods = passed >= 0 ? passed / length : -((-passed + length - 1) / length)
        return Timestamp(milliseconds: (periods + 1) * length + phase)
    }
}
