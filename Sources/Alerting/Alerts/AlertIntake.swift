/// Decides what one alert event does, given the alert source's rules and what is open.
public enum AlertIntake {
    /// Looks the event up in what is known and answers with one decision and its reason.
    ///
    /// - Parameters:
    ///   - known: what is known of the event's key; `nil` when the event has no key or the key was never seen.
    ///   - newest: the open alert of the source that the grouping rule may join; only read by rules that join one.
    ///   - priority: of an alert that is raised by the event; `nil`: as the source's rule says.
    public static func decide(
        _ event: AlertEvent, rules: AlertSourceRules, known: KnownKey?, newest: GroupCandidate?,
        priority: Priority? = nil, at now: Timestamp
    ) -> IntakeDecision {
        guard rules.isActive else { return .ignore(.sourceDisabled) }
        switch event.kind {
        case .alert:
            let priority = priority ?? rules.priority(of: event).0
            return decideAlert(event, rules: rules, known: known, newest: newest, priority: priority, at: now)
        case .accept:
            guard let open = known?.open else { return .ignore(.noOpenAlert) }
            return open.status == .pending ? .accept(open.id) : .append(open.id, isRaised: false, .alreadyAccepted)
        case .resolve:
            guard let open = known?.open else { return .ignore(.noOpenAlert) }
            return open.openKeys > 1 ? .closeKey(open.id) : .resolve(open.id)
        case .comment:
            guard let open = known?.open else { return .ignore(.noOpenAlert) }
            return .comment(open.id)
        }
    }

    private static func decideAlert(
        _ event: AlertEvent, rules: AlertSourceRules, known: KnownKey?, newest: GroupCandidate?, priority: Priority,
        at now: Timestamp
    ) -> IntakeDecision {
        if let open = known?.open {
            return .append(open.id, isRaised: open.isRaised(by: priority), .keyOpen)
        }
        if let happened = event.occurredAt, let resolved = known?.resolvedAt, happened < resolved {
            return .ignore(.stale)
        }
        if let newest, rules.grouping.joins(newest, at: now) {
            return .join(newest.alert.id, isRaised: newest.alert.isRaised(by: priority), rules.grouping.reason)
        }
        return .raise(priority: priority)
    }
}

/// What an alert source says about its events.
public struct AlertSourceRules: Equatable, Sendable {
    public var isActive: Bool
    public var grouping: GroupingRule
    public var priorityRule: PriorityRule
    /// Whether an event's own priority counts although the rule is not HIGH.
    public var allowsEventPriority: Bool
    /// Whether pending alerts of low priority are raised when support hours make them urgent.
    public var raisesWithSupportHours: Bool
    /// Used when the event says none; 1 (worst) to 5.
    public var severity: Int?
    /// An open alert is resolved this long after it was raised; `nil`: never.
    public var autoResolution: Duration?

    public init(
        isActive: Bool = true, grouping: GroupingRule = .never, priorityRule: PriorityRule = .high,
        allowsEventPriority: Bool = false, raisesWithSupportHours: Bool = false, severity: Int? = nil,
        autoResolution: Duration? = nil
    ) {
        self.isActive = isActive
        self.grouping = grouping
        self.priorityRule = priorityRule
        self.allowsEventPriority = allowsEventPriority
        self.raisesWithSupportHours = raisesWithSupportHours
        self.severity = severity
        self.autoResolution = autoResolution
    }

    /// The source's mapping decides, then the event where it may, then the source's rule.
    ///
    /// - Parameters:
    ///   - isMapped: whether the event's priority is what the source's mapping says.
    ///   - isSupported: whether the source's support hours are on; `nil` when it has none.
    public func priority(
        of event: AlertEvent, isMapped: Bool = false, isSupported: Bool? = nil
    ) -> (Priority, PriorityStep) {
        if let own = event.priority {
            if isMapped { return (own, .template) }
            if priorityRule == .high || allowsEventPriority { return (own, .event) }
        }
        return priorityRule.priority(isSupported: isSupported)
    }
}

/// What the store knows of one alert key of one alert source.
public struct KnownKey: Equatable, Sendable {
    public var open: OpenAlert?
    /// The tool's own time of the last resolve of this key.
    public var resolvedAt: Timestamp?

    public init(open: OpenAlert?, resolvedAt: Timestamp? = nil) {
        self.open = open
        self.resolvedAt = resolvedAt
    }
}

/// An open alert as the intake sees it.
public struct OpenAlert: Equatable, Sendable {
    public var id: Alert.ID
    public var status: AlertStatus
    public var priority: Priority
    /// How many alert keys are still failing in it; more than one after grouping.
    public var openKeys: Int

    public init(id: Alert.ID, status: AlertStatus, priority: Priority, openKeys: Int = 1) {
        self.id = id
        self.status = status
        self.priority = priority
        self.openKeys = openKeys
    }

    func isRaised(by eventPriority: Priority) -> Bool {
        priority == .low && eventPriority == .high
    }
}

