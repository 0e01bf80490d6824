import Alerting
import Engine
import Storage

/// An event flow's tree, one row a node and one a way on from it.
struct FlowOutline {
    let rows: [Row]
    let mayConfigure: Bool

    struct Row {
        let isNode: Bool
        /// The class of its indentation.
        let depth: String
        let label: String
        let ownName: String?
        let facts: String?
        /// To change the node; `nil`: it cannot be.
        let change: String?
        let isEmpty: Bool
        let adds: [Add]
        let hasAdds: Bool
        let isVisited: Bool
        let sentences: [String]
    }

    struct Add {
        let label: String
        let link: String
    }

    /// The names of what nodes refer to.
    struct Names: Sendable {
        var sources: [AlertSource.ID: String] = [:]
        var policies: [EscalationPolicy.ID: String] = [:]
        var hours: [SupportHours.ID: String] = [:]
    }

    private static let deepest = 12

    /// - Parameter walk: a way through the tree, whose nodes are marked.
    init(_ flow: EventFlow, root: JSONValue, id: EventFlow.ID, names: Names, walk: FlowWalk?, mayConfigure: Bool) {
        self.mayConfigure = mayConfigure
        var rows: [Row] = []
        Self.add(flow.root, root, depth: 0, id: id, names: names, walk: walk, mayConfigure, to: &rows)
        self.rows = rows
    }

    private static func add(
        _ node: FlowNode, _ json: JSONValue, depth: Int, id: EventFlow.ID, names: Names, walk: FlowWalk?,
        _ mayConfigure: Bool, to rows: inout [Row]
    ) {
        let sentences = walk?.steps.filter { $0.node == node.id }.map(\.sentence) ?? []
        let type = json["nodeType"]?.string ?? ""
        let isVisited = !sentences.isEmpty || walk != nil && depth == 0
        rows.append(
            Row(
                isNode: true, depth: "\(min(depth, deepest))", label: FlowWords.type(type),
                ownName: node.name.isEmpty || node.name == FlowWords.type(type) ? nil : node.name,
                facts: facts(node.task, names),
                change: mayConfigure && FlowNodeForm.types.contains(type) ? "\(Links.flow(id))/nodes/\(node.id)" : nil,
                isEmpty: false, adds: [], hasAdds: false, isVisited: isVisited, sentences: sentences))
        if case .route = node.task { return }
        let ways = json["branches"]?.array ?? []
        for (branch, way) in zip(node.branches, ways) {
            let adds = mayConfigure ? Self.adds(way, id, isEmpty: branch.target == nil) : []
            let isOnly = node.branches.count == 1
            if !isOnly || branch.target == nil || mayConfigure {
                rows.append(
                    Row(
                        isNode: false, depth: "\(min(depth + 1, deepest))", label: label(branch, isOnly: isOnly),
                        ownName: nil, facts: question(branch, node), change: nil, isEmpty: branch.target == nil,
                        adds: adds, hasAdds: !adds.isEmpty, isVisited: false, sentences: []))
            }
            if let target = branch.target, let below = way["target"] {
                let step = isOnly ? 0 : 1
                add(
                    target, below, depth: depth + 1 + step, id: id, names: names, walk: walk, mayConfigure, to: &rows)
            }
        }
    }

    private static func adds(_ way: JSONValue, _ id: EventFlow.ID, isEmpty: Bool) -> [Add] {
        guard let branch = way["id"]?.integer else { return [] }
        return FlowNodeForm.types.filter { isEmpty || $0 != "ROUTE_EVENT" }.map { type in
            Add(label: FlowWords.type(type), link: "\(Links.flow(id))/nodes/new?branch=\(branch)&type=\(type)")
        }
    }

    private static func label(_ branch: FlowBranch, isOnly: Bool) -> String {
        switch branch.kind {
        case .branch: branch.definition.map { "If “\($0)”" } ?? "If"
        case .catchAll, .accepted: isOnly ? "Then" : "Otherwise"
        }
    }

    private static func question(_ branch: FlowBranch, _ node: FlowNode) -> String? {
        if case .branches(let definitions) = node.task, let name = branch.definition {
            return definitions.first { $0.name == name }?.condition?.text
        }
        return switch branch.condition?.text {
        case "context.supportHoursState == 'DURING'": "within the hours"
        case "context.supportHoursState == 'OUTSIDE'": "outside the hours"
        case let text: text
        }
    }

    private static func facts(_ task: FlowTask, _ names: Names) -> String? {
        switch task {
        case .pass, .branches: return nil
        case .supportHours(let id): return names.hours[id] ?? "support hours \(id)"
        case .route(let route):
            let source = names.sources[route.source] ?? "alert source \(route.source)"
            let priority = route.priority.map { ", priority \($0.words.lowercased())" } ?? ""
            let policy = route.policy.map { ", by “\(names.policies[$0] ?? "escalation policy \($0)")”" } ?? ""
            return source + priority + policy
        case .wait(let wait):
            func name(_ id: SupportHours.ID) -> String { names.hours[id] ?? "support hours \(id)" }
            let parts = [
                wait.duration.map { "for \(Moments.words($0))" }, wait.startOf.map { "until “\(name($0))” begin" },
                wait.endOf.map { "until “\(name($0))” end" },
            ]
            return parts.compactMap(\.self).joined(separator: ", ")
        case .transform(let transform):
            let rules = transform.rules.map { $0.name.isEmpty ? $0.targetText : $0.name }.joined(separator: ", ")
            return (transform.condition.map { "if \($0.text): " } ?? "") + (rules.isEmpty ? "no rules" : rules)
        }
    }
}
