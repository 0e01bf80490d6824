/// Metrics in Prometheus' text form, families in the order of their names.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/, text format 0.0.4, read 2026-11-23.
struct PrometheusPage: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    private struct Family {
        var kind: Kind
        var lines: [String] = []
    }

    private var families: [String: Family] = [:]

    /// - Parameter suffix: what a histogram's line is, such as `_bucket`.
    mutating func add(
        _ name: String, _ kind: Kind, _ labels: [(String, String)] = [], suffix: String = "", value: Double
    ) {
        let name = Self.name(name)
        let text = labels.map { "\(Self.label($0.0))=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        assert(families[name].map { $0.kind == kind } ?? true, "two metrics are called \(name)")
        let line = "\(name)\(suffix)\(text.isEmpty ? "" : "{\(text)}") \(Self.text(of: value))\n"
        families[name, default: Family(kind: kind)].lines.append(line)
    }

    var text: String {
        families.sorted { $0.key < $1.key }.map { name, family in
            "# TYPE \(name) \(family.kind.rawValue)\n" + family.lines.joined()
        }.joined()
    }

    /// Whole numbers without a fraction, as counters are read by people too.
    static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }

    private static func name(_ text: String) -> String { plain(text, also: "_:") }
    private static func label(_ text: String) -> String { plain(text, also: "_") }

    private static func plain(_ text: String, also others: String) -> String {
        let plain = String(text.map { ($0.isASCII && ($0.isLetter || $0.isNumber)) || others.contains($0) ? $0 : "_" })
        return plain.first.map { $0.isNumber } ?? true ? "_\(plain)" : plain
    }

    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n", "\r", "\r\n": result += "\\n"
            default: result.append(character)
            }
        }
    }
}
