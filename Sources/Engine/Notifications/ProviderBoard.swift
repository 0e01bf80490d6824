import Alerting
import Storage
import Synchronization

/// What is known of one channel's providers just now; shared by their loops, and forgotten at a restart.
final class ProviderBoard: Sendable {
    let channel: Channel
    let count: Int
    private let health: Mutex<[ProviderHealth]>

    /// - Parameter count: at least 1.
    init(_ channel: Channel, count: Int) {
        precondition((1...Lane.most).contains(count), "a channel has between 1 and \(Lane.most) providers")
        self.channel = channel
        self.count = count
        health = Mutex(Array(repeating: ProviderHealth(), count: count))
    }

    /// One lane that a provider may take from, and how long its messages must have been due for that.
    struct Opening {
        var lane: Lane
        var wait: Duration
    }

    /// A provider takes its own messages; those of one that rests, or that was removed, at once; and those that
    /// another one leaves lying.
    func openings(for provider: Int, at now: Timestamp) -> [Opening] {
        let rests = health.withLock { $0.map { $0.rests(at: now) } }
        let doAllRest = rests.allSatisfy(\.self)
        guard doAllRest || !rests[provider] else { return [] }
        let own = Opening(lane: Lane(channel, provider: provider), wait: .zero)
        let others = (0..<Lane.most).filter { $0 != provider }.map { other in
            let isOpen = other >= count || (rests[other] && !doAllRest)
            return Opening(lane: Lane(channel, provider: other), wait: isOpen ? .zero : ProviderHealth.grace)
        }
        return [own] + others
    }

    func note(_ outcome: DeliveryOutcome, of provider: Int, at now: Timestamp) {
        health.withLock { $0[provider].note(outcome, at: now) }
    }

    /// Who is to try after `provider`: the next one that does not rest, else the next.
    func next(after provider: Int, at now: Timestamp) -> Int {
        let order = (1...count).map { (provider + $0) % count }
        let rests = health.withLock { $0.map { $0.rests(at: now) } }
        return order.first { !rests[$0] } ?? order[0]
    }
}
