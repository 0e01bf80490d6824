import Alerting
import Storage

/// An alert's history on the wire: the lines of its timeline and the events that were told of it, oldest first.
enum AlertLog {
    private static let longest = 1000

    private struct Line {
        var at: Timestamp
        /// Both kinds of lines draw their ids from one sequence.
        var id: Int64
        var json: JSONValue
    }

    /// - Parameter filters: only lines of one of these; empty: all.
    static func json(
        _ alert: Alert.ID, filters: Set<String>, hasVariables: Bool, _ rendering: Rendering
    ) throws -> JSONValue {
        let timeline = try Timeline.list(of: alert, limit: longest, in: rendering.transaction).map { stored in
            try line(stored, hasVariables: hasVariables, rendering)
        }
        // Those that the timeline has a line for are left out.
        let events = try EventLog.list(alert: alert, limit: longest, in: rendering.transaction)
            .filter { appended.contains($0.reason) && $0.kind == .alert }.map(line)
        let lines = (timeline + events).sorted { ($0.at, $0.id) < ($1.at, $1.id) }.map(\.json)
        guard !filters.isEmpty else { return .array(lines) }
        return .array(
            lines.filter { line in
                (line["filterTypes"]?.array ?? []).contains { filters.contains($0.string ?? "") }
            })
    }

    private static let appended: Set<IntakeReason> = [
        .keyOpen, .groupedInWindow, .groupedUntilAccepted, .groupedUntilResolved, .groupedBySummary,
        .groupedBySimilarity,
    ]

    private static func line(
        _ stored: StoredTimelineEntry, hasVariables: Bool, _ rendering: Rendering
    ) throws -> Line {
        let entry = stored.entry
        var names: [User.ID: String] = [:]
        for user in [entry.user, entry.actor.responder].compactMap(\.self) {
            names[user] = try rendering.user(user)?.fullName
        }
        let variables: JSONValue? =
            hasVariables
            ? .members([
                "user": try entry.user.map { try rendering.userReference($0) },
                "actor": .string(entry.actor.name { names[$0] }), "level": entry.level.json,
                "reason": entry.reason.json, "text": entry.text.json,
            ]) : nil
        let kind = LogEntryType(entry)
        return Line(
            at: entry.at, id: stored.id.rawValue,
            json: .members([
                "id": JSONValue(stored.id), "timestamp": JSONValue(entry.at), "logEntryType": .string(kind.name),
                "text": .string(entry.sentence { names[$0] }), "alertId": JSONValue(stored.alert),
                "filterTypes": .texts([kind.filter]), "vars": variables,
            ]))
    }

    private static func line(_ event: StoredEvent) -> Line {
        let kind = LogEntryType.received
        return Line(
            at: event.receivedAt, id: event.id.rawValue,
            json: .members([
                "id": JSONValue(event.id), "timestamp": JSONValue(event.receivedAt), "logEntryType": .string(kind.name),
                "text": .string("Another event: \(event.summary)"), "alertId": event.alert.map { JSONValue($0) },
                "filterTypes": .texts([kind.filter]),
            ]))
    }
}

/// What ilert's clients call a line, and the filter that it falls under.
struct LogEntryType {
    let name: String
    let filter: String

    static let received = LogEntryType("AlertReceivedLogEntry", "ALERT_SOURCE_EVENTS")

    private init(_ name: String, _ filter: String) {
        self.name = name
        self.filter = filter
    }

    init(_ entry: TimelineEntry) {
        let isPerson = entry.actor.responder != nil
        let updates = "ALERT_UPDATES"
        switch entry.kind {
        case .raisedBySource, .eventAppended: self = Self.received
        case .raisedByUser: self.init("AlertCreatedByUserLogEntry", updates)
        case .priorityRaised: self.init("AlertRaisedBySystemLogEntry", updates)
        case .levelEntered: self.init("AlertEscalatedToLevelLogEntry", updates)
        case .levelSkipped, .personLeftOut: self.init("NobodyOnCallLogEntry", updates)
        case .escalationEnded: self.init("AlertEscalationEndedLogEntry", updates)
        case .policyAssigned: self.init("AlertAssignedToPolicyLogEntry", updates)
        case .policyChanged, .policyDeleted, .sourceMoved, .policyMissing:
            self.init("AlertPolicyChangedLogEntry", updates)
        case .userAssigned:
            self.init(isPerson ? "AlertAssignedByUserLogEntry" : "AlertAssignedBySystemLogEntry", updates)
        case .routed: self.init("AlertRoutedSuccessfulLogEntry", updates)
        case .templateFailed: self.init("AlertSourceResponseLogEntry", "ALERT_SOURCE_EVENTS")
        case .notRouted: self.init("AlertNotRoutedLogEntry", updates)
        case .messageQueued, .messageDelivered, .messageRetried, .messageFailed, .messageCancelled, .lastResortPaged,
            .messageHeld, .messageBundled, .messageReceipt:
            self.init("NotificationLogEntry", "NOTIFICATIONS")
        case .scheduleAssigned: self.init("AlertAssignedToScheduleLogEntry", updates)
        case .serviceHeld, .serviceReleased: self.init("AlertServiceLogEntry", updates)
        case .actionPerformed: self.init("AlertActionSuccessLogEntry", "CONNECTOR_EVENTS")
        case .actionRetried, .actionFailed: self.init("AlertActionFailLogEntry", "CONNECTOR_EVENTS")
        case .stormOver: self.init("AlertEventStormOverLogEntry", updates)
        case .acceptanceQuestioned: self.init("NotificationLogEntry", "NOTIFICATIONS")
        case .acceptanceConfirmed: self.init("UserResponseLogEntry", updates)
        case .acceptanceTimedOut: self.init("AlertRaisedBySystemLogEntry", updates)
        case .snoozed: self.init("AlertSnoozedLogEntry", updates)
        case .snoozeEnded: self.init("AlertSnoozeEndedLogEntry", updates)
        case .accepted, .acceptedInPart, .resolved:
            if isPerson {
                self.init("UserResponseLogEntry", updates)
            } else {
                self.init("AlertSourceResponseLogEntry", "ALERT_SOURCE_EVENTS")
            }
        case .keyResolved: self.init("AlertSourceResponseLogEntry", "ALERT_SOURCE_EVENTS")
        case .autoResolved: self.init("AlertAutoResolvedLogEntry", updates)
        case .commented:
            self.init(isPerson ? "AlertCommentAddedLogEntry" : "AlertCommentAddedBySystemLogEntry", updates)
        case .escalatedByUser: self.init("AlertRaisedByUserLogEntry", updates)
        case .responderAdded: self.init("AlertResponderAddedLogEntry", updates)
        case .responderRemoved: self.init("AlertResponderRemovedLogEntry", updates)
        }
    }
}
