/// What of an alert sets alert actions off.
///
/// The names are those of ilert's public OpenAPI document (v2.2026.5), read 2026-11-23.
public enum AlertTrigger: String, Sendable, CaseIterable {
    case created = "alert-created"
    case assigned = "alert-assigned"
    case autoEscalated = "alert-auto-escalated"
    case acknowledged = "alert-acknowledged"
    case raised = "alert-raised"
    case commentAdded = "alert-comment-added"
    case escalationEnded = "alert-escalation-ended"
    case resolved = "alert-resolved"
    case autoResolved = "alert-auto-resolved"
    case responderAdded = "alert-responder-added"
    case responderRemoved = "alert-responder-removed"
    /// Taken and echoed; nothing of ours sets them off.
    case channelAttached = "alert-channel-attached"
    case channelDetached = "alert-channel-detached"
    /// Some time after the alert was raised, if it is still open.
    case notResolved = "v-alert-not-resolved"
    /// A person pressed a button.
    case manual = "manual"

    /// Those that an action may name.
    public static let named = allCases.filter { $0 != .manual }
    /// Of an action that names none.
    public static let usual: [AlertTrigger] = [
        .created, .raised, .acknowledged, .escalationEnded, .resolved, .autoResolved,
    ]

    /// The trigger that a line of the timeline is; `nil`: none.
    public init?(_ kind: TimelineEntry.Kind, level: Int?, reason: String?) {
        switch kind {
        case .raisedBySource, .raisedByUser: self = .created
        case .userAssigned, .policyAssigned, .scheduleAssigned: self = .assigned
        // The first level is no escalation yet.
        case .levelEntered where (level ?? 0) > 0 || reason != nil: self = .autoEscalated
        case .accepted: self = .acknowledged
        case .priorityRaised: self = .raised
        case .commented: self = .commentAdded
        case .escalationEnded: self = .escalationEnded
        case .resolved: self = .resolved
        case .autoResolved: self = .autoResolved
        case .responderAdded: self = .responderAdded
        case .responderRemoved: self = .responderRemoved
        default: return nil
        }
    }

    /// Whether it still counts when its delay is over.
    public func holds(for status: AlertStatus) -> Bool {
        switch self {
        case .notResolved: status != .resolved
        case .escalationEnded: status == .pending
        default: true
        }
    }

    /// Whether those who have subscribed to the alert or to its source are told.
    public var isNews: Bool {
        switch self {
        case .created, .raised, .acknowledged, .autoEscalated, .escalationEnded, .resolved, .autoResolved,
            .commentAdded:
            true
        case .assigned, .responderAdded, .responderRemoved, .channelAttached, .channelDetached, .notResolved, .manual:
            false
        }
    }

    /// The alert's status at the trigger, where that is beyond doubt; later ones may have followed.
    public var status: AlertStatus? {
        switch self {
        case .created, .raised, .escalationEnded, .autoEscalated: .pending
        case .acknowledged: .accepted
        case .resolved, .autoResolved: .resolved
        case .assigned, .commentAdded, .responderAdded, .responderRemoved, .channelAttached, .channelDetached,
            .notResolved, .manual:
            nil
        }
    }

    /// A part of a sentence: “the alert …”.
    public var words: String {
        switch self {
        case .created: "was raised"
        case .assigned: "was assigned"
        case .autoEscalated: "was escalated"
        case .acknowledged: "was accepted"
        case .raised: "became urgent"
        case .commentAdded: "got a comment"
        case .escalationEnded: "was accepted by nobody"
        case .resolved: "was resolved"
        case .autoResolved: "was resolved automatically"
        case .responderAdded: "got a responder"
        case .responderRemoved: "lost a responder"
        case .channelAttached: "got a channel"
        case .channelDetached: "lost a channel"
        case .notResolved: "is still not resolved"
        case .manual: "was passed on by a person"
        }
    }
}
