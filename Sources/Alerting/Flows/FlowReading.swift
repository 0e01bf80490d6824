extension EventFlow {
    /// Reads the tree as it is on the wire, with every node numbered (`numbered`).
    ///
    /// - Throws: `Failure.invalid` that names the member at fault, such as `root.branches[0].target.nodeType`.
    public init(root json: JSONValue) throws(Failure) {
        var reader = FlowReader()
        root = try reader.node(json, "root", depth: 0)
        usesCounters = reader.usesCounters
        periods = reader.periods
        routes = reader.routes
        hours = reader.hours
        hasWaits = reader.hasWaits
    }

    /// The tree with a number for every node and branch that has none of its own.
    public static func numbered(_ root: JSONValue) -> JSONValue {
        var numbering = FlowNumbering()
        numbering.collect(root)
        return numbering.numbered(root)
    }
}

/// Gives nodes and branches numbers: those that were sent stay, the others follow.
private struct FlowNumbering {
    private var next: Int64 = 1
    private var used: Set<Int64> = []

    mutating func collect(_ value: JSONValue) {
        if let id = value["id"]?.integer, id > 0, id < Int64.max / 2 { next = max(next, id + 1) }
        for branch in value["branches"]?.array ?? [] {
            collect(.object(["id": branch["id"] ?? .null]))
            if let target = branch["target"] { collect(target) }
        }
    }

    mutating func numbered(_ value: JSONValue) -> JSONValue {
        guard var members = value.object else { return value }
        members["id"] = number(members["id"])
        if let branches = members["branches"]?.array {
            members["branches"] = .array(
                branches.map { branch in
                    guard var parts = branch.object else { return branch }
                    parts["id"] = number(parts["id"])
                    if let target = parts["target"], !target.isNull { parts["target"] = numbered(target) }
                    return .object(parts)
                })
        }
        return .object(members)
    }

    private mutating func number(_ value: JSONValue?) -> JSONValue {
        var id = value?.integer ?? 0
        if id <= 0 || id >= Int64.max / 2 || used.contains(id) {
            id = next
            next += 1
        }
        used.insert(id)
        return .integer(id)
    }
}

/// Reads nodes, and notes what they refer to.
private struct FlowReader {
    var usesCounters = false
    var periods: Set<PeriodReference> = []
    var routes: [FlowRoute] = []
    var hours: Set<SupportHours.ID> = []
    var hasWaits = false
    private var count = 0

    mutating func node(_ json: JSONValue, _ path: String, depth: Int) throws(Failure) -> FlowNode {
        guard json.object != nil else { throw Self.wrong(path, "must be an object.") }
        count += 1
        guard depth < Limits.flowDepth, count <= Limits.flowNodes else {
            throw Self.wrong(path, "a flow has \(Limits.flowNodes) nodes and \(Limits.flowDepth) levels at most.")
        }
        let name = json["name"]?.string ?? ""
        guard name.count <= Limits.name else {
            throw Self.wrong("\(path).name", "may have at most \(Limits.name) characters.")
        }
        let task = try task(json, path, depth: depth)
        var branches: [FlowBranch] = []
        for (index, branch) in (json["branches"]?.array ?? []).enumerated() {
            let place = "\(path).branches[\(index)]"
            branches.append(try self.branch(branch, place, number: branches.count { $0.kind == .branch }, task, depth))
        }
        if case .route = task, branches.contains(where: { $0.target != nil }) {
            throw Self.wrong("\(path).branches", "nothing may follow a node that routes.")
        }
        return FlowNode(id: json["id"]?.integer ?? 0, name: name, task: task, branches: branches)
    }

    private mutating func task(_ json: JSONValue, _ path: String, depth: Int) throws(Failure) -> FlowTask {
        let metadata = json["metadata"] ?? .null
        let place = "\(path).metadata"
        let type = json["nodeType"]?.string?.uppercased() ?? ""
        guard (type == "ROOT") == (depth == 0) else {
            throw Self.wrong("\(path).nodeType", depth == 0 ? "must be ROOT." : "there is one ROOT, at the top.")
        }
        switch type {
        case "ROOT", "PLAIN": return .pass
        case "SUPPORT_HOURS":
            guard let id = Self.id(metadata, "supportHoursId", as: SupportHours.self) else {
                throw Self.wrong("\(place).supportHoursId", "is needed.")
            }
            hours.insert(id)
            return .supportHours(id)
        case "ROUTE_EVENT":
            let route = try Self.route(metadata, place)
            routes.append(route)
            return .route(route)
        case "DEFINE_BRANCHES": return .branches(try definitions(metadata, place))
        case "WAIT":
            hasWaits = true
            return .wait(try wait(metadata, place))
        case "TRANSFORM": return .transform(try transform(metadata, place))
        default:
            throw Self.wrong(
                "\(path).nodeType",
                "must be ROOT, SUPPORT_HOURS, ROUTE_EVENT, DEFINE_BRANCHES, WAIT, TRANSFORM or PLAIN.")
        }
    }

