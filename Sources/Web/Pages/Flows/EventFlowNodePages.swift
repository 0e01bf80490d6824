import Alerting
import Engine
import Hummingbird
import Storage

/// Changes an event flow node by node.
struct EventFlowNodePages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/event-flows/:id/nodes/new", use: new)
        group.post("/event-flows/:id/nodes", use: create)
        group.get("/event-flows/:id/nodes/:node", use: show)
        group.post("/event-flows/:id/nodes/:node", use: save)
        group.post("/event-flows/:id/nodes/:node/removal", use: remove)
    }

    private var flows: EventFlowAdministration { site.services.administration.flows }

    @Sendable private func new(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change event flows")
        let flow = try await flows.find(visit.id(), by: visit.caller)
        let branch = try Self.branch(visit.query["branch"], of: flow)
        let type = try Self.type(visit.query["type"])
        return try await page(FlowNodeForm(type: type), flow, place: .branch(branch), problem: nil, visit)
    }

    @Sendable private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let flow = try await flows.find(visit.id(), by: visit.caller)
        let branch = try Self.branch(visit.form["branch"], of: flow)
        let form = FlowNodeForm(visit.form, type: try Self.type(visit.form["type"]))
        return try await write(form, flow, place: .branch(branch), visit) { tree in
            tree.insert(form.json(over: nil), onBranch: branch)
        }
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        try visit.caller.require(.user, to: "change event flows")
        let flow = try await flows.find(visit.id(), by: visit.caller)
        let (id, node) = try Self.node(visit, of: flow)
        return try await page(FlowNodeForm(node), flow, place: .node(id), problem: nil, visit)
    }

    @Sendable private func save(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let flow = try await flows.find(visit.id(), by: visit.caller)
        let (id, node) = try Self.node(visit, of: flow)
        let form = FlowNodeForm(visit.form, type: node["nodeType"]?.string ?? "")
        return try await write(form, flow, place: .node(id), visit) { tree in
            tree.replace(id, with: form.json(over: node))
        }
    }

    @Sendable private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let flow = try await flows.find(visit.id(), by: visit.caller)
        let (id, _) = try Self.node(visit, of: flow)
        var tree = FlowTree(flow.root)
        tree.remove(id)
        var draft = EventFlowDraft(flow)
        draft.root = tree.root
        return try await site.act(back: Links.flow(flow.id), done: "The node is gone.") { [draft] in
            _ = try await flows.update(flow.id, with: draft, by: visit.caller)
        }
    }

    /// Where a node is, or will be.
    private enum Place {
        case branch(Int64)
        case node(Int64)
    }

    private func write(
        _ form: FlowNodeForm, _ flow: EventFlowRecord, place: Place, _ visit: Visit,
        _ change: (inout FlowTree) -> Void
    ) async throws -> Response {
        do {
            var tree = FlowTree(flow.root)
            change(&tree)
            var draft = EventFlowDraft(flow)
            draft.root = tree.root
            _ = try await flows.update(flow.id, with: draft, by: visit.caller)
            return site.seeOther(Links.flow(flow.id), .done("Saved."))
        } catch let failure as Failure where failure.isForTheForm {
            return try await page(form, flow, place: place, problem: Self.sentence(failure), visit)
        }
    }

    /// The path through the tree says nothing to whoever sees one node.
    private static func sentence(_ failure: Failure) -> String {
        guard let colon = failure.message.firstRange(of: ": "), failure.message.hasPrefix("root") else {
            return failure.sentence
        }
        let path = failure.message[..<colon.lowerBound]
        let field = path.split(separator: ".").last.map(String.init) ?? "node"
        return Failure(.invalid, field + failure.message[colon.lowerBound...]).sentence
    }

    private static func branch(_ text: String, of flow: EventFlowRecord) throws -> Int64 {
        guard let id = Int64(text), FlowTree(flow.root).branch(id) != nil else {
            throw Failure(.notFound, "This place of the event flow is gone.")
        }
        return id
    }

    private static func node(_ visit: Visit, of flow: EventFlowRecord) throws -> (Int64, JSONValue) {
        guard let id = visit.context.parameters.get("node").flatMap({ Int64($0) }),
            let node = FlowTree(flow.root).node(id), FlowNodeForm.types.contains(node["nodeType"]?.string ?? "")
        else { throw Failure(.notFound, "This node of the event flow is gone.") }
        return (id, node)
    }

    private static func type(_ text: String) throws -> String {
        guard FlowNodeForm.types.contains(text) else { throw Failure(.notFound, "There is no such node.") }
        return text
    }

    private func page(
        _ form: FlowNodeForm, _ flow: EventFlowRecord, place: Place, problem: String?, _ visit: Visit
    ) async throws -> Response {
        let names = try await FlowNames.load(site, visit)
        let frame = site.frame(
            FlowWords.type(form.type), .flows, crumbs: EventFlowPages.crumbs(flow), visit.context)
        let page = FlowNodePage(form, names: names, link: Links.flow(flow.id), problem: problem, frame: frame)
        var filled = page
        switch place {
        case .branch(let id):
            (filled.action, filled.branch) = ("\(Links.flow(flow.id))/nodes", "\(id)")
        case .node(let id):
            filled.action = "\(Links.flow(flow.id))/nodes/\(id)"
            filled.removal = "\(Links.flow(flow.id))/nodes/\(id)/removal"
        }
        return site.response(filled, status: problem == nil ? .ok : .unprocessableContent)
    }
}

