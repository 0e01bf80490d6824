import Alerting

/// An event flow's tree as on the wire, changed one node at a time.
struct FlowTree {
    private(set) var root: JSONValue

    init(_ root: JSONValue) {
        self.root = root
    }

    /// The node of a number; `nil` when there is none.
    func node(_ id: Int64) -> JSONValue? { Self.find(id, in: root) }

    /// The branch of a number.
    func branch(_ id: Int64) -> JSONValue? { Self.findBranch(id, in: root) }

    /// Replaces a node but for its number.
    mutating func replace(_ id: Int64, with node: JSONValue) {
        root = Self.changed(root) { current in
            guard current["id"]?.integer == id else { return nil }
            var members = node.object ?? [:]
            members["id"] = current["id"]
            return .object(members)
        }
    }

    /// Puts a node on a branch; what stood there follows it on its way for all others.
    mutating func insert(_ node: JSONValue, onBranch id: Int64) {
        root = Self.changedBranches(root) { branch in
            guard branch["id"]?.integer == id, var members = branch.object else { return nil }
            var node = node
            if let target = members["target"], !target.isNull { node = Self.followed(node, by: target) }
            members["target"] = node
            return .object(members)
        }
    }

    /// Takes a node away. What follows on its only way moves up; several ways go with it.
    mutating func remove(_ id: Int64) {
        root = Self.changedBranches(root) { branch in
            guard let target = branch["target"], target["id"]?.integer == id, var members = branch.object else {
                return nil
            }
            let targets = (target["branches"]?.array ?? []).compactMap { $0["target"] }.filter { !$0.isNull }
            members["target"] = targets.count == 1 ? targets[0] : nil
            return .object(members)
        }
    }

    /// A new node's way for all others, where it has one.
    private static func followed(_ node: JSONValue, by target: JSONValue) -> JSONValue {
        guard var members = node.object, var branches = members["branches"]?.array,
            let index = branches.lastIndex(where: { $0["branchType"]?.string != "BRANCH" })
        else { return node }
        branches[index] = branches[index].adding("target", target)
        members["branches"] = .array(branches)
        return .object(members)
    }

    private static func find(_ id: Int64, in node: JSONValue) -> JSONValue? {
        if node["id"]?.integer == id { return node }
        for branch in node["branches"]?.array ?? [] {
            if let target = branch["target"], let found = find(id, in: target) { return found }
        }
        return nil
    }

    private static func findBranch(_ id: Int64, in node: JSONValue) -> JSONValue? {
        for branch in node["branches"]?.array ?? [] {
            if branch["id"]?.integer == id { return branch }
            if let target = branch["target"], let found = findBranch(id, in: target) { return found }
        }
        return nil
    }

    /// - Parameter change: `nil`: it is looked for further below.
    private static func changed(_ node: JSONValue, _ change: (JSONValue) -> JSONValue?) -> JSONValue {
        if let done = change(node) { return done }
        return changedBranches(node) { branch in
            guard let target = branch["target"], !target.isNull else { return nil }
            return branch.adding("target", changed(target, change))
        }
    }

    private static func changedBranches(_ node: JSONValue, _ change: (JSONValue) -> JSONValue?) -> JSONValue {
        guard let branches = node["branches"]?.array else { return node }
        let done = branches.map { branch -> JSONValue in
            if let done = change(branch) { return done }
            guard let target = branch["target"], !target.isNull else { return branch }
            return branch.adding("target", changedBranches(target, change))
        }
        return node.adding("branches", .array(done))
    }
}

extension JSONValue {
    /// An object with one member more.
    func adding(_ name: String, _ value: JSONValue) -> JSONValue {
        var members = object ?? [:]
        members[name] = value
        return .object(members)
    }
}