    private mutating func branch(
        _ json: JSONValue, _ path: String, number: Int, _ task: FlowTask, _ depth: Int
    ) throws(Failure) -> FlowBranch {
        guard let kind = json["branchType"]?.string.flatMap({ FlowBranch.Kind(rawValue: $0.lowercased()) }) else {
            throw Self.wrong("\(path).branchType", "must be BRANCH, CATCH_ALL or ACCEPTED.")
        }
        let text = json["condition"]?.string ?? ""
        var branch = FlowBranch(kind: kind)
        if kind == .branch {
            if case .branches(let definitions) = task {
                let named = definitions.first { $0.name == text }
                let isFree = EventRules.line(text).isEmpty
                branch.definition =
                    named?.name ?? (isFree && number < definitions.count ? definitions[number].name : nil)
                if named == nil, !isFree { branch.condition = try condition(text, "\(path).condition") }
                guard branch.definition != nil || branch.condition != nil else {
                    throw Self.wrong("\(path).condition", "is needed: a condition, or the name of a definition.")
                }
            } else if !EventRules.line(text).isEmpty {
                branch.condition = try condition(text, "\(path).condition")
            }
        }
        if let target = json["target"], !target.isNull {
            branch.target = try node(target, "\(path).target", depth: depth + 1)
        }
        return branch
    }

    private mutating func definitions(_ metadata: JSONValue, _ path: String) throws(Failure) -> [FlowDefinition] {
        var definitions: [FlowDefinition] = []
        for (index, item) in (metadata["definitions"]?.array ?? []).enumerated() {
            let place = "\(path).definitions[\(index)]"
            guard let name = item["branchName"]?.string, !EventRules.line(name).isEmpty, name.count <= Limits.name
            else {
                throw Self.wrong("\(place).branchName", "enter 1 to \(Limits.name) characters.")
            }
            let text = item["conditions"]?.string ?? ""
            let condition = EventRules.line(text).isEmpty ? nil : try condition(text, "\(place).conditions")
            definitions.append(FlowDefinition(name: name, condition: condition))
        }
        guard definitions.count <= Limits.flowBranches else {
            throw Self.wrong("\(path).definitions", "there may be at most \(Limits.flowBranches).")
        }
        return definitions
    }

    private static func route(_ metadata: JSONValue, _ path: String) throws(Failure) -> FlowRoute {
        guard let source = id(metadata, "alertSourceId", as: AlertSource.self) else {
            throw wrong("\(path).alertSourceId", "is needed.")
        }
        var route = FlowRoute(source: source, policy: id(metadata, "escalationPolicyId", as: EscalationPolicy.self))
        if let text = metadata["overwritePriority"]?.string, !text.isEmpty {
            guard let priority = Priority(rawValue: text.lowercased()) else {
                throw wrong("\(path).overwritePriority", "must be HIGH or LOW.")
            }
            route.priority = priority
        }
        return route
    }

    private mutating func wait(_ metadata: JSONValue, _ path: String) throws(Failure) -> FlowWait {
        var wait = FlowWait()
        if let text = metadata["waitForDuration"]?.string, !text.isEmpty {
            guard let duration = Duration(iso8601: text), Limits.flowWaits.contains(duration) else {
                throw Self.wrong("\(path).waitForDuration", "must be PT1S to P31D.")
            }
            wait.duration = duration
        }
        wait.startOf = Self.id(metadata, "waitStartSupportHoursId", as: SupportHours.self)
        wait.endOf = Self.id(metadata, "waitEndSupportHoursId", as: SupportHours.self)
        guard wait != FlowWait() else {
            throw Self.wrong("\(path).waitForDuration", "is needed, or support hours whose start or end is waited for.")
        }
        hours.formUnion([wait.startOf, wait.endOf].compactMap(\.self))
        return wait
    }

