/// One event's way through a flow.
public struct FlowWalk: Sendable {
    public enum Outcome: Equatable, Sendable {
        case routed(FlowRoute)
        /// At a node, until an instant.
        case waiting(Int64, until: Timestamp)
        /// No way led to an alert source.
        case dropped
    }

    /// What a node did, for the trace.
    public struct Step: Equatable, Sendable {
        public var node: Int64
        public var name: String
        public var sentence: String
    }

    /// As it is at the end.
    public private(set) var event: AlertEvent
    public private(set) var outcome = Outcome.dropped
    public private(set) var steps: [Step] = []

    private var scope: FlowScope
    private let environment: FlowEnvironment

    /// Leads `event` through the flow as far as it goes now.
    ///
    /// - Parameters:
    ///   - resumed: the node at which it has waited; one that is gone or waits no more: it begins at the root again
    ///     and is not kept another time.
    ///   - counters: of the flow's conditions; changed by asking.
    public init(
        _ event: AlertEvent, through flow: EventFlow, integrationType: String, resumed: Int64? = nil,
        in environment: FlowEnvironment, counters: inout ConditionCounters
    ) {
        self.event = event
        self.environment = environment
        scope = FlowScope(event: event, integrationType: integrationType)
        if let resumed, let node = flow.node(resumed), case .wait = node.task {
            note(node, "The wait is over.")
            guard let next = way(from: node, &counters) else { return }
            walk(from: next, mayWait: true, &counters)
        } else {
            walk(from: flow.root, mayWait: resumed == nil, &counters)
        }
        self.event = scope.event
    }

    private mutating func walk(from start: FlowNode, mayWait: Bool, _ counters: inout ConditionCounters) {
        var current: FlowNode? = start
        // A tree: every step is one level deeper.
        while let node = current {
            switch node.task {
            case .route(let route):
                outcome = .routed(route)
                return note(node, "Routed to alert source \(route.source)\(Self.overrides(route)).")
            case .wait(let wait):
                let end = mayWait && scope.event.kind == .alert ? wait.end(in: environment) : nil
                if let end {
                    outcome = .waiting(node.id, until: end)
                    return note(node, "Waits until \(end.iso8601).")
                }
                note(node, scope.event.kind == .alert ? "Nothing to wait for." : "Only alert events wait.")
            case .transform(let transform): apply(transform, node, &counters)
            case .pass, .supportHours, .branches: break
            }
            current = way(from: node, &counters)
        }
    }

    private mutating func apply(
        _ transform: FlowTransform, _ node: FlowNode, _ counters: inout ConditionCounters
    ) {
        if let condition = transform.condition, !isTrue(condition, &counters) {
            return note(node, "Its condition is false: nothing was changed.")
        }
        for rule in transform.rules { note(node, rule.apply(to: &scope)) }
    }

    /// The first branch whose condition is true, else the one for all others.
    private mutating func way(from node: FlowNode, _ counters: inout ConditionCounters) -> FlowNode? {
        scope.supportHoursState = nil
        scope.branchName = nil
        switch node.task {
        case .supportHours(let id):
            scope.supportHoursState = environment.isDuring(id).map { $0 ? "DURING" : "OUTSIDE" }
            note(node, scope.supportHoursState.map { "\($0) support hours." } ?? "These support hours are gone.")
        case .branches(let definitions):
            for definition in definitions where scope.branchName == nil {
                if let condition = definition.condition, isTrue(condition, &counters) {
                    scope.branchName = definition.name
                }
            }
        case .pass, .route, .wait, .transform: break
        }
        for branch in node.branches where branch.kind == .branch {
            guard isTaken(branch, of: node, &counters) else { continue }
            return follow(branch, of: node, branch.definition.map { "Branch “\($0)” fits." } ?? "A branch fits.")
        }
        guard let rest = node.branches.first(where: { $0.kind != .branch }) else {
            note(node, node.branches.isEmpty ? "The flow ends here." : "No branch fits.")
            return nil
        }
        let hasChoice = node.branches.contains { $0.kind == .branch }
        return follow(rest, of: node, hasChoice ? "No branch fits; the way for all others is taken." : nil)
    }

    private mutating func isTaken(
        _ branch: FlowBranch, of node: FlowNode, _ counters: inout ConditionCounters
    ) -> Bool {
        if let definition = branch.definition, definition == scope.branchName { return true }
        guard let condition = branch.condition else { return branch.definition == nil }
        return isTrue(condition, &counters)
    }

    private mutating func follow(_ branch: FlowBranch, of node: FlowNode, _ sentence: String?) -> FlowNode? {
        if let sentence { note(node, sentence) }
        if branch.target == nil { note(node, "Nothing follows on this branch.") }
        return branch.target
    }

    private func isTrue(_ condition: Condition, _ counters: inout ConditionCounters) -> Bool {
        condition.isTrue(of: scope, in: environment.conditions, counters: &counters)
    }

    private mutating func note(_ node: FlowNode, _ sentence: String) {
        steps.append(Step(node: node.id, name: node.name, sentence: sentence))
    }

    private static func overrides(_ route: FlowRoute) -> String {
        let priority = route.priority.map { ", priority \($0.rawValue.uppercased())" } ?? ""
        return priority + (route.policy.map { ", escalation policy \($0)" } ?? "")
    }
}
