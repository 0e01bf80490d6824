import Alerting
import Engine
import Storage

/// One alert with its history.
struct AlertPage: HTMLPage {
    static let template = "alert"
    let frame: Frame
    let id: String
    let link: String
    let status: String
    let statusInWords: String
    let statusSentence: String
    let isPending: Bool
    let isAccepted: Bool
    let isOpen: Bool
    let mayAnswer: Bool
    let priority: String
    let isHigh: Bool
    let severity: String?
    let summary: String
    let details: String?
    let key: String
    let source: String
    let sourceLink: String
    let policy: String?
    let policyLink: String?
    let routingKey: String?
    let level: String?
    let nextStep: Moment?
    let isSnoozed: Bool
    let snoozedUntil: Moment?
    let snoozes: [Choice]
    let raisedAt: Moment
    let acceptedAt: Moment?
    let resolvedAt: Moment?
    let eventCount: String
    let lastEventAt: Moment
    let hasLinks: Bool
    let links: [Link]
    let labels: [Label]
    let hasLabels: Bool
    let customDetails: String?
    let timeline: [Line]
    let messages: [Message]
    let hasMessages: Bool
    let events: [Event]
    let hasEvents: Bool
    let people: [Choice]
    let policies: [Choice]
    let schedules: [Choice]
    let hasSchedules: Bool
    let trace: PageTrace
    let reasons: [Reason]
    let hasReasons: Bool
    let announcement: String
    let subscription: SubscriptionCard
    let manual: [Manual]
    let hasManual: Bool

    /// An alert action that a person may press.
    struct Manual {
        let name: String
        let link: String
    }

    struct Link {
        let text: String
        let href: String?
    }

    struct Label {
        let name: String
        let value: String
    }

    struct Line {
        let at: Moment
        let kind: String
        let sentence: String
    }

    struct Message {
        let channel: String
        let person: String
        let status: String
        let statusInWords: String
        let reason: String?
        let at: Moment
        let attempts: String?
    }

    struct Reason {
        let name: String
        let isPaged: Bool
        let reason: String
    }

    struct Event {
        let at: Moment
        let kind: String
        let summary: String
        let outcome: String
        let link: String
    }
}

/// What the page is made of, read in one transaction.
struct AlertFacts: Sendable {
    var record: AlertRecord
    var source: AlertSourceRecord?
    var policies: [PolicyRecord]
    var schedules: [ScheduleRecord]
    var users: [UserRecord]
    var timeline: [StoredTimelineEntry]
    var messages: [MessageRecord]
    var events: [StoredEvent]
    var names: [User.ID: String]
    var reasons: [PagingReason]
    var manual: [AlertActionRecord]
    /// Whether the reader hears of it without being paged.
    var isSubscribed: Bool

    /// - Throws: `Failure.notFound` when there is no such alert that the reader may see.
    init(_ id: Alert.ID, scope: Scope, at now: Timestamp, in transaction: any Transaction) throws {
        guard let record = try Alerts.find(id, scope: scope, in: transaction) else {
            throw Failure(.notFound, "There is no alert \(id).")
        }
        self.record = record
        source = try AlertSources.find(record.alert.source, scope: scope, in: transaction)
        policies = try EscalationPolicies.list(scope: scope, page: Page(limit: 500), in: transaction)
        schedules = try OnCallSchedules.list(scope: scope, page: Page(limit: 500), in: transaction)
        users = try Users.list(account: scope.account, page: Page(limit: 500), in: transaction)
        timeline = try Timeline.list(of: id, limit: 1000, in: transaction)
        messages = try Messages.list(of: id, in: transaction)
        events = try EventLog.list(alert: id, limit: 20, in: transaction)
        reasons = try PagingReasons(record, at: now, in: transaction).all
        manual = try AlertActions.manual(for: record.alert.source, scope: scope, in: transaction)
        isSubscribed = try Subscriptions.contains(.alert(id), of: scope.user, in: transaction)
        let mentioned = timeline.flatMap { [$0.entry.actor.user, $0.entry.user] } + messages.map(\.user)
        let actors = [record.alert.acceptedBy?.user, record.alert.resolvedBy?.user, record.assigned]
        let awaited = record.alert.acceptances.awaited
        names = try Users.names(
            of: Set((mentioned + actors).compactMap(\.self) + awaited + reasons.map(\.user)), in: transaction)
    }

    func name(_ id: User.ID) -> String? { names[id] }

    var policy: PolicyRecord? { policies.first { $0.id == record.alert.policy } }
}

