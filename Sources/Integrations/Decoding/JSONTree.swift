internal import Alerting

/// What a payload is walked through by: its tree, or its text's outline.
protocol JSONTree {
    associatedtype Place
    var root: Place { get }
    /// An object's in the order of their names; an array's items, named by their numbers.
    func forEachMember(of place: Place, _ body: (_ name: String, _ place: Place) -> Void)
    /// As `JSONValue.scalarText`.
    func scalarText(at place: Place) -> String?
    func isNull(at place: Place) -> Bool
}

extension JSONValue: JSONTree {
    var root: JSONValue { self }

    func forEachMember(of place: JSONValue, _ body: (String, JSONValue) -> Void) {
        switch place {
        case .object(let members):
            for (name, value) in members.sorted(by: { $0.key < $1.key }) { body(name, value) }
        case .array(let items):
            for (index, item) in items.prefix(Limits.payloadFields).enumerated() { body(String(index), item) }
        case .null, .bool, .integer, .number, .literal, .string: break
        }
    }

    func scalarText(at place: JSONValue) -> String? { place.scalarText }
    func isNull(at place: JSONValue) -> Bool { place.isNull }
}

extension JSONOutline: JSONTree {
    var root: Int { Self.outermost }

    func forEachMember(of place: Int, _ body: (String, Int) -> Void) {
        for member in members(at: place, limit: Limits.payloadFields) { body(member.name, member.place) }
    }
}
