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
    private(set) var names: [LookupName] = []
    /// Where each name stands, once the list is long; in a short one looking is faster than hashing.
    private var positions: [LookupName: Int] = [:]
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
        append(tree: value)
    }

    mutating func append(_ outline: JSONOutline) {
        append(tree: outline)
    }

    private mutating func append<Tree: JSONTree>(tree: Tree) {
        if let text = tree.scalarText(at: tree.root) { return append(path: "value", value: text, replacing: false) }
        fields.reserveCapacity(16)
        names.reserveCapacity(16)
        var queue = [Container(path: "", place: tree.root)]
        var next = 0
        while next < queue.count, fields.count < Limits.payloadFields {
            let container = queue[next]
            next += 1
            tree.forEachMember(of: container.place) { name, place in
                guard let path = Self.path(container.path, name) else { return }
                if let text = tree.scalarText(at: place) {
                    append(path: path, value: text, replacing: false)
                } else if !tree.isNull(at: place), queue.count < Limits.payloadFields {
                    queue.append(Container(path: path, place: place))
                }
            }
        }
    }

    /// A struct, because an array of tuples costs a look-up of its type whenever it is made or given up.
    private struct Container<Place> {
        var path: String
        var place: Place
    }

    mutating func append(_ form: [FormField]) {
        for field in form { append(path: field.name, value: field.value, replacing: false) }
    }

    private mutating func append(path: String, value: String, replacing: Bool) {
        guard !path.isEmpty, path.utf8.count <= Limits.payloadPath, fields.count < Limits.payloadFields else { return }
        let name = LookupName(path)
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

    private func position(of name: LookupName) -> Int? {
        names.count < Self.shortList ? names.firstIndex(of: name) : positions[name]
    }

    /// `container.name`, written in one go: it is written for nearly every field. `nil`: too long.
    private static func path(_ container: String, _ name: String) -> String? {
        if container.isEmpty { return name.utf8.count <= Limits.payloadPath ? name : nil }
        let count = container.utf8.count + 1 + name.utf8.count
        guard count <= Limits.payloadPath else { return nil }
        var (container, name) = (container, name)
        return container.withUTF8 { container in
            name.withUTF8 { name in
                String(unsafeUninitializedCapacity: count) { buffer in
                    _ = buffer.update(fromContentsOf: container)
                    buffer[container.count] = UInt8(ascii: ".")
                    _ = buffer[(container.count + 1)...].update(fromContentsOf: name)
                    return count
                }
            }
        }
    }
}

extension Flattened {
    /// The field at this path; one that is empty or holds a word for nothing (`null`, `undefined`) counts as absent.
    public subscript(path: String) -> Field? {
        field(at: LookupName(path))
    }

    /// The field at this path, or else the first one whose path ends in it.
    public func field(named name: String) -> Field? {
        if let field = self[name] { return field }
        let ending = "." + LookupName(name).text
        return zip(fields, names).first { $1.text.hasSuffix(ending) && !Self.saysNothing($0.value) }?.0
    }

    private func field(at name: LookupName) -> Field? {
        guard let position = position(of: name), !Self.saysNothing(fields[position].value) else { return nil }
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
}
