import Alerting
import Storage

/// What an alert source says of alerts that are accepted and then forgotten.
struct AcceptTimeout: Equatable, Sendable {
    /// From the acceptance to the question.
    var timeout: Duration
    /// From the question until the alert is pending again.
    var answer: Duration

    /// The fields `acceptTimeoutMin` and `acceptAnswerMin` of an alert source; `nil`: acceptances last.
    init?(_ source: AlertSourceRecord) {
        guard let minutes = source.fields[Self.timeoutField]?.integer, minutes > 0 else { return nil }
        timeout = .minutes(Int(minutes))
        answer = .minutes(source.fields[Self.answerField]?.integer.map(Int.init) ?? Self.usualAnswer)
    }

    static let timeoutField = "acceptTimeoutMin"
    static let answerField = "acceptAnswerMin"
    static let usualAnswer = 5
    static let timeouts = 0...10_080
    static let answers = 1...1440
}

extension Change {
    /// To be called after each acceptance by a person: sets the timer after which they are asked.
    func watchAcceptance(of id: Alert.ID, by actor: Actor) throws {
        guard case .user = actor, let record = try Alerts.find(id, in: transaction),
            let source = try AlertSources.find(record.alert.source, in: transaction),
            let rule = AcceptTimeout(source)
        else { return }
        try Timers.set(AlertTimer(alert: id, kind: .acceptTimeout, due: now + rule.timeout), in: transaction)
    }

    /// The accepter says that they are still on it: the wait begins anew.
    ///
    /// - Returns: `false` when nobody had asked.
    func confirmAcceptance(of id: Alert.ID, by actor: Actor) throws -> Bool {
        guard try Timers.has(.acceptAnswer, of: id, in: transaction),
            try Alerts.find(id, in: transaction)?.alert.acceptedBy == actor
        else { return false }
        try Timers.cancel(.acceptAnswer, of: id, in: transaction)
        try note(.acceptanceConfirmed, on: id, by: actor)
        try watchAcceptance(of: id, by: actor)
        return true
    }

    /// Asks the accepter; unanswered, `takeBackAcceptance` follows.
    func askAccepter(_ record: AlertRecord, link: String) throws {
        guard record.alert.status == .accepted, let user = record.alert.acceptedBy?.user,
            let source = try AlertSources.find(record.alert.source, in: transaction),
            let rule = AcceptTimeout(source)
        else { return }
        let minutes = rule.answer.components.seconds / 60
        try note(.acceptanceQuestioned, on: record.alert.id, user: user, reason: "answer within \(minutes) min")
        try Timers.set(
            AlertTimer(alert: record.alert.id, kind: .acceptAnswer, due: now + rule.answer), in: transaction)
        guard let person = try Users.find(user, in: transaction) else { return }
        try notify(
            person.email, account: record.alert.account,
            subject: "Are you still on it? \(record.alert.summary)",
            body: """
                You accepted this alert \(rule.timeout.components.seconds / 60) minutes ago and it is not resolved:

                \(record.alert.summary)

                Accept it again, or resolve it: \(link)
                If nobody does within \(minutes) minutes, it is pending again and paging starts over.
                """)
    }

    /// Nobody answered: the alert is pending again, and its policy begins at its first level.
    func takeBackAcceptance(_ record: AlertRecord) throws {
        guard record.alert.status == .accepted else { return }
        var policy = record.alert.escalation.policy
        policy.delay = .zero
        try note(.acceptanceTimedOut, on: record.alert.id, user: record.alert.acceptedBy?.user)
        try Alerts.reassign(
            record.alert.id, policy: nil, escalation: Escalation(policy: policy, raisedAt: now),
            assigned: record.assigned, in: transaction)
        try Timers.set(AlertTimer(alert: record.alert.id, kind: .escalation, due: now), in: transaction)
    }
}
