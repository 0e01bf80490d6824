import Alerting
import Engine
import Foundation
import Storage

/// What people type about one node of an event flow.
struct FlowNodeForm {
    static let types = ["ROUTE_EVENT", "DEFINE_BRANCHES", "SUPPORT_HOURS", "WAIT", "TRANSFORM"]

    struct Branch {
        var id: String
        var name: String
        var condition: String
    }

    struct Rule {
        var name: String
        var target: String
        var operation: String
        var source: String
        /// Text, or JSON.
        var value: String
        /// One `from = to` a line.
        var mapping: String
        var otherwise: String
    }

    let type: String
    var name: String
    var source: String
    var policy: String
    var priority: String
    var hours: String
    var amount: String
    var unit: String
    var startOf: String
    var endOf: String
    var condition: String
    var branches: [Branch]
    var rules: [Rule]

    static let units: [(String, String, Int)] = [
        ("S", "seconds", 1), ("M", "minutes", 60), ("H", "hours", 3600), ("D", "days", 86_400),
    ]
    static let operations = ["SET", "COPY", "TEMPLATE", "MAP", "MERGE", "APPEND_ARRAY"]

    /// A new node.
    init(type: String) {
        self.init(type: type, node: .object([:]))
        name = FlowWords.type(type)
        if type == "WAIT" { (amount, unit) = ("5", "M") }
    }

    init(_ node: JSONValue) {
        self.init(type: node["nodeType"]?.string ?? "", node: node)
    }

    private init(type: String, node: JSONValue) {
        let metadata = node["metadata"] ?? .null
        func id(_ name: String) -> String { metadata[name]?.scalarText ?? "" }
        self.type = type
        name = node["name"]?.string ?? ""
        source = id("alertSourceId")
        policy = id("escalationPolicyId")
        priority = id("overwritePriority")
        hours = id("supportHoursId")
        startOf = id("waitStartSupportHoursId")
        endOf = id("waitEndSupportHoursId")
        condition = metadata["condition"]?.string ?? ""
        let seconds = metadata["waitForDuration"]?.string.flatMap { Duration(iso8601: $0) }?.components.seconds ?? 0
        let fitting = Self.units.last { seconds > 0 && Int(seconds) % $0.2 == 0 } ?? Self.units[1]
        (amount, unit) = (seconds > 0 ? "\(Int(seconds) / fitting.2)" : "", fitting.0)
        let definitions = metadata["definitions"]?.array ?? []
        let ways = (node["branches"]?.array ?? []).filter { $0["branchType"]?.string == "BRANCH" }
        branches = ways.enumerated().map { index, way in
            let text = way["condition"]?.string ?? ""
            let named = definitions.first { $0["branchName"]?.string == text }
            let own = named ?? (text.isEmpty && index < definitions.count ? definitions[index] : nil)
            return Branch(
                id: way["id"]?.scalarText ?? "", name: own?["branchName"]?.string ?? "Branch \(index + 1)",
                condition: own?["conditions"]?.string ?? text)
        }
        rules = (metadata["rules"]?.array ?? []).map(Rule.init)
    }

    init(_ form: Form, type: String) {
        self.type = type
        name = form["name"]
        source = form["source"]
        policy = form["policy"]
        priority = form["priority"]
        hours = form["hours"]
        (amount, unit) = (form["amount"], form["unit"])
        (startOf, endOf) = (form["startOf"], form["endOf"])
        condition = form["condition"]
        let (ids, names, conditions) = (form.all("branch-id"), form.all("branch-name"), form.all("branch-condition"))
        branches = names.indices.map { index in
            func text(_ list: [String]) -> String { index < list.count ? list[index] : "" }
            return Branch(id: text(ids), name: names[index].trimmed, condition: text(conditions).trimmed)
        }.filter { !$0.name.isEmpty || !$0.condition.isEmpty }
        let columns = ["name", "target", "operation", "source", "value", "mapping", "otherwise"].map {
            form.all("rule-\($0)")
        }
        rules = columns[1].indices.map { index in
            func text(_ column: Int) -> String { index < columns[column].count ? columns[column][index].trimmed : "" }
            return Rule(
                name: text(0), target: text(1), operation: text(2), source: text(3), value: text(4), mapping: text(5),
                otherwise: text(6))
        }.filter { !$0.target.isEmpty }
    }

