internal import Alerting

/// A payload as a flat list of paths and texts: `monitor.uuid`, `alerts.0.labels.job`.
///
/// Look-ups do not mind spelling: `Monitor[UUID]`, `monitor.uuid` and `monitorUuid` (for `monitor_uuid`) are found
/// whatever their case. Members of one object are in the order of their names, and the fields of an object stand
/// before those of the objects in it, so a cut at `Limits.payloadFields` loses the deepest.
public struct Flattened: Equatable, Sendable {
    public struct Field: Equatable, Sendable {
        public var path: String
        public var value: String

        public init(path: String, value: String) {
            self.path = path
            self.value = value
        }
    }

    public private(set) var fields: [Field] = []
    private var positions: [String: Int] = [:]

    init() {}

    /// Texts, numbers and booleans below `value`; nulls are left out.
    init(_ value: JSONValue) {
        append(value)
    }

    init(_ form: [FormField]) {
        for field in form { append(path: field.name, value: field.value, replacing: true) }
    }

    /// Adds what is below `value`; a path that is there already keeps its value.
    mutating func append(_ value: JSONValue) {
        if let text = value.scalarText { return append(path: "value", value: text, replacing: false) }
        var queue: [(path: String, value: JSONValue)] = [("", value)]
        var next = 0
        while next < queue.count, fields.count < Limits.payloadFields {
            let (path, container) = queue[next]
            next += 1
            for (name, member) in Self.members(of: container) {
                let memberPath = path.isEmpty ? name : path + "." + name
                guard memberPath.utf8.count <= Limits.payloadPath else { continue }
                if let text = member.scalarText {
                    append(path: memberPath, value: text, replacing: false)
                } else if member != .null, queue.count < Limits.payloadFields {
                    queue.append((memberPath, member))
                }
            }
        }
    }

    mutating func append(_ form: [FormField]) {
        for field in form { append(path: field.name, value: field.value, replacing: false) }
    }

    private mutating func append(path: String, value: String, replacing: Bool) {
        guard !path.isEmpty, path.utf8.count <= Limits.payloadPath, fields.count < Limits.payloadFields else { return }
        let name = Self.lookupName(path)
        if let position = positions[name] {
            if replacing { fields[position].value = value }
            return
        }
        positions[name] = fields.count
        fields.append(Field(path: path, value: value))
    }

    private static func members(of container: JSONValue) -> [(String, JSONValue)] {
        switch container {
        case .object(let members): members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        case .array(let items): items.prefix(Limits.payloadFields).enumerated().map { (String($0.offset), $0.element) }
        case .null, .bool, .integer, .number, .literal, .string: []
        }
    }
}

extension Flattened {
    /// The field at this path; one that is empty or holds a word for nothing (`null`, `undefined`) counts as absent.
    public subscript(path: String) -> Field? {
        field(at: Self.lookupName(path))
    }

    /// The field at this path, or else the first one whose path ends in it.
    public func field(named name: String) -> Field? {
        if let field = self[name] { return field }
        let ending = "." + Self.lookupName(name)
        return fields.first { Self.lookupName($0.path).hasSuffix(ending) && !Self.saysNothing($0.value) }
    }

    /// The fields that hold something, each with the name by which it is looked up; in no order.
    var lookups: some Sequence<(name: String, field: Field)> {
        positions.lazy.filter { !Self.saysNothing(fields[$0.value].value) }.map { ($0.key, fields[$0.value]) }
    }

    private func field(at lookupName: String) -> Field? {
        guard let position = positions[lookupName], !Self.saysNothing(fields[position].value) else { return nil }
        return fields[position]
    }

    private static func saysNothing(_ value: String) -> Bool {
        guard let first = value.utf8.first else { return true }
        // Only a blank, "n…" and "u…" can begin a word for nothing.
        guard value.utf8.count <= 40, first <= 0x20 || first | 0x20 == 0x6E || first | 0x20 == 0x75 else {
            return false
        }
        return switch value.trimmed.lowercased() {
        case "", "null", "undefined", "none", "nil", "n/a": true
        default: false
        }
    }

    /// Lower case, dots for brackets, `_` for blanks, hyphens and before a hump (`monitorId`).
    static func lookupName(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2E
        }
        if isPlain { return path }
        var name: [UInt8] = []
        name.reserveCapacity(path.utf8.count + 8)
        var previous: UInt8 = 0
        for byte in path.trimmed.utf8 {
            defer { previous = byte }
            switch byte {
            case UInt8(ascii: "["): name.append(UInt8(ascii: "."))
            case UInt8(ascii: "]"): continue
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "+"): name.append(UInt8(ascii: "_"))
            case 0x41...0x5A:
                if (0x61...0x7A).contains(previous) { name.append(UInt8(ascii: "_")) }
                name.append(byte | 0x20)
            default: name.append(byte)
            }
        }
        return String(decoding: name, as: UTF8.self)
    }
}
