/// Why a field of an alert source is not understood.
public struct EventRulesFault: Error, Equatable, Sendable {
    /// As on the wire, such as `linkTemplates[0].hrefTemplate`.
    public var field: String
    /// A sentence that goes on after the field's name, such as `is no template: line 1, column 4: …`.
    public var sentence: String
}

extension EventRules {
    /// The fields of an alert source that this is read from, as on the wire.
    public static let fields = [
        "summaryTemplate", "detailsTemplate", "routingTemplate", "alertKeyTemplate", "linkTemplates",
        "priorityTemplate", "severityTemplate", "servicesTemplate", "eventFilter", "eventTypeFilterCreate",
        "eventTypeFilterAccept", "eventTypeFilterResolve",
    ]

    /// Reads an alert source's fields.
    ///
    /// - Throws: `EventRulesFault` for the first that is not understood.
    public init(checking fields: JSONValue) throws(EventRulesFault) {
        var reader = EventRulesReader(fields: fields)
        self = reader.rules()
        if let fault = reader.faults.first { throw fault }
    }

    /// Reads what was stored. What is not understood counts as not set, and is noted with every event.
    public init(stored fields: JSONValue) {
        var reader = EventRulesReader(fields: fields)
        self = reader.rules()
        unreadable = reader.faults.map { String($0.field.prefix { $0 != "[" && $0 != "." }) }
    }
}

private struct EventRulesReader {
    let fields: JSONValue
    var faults: [EventRulesFault] = []

    private static let mostLinks = 10
    private static let mostServices = 10
    private static let mostMappings = 100

    init(fields: JSONValue) {
        self.fields = fields
    }

    mutating func rules() -> EventRules {
        var rules = EventRules()
        rules.filter = condition("eventFilter")
        rules.raiseWhen = condition("eventTypeFilterCreate")
        rules.acceptWhen = condition("eventTypeFilterAccept")
        rules.resolveWhen = condition("eventTypeFilterResolve")
        rules.summary = template("summaryTemplate")
        rules.details = template("detailsTemplate")
        rules.routing = template("routingTemplate")
        rules.key = template("alertKeyTemplate")
        rules.links = links()
        rules.priority = mapping("priorityTemplate") { item in
            switch item["priority"]?.string?.uppercased() {
            case "HIGH": .high
            case "LOW": .low
            default: nil
            }
        }
        rules.severity = mapping("severityTemplate") { item in
            (item["severity"]?.integer).flatMap { (1...5).contains($0) ? Int($0) : nil }
        }
        rules.services = list("servicesTemplate", most: Self.mostServices).enumerated().compactMap { index, item in
            template("servicesTemplate[\(index)]", item)
        }
        return rules
    }

    private mutating func fail(_ field: String, _ sentence: String) {
        faults.append(EventRulesFault(field: field, sentence: sentence))
    }

    private mutating func condition(_ field: String) -> Condition? {
        guard let value = fields[field], !value.isNull else { return nil }
        guard let text = value.string else {
            fail(field, "must be a text.")
            return nil
        }
        guard text.utf8.contains(where: { $0 > 0x20 }) else { return nil }
        do throws(LanguageError) {
            return try Condition(text)
        } catch {
            fail(field, "is no condition. \(error.message)")
            return nil
        }
    }

    private mutating func template(_ field: String) -> Template? {
        fields[field].flatMap { template(field, $0) }
    }

    private mutating func template(_ field: String, _ value: JSONValue) -> Template? {
        let text: String?
        do throws(Failure) {
            text = try TemplateForm.text(of: value)
        } catch {
            fail(field, error.message)
            return nil
        }
        guard let text else { return nil }
        do throws(LanguageError) {
            return try Template(text)
        } catch {
            fail(field, "is no template. \(error.message)")
            return nil
        }
    }

    private mutating func list(_ field: String, most: Int) -> [JSONValue] {
        guard let value = fields[field], !value.isNull else { return [] }
        guard let items = value.array else {
            fail(field, "must be a list.")
            return []
        }
        if items.count > most { fail(field, "may have at most \(most) items.") }
        return Array(items.prefix(most))
    }

    private mutating func links() -> [LinkTemplate] {
        list("linkTemplates", most: Self.mostLinks).enumerated().compactMap { index, item in
            let field = "linkTemplates[\(index)]"
            guard let hrefForm = item["hrefTemplate"], let href = template("\(field).hrefTemplate", hrefForm) else {
                if !faults.contains(where: { $0.field.hasPrefix(field) }) {
                    fail("\(field).hrefTemplate", "is needed.")
                }
                return nil
            }
            if let words = item["linkTextTemplate"].flatMap({ template("\(field).linkTextTemplate", $0) }) {
                return LinkTemplate(text: words, href: href)
            }
            guard let words = item["text"]?.string, !words.isEmpty else {
                if !faults.contains(where: { $0.field.hasPrefix(field) }) {
                    fail("\(field).text", "or linkTextTemplate is needed.")
                }
                return nil
            }
            return LinkTemplate(text: try? Template(Self.literal(words)), href: href)  // Too long: it has no text.
        }
    }

    /// Words that mean what they say.
    private static func literal(_ words: String) -> String {
        words.split(separator: "{{", omittingEmptySubsequences: false).joined(separator: "\\{{")
    }

    private mutating func mapping<Value>(
        _ field: String, _ read: (JSONValue) -> Value?
    ) -> TemplateMapping<Value>? {
        guard let value = fields[field], !value.isNull else { return nil }
        guard let form = value["valueTemplate"], let template = template("\(field).valueTemplate", form) else {
            let isEmpty = value.object?.isEmpty ?? false
            if !isEmpty, !faults.contains(where: { $0.field.hasPrefix(field) }) {
                fail("\(field).valueTemplate", "is needed.")
            }
            return nil
        }
        guard let items = value["mappings"]?.array, items.count <= Self.mostMappings else {
            fail("\(field).mappings", "must be a list of at most \(Self.mostMappings).")
            return nil
        }
        var values: [String: Value] = [:]
        for (index, item) in items.enumerated() {
            guard let text = item["value"]?.scalarText, let mapped = read(item) else {
                fail("\(field).mappings[\(index)]", "needs a value and what it stands for.")
                return nil
            }
            // Of two lines for one value the first counts.
            values[EventRules.folded(text)] = values[EventRules.folded(text)] ?? mapped
        }
        return TemplateMapping(template: template, values: values)
    }
}
