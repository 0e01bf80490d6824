/// The two forms that a template has on the wire: `textTemplate`, and `elements`, the same taken apart.
///
/// An element is `{"type": …, "val": …, "func": …, "args": [{"S": …} | {"N": …}]}` of type `TEXT` (text as it stands),
/// `VAR` (a place with at most one function) or `RAW` (template text, where the other two do not suffice).
public enum TemplateForm {
    /// The template's text: `textTemplate` where it is sent and not empty, else that of `elements`.
    ///
    /// - Returns: `nil` for no template: null, an empty object, an empty text.
    /// - Throws: `Failure.invalid` that names the member within `value`.
    public static func text(of value: JSONValue) throws(Failure) -> String? {
        if value.isNull { return nil }
        guard let members = value.object else {
            throw Failure(.invalid, "must be an object with textTemplate or elements.")
        }
        if let text = members["textTemplate"], !text.isNull {
            guard let text = text.string else { throw Failure(.invalid, "textTemplate must be a text.") }
            if !text.isEmpty { return text }
        }
        guard let elements = members["elements"], !elements.isNull else { return nil }
        guard let items = elements.array else { throw Failure(.invalid, "elements must be a list.") }
        guard items.count <= Limits.templatePieces else { throw Failure(.invalid, "has too many elements.") }
        var text = ""
        for (index, item) in items.enumerated() {
            guard let piece = Self.text(ofElement: item) else {
                throw Failure(.invalid, "elements[\(index)] must have a type (TEXT, VAR or RAW) and a val.")
            }
            // A backslash right before a place would make it text.
            if piece.hasPrefix("{{"), text.hasSuffix("\\") { text += "\\" }
            text += piece
        }
        return text.isEmpty ? nil : text
    }

    /// `value` and all within it with `textTemplate` beside `elements`, where only the latter was sent.
    public static func withText(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let items): return .array(items.map(withText))
        case .object(var members):
            if members["elements"]?.array != nil, (members["textTemplate"]?.string ?? "").isEmpty,
                // A form that is none was refused when it was written.
                let text = try? text(of: value)
            {
                members["textTemplate"] = .string(text)
            }
            for (name, member) in members where name != "elements" { members[name] = withText(member) }
            return .object(members)
        case .null, .bool, .integer, .number, .literal, .string: return value
        }
    }

    private static func text(ofElement element: JSONValue) -> String? {
        guard let value = element["val"]?.string else { return nil }
        switch element["type"]?.string {
        case "TEXT": return escaped(value)
        case "RAW": return value
        case "VAR":
            guard let function = element["func"]?.string, !function.isEmpty else { return "{{ \(value) }}" }
            let arguments = (element["args"]?.array ?? []).compactMap(argument)
            return "{{ \(value).\(function)(\(arguments.joined(separator: ", "))) }}"
        default: return nil
        }
    }

    private static func argument(_ value: JSONValue) -> String? {
        if let text = value["S"]?.string { return quoted(text) }
        if let number = value["N"]?.scalarText { return number }
        return nil
    }

    /// Braces stand for themselves.
    private static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() {
            let isBrace = byte == UInt8(ascii: "{")
            if isBrace, index + 1 < bytes.count, bytes[index + 1] == byte, index == 0 || bytes[index - 1] != byte {
                result.append(UInt8(ascii: "\\"))
            }
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension Template {
    /// The template taken apart, as on the wire.
    public var elements: JSONValue {
        var parser = TemplateParser(text)
        // The text was read before: the error cannot happen.
        guard let tokens = try? parser.tokens() else { return .array([]) }
        return .array(tokens.map { TemplateForm.element($0, of: parser.bytes) })
    }
}

extension TemplateForm {
    static func element(_ token: TemplateToken, of bytes: [UInt8]) -> JSONValue {
        switch token.kind {
        case .text(let text): return .object(["type": .string("TEXT"), "val": .string(text)])
        case .value(_, let calls) where calls.count <= 1:
            var members: [String: JSONValue] = ["type": .string("VAR"), "val": .string(token.source)]
            if let call = calls.first {
                members["func"] = .string(call.function.rawValue)
                members["args"] = .array(
                    call.arguments.map { argument in
                        switch argument {
                        case .text(let text): .object(["S": .string(text)])
                        case .number(let number): .object(["N": .integer(number)])
                        }
                    })
            }
            return .object(members)
        case .value, .open, .close, .comment:
            return .object([
                "type": .string("RAW"), "val": .string(String(decoding: bytes[token.range], as: UTF8.self)),
            ])
        }
    }
}
