import Alerting
import Logging
import Storage

/// A message that this node has taken, with its text.
struct ClaimedMessage: Sendable {
    var message: MessageRecord
    var outgoing: OutgoingMessage
    var claimedAt: Timestamp
}

/// The two transactions around every send: taking messages, and writing down how they went.
struct NotificationDesk: Sendable {
    let store: Store
    let links: ActionLinks
    let commits: CommitTimes
    let board: ProviderBoard
    let provider: Int
    let throttle: Throttle
    let logger: Logger
    /// All that this server can send on, for the next contact when one fails.
    private var channels: Set<Channel> { store.channels }
    /// Longer than any sender takes for one attempt.
    static let lease = Duration.seconds(60)

    /// Takes up to `limit` due messages. The alert's state is read again here: what was accepted or resolved since is
    /// cancelled instead, several to the same contact about one alert become one, and what the contact's throttle
    /// holds back waits. A message that cannot be taken is put off and holds up no other.
    ///
    /// - Parameters:
    ///   - underWay: what this node is sending already; a clock that jumps ahead ends leases too early.
    ///   - isExpected: whether something of the provider's own is due as far as is known.
    func claim(
        limit: Int, underWay: Set<MessageRecord.ID> = [], isExpected: Bool = false
    ) async throws -> [ClaimedMessage] {
        let now = store.clock.now
        let openings = board.openings(for: provider, at: now)
        let due: [ProviderBoard.Opening]
        if isExpected {
            due = Array(openings.prefix(1))
        } else {
            // Most calls find nothing: ask without taking the one writer's time.
            due = try await store.read { transaction in
                let next = try Messages.nextDue(ofEachLane: board.channel, in: transaction)
                return openings.filter { opening in
                    next[opening.lane.provider].map { $0 + opening.wait <= now } ?? false
                }
            }
        }
        guard !due.isEmpty else { return [] }
        do {
            return try await store.write { change in
                var taken: [MessageRecord] = []
                for opening in due where taken.count < limit {
                    taken += try claim(opening, at: now, limit: limit - taken.count, change)
                }
                return try take(taken, underWay, change)
            }
        } catch let error as StorageError where error.concernsAll {
            throw error
        } catch {
            return try await claimOneByOne(due, at: now, limit: limit, underWay)
        }
    }

    /// The same inside a transaction that may have queued messages, for the provider's own.
    ///
    /// - Returns: what was taken, and whether more may be due.
    func claim(
        limit: Int, underWay: Set<MessageRecord.ID>, in change: Change
    ) throws -> (taken: [ClaimedMessage], isMore: Bool) {
        guard limit > 0, let own = board.openings(for: provider, at: change.now).first else { return ([], true) }
        let due = try claim(own, at: change.now, limit: limit, change)
        return (try take(due, underWay, change), due.count == limit)
    }

    private func claim(
        _ opening: ProviderBoard.Opening, at now: Timestamp, limit: Int, _ change: Change
    ) throws -> [MessageRecord] {
        try Messages.claimDue(
            opening.lane, at: change.now, dueBy: now - opening.wait, for: provider, until: change.now + Self.lease,
            limit: limit, in: change.transaction)
    }

