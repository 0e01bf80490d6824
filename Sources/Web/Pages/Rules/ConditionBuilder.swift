import Alerting

/// Rows of field, operator and value that make a condition.
struct ConditionBuilder {
    struct Row: Equatable {
        var field: String
        var comparator: String
        var value: String
    }

    static let rowCount = 3
    /// As on the wire, with words for people.
    static let comparators: [(String, String)] = [
        ("contains", "contains"), ("not_contains", "does not contain"), ("==", "is"), ("!=", "is not"),
        (">", "is greater than"), (">=", "is at least"), ("<", "is less than"), ("<=", "is at most"),
        ("starts_with", "starts with"), ("ends_with", "ends with"), ("in", "is one of (commas between)"),
        ("contains_any", "contains one of (commas between)"), ("regex", "matches the regular expression"),
        ("empty", "is missing"), ("filled", "is there"),
    ]

    let rows: [Row]
    let isAny: Bool

    init(_ form: Form) {
        rows = (0..<Self.rowCount).map { index in
            Row(
                field: form["rowField\(index)"], comparator: form["rowComparator\(index)"],
                value: form["rowValue\(index)"])
        }
        isAny = form["rowJoin"] == "or"
    }

    /// The rows as a condition; `nil` when none has a field.
    var condition: String? {
        let parts = rows.filter { !$0.field.isEmpty }.map(\.condition)
        return parts.isEmpty ? nil : parts.joined(separator: isAny ? " or " : " and ")
    }

    /// `old` and the rows in one condition.
    func added(to old: String) -> String {
        guard let condition else { return old }
        if old.isEmpty { return condition }
        return "(\(old)) and (\(condition))"
    }
}

extension ConditionBuilder.Row {
    fileprivate var condition: String {
        let path = field.hasPrefix("event.") ? field : "event." + field
        return switch comparator {
        case "empty": "\(path) == nil"
        case "filled": "\(path) != nil"
        case "in", "contains_any":
            "\(path) \(comparator) ["
                + value.split(separator: ",").map { Self.literal(String($0)) }.joined(separator: ", ") + "]"
        case "contains", "not_contains", "starts_with", "ends_with", "regex":
            "\(path) \(comparator) \(Self.quoted(value))"
        case "==", "!=", ">", ">=", "<", "<=": "\(path) \(comparator) \(Self.literal(value))"
        default: "\(path) == \(Self.literal(value))"
        }
    }

    private static func literal(_ text: String) -> String {
        let trimmed = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let isPlain = ["true", "false", "nil"].contains(trimmed) || Int64(trimmed) != nil || Double(trimmed) != nil
        return isPlain ? trimmed : quoted(trimmed)
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
        return "'\(escaped)'"
    }
}

/// The paths that a condition or template may use, found in recent events.
enum EventPaths {
    private static let most = 200
    private static let own = [
        "event.summary", "event.details", "event.alertKey", "event.eventType", "event.priority", "event.severity",
        "event.labels", "event.links", "event.routingKey",
    ]

    /// In the order of their names, the event's own fields first; with a value that was seen, for payload fields.
    static func all(of events: [AlertEvent]) -> [(path: String, sample: String)] {
        var found: [String: String] = [:]
        for event in events {
            if let payload = event.customDetails { collect(payload, "event.customDetails", depth: 0, &found) }
            for (name, value) in event.labels { found["event.labels" + step(name)] = value }
        }
        return own.map { ($0, "") } + found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func collect(_ value: JSONValue, _ path: String, depth: Int, _ found: inout [String: String]) {
        guard found.count < most, depth < 8 else { return }
        switch value {
        case .object(let members):
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                collect(member, path + step(name), depth: depth + 1, &found)
            }
        case .array(let items):
            for (index, item) in items.prefix(3).enumerated() {
                collect(item, "\(path)[\(index)]", depth: depth + 1, &found)
            }
        case .null, .bool, .integer, .number, .literal, .string:
            if found[path] == nil { found[path] = Limits.cut(value.scalarText ?? "nil", to: 80) }
        }
    }

    private static func step(_ name: String) -> String {
        let isPlain =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            }
        if isPlain { return "." + name }
        let escaped = name.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
        return "['\(escaped)']"
    }
}
