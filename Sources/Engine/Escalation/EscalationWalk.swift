import Alerting
import Metrics
import Storage

/// One step of one alert up its escalation policy, written in the transaction that decides it.
struct EscalationWalk {
    let change: Change
    /// Those that this server can send on.
    let channels: Set<Channel>
    /// The instant at which the step was to happen; later pages are marked as late.
    let intended: Timestamp
    /// When the transaction that raised the alert was over, when that is known.
    let committedAt: Timestamp?
    private let lookup: LevelLookup

    /// - Parameter lookup: shared by the walks of one transaction.
    init(
        change: Change, channels: Set<Channel>, intended: Timestamp, committedAt: Timestamp? = nil,
        lookup: LevelLookup? = nil
    ) {
        self.change = change
        self.channels = channels
        self.intended = intended
        self.committedAt = committedAt
        self.lookup = lookup ?? LevelLookup(change: change, channels: channels)
    }

    static let lastResort = Counter(label: "nightbell_last_resort_pages_total")
    /// How long a page is tried to be handed over.
    static let patience = Duration.hours(4)

    /// Does what is due for a pending alert and sets its next timer.
    func tick(_ record: AlertRecord) throws -> [Escalation.Action] {
        guard record.alert.status == .pending else { return [] }
        var escalation = record.alert.escalation
        let actions = try escalation.tick(at: change.now, priority: record.alert.priority) { level, index in
            try lookup.people(of: level, at: index, of: record.alert, resolve: users)
        }
        return try apply(actions, escalation: escalation, record: record)
    }

    /// A person asks for the next level.
    ///
    /// - Parameter asOf: the level that the person saw.
    func escalate(_ record: AlertRecord, asOf: Int?) throws -> [Escalation.Action] {
        var escalation = record.alert.escalation
        let actions = try escalation.escalate(at: change.now, asOf: asOf, priority: record.alert.priority) {
            level, index in
            try lookup.people(of: level, at: index, of: record.alert, resolve: users)
        }
        return try apply(actions, escalation: escalation, record: record)
    }

    private func apply(
        _ decided: [Escalation.Action], escalation: Escalation, record: AlertRecord
    ) throws -> [Escalation.Action] {
        let actions = try addingLastResort(to: decided, of: record.alert.id)
        var acceptances = record.alert.acceptances
        for action in actions {
            try apply(action, to: record)
            guard case .page(let level, _, let people) = action else { continue }
            acceptances.ask(escalation.policy.levels[level].needsEverybody ? people : [])
        }
        // Accepted in the name of those who had: nothing is left to be written here.
        if case .accept = actions.last { return actions }
        try Alerts.setEscalation(
            escalation.state, acceptances: acceptances, committedAt: committedAt, of: record.alert.id,
            in: change.transaction)
        if let due = escalation.due {
            try Timers.set(AlertTimer(alert: record.alert.id, kind: .escalation, due: due), in: change.transaction)
        } else {
            try Timers.cancel(.escalation, of: record.alert.id, in: change.transaction)
        }
        return actions
    }

    private func addingLastResort(
        to actions: [Escalation.Action], of id: Alert.ID
    ) throws -> [Escalation.Action] {
        guard actions.contains(.ended), !actions.contains(.pageLastResort), try !isTold(of: id) else { return actions }
        return actions.filter { $0 != .ended } + [.pageLastResort, .ended]
    }

    /// Whether somebody was told of the alert or will be. People who could have been reached were not when every page
    /// failed or its channel is down.
    private func isTold(of id: Alert.ID) throws -> Bool {
        try Messages.list(of: id, in: change.transaction).contains { message in
            guard message.purpose.isPage else { return false }
            return switch message.status {
            case .delivered, .waiting: true
            // The first attempt may still be under way.
            case .sending: message.attempts < 2
            case .failed, .cancelled: false
            }
        }
    }

    /// The last page of an alert whose policy has ended has failed: the last resort is paged if nobody else was told.
    func pageLastResortInTheEnd(_ record: AlertRecord) throws {
        guard record.alert.escalation.state == .exhausted, !record.isLastResort, try !isTold(of: record.alert.id) else {
            return
        }
        try pageLastResort(record)
    }