extension AlertPage {
    init(_ facts: AlertFacts, visit: Visit, frame: Frame) {
        let (alert, moments) = (facts.record.alert, visit.moments)
        self.frame = frame
        id = "\(alert.id)"
        link = Links.alert(alert.id)
        status = alert.status.rawValue
        statusInWords = alert.status.words
        statusSentence = Self.sentence(facts, moments)
        (isPending, isAccepted) = (alert.status == .pending, alert.status == .accepted)
        isOpen = alert.isOpen
        mayAnswer = visit.mayAnswer
        priority = alert.priority.words
        isHigh = alert.priority == .high
        severity = alert.severity.map { "\($0)" }
        summary = alert.summary
        details = alert.details.isEmpty ? nil : alert.details
        key = alert.key
        source = facts.source?.name ?? "Alert source \(alert.source)"
        sourceLink = Links.source(alert.source)
        policy = facts.policy?.name
        policyLink = facts.policy.map { Links.policy($0.id) }
        routingKey = alert.routingKey
        level = alert.escalation.level.map { "\($0)" }
        nextStep = alert.escalation.due.map(moments.moment)
        isSnoozed = alert.snoozedUntil != nil
        snoozedUntil = alert.snoozedUntil.map(moments.moment)
        snoozes = [15, 30, 60, 120, 240, 480, 1440].map { minutes in
            Choice("\(minutes)", Moments.words(.minutes(minutes)), isChosen: minutes == 60)
        }
        raisedAt = moments.moment(alert.raisedAt)
        acceptedAt = alert.acceptedAt.map(moments.moment)
        resolvedAt = alert.resolvedAt.map(moments.moment)
        eventCount = "\(alert.eventCount)"
        lastEventAt = moments.moment(alert.lastEventAt)
        links = Self.links(of: alert)
        hasLinks = !links.isEmpty
        labels = alert.labels.sorted { $0.key < $1.key }.map { Label(name: $0.key, value: $0.value) }
        hasLabels = !labels.isEmpty
        customDetails = alert.customDetails.map { PrettyJSON.text(of: $0) }
        timeline = facts.timeline.reversed().map { Line($0, facts: facts, moments: moments) }
        messages = facts.messages.map { Message($0, facts: facts, moments: moments) }
        hasMessages = !messages.isEmpty
        events = facts.events.map { Event($0, moments: moments) }
        hasEvents = !events.isEmpty
        people = facts.users.map { Choice("user:\($0.id)", $0.fullName, isChosen: false) }
        policies = facts.policies.map { Choice("policy:\($0.id)", $0.name, isChosen: false) }
        schedules = facts.schedules.map { Choice("schedule:\($0.id)", $0.name, isChosen: false) }
        hasSchedules = !schedules.isEmpty
        trace = PageTrace(facts, now: moments.now)
        reasons = facts.reasons.map { reason in
            Reason(
                name: facts.name(reason.user) ?? "a deleted user", isPaged: reason.isPaged,
                reason: reason.sentence { moments.moment($0).text })
        }
        hasReasons = !reasons.isEmpty
        manual = facts.manual.map { Manual(name: $0.name, link: "\(Links.alert(alert.id))/actions/\($0.id)") }
        hasManual = visit.mayAnswer && !manual.isEmpty
        subscription = SubscriptionCard(
            isSubscribed: facts.isSubscribed, what: "this alert", action: "\(Links.alert(alert.id))/subscription")
        announcement = "Alert \(alert.id) is \(alert.status.rawValue)"
    }

    private static func sentence(_ facts: AlertFacts, _ moments: Moments) -> String {
        let alert = facts.record.alert
        switch alert.status {
        case .resolved:
            let who = alert.resolvedBy?.name(facts.name) ?? "somebody"
            return "Resolved by \(who) \(alert.resolvedAt.map { moments.moment($0).age } ?? "")."
        case .accepted:
            let who = alert.acceptedBy?.name(facts.name) ?? "somebody"
            return "Accepted by \(who) \(alert.acceptedAt.map { moments.moment($0).age } ?? "")."
        case .pending:
            return waiting(facts, moments)
        }
    }

    private static func waiting(_ facts: AlertFacts, _ moments: Moments) -> String {
        if let end = facts.record.alert.snoozedUntil { return "Snoozed; paging goes on \(moments.moment(end).age)." }
        let awaited = facts.record.alert.acceptances.awaited
        if !awaited.isEmpty, !facts.record.alert.acceptances.accepted.isEmpty {
            return "Still to accept: \(awaited.map { facts.name($0) ?? "a deleted user" }.joined(separator: ", "))."
        }
        return walking(facts, moments)
    }

    private static func walking(_ facts: AlertFacts, _ moments: Moments) -> String {
        switch facts.record.alert.escalation.state {
        case .ready(let due):
            due <= moments.now
                ? "The first level is being called." : "The first level is called \(moments.moment(due).age)."
        case .waiting(let level, _, let deadline):
            "Level \(level + 1) was paged; the next is called \(moments.moment(deadline).age)."
        case .rested(let level): "Level \(level + 1) was told; a low-priority alert goes no further by itself."
        case .exhausted: "Everybody on the escalation policy was paged; nobody has accepted."
        case .stopped: "Nobody is being paged."
        }
    }

    private static func links(of alert: Alert) -> [Link] {
        let links = alert.links.map { Link(text: $0.text ?? $0.href, href: Links.outside($0.href)) }
        let images = alert.images.map {
            Link(text: $0.alternative ?? "Image: \($0.source)", href: Links.outside($0.href ?? $0.source))
        }
        return links + images
    }
}

extension AlertPage.Line {
    fileprivate init(_ stored: StoredTimelineEntry, facts: AlertFacts, moments: Moments) {
        at = moments.moment(stored.entry.at)
        kind = stored.entry.kind.rawValue.replacing("_", with: "-")
        sentence = stored.entry.sentence(name: facts.name)
    }
}

extension AlertPage.Message {
    fileprivate init(_ message: MessageRecord, facts: AlertFacts, moments: Moments) {
        channel = message.channel.name
        person = message.user.map { facts.name($0) ?? "a deleted user" } ?? "Last-resort contact \(message.target)"
        status = message.status.rawValue
        statusInWords =
            switch message.status {
            case .waiting: "Waiting"
            case .sending: "Being sent"
            case .delivered: "Handed over"
            case .failed: "Failed"
            case .cancelled: "Not sent"
            }
        reason = message.reason?.replacing("_", with: " ")
        at = moments.moment(message.sentAt ?? message.due)
        attempts = message.attempts > 1 ? "\(message.attempts) attempts" : nil
    }
}

extension AlertPage.Event {
    fileprivate init(_ event: StoredEvent, moments: Moments) {
        at = moments.moment(event.receivedAt)
        kind = event.kind?.rawValue.uppercased() ?? "–"
        summary = event.summary.isEmpty ? event.key ?? "" : event.summary
        outcome = event.reason.sentence
        link = Links.event(event.request, of: event.source)
    }
}
