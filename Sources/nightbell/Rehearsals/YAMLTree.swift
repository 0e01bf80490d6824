import Alerting
import Yams

/// Reads YAML into the JSON tree that all else is read from.
enum YAMLTree {
    /// - Throws: `Failure.invalid` with the line, and for a file with more nodes than allowed: aliases can make many of
    ///   few.
    static func value(of text: String) throws(Failure) -> JSONValue {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            let words = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
            throw Failure(.invalid, "The file is no YAML: \(Limits.cut(words, to: 300))")
        }
        guard let root else { throw Failure(.invalid, "The file is empty.") }
        var left = Limits.storyNodes
        return try value(of: root, depth: 0, &left)
    }

    private static func value(of node: Node, depth: Int, _ left: inout Int) throws(Failure) -> JSONValue {
        left -= 1
        guard left > 0, depth < Limits.jsonDepth else {
            throw Failure(.tooLarge, "The file has too many nodes, or nests too deep.")
        }
        switch node {
        case .scalar(let scalar): return value(of: scalar)
        case .sequence(let items):
            var values: [JSONValue] = []
            for item in items { values.append(try value(of: item, depth: depth + 1, &left)) }
            return .array(values)
        case .mapping(let members):
            var values: [String: JSONValue] = [:]
            for (name, member) in members {
                guard let name = name.string else { throw Failure(.invalid, "A key of a mapping is no text.") }
                values[name] = try value(of: member, depth: depth + 1, &left)
            }
            return .object(values)
        case .alias: throw Failure(.invalid, "An alias leads nowhere.")
        }
    }

    /// YAML's older words, such as `on` and `no`, stay words: tools say them.
    private static func value(of scalar: Node.Scalar) -> JSONValue {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        if ["", "~", "null"].contains(scalar.string) { return .null }
        if scalar.string == "true" || scalar.string == "false" { return .bool(scalar.string == "true") }
        if let integer = Int64(scalar.string) { return .integer(integer) }
        // Only what looks like a number: `12e3` is one, `1e` and `nan` are words.
        if scalar.string.allSatisfy({ "+-.eE0123456789".contains($0) }), let number = Double(scalar.string) {
            return .number(number)
        }
        return .string(scalar.string)
    }
}
