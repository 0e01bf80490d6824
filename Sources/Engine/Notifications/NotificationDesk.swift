import Alerting
import Logging
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
    let logger: Logger
    /// Longer than any sender takes for one attempt.
    static let lease = Duration.seconds(60)

    /// Takes up to `limit` due messages. The alert's state is read again here: what was accepted or resolved since is
    /// cancelled instead, and several to the same contact about one alert become one. A message that cannot be taken
    /// is put off and holds up no other.
    ///
    /// - Parameter underWay: what this node is sending already; a clock that jumps ahead ends leases too early.
    func claim(
        _ channel: Channel, limit: Int, underWay: Set<MessageRecord.ID> = []
    ) async throws -> [ClaimedMessage] {
        // Most calls find nothing: ask without taking the one writer's time.
        let now = store.clock.now
        let next = try await store.read { try Messages.nextDue(channel, in: $0) }
        guard let next, next <= now else { return [] }
        do {
            return try await store.write { change in
                let due = try Messages.claimDue(
                    channel, at: change.now, until: change.now + Self.lease, limit: limit, in: change.transaction)
                return try take(due, underWay, change)
            }
        } catch let error as StorageError where error.concernsAll {
            throw error
        } catch {
            return try await claimOneByOne(channel, limit: limit, underWay)
        }
    }

    private func claimOneByOne(
        _ channel: Channel, limit: Int, _ underWay: Set<MessageRecord.ID>
    ) async throws -> [ClaimedMessage] {
        let now = store.clock.now
        let due = try await store.read { try Messages.due(channel, at: now, limit: limit, in: $0) }
        var taken: [ClaimedMessage] = []
        for id in due {
            do {
                taken += try await store.write { change in
                    let message = try Messages.claim(
                        id, at: change.now, until: change.now + Self.lease, in: change.transaction)
                    return try take(message.map { [$0] } ?? [], underWay, change)
                }
            } catch {
                logger.error("message not taken", metadata: ["message_id": "\(id)", "reason": "\(error)"])
                try await store.write { change in
                    try Messages.postpone(id, to: change.now + Self.lease, in: change.transaction)
                }
            }
        }
        return taken
    }

    private func take(
        _ due: [MessageRecord], _ underWay: Set<MessageRecord.ID>, _ change: Change
    ) throws -> [ClaimedMessage] {
        var taken: [ClaimedMessage] = []
        for message in due where !underWay.contains(message.id) {
            if let reason = try Self.reasonAgainst(message, after: taken, change) {
                try cancel(message, reason, change)
            } else if let claimed = try Self.compose(message, links, change) {
                taken.append(claimed)
            }
        }
        return taken
    }

    private static func reasonAgainst(
        _ message: MessageRecord, after taken: [ClaimedMessage], _ change: Change
    ) throws -> String? {
        guard let record = try Alerts.find(message.alert, in: change.transaction) else { return "alert_deleted" }
        if let reason = reasonAgainst(record.alert.status) { return reason }
        if let user = message.user {
            guard let responder = try Responders.find(user, in: change.transaction) else { return "user_deleted" }
            if let muted = responder.mutedUntil, muted > change.now { return "muted" }
            let isThere = responder.contacts.contains {
                $0.id == message.contact && $0.target == message.target && $0.isVerified
            }
            guard isThere else { return contactRemoved }
        }
        let isSecond = taken.contains { $0.message.alert == message.alert && $0.message.target == message.target }
        return isSecond ? "merged_with_one_that_is_sent" : nil
    }

    private static func reasonAgainst(_ status: AlertStatus) -> String? {
        switch status {
        case .accepted: "accepted"
        case .resolved: "resolved"
        case .pending: nil
        }
    }

    private static let contactRemoved = "contact_removed"

    private func cancel(_ message: MessageRecord, _ reason: String, _ change: Change) throws {
        guard try Messages.cancel(message.id, reason: reason, in: change.transaction),
            let record = try Alerts.find(message.alert, in: change.transaction)
        else { return }
        try Self.noteCancelled(message, reason, change)
        if reason == Self.contactRemoved { try Self.pageNextContact(after: message, record, channels, change) }
    }

    private static func noteCancelled(_ message: MessageRecord, _ reason: String, _ change: Change) throws {
        try change.note(
            .messageCancelled, on: message.alert, level: message.level, user: message.user, reason: reason,
            text: message.channel.name)
    }

    /// Takes a claimed message back when somebody accepted or resolved its alert after the claim.
    ///
    /// - Returns: `false` when it is still wanted.
    func withdraw(_ claimed: ClaimedMessage) async throws -> Bool {
        let message = claimed.message
        let reason = try await store.read { transaction in
            try Alerts.find(message.alert, in: transaction).flatMap { Self.reasonAgainst($0.alert.status) }
        }
        guard let reason else { return false }
        try await store.write { change in try cancel(message, reason, change) }
        return true
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
            let isOurs: Bool
            switch next {
            case .delivered:
                kind = .messageDelivered
                let late = change.now - message.intended
                why = late > MessageComposer.tolerance ? "late by \(late.components.seconds / 60) min" : nil
                isOurs = try Messages.delivered(message.id, at: change.now, in: change.transaction)
            case .attempt(let time, let reason):
                (kind, why) = (.messageRetried, reason)
                isOurs = try Messages.retry(message.id, at: time, reason: reason, in: change.transaction)
            case .givenUp(let reason):
                (kind, why) = (.messageFailed, reason)
                isOurs = try Messages.failed(message.id, reason: reason, in: change.transaction)
            }
            // Another node had taken it over and has written its outcome.
            guard isOurs else { return }
            guard let record = try Alerts.find(message.alert, in: change.transaction) else { return }
            // A long outage would fill the timeline with the same line.
            if kind != .messageRetried || message.attempts <= 3 {
                try change.note(
                    kind, on: message.alert, level: message.level, user: message.user, reason: why,
                    text: message.channel.name)
            }
            if case .delivered = next { try Self.cancelOverdue(besides: message, change) }
            if case .givenUp = next, record.alert.status == .pending {
                try Self.pageNextContact(after: message, record, channels, change)
            }
        }
    }

    private static func cancelOverdue(besides message: MessageRecord, _ change: Change) throws {
        let reason = "merged_with_one_that_was_sent"
        let merged = try Messages.cancelOverdue(
            besides: message, at: change.now, reason: reason, in: change.transaction)
        for other in merged { try noteCancelled(other, reason, change) }
    }

    /// The person's next contact that this page has not tried. One that is only to be told later is told at once.
    private static func pageNextContact(
        after message: MessageRecord, _ record: AlertRecord, _ channels: Set<Channel>, _ change: Change
    ) throws {
        guard let user = message.user, let responder = try Responders.find(user, in: change.transaction) else { return }
        let sameLevel = try Messages.list(of: message.alert, in: change.transaction).filter {
            $0.user == user && $0.level == message.level && $0.status != .cancelled
        }
        // A level that is entered again starts the person's contacts anew.
        let entered = sameLevel.filter { $0.reason != NotificationPlan.Reason.contactFailed.rawValue }
        let began = entered.map(\.createdAt).filter { $0 <= message.createdAt }.max() ?? message.createdAt
        let tried = sameLevel.filter { $0.createdAt >= began && ($0.status != .waiting || $0.due <= change.now) }
        let failed = Set((tried.map(\.contact) + [message.contact]).compactMap(\.self))
        let walk = EscalationWalk(change: change, channels: channels, intended: message.intended)
        guard let next = NotificationPlan.next(for: responder, channels: channels, except: failed) else {
            return try walk.pageLastResortInTheEnd(record)
        }
        try walk.queue(next, user: user, level: message.level, alert: record.alert)
    }
}
