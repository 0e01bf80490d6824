import Alerting
import Storage

/// Pages that wait because their reader was told enough for now, and that go out together when the time has come.
extension NotificationDesk {
    enum Throttling {
        /// With the pages that waited for the same contact.
        case send(with: [MessageRecord])
        case hold(until: Timestamp)
    }

    /// Why a message waits.
    static let throttled = "throttled"

    /// - Parameter undecided: what was claimed in the same round and may itself be held back: nobody was told of it
    ///   yet.
    func throttling(
        of message: MessageRecord, undecided: [MessageRecord], _ change: Change
    ) throws -> Throttling {
        guard message.purpose == .page else { return .send(with: []) }
        // What was tried before goes as it went.
        guard message.attempts == 1 else {
            return .send(with: try Messages.bundled(in: message.id, in: change.transaction))
        }
        guard throttle.isOn else { return .send(with: []) }
        let told = try Messages.told(
            message.target, on: message.channel, since: change.now - throttle.lookBack, besides: message.id,
            in: change.transaction
        ).filter { told in !undecided.contains { $0.id == told.message } }
        let isFirst = !told.contains {
            $0.source == message.source && $0.at > change.now - Throttle.firstAgainAfter
        }
        switch throttle.decision(sent: told.map(\.at), isFirst: isFirst, at: change.now) {
        case .wait(let until): return .hold(until: until)
        case .now where isFirst: return .send(with: [])
        case .now: return .send(with: try bundle(into: message, undecided: undecided, change))
        }
    }

    func hold(_ message: MessageRecord, until: Timestamp, _ change: Change) throws {
        try Messages.hold(message.id, until: until, reason: Self.throttled, in: change.transaction)
        guard message.reason != Self.throttled else { return }
        try change.note(.messageHeld, message, reason: "too_many_in_a_short_time")
    }

    private func bundle(
        into leader: MessageRecord, undecided: [MessageRecord], _ change: Change
    ) throws -> [MessageRecord] {
        var parts: [MessageRecord] = []
        for message in undecided where message.target == leader.target && message.reason == Self.throttled {
            guard message.alert != leader.alert, try Self.reasonAgainst(message, change) == nil else { continue }
            try Messages.hold(message.id, until: change.now, reason: Self.throttled, in: change.transaction)
        }
        let waiting = try Messages.held(
            leader.target, on: leader.channel, reason: Self.throttled, in: change.transaction)
        for message in waiting where message.id != leader.id && message.alert != leader.alert {
            // What is no longer wanted is cancelled in its own turn.
            guard try Self.reasonAgainst(message, change) == nil else { continue }
            try Messages.bundle(message.id, into: leader.id, until: change.now + Self.lease, in: change.transaction)
            try change.note(.messageBundled, message, reason: "with that of alert \(leader.alert?.description ?? "")")
            parts.append(message)
        }
        return parts
    }

    func compose(
        _ message: MessageRecord, with others: [MessageRecord], _ change: Change
    ) throws -> ClaimedMessage? {
        let secret = try message.contact.flatMap { try Contacts.find($0, in: change.transaction)?.secret }
        let composer = MessageComposer(links: links)
        guard let id = message.alert else {
            let outgoing = composer.compose(message, secret: secret, at: change.now)
            return ClaimedMessage(message: message, outgoing: outgoing, claimedAt: change.now)
        }
        guard let record = try Alerts.find(id, in: change.transaction) else { return nil }
        let source = try AlertSources.find(record.alert.source, in: change.transaction)
        let earlier = try Messages.list(of: id, in: change.transaction).contains {
            $0.target == message.target && $0.id < message.id && $0.status == .delivered
        }
        let parts = try others.compactMap { other in
            try other.alert.flatMap { try Alerts.find($0, in: change.transaction) }.map {
                MessageComposer.Part(alert: $0.alert, message: other)
            }
        }
        let outgoing = composer.compose(
            message, alert: record.alert, source: source?.name ?? "", startsThread: !earlier, with: parts,
            secret: secret, at: change.now)
        return ClaimedMessage(message: message, outgoing: outgoing, claimedAt: change.now)
    }
}
