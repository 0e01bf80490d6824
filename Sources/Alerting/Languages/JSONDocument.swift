/// A JSON value that may still be the text it came as.
///
/// What a tool sends is kept with the alert and seldom looked at: it is checked once, stored as it came, and its tree
/// is built only when somebody asks.
public struct JSONDocument: Equatable, Sendable {
    private enum Form: Sendable {
        case value(JSONValue)
        case outline(JSONOutline)
    }

    private let form: Form

    public init(_ value: JSONValue) {
        form = .value(value)
    }

    public init(_ outline: JSONOutline) {
        form = .outline(outline)
    }

    /// The tree; built anew each time when this is a text.
    public var value: JSONValue {
        switch form {
        case .value(let value): value
        case .outline(let outline): outline.value
        }
    }

    /// What `steps` lead to; `nil` when they lead nowhere.
    func place(at steps: ArraySlice<ValuePath.Step>) -> JSONPlace? {
        switch form {
        case .value(let value): value.value(at: steps).map(JSONPlace.value)
        case .outline(let outline): outline.place(at: steps).map { .outline(outline, at: $0) }
        }
    }

    /// Adds the document's text, without a byte order mark.
    public func append(to bytes: inout [UInt8]) {
        switch form {
        case .value(let value): value.append(to: &bytes)
        case .outline(let outline):
            let isMarked = outline.bytes.first == 0xEF
            bytes.append(contentsOf: outline.bytes[(isMarked ? 3 : 0)...])
        }
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.value == right.value
    }
}
