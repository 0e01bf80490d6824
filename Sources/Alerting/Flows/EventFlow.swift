/// What becomes of events before they reach an alert source: a tree of nodes that every event is led through.
///
/// The words are those of ilert's public OpenAPI document (v2.2026.5) and of its Terraform provider's examples, read
/// 2026-11-27.
public struct EventFlow: Equatable, Sendable {
    public typealias ID = Identifier<EventFlow>

    public var root: FlowNode
    /// Whether a condition counts how often it was asked.
    public var usesCounters: Bool
    /// The support hours and schedules that conditions ask about.
    public var periods: Set<PeriodReference>
    /// All nodes that route, in the order of the tree.
    public var routes: [FlowRoute]
    /// The support hours that nodes name.
    public var hours: Set<SupportHours.ID>
    /// Whether events may have to wait.
    public var hasWaits: Bool

    /// `nil` when there is none of that number.
    public func node(_ id: Int64) -> FlowNode? { root.find(id) }
}

public struct FlowNode: Equatable, Sendable {
    /// Unique within the flow.
    public var id: Int64
    public var name: String
    public var task: FlowTask
    public var branches: [FlowBranch]

    func find(_ id: Int64) -> FlowNode? {
        if self.id == id { return self }
        for branch in branches {
            if let found = branch.target?.find(id) { return found }
        }
        return nil
    }
}

public enum FlowTask: Equatable, Sendable {
    /// Goes on: the root, and nodes that are there for their branches alone.
    case pass
    case supportHours(SupportHours.ID)
    case branches([FlowDefinition])
    case route(FlowRoute)
    case wait(FlowWait)
    case transform(FlowTransform)
}

/// A way on from a node.
public struct FlowBranch: Equatable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Taken when its condition is true, or when it has none.
        case branch
        /// Taken when no branch is.
        case catchAll = "catch_all"
        /// The same; the way on from the root and from nodes without conditions.
        case accepted
    }

    public var kind: Kind
    public var condition: Condition?
    /// The definition that it stands for, of a node that defines branches; `nil`: none.
    public var definition: String?
    public var target: FlowNode?
}

/// A named question of a node that defines branches.
public struct FlowDefinition: Equatable, Sendable {
    public var name: String
    /// `nil`: it is never true by itself.
    public var condition: Condition?
}

/// To which alert source events go, and what of it they override.
public struct FlowRoute: Equatable, Sendable {
    public var source: AlertSource.ID
    public var priority: Priority?
    public var policy: EscalationPolicy.ID?

    public init(source: AlertSource.ID, priority: Priority? = nil, policy: EscalationPolicy.ID? = nil) {
        self.source = source
        self.priority = priority
        self.policy = policy
    }
}

/// How long alert events are kept; all others pass at once.
public struct FlowWait: Equatable, Sendable {
    public var duration: Duration?
    /// Until these hours are on.
    public var startOf: SupportHours.ID?
    /// Until these hours are off.
    public var endOf: SupportHours.ID?

    /// - Returns: `nil`: there is nothing to wait for.
    func end(in environment: FlowEnvironment) -> Timestamp? {
        let now = environment.now
        var ends = [duration.map { now + $0 }]
        if let startOf, environment.isDuring(startOf) == false { ends.append(environment.nextChange(startOf)) }
        if let endOf, environment.isDuring(endOf) == true { ends.append(environment.nextChange(endOf)) }
        return ends.compactMap(\.self).max().flatMap { $0 > now ? $0 : nil }
    }
}

/// What a flow may know beside the event.
public struct FlowEnvironment: Sendable {
    public var conditions: ConditionEnvironment
    /// The hours that the flow's nodes name.
    public var hours: [SupportHours.ID: SupportHours]

    public init(conditions: ConditionEnvironment, hours: [SupportHours.ID: SupportHours] = [:]) {
        self.conditions = conditions
        self.hours = hours
    }

    var now: Timestamp { conditions.now }

    /// `nil` when there are no such hours.
    func isDuring(_ id: SupportHours.ID) -> Bool? { hours[id]?.isDuring(now) }
    func nextChange(_ id: SupportHours.ID) -> Timestamp? { hours[id]?.nextChange(after: now) }
}