    /// The node as on the wire.
    ///
    /// - Parameter old: as it was; the ways that stay keep what follows on them.
    func json(over old: JSONValue?) -> JSONValue {
        let ways = old?["branches"]?.array ?? []
        let rest = ways.last { $0["branchType"]?.string != "BRANCH" } ?? .object(["branchType": .string("CATCH_ALL")])
        var branches: [JSONValue] = []
        var metadata: [String: JSONValue] = [:]
        switch type {
        case "ROUTE_EVENT":
            metadata["alertSourceId"] = Self.number(source) ?? .string(source)
            metadata["escalationPolicyId"] = Self.number(policy)
            metadata["overwritePriority"] = priority.isEmpty ? nil : .string(priority)
        case "SUPPORT_HOURS":
            metadata["supportHoursId"] = Self.number(hours)
            let present = ways.filter { $0["branchType"]?.string == "BRANCH" }
            branches = present.isEmpty ? [Self.during, rest] : ways
        case "DEFINE_BRANCHES":
            metadata["definitions"] = .array(
                self.branches.map {
                    .object(["branchName": .string($0.name), "conditions": .string($0.condition)])
                })
            branches = self.branches.map { branch in
                let way = ways.first { $0["id"]?.scalarText == branch.id } ?? .object(["branchType": .string("BRANCH")])
                return way.adding("condition", .string(branch.name))
            }
            branches.append(rest)
        case "WAIT":
            let seconds = (Int(amount) ?? 0) * (Self.units.first { $0.0 == unit }?.2 ?? 60)
            metadata["waitForDuration"] = amount.isEmpty ? nil : .string(Duration.seconds(seconds).iso8601)
            metadata["waitStartSupportHoursId"] = Self.number(startOf)
            metadata["waitEndSupportHoursId"] = Self.number(endOf)
            branches = [rest]
        case "TRANSFORM":
            metadata["condition"] = condition.isEmpty ? nil : .string(condition)
            metadata["rules"] = .array(rules.map(\.json))
            branches = [rest]
        default: branches = ways
        }
        return .object([
            "name": .string(name), "nodeType": .string(type), "metadata": .object(metadata),
            "branches": .array(branches),
        ])
    }

    private static let during = JSONValue.object([
        "branchType": .string("BRANCH"), "condition": .string("context.supportHoursState == 'DURING'"),
    ])

    private static func number(_ text: String) -> JSONValue? {
        Int64(text).flatMap { $0 > 0 ? .integer($0) : nil }
    }
}

extension FlowNodeForm.Rule {
    static let blank = Self(
        name: "", target: "", operation: "SET", source: "", value: "", mapping: "", otherwise: "")

    init(_ json: JSONValue) {
        func text(_ value: JSONValue?) -> String {
            guard let value, !value.isNull else { return "" }
            return value.scalarText ?? value.text
        }
        let mapping = (json["mapping"]?.object ?? [:]).sorted { $0.key < $1.key }
        self.init(
            name: text(json["name"]), target: text(json["target"]), operation: text(json["operator"]).uppercased(),
            source: text(json["source"]), value: text(json["value"] ?? json["properties"] ?? json["items"]),
            mapping: mapping.map { "\($0.key) = \(text($0.value))" }.joined(separator: "\n"),
            otherwise: text(json["default"]))
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name), "target": .string(target), "operator": .string(operation),
        ]
        if !source.isEmpty { members["source"] = .string(source) }
        // Only lists and objects are JSON; anything else is what was typed.
        let parsed = (try? JSONValue.parse(Array(value.utf8))).flatMap {
            $0.array == nil && $0.object == nil ? nil : $0
        }
        switch operation {
        case "MERGE" where parsed?.object != nil: members["properties"] = parsed
        case "APPEND_ARRAY" where parsed?.array != nil: members["items"] = parsed
        case "TEMPLATE": members["value"] = .string(value)
        default: if !value.isEmpty { members["value"] = parsed ?? .string(value) }
        }
        if operation == "MAP" {
            let pairs = mapping.split(whereSeparator: \.isNewline).compactMap { line -> (String, JSONValue)? in
                let parts = line.split(separator: "=", maxSplits: 1).map { String($0).trimmed }
                return parts.count == 2 ? (parts[0], .string(parts[1])) : nil
            }
            members["mapping"] = .object(Dictionary(pairs) { $1 })
            if !otherwise.isEmpty { members["default"] = .string(otherwise) }
        }
        return .object(members)
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}

/// Event flows in words.
enum FlowWords {
    static func type(_ type: String) -> String {
        switch type {
        case "ROOT": "Incoming event"
        case "ROUTE_EVENT": "Route to an alert source"
        case "DEFINE_BRANCHES": "Branches"
        case "SUPPORT_HOURS": "Support hours"
        case "WAIT": "Wait"
        case "TRANSFORM": "Transform"
        default: "Pass on"
        }
    }
}
