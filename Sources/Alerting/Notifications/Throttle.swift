/// How many alerts a contact is told of in which time, so that a storm fills nobody's phone.
public struct Throttle: Equatable, Sendable {
    /// At most `count` messages within `window`.
    public struct Rule: Equatable, Sendable {
        public var count: Int
        public var window: Duration

        public init(_ count: Int, per window: Duration) {
            self.count = max(1, count)
            self.window = window
        }
    }

    public enum Decision: Equatable, Sendable {
        case now
        /// What waits until then goes out as one message.
        case wait(until: Timestamp)
    }

    /// All must be kept; none: nothing waits.
    public var rules: [Rule]

    public init(_ rules: [Rule]) {
        self.rules = rules
    }

    /// How long a contact counts as told of an alert source: an alert that comes later is a first one again.
    public static let firstAgainAfter = Duration.minutes(15)
    /// The longest that a rule looks back.
    public static let longestWindow = Duration.hours(24)

    public var isOn: Bool { !rules.isEmpty }

    /// How far back what a contact was sent matters.
    public var lookBack: Duration { max(Self.firstAgainAfter, rules.map(\.window).max() ?? .zero) }

    /// - Parameters:
    ///   - sent: when the contact was sent something of this channel; in any order.
    ///   - isFirst: whether it is the first that the contact hears of the alert source, which never waits.
    public func decision(sent: [Timestamp], isFirst: Bool, at now: Timestamp) -> Decision {
        guard !isFirst else { return .now }
        let free = rules.compactMap { rule -> Timestamp? in
            let within = sent.filter { $0 > now - rule.window && $0 <= now }.sorted()
            guard within.count >= rule.count else { return nil }
            return within[within.count - rule.count] + rule.window
        }
        return free.max().map { .wait(until: $0) } ?? .now
    }

    /// What holds where the operator says nothing else.
    public static func usual(for channel: Channel) -> Throttle {
        switch channel {
        // A mail costs nothing and is read in its own conversation: only a storm is bundled.
        case .email: Throttle([Rule(60, per: .minutes(1))])
        case .sms, .whatsapp:
            Throttle([Rule(1, per: .minutes(1)), Rule(5, per: .minutes(15)), Rule(11, per: .hours(1))])
        case .voice: Throttle([Rule(1, per: .minutes(1)), Rule(3, per: .minutes(15)), Rule(7, per: .hours(1))])
        case .push, .telegram, .ntfy, .gotify, .pushover: Throttle([Rule(20, per: .minutes(1))])
        }
    }

    /// As `init(_:)` reads it.
    public var text: String {
        rules.isEmpty
            ? "off" : rules.map { "\($0.count)/\($0.window.components.seconds)s" }.joined(separator: " ")
    }

    /// Reads `1/1m 5/15m 11/1h`: counts and windows in seconds, minutes or hours, up to a day; `off`: nothing waits.
    /// `nil`: it is neither.
    public init?(_ text: String) {
        guard text != "off" else {
            self.init([])
            return
        }
        var rules: [Rule] = []
        for part in text.split(separator: " ") {
            let sides = part.split(separator: "/", omittingEmptySubsequences: false)
            guard sides.count == 2, let count = Int(sides[0]), (1...10_000).contains(count),
                let unit = sides[1].last, let number = Int(sides[1].dropLast()), (1...86_400).contains(number),
                let seconds = ["s": 1, "m": 60, "h": 3600][String(unit)].map({ $0 * number }),
                Duration.seconds(seconds) <= Self.longestWindow
            else { return nil }
            rules.append(Rule(count, per: .seconds(seconds)))
        }
        guard !rules.isEmpty, rules.count <= 10 else { return nil }
        self.init(rules)
    }
}
