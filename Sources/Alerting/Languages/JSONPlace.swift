/// A JSON value that may still be a part of a text.
public enum JSONPlace: Sendable {
    case value(JSONValue)
    case outline(JSONOutline, at: Int)

    /// The tree; built anew each time when this is a text.
    public var value: JSONValue {
        switch self {
        case .value(let value): value
        case .outline(let outline, let place): outline.value(at: place)
        }
    }

    /// How much there is to look at, in pieces of 256 bytes; of a tree a guess.
    var weight: Int {
        switch self {
        case .value(.string(let text)): text.utf8.count / 256
        case .value(.array), .value(.object): 64
        case .value: 0
        case .outline(let outline, let place): outline.length(at: place) / 256
        }
    }

    func place(at steps: ArraySlice<ValuePath.Step>) -> JSONPlace? {
        switch self {
        case .value(let value): value.value(at: steps).map(JSONPlace.value)
        case .outline(let outline, let place): outline.place(at: steps, from: place).map { .outline(outline, at: $0) }
        }
    }

    /// Whether this is an object with such a member.
    func hasMember(_ name: String) -> Bool {
        switch self {
        case .value(let value): value.object?[name] != nil
        case .outline(let outline, let place): outline.isObject(at: place) && outline.member(name, of: place) != nil
        }
    }

    /// Whether something is there, and it is neither `false` nor empty. Zero is something.
    var isFilled: Bool {
        switch self {
        case .value(let value):
            switch value {
            case .null: false
            case .bool(let isTrue): isTrue
            case .string(let text): !text.isEmpty
            case .array(let items): !items.isEmpty
            case .object, .integer, .number, .literal: true
            }
        case .outline(let outline, let place): outline.isFilled(at: place)
        }
    }

    /// A list's items; `nil` for everything else.
    var items: [JSONPlace]? {
        switch self {
        case .value(let value): value.array?.map(JSONPlace.value)
        case .outline(let outline, let place):
            outline.isArray(at: place) ? outline.children(of: place).map { .outline(outline, at: $0) } : nil
        }
    }

    /// Whether it is true or false, or nothing: what a block shows and is not about.
    var isAnswer: Bool {
        switch self {
        case .value(.bool), .value(.null): true
        case .value: false
        case .outline(let outline, let place): outline.isAnswer(at: place)
        }
    }
}
