import Alerting
import Storage
import Synchronization

/// The places of one provider: what is being sent, what was claimed to go next, and what has yet to be written down.
///
/// A place is taken for as long as the provider takes, and not for what comes before or after: the next message is
/// claimed before a place is free, and outcomes are written down beside the sends, many in one transaction.
final class SendingPlaces: Sendable {
    /// A message that was tried.
    struct Settled: Sendable {
        var outcome: DeliveryOutcome
        var claimed: ClaimedMessage
    }

    private struct State {
        var sending: Set<MessageRecord.ID> = []
        /// The first goes next.
        var next: [ClaimedMessage] = []
        var settled: [Settled] = []
        /// Settled, or being written down.
        var unwritten: Set<MessageRecord.ID> = []
        var writer: CheckedContinuation<[Settled], Never>?
        /// Whether others may claim for these places.
        var isOpen = false
        var isOver = false
        var pace = Pace()
    }

    let count: Int
    private let state = Mutex(State())
    /// Unwritten outcomes, in places: more, and nothing is claimed until the database has caught up.
    private static let mostUnwritten = 3

    init(count: Int) {
        self.count = max(1, count)
    }

    /// All that this node has claimed and not written down.
    var claimed: Set<MessageRecord.ID> {
        state.withLock { $0.sending.union($0.next.map(\.message.id)).union($0.unwritten) }
    }

    /// How many messages to claim now; 0: there are enough.
    func wanted(at now: Timestamp) -> Int {
        state.withLock { state in
            guard state.unwritten.count < count * Self.mostUnwritten else { return 0 }
            let free = count - state.sending.count
            let ahead = min(count, state.pace.ahead(at: now))
            // Half of what is ahead is claimed at once, rather than each message by itself.
            guard free > 0 || state.next.count <= ahead / 2 else { return 0 }
            return max(0, free + ahead - state.next.count)
        }
    }

    /// From now on others may claim for these places.
    func open() {
        state.withLock { $0.isOpen = true }
    }

    /// How many messages others may claim now.
    func wantedOfOthers(at now: Timestamp) -> Int {
        state.withLock { $0.isOpen && !$0.isOver } ? wanted(at: now) : 0
    }

    /// Puts claimed messages behind those that wait.
    ///
    /// - Returns: `false` when all is over: they are for others to take.
    @discardableResult
    func add(_ messages: [ClaimedMessage]) -> Bool {
        state.withLock { state in
            guard !state.isOver else { return false }
            state.next += messages
            return true
        }
    }

    /// Takes a free place for the message that is next; `nil`: there is no place, or no message.
    func start() -> ClaimedMessage? {
        state.withLock { state in
            guard state.sending.count < count, !state.next.isEmpty else { return nil }
            let claimed = state.next.removeFirst()
            state.sending.insert(claimed.message.id)
            return claimed
        }
    }

    /// Frees the place of a message.
    ///
    /// - Parameter outcome: `nil`: it was not sent, and there is nothing to write down.
    func finish(_ claimed: ClaimedMessage, _ outcome: DeliveryOutcome?, at now: Timestamp) {
        let (writer, settled) = state.withLock { state in
            state.sending.remove(claimed.message.id)
            guard let outcome else { return (nil as CheckedContinuation<[Settled], Never>?, [] as [Settled]) }
            state.pace.note(outcome, at: now)
            state.unwritten.insert(claimed.message.id)
            state.settled.append(Settled(outcome: outcome, claimed: claimed))
            return Self.handOver(&state)
        }
        writer?.resume(returning: settled)
    }

    /// What was settled since the last call, as soon as there is something; empty: all is over. Only one task may wait,
    /// and it waits whether it is cancelled or not: what was sent must be written down.
    func outcomes() async -> [Settled] {
        await withCheckedContinuation { continuation in
            let (writer, settled) = state.withLock { state in
                state.writer = continuation
                return Self.handOver(&state)
            }
            writer?.resume(returning: settled)
        }
    }

    /// The outcomes are in the database, or will not be: their leases end then.
    func written(_ settled: [Settled]) {
        state.withLock { $0.unwritten.subtract(settled.map(\.claimed.message.id)) }
    }

    /// No more sends come.
    func end() {
        let (writer, settled) = state.withLock { state in
            state.isOver = true
            return Self.handOver(&state)
        }
        writer?.resume(returning: settled)
    }

    /// Takes out what was claimed to go next.
    ///
    /// - Parameter limit: the claim is no later than this; `nil`: however late it is.
    func takeNext(claimedBy limit: Timestamp? = nil) -> [ClaimedMessage] {
        state.withLock { Self.takeNext(claimedBy: limit, from: &$0) }
    }

    private static func takeNext(claimedBy limit: Timestamp?, from state: inout State) -> [ClaimedMessage] {
        let isTaken = { (claimed: ClaimedMessage) in limit.map { claimed.claimedAt <= $0 } ?? true }
        defer { state.next.removeAll(where: isTaken) }
        return state.next.filter(isTaken)
    }

    /// Takes out what was claimed to go next and found no place since `limit`, for others to take.
    func takeStale(since limit: Timestamp) -> [ClaimedMessage] {
        state.withLock { state in
            guard state.sending.count >= count || state.isOver else { return [] }
            return Self.takeNext(claimedBy: limit, from: &state)
        }
    }

    private static func handOver(_ state: inout State) -> (CheckedContinuation<[Settled], Never>?, [Settled]) {
        guard let writer = state.writer, !state.settled.isEmpty || state.isOver else { return (nil, []) }
        defer { (state.writer, state.settled) = (nil, []) }
        return (writer, state.settled)
    }
}

/// How many messages a provider has lately taken in a second.
private struct Pace {
    private var second: Timestamp?
    private var count = 0
    private var before = 0

    /// A provider that fails is given nothing ahead.
    mutating func note(_ outcome: DeliveryOutcome, at now: Timestamp) {
        switch outcome {
        case .delivered, .rejected: break
        case .retry, .unknown:
            self = Pace()
            return
        }
        guard let start = second, now >= start, now < start + .seconds(2) else {
            (second, count, before) = (now, 1, 0)
            return
        }
        if now < start + .seconds(1) {
            count += 1
        } else {
            (second, count, before) = (start + .seconds(1), 1, count)
        }
    }

    /// As many as it takes in a quarter of a second; none once it has taken nothing for two.
    func ahead(at now: Timestamp) -> Int {
        guard let second, now >= second, now < second + .seconds(2) else { return 0 }
        return (max(count, before) + 3) / 4
    }
}
