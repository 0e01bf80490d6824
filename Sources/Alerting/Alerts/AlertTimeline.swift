/// One line of an alert's history: what happened, who did it and why.
public struct TimelineEntry: Equatable, Sendable {
    public typealias ID = Identifier<TimelineEntry>

    public enum Kind: String, Sendable, CaseIterable {
        case raisedBySource = "raised_by_source"
        case raisedByUser = "raised_by_user"
        case eventAppended = "event_appended"
        case priorityRaised = "priority_raised"
        case levelEntered = "level_entered"
        case levelSkipped = "level_skipped"
        case personLeftOut = "person_left_out"
        case lastResortPaged = "last_resort_paged"
        case escalationEnded = "escalation_ended"
        case policyAssigned = "policy_assigned"
        case policyChanged = "policy_changed"
        case policyDeleted = "policy_deleted"
        /// The alert source was put on another escalation policy.
        case sourceMoved = "source_moved"
        case policyMissing = "policy_missing"
        case userAssigned = "user_assigned"
        case scheduleAssigned = "schedule_assigned"
        case routed
        case notRouted = "not_routed"
        /// A template of the source could not be used; the event's own text stands instead.
        case templateFailed = "template_failed"
        case messageQueued = "message_queued"
        case messageDelivered = "message_delivered"
        case messageRetried = "message_retried"
        case messageFailed = "message_failed"
        case messageCancelled = "message_cancelled"
        case messageHeld = "message_held"
        case messageBundled = "message_bundled"
        case messageReceipt = "message_receipt"
        case accepted
        case acceptedInPart = "accepted_in_part"
        case snoozed
        case snoozeEnded = "snooze_ended"
        case resolved
        case autoResolved = "auto_resolved"
        case keyResolved = "key_resolved"
        case commented
        case escalatedByUser = "escalated_by_user"
        case responderAdded = "responder_added"
        case responderRemoved = "responder_removed"
        case stormOver = "storm_over"
        case acceptanceQuestioned = "acceptance_questioned"
        case acceptanceConfirmed = "acceptance_confirmed"
        case acceptanceTimedOut = "acceptance_timed_out"
        case actionPerformed = "action_performed"
        case actionRetried = "action_retried"
        case actionFailed = "action_failed"
        case serviceHeld = "service_held"
        case serviceReleased = "service_released"
    }

    public var at: Timestamp
    public var kind: Kind
    public var actor: Actor
    /// 0-based.
    public var level: Int?
    /// The person whom it concerns: paged, assigned.
    public var user: User.ID?
    public var reason: String?
    /// Words of a person or of a tool: a comment, a key, a provider's answer.
    public var text: String?

    public init(
        at: Timestamp, kind: Kind, actor: Actor = .system, level: Int? = nil, user: User.ID? = nil,
        reason: String? = nil, text: String? = nil
    ) {
        self.at = at
        self.kind = kind
        self.actor = actor
        self.level = level
        self.user = user
        self.reason = reason
        self.text = text
    }

    /// The line for a person.
    ///
    /// - Parameter name: a user's full name by id; `nil` for one who was deleted.
    public func sentence(name: (User.ID) -> String?) -> String {
        let who = actor.name(name)
        let person = user.map { name($0) ?? "a deleted user" } ?? "nobody"
        let levelNumber = level.map { "level \($0 + 1)" } ?? "a level"
        let because = reason.map { " (\(TimelineEntry.words($0)))" } ?? ""
        let words = text ?? ""
        return switch kind {
        case .raisedBySource: "Raised by the alert source\(because)."
        case .raisedByUser: "Raised by \(who)."
        case .eventAppended: "Another event: \(words)"
        case .priorityRaised: "Priority raised from LOW to HIGH\(because); paging starts again."
        case .levelEntered: "Escalated to \(levelNumber)\(because)."
        case .levelSkipped: "Skipped \(levelNumber)\(because)."
        case .personLeftOut: "\(person) on \(levelNumber) was not paged\(because)."
        case .lastResortPaged: "Nobody on the escalation policy can be reached: paged the last-resort contact \(words)."
        case .escalationEnded: "The escalation policy ended; nobody has accepted\(because)."
        case .policyAssigned: "Assigned to escalation policy \(words) by \(who)."
        case .policyChanged: "Escalation policy \(words) was edited; this alert keeps the levels it was raised with."
        case .policyDeleted: "Escalation policy \(words) was deleted; this alert keeps the levels it was raised with."
        case .sourceMoved:
            "The alert source now has the escalation policy \(words); this alert keeps the one it was raised with."
        case .policyMissing: "Has no escalation policy that pages anybody."
        case .userAssigned: "Assigned to \(person) by \(who)."
        case .scheduleAssigned: "Assigned to on-call schedule \(words) by \(who)."
        case .routed:
            reason == nil
                ? "Routed to escalation policy \(words) by its routing key."
                : "Routed to escalation policy \(words)\(because)."
        case .notRouted: "No escalation policy has the routing key \(words); the alert source's own is used."
        case .templateFailed: "\(words); the event's own text is used."
        case .messageQueued: "\(words) to \(person)\(because)."
        case .messageDelivered: "\(words) to \(person) was handed over\(because)."
        case .messageRetried: "\(words) to \(person) could not be handed over and is tried again\(because)."
        case .messageFailed: "\(words) to \(person) failed for good\(because)."
        case .messageCancelled: "\(words) to \(person) was not sent\(because)."
        case .messageHeld: "\(words) to \(person) waits\(because)."
        case .messageBundled: "\(words) to \(person) goes out together with others\(because)."
        case .messageReceipt: "\(words) to \(person): the provider reports \(reason.map(TimelineEntry.words) ?? "")."
        case .accepted: "Accepted by \(who)\(because)."
        case .acceptedInPart: "Accepted by \(who)\(because); others are still to accept: \(words)."
        case .snoozed: "Snoozed by \(who) until \(words): nobody is paged before then."
        case .snoozeEnded: "The snooze ended\(because); paging goes on."
        case .resolved: "Resolved by \(who)\(because)."
        case .autoResolved: "Resolved automatically: nobody had closed it in time."
        case .keyResolved: "“\(words)” is well again; others still fail."
        case .commented: "\(who) wrote: \(words)"
        case .escalatedByUser: "\(who) escalated."
        case .responderAdded: "\(person) was called too by \(who)."
        case .responderRemoved: "\(person) was taken off by \(who)."
        case .stormOver: "The event storm is over: \(words) alert events were counted here."
        case .acceptanceQuestioned: "\(person) was asked whether they are still on it\(because)."
        case .acceptanceConfirmed: "\(who) is still on it."
        case .actionPerformed: "Alert action “\(words)” was done\(because)."
        case .actionRetried: "Alert action “\(words)” did not work and is tried again\(because)."
        case .actionFailed: "Alert action “\(words)” failed\(because)."
        case .serviceHeld: "Holds the service “\(words)”\(because)."
        case .serviceReleased: "No longer holds the service “\(words)”: \(reason.map(TimelineEntry.words) ?? "") now."
        case .acceptanceTimedOut: "\(person) did not answer: the alert is pending again and paging starts over."
        }
    }

    private static func words(_ reason: String) -> String {
        String(reason.map { $0 == "_" ? " " : $0 })
    }
}

extension Actor {
    /// - Parameter name: a user's full name by id; `nil` for one who was deleted.
    public func name(_ name: (User.ID) -> String?) -> String {
        switch self {
        case .user(let id): name(id) ?? "a deleted user"
        case .source: "the alert source"
        case .system: "Nightbell"
        }
    }
}