/// What an event does; each case is one line in the event explorer.
public enum IntakeDecision: Equatable, Sendable {
    case raise(priority: Priority)
    /// Counts, refreshes details and links; `isRaised`: priority goes from LOW to HIGH and people are paged again.
    case append(Alert.ID, isRaised: Bool, IntakeReason)
    /// Like `append`, and the event's key becomes one of the alert's.
    case join(Alert.ID, isRaised: Bool, IntakeReason)
    case accept(Alert.ID)
    case resolve(Alert.ID)
    /// One of several keys in a grouped alert is well again; the alert stays open for the others.
    case closeKey(Alert.ID)
    case comment(Alert.ID)
    case ignore(IntakeReason)

    public var reason: IntakeReason {
        switch self {
        case .raise: .newAlert
        case .append(_, _, let reason), .join(_, _, let reason), .ignore(let reason): reason
        case .accept: .acceptedBySource
        case .resolve: .resolvedBySource
        case .closeKey: .keyResolved
        case .comment: .commentAdded
        }
    }

    /// The alert that the event touched; `nil` for a new one and for none.
    public var alert: Alert.ID? {
        switch self {
        case .append(let id, _, _), .join(let id, _, _), .accept(let id), .resolve(let id), .closeKey(let id),
            .comment(let id):
            id
        case .raise, .ignore: nil
        }
    }
}

/// Why an event did what it did; goes to the event explorer, the log and the metric unchanged.
public enum IntakeReason: String, Sendable, CaseIterable {
    case newAlert = "new_alert"
    case keyOpen = "key_open"
    case groupedInWindow = "grouped_in_window"
    case groupedBySummary = "grouped_by_summary"
    case groupedBySimilarity = "grouped_by_similarity"
    case groupedUntilAccepted = "grouped_until_accepted"
    case groupedUntilResolved = "grouped_until_resolved"
    case acceptedBySource = "accepted_by_source"
    case alreadyAccepted = "already_accepted"
    case resolvedBySource = "resolved_by_source"
    case keyResolved = "key_resolved"
    case commentAdded = "comment_added"
    case noOpenAlert = "no_open_alert"
    case stale
    case sourceDisabled = "source_disabled"
    case foldedIntoStorm = "folded_into_storm"
    case heldInMaintenance = "held_in_maintenance"
    case discardedInMaintenance = "discarded_in_maintenance"
    /// The source's event filter.
    case filtered
    /// None of the source's conditions for the event types.
    case noEventType = "no_event_type"
    /// The vendor's test message or a state that is no news.
    case nothingToSay = "nothing_to_say"
    /// The request could not be read; an alert about it was raised.
    case unreadable
    /// The request was not from whom it should be, or is of a kind that raises nothing.
    case refused
    /// An event flow keeps it for a while.
    case waitingInFlow = "waiting_in_flow"
    /// No way through an event flow led to an alert source.
    case droppedByFlow = "dropped_by_flow"
    /// Only as an answer: kept on the node's disk while the database is away, and decided when that is back.
    case journaled

    /// One sentence for the event explorer.
    public var sentence: String {
        switch self {
        case .newAlert: "Raised a new alert."
        case .keyOpen: "Added to the open alert with the same key."
        case .groupedInWindow: "Added to the alert of the current time window."
        case .groupedBySummary: "Added to the open alert with the same summary."
        case .groupedBySimilarity: "Added to the open alert with the most similar summary."
        case .groupedUntilAccepted: "Added to the source's alert that nobody has accepted yet."
        case .groupedUntilResolved: "Added to the source's open alert."
        case .acceptedBySource: "Accepted the alert."
        case .alreadyAccepted: "The alert was already accepted."
        case .resolvedBySource: "Resolved the alert."
        case .keyResolved: "One of the alert's keys is well again; others still fail."
        case .commentAdded: "Added a comment to the alert."
        case .noOpenAlert: "No alert with this key is open."
        case .stale: "Older than the last resolve of its key, so it raised nothing."
        case .sourceDisabled: "The alert source is switched off."
        case .foldedIntoStorm: "Counted on the alert about the event storm: the source is over its limit."
        case .heldInMaintenance: "Held back by maintenance: raised at its end if it still fails then."
        case .discardedInMaintenance: "Discarded: the alert source is in maintenance."
        case .filtered: "Dropped by the source's event filter."
        case .noEventType: "None of the source's conditions for event types fits."
        case .nothingToSay: "A test message or a state that concerns nobody."
        case .unreadable: "Could not be read; an alert about it was raised."
        case .refused: "Not let in."
        case .waitingInFlow: "Waits in the event flow."
        case .droppedByFlow: "Dropped by the event flow: no way led to an alert source."
        case .journaled: "Kept until the database is back."
        }
    }
}

extension GroupingRule {
    var reason: IntakeReason {
        switch self {
        case .never: .keyOpen
        case .untilAccepted: .groupedUntilAccepted
        case .untilResolved: .groupedUntilResolved
        case .window: .groupedInWindow
        case .summary: .groupedBySummary
        case .similar: .groupedBySimilarity
        }
    }
}
