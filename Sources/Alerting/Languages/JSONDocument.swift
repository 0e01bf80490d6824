/// A JSON value that may still be the text it came as.
///
/// What a tool sends is kept with the alert and seldom looked at: it is checked once, stored as it came, and its tree
/// is built only when somebody asks.
public struct JSONDocument: Equatable, Sendable {
    private enum Form: Sendable {
        case value(JSONValue)
        /// Without a byte order mark.
        case text([UInt8])
    }

    private let form: Form

    public init(_ value: JSONValue) {
        form = .value(value)
    }

    /// Keeps the outline's bytes, which are known to be JSON.
    public init(_ outline: JSONOutline) {
        let isMarked = outline.bytes.first == 0xEF
        form = .text(isMarked ? Array(outline.bytes.dropFirst(3)) : outline.bytes)
    }

    /// The tree; built anew each time when this is a text.
    public var value: JSONValue {
        switch form {
        case .value(let value): return value
        case .text(let bytes):
            guard let value = try? JSONValue.parse(bytes) else {  // It was checked when the document was made.
                preconditionFailure("a checked text that is no JSON")
            }
            return value
        }
    }

    /// Adds the document's text.
    public func append(to bytes: inout [UInt8]) {
        switch form {
        case .value(let value): value.append(to: &bytes)
        case .text(let text): bytes.append(contentsOf: text)
        }
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.value == right.value
    }
}
