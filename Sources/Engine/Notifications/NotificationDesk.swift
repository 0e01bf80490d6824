import Alerting
import Storage

/// A message that this node has taken, with its text.
struct ClaimedMessage: Sendable {
    var message: MessageRecord
    var outgoing: OutgoingMessage
}

/// The two transactions around every send: taking messages, and writing down how they went.
struct NotificationDesk: Sendable {
    let store: Store
    let links: ActionLinks
    let channels: Set<Channel>
    /// Longer than any sender takes for one attempt.
    static let lease = Duration.seconds(60)

    /// Takes up to `limit` due messages. The alert's state is read again here: what was accepted or resolved since is
    /// cancelled instead, and several to the same contact about one alert become one.
    func claim(_ channel: Channel, limit: Int) async throws -> [ClaimedMessage] {
        let links = links
        // Most calls find nothing: ask without taking the one writer's time.
        let now = store.clock.now
        let next = try await store.read { try Messages.nextDue(channel, in: $0) }
        guard let next, next <= now else { return [] }
        return try await store.write { change in
            let due = try Messages.claimDue(
                channel, at: change.now, until: change.now + Self.lease, limit: limit, in: change.transaction)
            var taken: [ClaimedMessage] = []
            for message in due {
                if let reason = try Self.reasonAgainst(message, after: taken, change) {
                    try Self.cancel(message, reason, change)
                } else if let claimed = try Self.compose(message, links, change) {
                    taken.append(claimed)
                }
            }
            return taken
        }
    }

    private static func reasonAgainst(
        _ message: MessageRecord, after taken: [ClaimedMessage], _ change: Change
    ) throws -> String? {
        guard let record = try Alerts.find(message.alert, in: change.transaction) else { return "alert_deleted" }
        switch record.alert.status {
        case .accepted: return "accepted"
        case .resolved: return "resolved"
        case .pending: break
        }
        if let user = message.user {
            guard let person = try Users.find(user, in: change.transaction) else { return "user_deleted" }
            if let muted = person.mutedUntil, muted > change.now { return "muted" }
        }
        let isSecond = taken.contains { $0.message.alert == message.alert && $0.message.target == message.target }
        return isSecond ? "merged_with_one_that_is_sent" : nil
    }

    private static func cancel(_ message: MessageRecord, _ reason: String, _ change: Change) throws {
        try Messages.cancel(message.id, reason: reason, in: change.transaction)
        guard reason != "alert_deleted" else { return }
        try change.note(
            .messageCancelled, on: message.alert, level: message.level, user: message.user, reason: reason,
            text: message.channel.name)
    }

    private static func compose(
        _ message: MessageRecord, _ links: ActionLinks, _ change: Change
    ) throws -> ClaimedMessage? {
        guard let record = try Alerts.find(message.alert, in: change.transaction) else { return nil }
        let source = try AlertSources.find(record.alert.source, in: change.transaction)
        let earlier = try Messages.list(of: message.alert, in: change.transaction).contains {
            $0.target == message.target && $0.id < message.id && $0.status == .delivered
        }
        let outgoing = MessageComposer(links: links).compose(
            message, alert: record.alert, source: source?.name ?? "", startsThread: !earlier, at: change.now)
        return ClaimedMessage(message: message, outgoing: outgoing)
    }

    /// Writes the outcome down, and pages the person's next contact when this one is given up.
    func record(_ outcome: DeliveryOutcome, of claimed: ClaimedMessage) async throws {
        let channels = channels
        let message = claimed.message
        try await store.write { change in
            let next = Delivery.next(
                after: outcome, attempt: message.attempts, at: change.now, deadline: message.deadline)
            let kind: TimelineEntry.Kind
            var why: String?
            switch next {
            case .delivered:
                kind = .messageDelivered
                let late = change.now - message.intended
                why = late > MessageComposer.tolerance ? "late by \(late.components.seconds / 60) min" : nil
                try Messages.delivered(message.id, at: change.now, in: change.transaction)
            case .attempt(let time, let reason):
                (kind, why) = (.messageRetried, reason)
                try Messages.retry(message.id, at: time, reason: reason, in: change.transaction)
            case .givenUp(let reason):
                (kind, why) = (.messageFailed, reason)
                try Messages.failed(message.id, reason: reason, in: change.transaction)
            }
            guard let record = try Alerts.find(message.alert, in: change.transaction) else { return }
            // A long outage would fill the timeline with the same line.
            if kind != .messageRetried || message.attempts <= 3 {
                try change.note(
                    kind, on: message.alert, level: message.level, user: message.user, reason: why,
                    text: message.channel.name)
            }
            if case .givenUp = next, record.alert.status == .pending {
                try Self.pageNextContact(after: message, record, channels, change)
            }
        }
    }

    private static func pageNextContact(
        after message: MessageRecord, _ record: AlertRecord, _ channels: Set<Channel>, _ change: Change
    ) throws {
        guard let user = message.user, let responder = try Responders.find(user, in: change.transaction) else { return }
        let tried = try Messages.list(of: message.alert, in: change.transaction).filter {
            $0.user == user && $0.status != .cancelled && $0.level == message.level
        }
        let failed = Set(tried.compactMap(\.contact))
        guard let next = NotificationPlan.next(for: responder, channels: channels, except: failed) else { return }
        let walk = EscalationWalk(change: change, channels: channels, intended: change.now)
        try walk.queue(next, user: user, level: message.level, alert: record.alert)
    }
}