/// The form of one node.
struct FlowNodePage: HTMLPage {
    static let template = "flow-node"
    let frame: Frame
    let heading: String
    let problem: String?
    var action = ""
    let back: String
    let type: String
    /// Of a new node: the way that it stands on.
    var branch: String?
    /// Takes the node away; `nil` for a new one.
    var removal: String?
    let name: String
    let isRoute: Bool
    let isHours: Bool
    let isBranches: Bool
    let isWait: Bool
    let isTransform: Bool
    let sources: [Choice]
    let policies: [Choice]
    let priorities: [Choice]
    let hours: [Choice]
    let starts: [Choice]
    let ends: [Choice]
    let amount: String
    let units: [Choice]
    let condition: String
    let branches: [Branch]
    let rules: [Rule]

    struct Branch {
        let number: String
        let id: String
        let name: String
        let condition: String
    }

    struct Rule {
        let number: String
        let name: String
        let target: String
        let source: String
        let value: String
        let mapping: String
        let otherwise: String
        let operations: [Choice]
    }

    init(_ form: FlowNodeForm, names: FlowOutline.Names, link: String, problem: String?, frame: Frame) {
        self.frame = frame
        self.problem = problem
        heading = FlowWords.type(form.type)
        back = link
        type = form.type
        name = form.name
        isRoute = form.type == "ROUTE_EVENT"
        isHours = form.type == "SUPPORT_HOURS"
        isBranches = form.type == "DEFINE_BRANCHES"
        isWait = form.type == "WAIT"
        isTransform = form.type == "TRANSFORM"
        func choices(_ names: [(id: String, name: String)], _ chosen: String, none: String) -> [Choice] {
            let known = names.sorted { $0.name < $1.name }.map { Choice($0.id, $0.name, isChosen: $0.id == chosen) }
            let isUnseen = !chosen.isEmpty && !names.contains { $0.id == chosen }
            return [Choice("", none, isChosen: chosen.isEmpty)] + known
                + (isUnseen ? [Choice(chosen, "Number \(chosen)", isChosen: true)] : [])
        }
        let hourNames = names.hours.map { (id: "\($0.key)", name: $0.value) }
        sources = choices(names.sources.map { ("\($0.key)", $0.value) }, form.source, none: "Choose one")
        policies = choices(names.policies.map { ("\($0.key)", $0.value) }, form.policy, none: "The alert source's own")
        priorities = [("", "As the alert source says"), ("HIGH", "High"), ("LOW", "Low")].map {
            Choice($0.0, $0.1, isChosen: $0.0 == form.priority)
        }
        hours = choices(hourNames, form.hours, none: "Choose some")
        starts = choices(hourNames, form.startOf, none: "None")
        ends = choices(hourNames, form.endOf, none: "None")
        amount = form.amount
        units = FlowNodeForm.units.map { Choice($0.0, $0.1, isChosen: $0.0 == form.unit) }
        condition = form.condition
        let spare = FlowNodeForm.Branch(id: "", name: "", condition: "")
        branches = (form.branches + [spare, spare]).enumerated().map {
            Branch(number: "\($0 + 1)", id: $1.id, name: $1.name, condition: $1.condition)
        }
        rules = (form.rules + [.blank, .blank]).enumerated().map { index, rule in
            Rule(
                number: "\(index + 1)", name: rule.name, target: rule.target, source: rule.source, value: rule.value,
                mapping: rule.mapping, otherwise: rule.otherwise,
                operations: FlowNodeForm.operations.map {
                    Choice($0, Self.words($0), isChosen: $0 == rule.operation)
                })
        }
    }

    private static func words(_ operation: String) -> String {
        switch operation {
        case "SET": "set to the value"
        case "COPY": "copy from the source"
        case "TEMPLATE": "fill the value in as a template"
        case "MAP": "look the source up in the list"
        case "MERGE": "merge the source and the value into it"
        default: "append the source and the value to it"
        }
    }
}
