/// Any JSON value; no digit of a number is lost.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A whole number that fits, written without fraction or exponent.
    case integer(Int64)
    case number(Double)
    /// A number as it was written, when neither of the two above can hold all its digits: an id above 2^63, 1e400.
    case literal(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

/// One member of an object on its way out.
///
/// A struct, because an array of tuples costs a look-up of its type whenever it is made or given up.
struct JSONMember {
    var name: String
    var value: JSONValue
}

extension JSONValue {
    /// The member `name`; `nil` when there is none or this is no object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    public subscript(index: Int) -> JSONValue? {
        guard case .array(let items) = self, items.indices.contains(index) else { return nil }
        return items[index]
    }

    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// A whole number, however it is written (`3`, `3.0`, `3e0`); `nil` when it does not fit.
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        case .null, .bool, .literal, .string, .array, .object: nil
        }
    }

    /// Any number, rounded where a `Double` has to; `nil` when it is out of range or no number.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .literal(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        case .null, .bool, .string, .array, .object: nil
        }
    }

    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    public var array: [JSONValue]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    public var object: [String: JSONValue]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    public var isNull: Bool {
        guard case .null = self else { return false }
        return true
    }

    /// What a person would call the value of a text, number or boolean: a text without its quotes, a number with all
    /// its digits. `nil` for null, arrays and objects.
    public var scalarText: String? {
        switch self {
        case .string(let text): text
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .literal(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}
