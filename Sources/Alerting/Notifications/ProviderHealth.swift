/// Whether one of a channel's providers is to be tried: after several failures in a row it rests for a while, and its
/// messages go by the others.
public struct ProviderHealth: Equatable, Sendable {
    private var failures = 0
    private var restsUntil: Timestamp?

    /// Failures in a row before a rest.
    static let patience = 3
    /// How long a message waits for a provider whose places are all taken before another one takes it.
    public static let grace = Duration.seconds(3)

    public init() {}

    public func rests(at now: Timestamp) -> Bool {
        restsUntil.map { $0 > now } ?? false
    }

    /// A refusal of one message says nothing against the provider.
    public mutating func note(_ outcome: DeliveryOutcome, at now: Timestamp) {
        switch outcome {
        case .delivered, .rejected: self = ProviderHealth()
        case .retry, .unknown:
            failures = min(failures + 1, 100)
            guard failures >= Self.patience else { return }
            restsUntil = now + .seconds(min(300, 30 << min(failures - Self.patience, 4)))
        }
    }
}