    private mutating func transform(_ metadata: JSONValue, _ path: String) throws(Failure) -> FlowTransform {
        let text = metadata["condition"]?.string ?? ""
        var rules: [FlowRule] = []
        for (index, rule) in (metadata["rules"]?.array ?? []).enumerated() {
            rules.append(try FlowRule(rule, "\(path).rules[\(index)]"))
        }
        guard rules.count <= Limits.flowRules else {
            throw Self.wrong("\(path).rules", "there may be at most \(Limits.flowRules).")
        }
        let condition = EventRules.line(text).isEmpty ? nil : try condition(text, "\(path).condition")
        return FlowTransform(condition: condition, rules: rules)
    }

    private mutating func condition(_ text: String, _ path: String) throws(Failure) -> Condition {
        do throws(LanguageError) {
            let condition = try Condition(text)
            periods.formUnion(condition.periods)
            usesCounters = usesCounters || condition.usesCounters
            return condition
        } catch {
            throw Self.wrong(path, error.message)
        }
    }

    private static func id<Entity>(
        _ metadata: JSONValue, _ name: String, as type: Entity.Type
    ) -> Identifier<Entity>? {
        metadata[name]?.scalarText.flatMap { Identifier<Entity>($0) }.flatMap { $0.rawValue > 0 ? $0 : nil }
    }

    static func wrong(_ path: String, _ sentence: String) -> Failure {
        Failure(.invalid, "\(path): \(sentence)")
    }
}

extension FlowRule {
    fileprivate init(_ json: JSONValue, _ path: String) throws(Failure) {
        name = Limits.cut(EventRules.line(json["name"]?.string ?? ""), to: Limits.name)
        targetText = json["target"]?.string ?? ""
        guard let found = ConditionPath.path(targetText), found.steps.count <= Limits.languageDepth,
            let rest = Self.belowEvent(found), !rest.isEmpty
        else {
            throw FlowReader.wrong("\(path).target", "must be a field of the event, such as context.event.summary.")
        }
        target = rest
        let source = try Self.source(json, path)
        func needed() throws(Failure) -> ValuePath {
            guard let source else { throw FlowReader.wrong("\(path).source", "is needed.") }
            return source
        }
        switch json["operator"]?.string?.uppercased() {
        case "SET": operation = .set(json["value"] ?? .null)
        case "COPY": operation = .copy(try needed())
        case "MAP":
            let otherwise = json["default"].flatMap { $0.isNull ? nil : $0 }
            operation = .map(try needed(), Self.pairs(json["mapping"], folds: true), otherwise: otherwise)
        case "TEMPLATE":
            do throws(LanguageError) {
                operation = .template(try Template(json["value"]?.scalarText ?? ""))
            } catch {
                throw FlowReader.wrong("\(path).value", error.message)
            }
        case "MERGE":
            let members = Self.pairs(json["properties"], folds: false)
            operation = .merge(source, members.merging(json["value"]?.object ?? [:]) { $1 })
        case "APPEND_ARRAY":
            let value = json["value"].flatMap { $0.isNull ? nil : [$0] } ?? []
            operation = .append(source, (json["items"]?.array ?? []) + value)
        default:
            throw FlowReader.wrong("\(path).operator", "must be SET, COPY, MAP, TEMPLATE, MERGE or APPEND_ARRAY.")
        }
    }

    private static func source(_ json: JSONValue, _ path: String) throws(Failure) -> ValuePath? {
        guard let text = json["source"]?.string, !text.isEmpty else { return nil }
        guard let found = ConditionPath.path(text), found.steps.count <= Limits.languageDepth else {
            throw FlowReader.wrong("\(path).source", "is no path, such as context.event.customDetails.host.")
        }
        return found
    }

    /// `context.event.x`, `event.x` and `x` all mean the event's field.
    private static func belowEvent(_ path: ValuePath) -> [ValuePath.Step]? {
        var steps = path.steps[...]
        if steps.first == .member("context") {
            guard steps.dropFirst().first == .member("event") else { return nil }
            steps = steps.dropFirst()
        }
        return Array(steps.first == .member("event") ? steps.dropFirst() : steps)
    }

    /// An object, or a list of `{"key": …, "value": …}` or `{"from": …, "to": …}`.
    private static func pairs(_ json: JSONValue?, folds: Bool) -> [String: JSONValue] {
        var pairs: [String: JSONValue] = [:]
        for (name, value) in json?.object ?? [:] { pairs[folds ? EventRules.folded(name) : name] = value }
        for item in json?.array ?? [] {
            guard let name = (item["key"] ?? item["from"] ?? item["name"])?.scalarText,
                let value = item["value"] ?? item["to"]
            else { continue }
            pairs[folds ? EventRules.folded(name) : name] = value
        }
        return pairs
    }
}