    private func apply(_ action: Escalation.Action, to record: AlertRecord) throws {
        let id = record.alert.id
        switch action {
        case .page(let level, let pass, let people):
            try change.note(.levelEntered, on: id, level: level, reason: pass > 0 ? "repeat \(pass)" : nil)
            if level > 0 || pass > 0 {
                try change.tellUpdate(.escalated, of: id, by: .system, except: Set(people))
            }
            for person in people { try page(person, level: level, record: record) }
        case .passTurn(let level, let turn): try pass(turn, on: level, of: record.alert)
        case .leaveOut(let level, let user, let obstacle):
            try change.note(.personLeftOut, on: id, level: level, user: user, reason: obstacle.rawValue)
        case .skip(let level, _, let reason):
            try change.note(.levelSkipped, on: id, level: level, reason: reason.rawValue)
        case .accept(_, let user):
            _ = try change.acceptForAll(id, by: .user(user), reason: "everybody_accepted")
        case .pageLastResort:
            try pageLastResort(record)
        case .ended:
            try change.note(.escalationEnded, on: id)
        }
    }

    private func pass(_ turn: Turn, on level: Int, of alert: Alert) throws {
        let own = level - alert.escalation.policy.handedLevels
        guard let policy = alert.policy, own >= 0 else { return }
        try EscalationTurns.set(turn, of: policy, level: own, in: change.transaction)
    }

    private func page(_ user: User.ID, level: Int, record: AlertRecord) throws {
        guard let responder = try lookup.responder(user) else { return }
        let messages = NotificationPlan.messages(
            for: responder, priority: record.alert.priority, channels: channels)
        for message in messages {
            try queue(message, user: user, level: level, alert: record.alert)
        }
    }

    /// Queues one message and writes its line; one that waits already stays as it is.
    func queue(_ message: NotificationPlan.Message, user: User.ID, level: Int?, alert: Alert) throws {
        // What belongs to a level waits for the end of a snooze; who is called by name is called now.
        let start = level == nil ? change.now : max(change.now, alert.snoozedUntil ?? change.now)
        let due = start + message.delay
        let isQueued = try change.queue(
            MessageRecord(
                id: change.newID(), account: alert.account, alert: alert.id, user: user, contact: message.contact.id,
                channel: message.channel, target: message.contact.target, level: level,
                delayMinutes: Int(message.delay.components.seconds / 60), intended: intended + message.delay, due: due,
                deadline: due + Self.patience, reason: message.reason?.rawValue, createdAt: change.now,
                source: alert.source))
        try change.note(
            isQueued ? .messageQueued : .messageCancelled, on: alert.id, level: level, user: user,
            reason: isQueued ? message.reason?.rawValue : "merged_with_one_that_waits", text: message.channel.name)
    }

    private func pageLastResort(_ record: AlertRecord) throws {
        let alert = record.alert
        let emails = try Accounts.lastResort(of: alert.account, in: change.transaction)
        for email in emails {
            _ = try change.queue(
                MessageRecord(
                    id: change.newID(), account: alert.account, alert: alert.id, user: nil, contact: nil,
                    channel: .email, target: email, purpose: .lastResort, level: nil, intended: intended,
                    due: change.now, deadline: change.now + Self.patience, createdAt: change.now,
                    source: alert.source))
        }
        try Alerts.markLastResort(alert.id, in: change.transaction)
        try change.note(
            .lastResortPaged, on: alert.id, text: emails.isEmpty ? "(none is set)" : emails.joined(separator: ", "))
    }

    /// The people whom one target stands for now.
    private func users(of target: EscalationTarget) throws -> [User.ID] {
        switch target {
        case .user(let id): [id]
        case .team(let id): try Teams.members(of: id, in: change.transaction)
        case .schedule(let id):
            try OnCallDuty.user(of: .init(id), at: change.now, in: change.transaction).map { [$0] } ?? []
        }
    }
}
