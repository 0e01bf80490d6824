import Alerting

/// JSON as a person reads it: one member a line, indented, names in order.
enum PrettyJSON {
    static func text(of value: JSONValue) -> String {
        var text = ""
        write(value, indent: 0, to: &text)
        return text
    }

    /// A body as it is shown: JSON made pretty, else its text; bytes that are no text are marked.
    static func text(ofBody body: [UInt8]) -> String {
        if let value = try? JSONValue.parse(body) { return text(of: value) }  // No JSON is shown as it came.
        return String(decoding: body, as: UTF8.self)
    }

    private static func write(_ value: JSONValue, indent: Int, to text: inout String) {
        let inner = String(repeating: "  ", count: indent + 1)
        let outer = String(repeating: "  ", count: indent)
        switch value {
        case .object(let members) where !members.isEmpty:
            text += "{\n"
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                text += inner + JSONValue.string(member.key).text + ": "
                write(member.value, indent: indent + 1, to: &text)
                text += index == members.count - 1 ? "\n" : ",\n"
            }
            text += outer + "}"
        case .array(let elements) where !elements.isEmpty:
            text += "[\n"
            for (index, element) in elements.enumerated() {
                text += inner
                write(element, indent: indent + 1, to: &text)
                text += index == elements.count - 1 ? "\n" : ",\n"
            }
            text += outer + "]"
        default: text += value.text
        }
    }
}