    private func claimOneByOne(
        _ openings: [ProviderBoard.Opening], at now: Timestamp, limit: Int, _ underWay: Set<MessageRecord.ID>
    ) async throws -> [ClaimedMessage] {
        let due = try await store.read { transaction in
            try openings.flatMap { try Messages.due($0.lane, at: now - $0.wait, limit: limit, in: transaction) }
        }
        var taken: [ClaimedMessage] = []
        for id in due.prefix(limit) {
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

    /// When this provider has something to do next.
    func nextDue(at now: Timestamp) async throws -> Timestamp? {
        let openings = board.openings(for: provider, at: now)
        return try await store.read { transaction in
            let next = try Messages.nextDue(ofEachLane: board.channel, in: transaction)
            return openings.compactMap { opening in next[opening.lane.provider].map { $0 + opening.wait } }.min()
        }
    }

    private func take(
        _ due: [MessageRecord], _ underWay: Set<MessageRecord.ID>, _ change: Change
    ) throws -> [ClaimedMessage] {
        var taken: [ClaimedMessage] = []
        var undecided = due.filter { !underWay.contains($0.id) }
        for claimed in due where !underWay.contains(claimed.id) {
            undecided.removeAll { $0.id == claimed.id }
            // An earlier one of this round may have taken it along.
            guard let message = try Messages.find(claimed.id, in: change.transaction), message.bundle == nil else {
                continue
            }
            if let reason = try Self.reasonAgainst(message, after: taken, change) {
                try cancel(message, reason, change)
                continue
            }
            switch try throttling(of: message, undecided: undecided, change) {
            case .hold(let until): try hold(message, until: until, change)
            case .send(let others):
                if let claimed = try compose(message, with: others, change) { taken.append(claimed) }
            }
        }
        return taken
    }

    static func reasonAgainst(
        _ message: MessageRecord, after taken: [ClaimedMessage] = [], _ change: Change
    ) throws -> String? {
        if let id = message.alert {
            guard let record = try Alerts.find(id, in: change.transaction) else { return "alert_deleted" }
            if let reason = reasonAgainst(message.purpose, record.alert.status) { return reason }
        }
        if let user = message.user {
            guard let responder = try Responders.find(user, in: change.transaction) else { return "user_deleted" }
            if !message.purpose.isAskedFor, let muted = responder.mutedUntil, muted > change.now { return "muted" }
            let isThere = responder.contacts.contains {
                $0.id == message.contact && $0.target == message.target
                    && ($0.isVerified || message.purpose == .verification || message.purpose == .reply)
            }
            guard isThere || message.contact == nil else { return contactRemoved }
        }
        let isSecond = taken.contains {
            $0.message.alert != nil && $0.message.alert == message.alert && $0.message.target == message.target
                && $0.message.purpose == message.purpose
        }
        return isSecond ? "merged_with_one_that_is_sent" : nil
    }

    private static func reasonAgainst(_ purpose: MessageRecord.Purpose, _ status: AlertStatus) -> String? {
        switch (purpose, status) {
        case (.page, .accepted), (.lastResort, .accepted): "accepted"
        case (.page, .resolved), (.lastResort, .resolved), (.ask, .resolved): "resolved"
        case (.ask, .pending): "no_longer_accepted"
        default: nil
        }
    }

    private static let contactRemoved = "contact_removed"
    /// Reasons that take the reader away and leave the alert as it is.
    private static let lostReaders: Set<String> = ["muted", "user_deleted"]

    private func cancel(_ message: MessageRecord, _ reason: String, _ change: Change) throws {
        guard try Messages.cancel(message.id, reason: reason, in: change.transaction) else { return }
        try Messages.unbundle(message.id, due: change.now, in: change.transaction)
        try change.note(.messageCancelled, message, reason: reason)
        guard message.purpose == .page else { return }
        let failOver = ContactFailOver(change: change, channels: channels)
        if reason == Self.contactRemoved { try failOver.pageNext(after: message) }
        if Self.lostReaders.contains(reason) { try failOver.tellSomebody(after: message) }
    }

    /// Takes a claimed message back when somebody accepted or resolved its alert after the claim, and leaves one alone
    /// that another node has taken over after its lease.
    ///
    /// - Returns: `false` when it is still wanted.
    func withdraw(_ claimed: ClaimedMessage) async throws -> Bool {
        let message = claimed.message
        let (isOurs, reason) = try await store.read { transaction in
            let status = try message.alert.flatMap { try Alerts.find($0, in: transaction) }?.alert.status
            return (
                try Self.isOurs(message, in: transaction),
                status.flatMap { Self.reasonAgainst(message.purpose, $0) }
            )
        }
        guard isOurs else { return true }
        guard let reason else { return false }
        try await store.write { change in try cancel(message, reason, change) }
        return true
    }

    /// Whether nobody has taken the message over since it was claimed.
    private static func isOurs(_ message: MessageRecord, in transaction: any Transaction) throws -> Bool {
        guard let current = try Messages.find(message.id, in: transaction) else { return false }
        return current.status == .sending && current.attempts == message.attempts
    }

    /// Remembers how the provider does.
    func note(_ outcome: DeliveryOutcome) {
        board.note(outcome, of: provider, at: store.clock.now)
    }

    /// Writes outcomes down, and pages a person's next contact when one is given up.
    ///
    /// - Returns: whether something may be due now that was not before.
    func record(_ settled: [SendingPlaces.Settled]) async throws -> Bool {
        try await store.write(ids: settled.count * 4) { change in
            var isMoreDue = false
            for one in settled {
                // Each in its turn, whatever came before.
                let queues = try record(one.outcome, of: one.claimed.message, change)
                isMoreDue = isMoreDue || queues
            }
            return isMoreDue
        }
    }

    private func record(_ outcome: DeliveryOutcome, of message: MessageRecord, _ change: Change) throws -> Bool {
        let next = Delivery.next(
            after: outcome, attempt: message.attempts, providers: board.count, at: change.now,
            deadline: message.deadline)
        switch next {
        case .delivered: return try recordDelivery(of: message, receipt: outcome.receipt, change)
        case .attempt(let time, let reason):
            let first = board.count > 1 ? board.next(after: board.count - 1, at: change.now) : 0
            try recordRetry(of: message, at: time, by: first, reason, change)
        case .failOver(let reason):
            let next = board.next(after: provider, at: change.now)
            try recordRetry(of: message, at: change.now, by: next, "\(reason); the next provider tries", change)
        case .givenUp(let reason):
            // Another node had taken it over and has written its outcome.
            guard try Messages.failed(message.id, reason: reason, in: change.transaction) else { return false }
            try Messages.unbundle(message.id, due: change.now, in: change.transaction)
            try change.note(.messageFailed, message, reason: reason)
            try change.turnOff(message, reason)
            if message.purpose == .page { try pageNextContact(after: message, change) }
        }
        return true
    }

    /// Lets other providers and nodes have messages that were claimed and not tried, at once; those that are not wanted
    /// any more end here.
    func giveBack(_ messages: [ClaimedMessage]) async throws {
        try await store.write { change in
            for claimed in messages where try Self.isOurs(claimed.message, in: change.transaction) {
                let id = claimed.message.id
                if let reason = try Self.reasonAgainst(claimed.message, change) {
                    try cancel(claimed.message, reason, change)
                    continue
                }
                try Messages.hold(
                    id, until: change.now - ProviderHealth.grace, reason: Self.placesTaken, in: change.transaction)
                try Messages.unbundle(id, due: change.now, in: change.transaction)
            }
        }
    }

    /// Why a message was given back.
    private static let placesTaken = "all_places_of_its_provider_are_taken"

    /// - Returns: whether it queued something.
    private func recordDelivery(of message: MessageRecord, receipt: String?, _ change: Change) throws -> Bool {
        guard try Messages.delivered(message.id, receipt: receipt, at: change.now, in: change.transaction) else {
            return false
        }
        // The provider's report of a failure was faster than its answer.
        if try Messages.find(message.id, in: change.transaction)?.receiptState == .failed {
            try change.noteUndelivered(message, reason: Receipt.failed.rawValue, channels)
            return true
        }
        let late = change.now - message.intended
        let why = late > MessageComposer.tolerance ? "late by \(late.components.seconds / 60) min" : nil
        try change.note(.messageDelivered, message, reason: why)
        for part in try Messages.deliveredBundle(message.id, at: change.now, in: change.transaction) {
            try change.note(.messageDelivered, part, reason: "together_with_others")
        }
        guard let alert = message.alert else { return false }
        // The step that queued it may have been in that very transaction, where this was not known.
        if let time = commits.time(of: alert) { try Alerts.setCommitted(at: time, alert, in: change.transaction) }
        let reason = "merged_with_one_that_was_sent"
        let merged = try Messages.cancelOverdue(
            besides: message, at: change.now, reason: reason, in: change.transaction)
        for other in merged { try change.note(.messageCancelled, other, reason: reason) }
        return false
    }

    private func recordRetry(
        of message: MessageRecord, at time: Timestamp, by provider: Int, _ reason: String, _ change: Change
    ) throws {
        guard
            try Messages.retry(
                message.id, at: time, reason: reason, provider: provider, in: change.transaction)
        else { return }
        try Messages.unbundle(message.id, due: time, in: change.transaction)
        // A long outage would fill the timeline with the same line.
        if message.attempts <= 3 * board.count { try change.note(.messageRetried, message, reason: reason) }
    }

    /// The person's next contact that this page has not tried. One that is only to be told later is told at once.
    private func pageNextContact(after message: MessageRecord, _ change: Change) throws {
        try ContactFailOver(change: change, channels: channels).pageNext(after: message)
    }
}

extension MessageRecord.Purpose {
    /// Whether its reader has just asked for it, so that it comes in a quiet time too.
    var isAskedFor: Bool {
        switch self {
        case .verification, .test, .reply: true
        case .page, .lastResort, .ask, .drill, .onCallNotice, .coverage, .maintenance, .update, .subscription: false
        }
    }
}

extension DeliveryOutcome {
    var receipt: String? {
        guard case .delivered(let receipt) = self else { return nil }
        return receipt
    }
}

extension Change {
    /// Turns a contact off that will take nothing any more: a browser that has ended its subscription never comes back
    /// under the same address, and who has sent STOP to the provider has to send START first.
    func turnOff(_ message: MessageRecord, _ reason: String) throws {
        let isOver =
            switch message.channel {
            case .push: reason == "subscription gone"
            case .sms, .whatsapp: TwilioError.isStop(reason)
            case .email, .voice, .telegram, .ntfy, .gotify, .pushover: false
            }
        guard isOver, let id = message.contact, var contact = try Contacts.find(id, in: transaction),
            contact.stoppedAt == nil
        else { return }
        contact.stoppedAt = now
        try Contacts.update(contact, in: transaction)
    }

    /// A line about a message, on its alert's timeline if it has one.
    func note(_ kind: TimelineEntry.Kind, _ message: MessageRecord, reason: String?) throws {
        guard let alert = message.alert else { return }
        try note(
            kind, on: alert, level: message.level, user: message.user, reason: reason, text: message.channel.name)
    }
}
