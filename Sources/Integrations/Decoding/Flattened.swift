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
    /// The fields' lookup names, in the same order.
    private(set) var names: [String] = []
    /// Where each name stands, once the list is long; in a short one looking is faster than hashing.
    private var positions: [String: Int] = [:]
    private static let shortList = 32

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
        fields.reserveCapacity(16)
        names.reserveCapacity(16)
        var queue = [Member(name: "", value: value)]
        var next = 0
        while next < queue.count, fields.count < Limits.payloadFields {
            let container = queue[next]
            next += 1
            let prefix = container.name.isEmpty ? "" : container.name + "."
            for member in Self.members(of: container.value) {
                let path = prefix.isEmpty ? member.name : prefix + member.name
                guard path.utf8.count <= Limits.payloadPath else { continue }
                if let text = member.value.scalarText {
                    append(path: path, value: text, replacing: false)
                } else if !member.value.isNull, queue.count < Limits.payloadFields {
                    queue.append(Member(name: path, value: member.value))
                }
            }
        }
    }

    /// A struct, because an array of tuples costs a look-up of its type whenever it is made or given up.
    private struct Member {
        var name: String
        var value: JSONValue
    }

    mutating func append(_ form: [FormField]) {
        for field in form { append(path: field.name, value: field.value, replacing: false) }
    }

    private mutating func append(path: String, value: String, replacing: Bool) {
        guard !path.isEmpty, path.utf8.count <= Limits.payloadPath, fields.count < Limits.payloadFields else { return }
        let name = Self.lookupName(path)
        if let position = position(of: name) {
            if replacing { fields[position].value = value }
            return
        }
        fields.append(Field(path: path, value: value))
        names.append(name)
        if names.count == Self.shortList {
            for (position, name) in names.enumerated() { positions[name] = position }
        } else if names.count > Self.shortList {
            positions[name] = names.count - 1
        }
    }

    private func position(of name: String) -> Int? {
        names.count < Self.shortList ? names.firstIndex(of: name) : positions[name]
    }

    private static func members(of container: JSONValue) -> [Member] {
        switch container {
        case .object(let members): sorted(members)
        case .array(let items):
            items.prefix(Limits.payloadFields).enumerated().map { Member(name: String($0.offset), value: $0.element) }
        case .null, .bool, .integer, .number, .literal, .string: []
        }
    }

    private static func sorted(_ members: [String: JSONValue]) -> [Member] {
        var list = members.map { Member(name: $0.key, value: $0.value) }
        list.sort { $0.name < $1.name }
        return list
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
        return zip(fields, names).first { $1.hasSuffix(ending) && !Self.saysNothing($0.value) }?.0
    }

    private func field(at lookupName: String) -> Field? {
        guard let position = position(of: lookupName), !Self.saysNothing(fields[position].value) else { return nil }
        return fields[position]
    }

    static func saysNothing(_ value: String) -> Bool {
        guard value.utf8.count <= 40 else { return false }
        let text = value.hasInkAtBothEnds ? value : value.trimmed
        return switch text.utf8.count {
        case 0: true
        case 3: text.hasPrefix(folded: "nil") || text.hasPrefix(folded: "n/a")
        case 4: text.hasPrefix(folded: "null") || text.hasPrefix(folded: "none")
        case 9: text.hasPrefix(folded: "undefined")
        default: false
        }
    }

    /// Lower case, dots for brackets, `_` for blanks, hyphens and before a hump (`monitorId`).
    static func lookupName(_ path: String) -> String {
        let isPlain = path.allBytes {
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
