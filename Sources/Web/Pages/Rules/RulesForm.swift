import Alerting
import Engine
import Storage

/// An alert source's conditions and templates as they are typed.
struct RulesForm: Sendable {
    /// Of one text each, by name on the wire.
    private(set) var texts: [String: String]
    private(set) var links: [Link]
    private(set) var priorityMappings: String
    private(set) var severityMappings: String
    private(set) var services: String

    struct Link: Equatable, Sendable {
        var text: String
        var href: String
    }

    static let conditions = ["eventFilter", "eventTypeFilterCreate", "eventTypeFilterAccept", "eventTypeFilterResolve"]
    static let templates = ["summaryTemplate", "detailsTemplate", "alertKeyTemplate", "routingTemplate"]
    private static let mostLinks = 10

    init(_ form: Form) {
        texts = [:]
        for name in Self.conditions + Self.templates + ["priorityTemplate", "severityTemplate"] {
            texts[name] = form[name]
        }
        links = (0..<Self.mostLinks).compactMap { index in
            let link = Link(text: form["linkText\(index)"], href: form["linkHref\(index)"])
            return link.text.isEmpty && link.href.isEmpty ? nil : link
        }
        priorityMappings = form.raw("priorityMappings")
        severityMappings = form.raw("severityMappings")
        services = form.raw("servicesTemplate")
    }

    init(_ fields: JSONValue) {
        texts = [:]
        for name in Self.conditions { texts[name] = fields[name]?.string ?? "" }
        for name in Self.templates { texts[name] = Self.text(fields[name]) }
        for name in ["priorityTemplate", "severityTemplate"] { texts[name] = Self.text(fields[name]?["valueTemplate"]) }
        links = (fields["linkTemplates"]?.array ?? []).map { item in
            Link(
                text: item["linkTextTemplate"].map(Self.text) ?? item["text"]?.string ?? "",
                href: Self.text(item["hrefTemplate"]))
        }
        priorityMappings = Self.lines(fields["priorityTemplate"], "priority")
        severityMappings = Self.lines(fields["severityTemplate"], "severity")
        services = (fields["servicesTemplate"]?.array ?? []).map(Self.text).joined(separator: "\n")
    }

    subscript(name: String) -> String { texts[name] ?? "" }

    mutating func set(_ name: String, _ text: String) { texts[name] = text }

    /// Writes what was typed over an alert source's fields. What was not changed stays in the form that it has.
    func write(over fields: JSONValue) -> JSONValue {
        let old = RulesForm(fields)
        var members = fields.object ?? [:]
        for name in Self.conditions where isChanged(name, from: old) {
            members[name] = self[name].isEmpty ? nil : .string(self[name])
        }
        for name in Self.templates where isChanged(name, from: old) {
            members[name] = self[name].isEmpty ? nil : Self.form(self[name])
        }
        if links != old.links {
            members["linkTemplates"] = links.isEmpty ? nil : .array(links.map(\.json))
        }
        if isChanged("priorityTemplate", from: old) || priorityMappings != old.priorityMappings {
            members["priorityTemplate"] = mapping("priorityTemplate", priorityMappings) { text in
                ("priority", .string(text.uppercased()))
            }
        }
        if isChanged("severityTemplate", from: old) || severityMappings != old.severityMappings {
            members["severityTemplate"] = mapping("severityTemplate", severityMappings) { text in
                ("severity", Int64(text).map(JSONValue.integer) ?? .string(text))
            }
        }
        if services != old.services {
            let lines = Self.filled(services)
            members["servicesTemplate"] = lines.isEmpty ? nil : .array(lines.map(Self.form))
        }
        return .object(members)
    }

    /// What is typed has lost the blanks around it.
    private func isChanged(_ name: String, from old: RulesForm) -> Bool {
        self[name] != Self.trimmed(old[name])
    }

    private func mapping(
        _ name: String, _ lines: String, _ read: (String) -> (String, JSONValue)
    ) -> JSONValue? {
        let items = Self.filled(lines)
        guard !self[name].isEmpty || !items.isEmpty else { return nil }
        return .object([
            "valueTemplate": Self.form(self[name]),
            "mappings": .array(
                items.map { line in
                    let parts = line.split(separator: "=", omittingEmptySubsequences: false)
                    let value = Self.trimmed(parts.dropLast().joined(separator: "="))
                    let (member, meaning) = read(Self.trimmed(String(parts.last ?? "")))
                    return .object(["value": .string(value), member: meaning])
                }),
        ])
    }

    static func form(_ text: String) -> JSONValue { .object(["textTemplate": .string(text)]) }

    private static func text(_ form: JSONValue?) -> String {
        // What was stored in a form that is none is shown as empty.
        form.flatMap { try? TemplateForm.text(of: $0) } ?? ""
    }

    private static func lines(_ mapping: JSONValue?, _ member: String) -> String {
        (mapping?["mappings"]?.array ?? []).map { item in
            "\(item["value"]?.scalarText ?? "") = \(item[member]?.scalarText ?? "")"
        }.joined(separator: "\n")
    }

    private static func filled(_ lines: String) -> [String] {
        lines.split(whereSeparator: \.isNewline).map { trimmed(String($0)) }.filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: String) -> String {
        String(String(text.drop { $0.isWhitespace }).reversed().drop { $0.isWhitespace }.reversed())
    }
}

extension RulesForm.Link {
    fileprivate var json: JSONValue {
        .object([
            "linkTextTemplate": RulesForm.form(text.isEmpty ? href : text), "hrefTemplate": RulesForm.form(href),
        ])
    }
}
