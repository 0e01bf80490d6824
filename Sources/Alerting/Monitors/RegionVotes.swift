/// What the places that check one monitor say together.
public struct RegionVotes: Equatable, Sendable {
    public struct Vote: Equatable, Sendable {
        public var region: String
        public var isPassing: Bool
        public var at: Timestamp

        public init(region: String, isPassing: Bool, at: Timestamp) {
            self.region = region
            self.isPassing = isPassing
            self.at = at
        }
    }

    /// At most one of each region.
    public var votes: [Vote]

    public init(_ votes: [Vote]) {
        self.votes = votes
    }

    /// Whether the monitor passes: fewer than `agree` regions say that it fails. A region that has been silent for
    /// three intervals and a minute has no say.
    ///
    /// - Parameter agree: of the regions that are heard at most.
    public func isPassing(agree: Int, interval: Duration, at now: Timestamp) -> Bool {
        let heard = votes.filter { now - $0.at <= interval * 3 + .seconds(60) }
        let failing = heard.count { !$0.isPassing }
        return failing < max(1, min(agree, heard.count))
    }
}
