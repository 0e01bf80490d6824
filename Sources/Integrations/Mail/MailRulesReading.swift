public import Alerting

/// What is wrong with an alert source's rules for mails.
public struct MailRulesFault: Error, Equatable, Sendable {
    /// As on the wire, such as `emailPredicates`.
    public var field: String
    /// A part of a sentence.
    public var reason: String
}

extension MailRules {
    /// Operators, predicates and the extractor of the fields of an alert source, as on the wire.
    ///
    /// - Throws: `MailRulesFault` for what cannot be followed.
    public init(checking fields: JSONValue) throws(MailRulesFault) {
        filter = try Self.filter(
            fields, isOn: "emailFiltered", operator: "filterOperator", predicates: "emailPredicates")
        resolveFilter = try Self.filter(
            fields, isOn: "emailResolveFiltered", operator: "resolveFilterOperator",
            predicates: "emailResolvePredicates")
        if let json = fields["resolveKeyExtractor"], !json.isNull {
            extractor = try Self.extractor(json)
        }
    }

    /// What was checked when it was saved; what no longer reads counts as not there.
    public init(stored fields: JSONValue) {
        self = (try? MailRules(checking: fields)) ?? MailRules()  // Checked when it was saved.
    }

    private static func filter(
        _ fields: JSONValue, isOn: String, operator name: String, predicates: String
    ) throws(MailRulesFault) -> Filter? {
        for field in [isOn] {
            if let value = fields[field], !value.isNull, value.bool == nil {
                throw MailRulesFault(field: field, reason: "must be true or false.")
            }
        }
        let word = try text(fields[name], name)?.uppercased() ?? "AND"
        guard ["AND", "OR"].contains(word) else { throw MailRulesFault(field: name, reason: "must be AND or OR.") }
        var found: [Predicate] = []
        if let list = fields[predicates], !list.isNull {
            guard let items = list.array, items.count <= Limits.mailPredicates else {
                throw MailRulesFault(
                    field: predicates, reason: "must be a list of at most \(Limits.mailPredicates) predicates.")
            }
            for item in items { found.append(try predicate(item, predicates)) }
        }
        guard fields[isOn]?.bool == true, !found.isEmpty else { return nil }
        return Filter(needsAll: word == "AND", predicates: found)
    }

    private static func predicate(_ json: JSONValue, _ name: String) throws(MailRulesFault) -> Predicate {
        let field: Field = try choice(json["field"], name, "field")
        let criterion: Criterion = try choice(json["criteria"], name, "criteria")
        let value = try value(json["value"], name)
        let isPattern = criterion == .matchesRegex || criterion == .matchesNotRegex
        return Predicate(
            field: field, criterion: criterion, value: value,
            pattern: isPattern ? try pattern(value, name) : nil)
    }

    private static func extractor(_ json: JSONValue) throws(MailRulesFault) -> Extractor? {
        let name = "resolveKeyExtractor"
        guard json.object != nil else { throw MailRulesFault(field: name, reason: "must be an object.") }
        // Clients send an empty one for none.
        if json["field"]?.string ?? "" == "", json["value"]?.string ?? "" == "" { return nil }
        let field: Field = try choice(json["field"], name, "field")
        let extraction: Extraction = try choice(json["criteria"], name, "criteria")
        let value = try value(json["value"], name)
        return Extractor(
            field: field, extraction: extraction, value: value,
            pattern: extraction == .regex ? try pattern(value, name) : nil)
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ json: JSONValue?, _ name: String, _ member: String
    ) throws(MailRulesFault) -> Choice where Choice.RawValue == String {
        guard let choice = json?.string.flatMap(Choice.init(rawValue:)) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw MailRulesFault(field: name, reason: "needs a \(member) that is one of \(words).")
        }
        return choice
    }

    private static func value(_ json: JSONValue?, _ name: String) throws(MailRulesFault) -> String {
        guard let value = json?.string?.nonEmpty, value.utf8.count <= Limits.pattern else {
            throw MailRulesFault(
                field: name, reason: "needs a value, a text of at most \(Limits.pattern) characters.")
        }
        return value
    }

    private static func text(_ json: JSONValue?, _ name: String) throws(MailRulesFault) -> String? {
        guard let json, !json.isNull else { return nil }
        guard let text = json.string else { throw MailRulesFault(field: name, reason: "must be a text.") }
        return text.nonEmpty
    }

    private static func pattern(_ value: String, _ name: String) throws(MailRulesFault) -> Pattern {
        do throws(PatternError) {
            return try Pattern(value)
        } catch {
            throw MailRulesFault(
                field: name, reason: "has a regular expression with a fault: \(error.reason) (at \(error.offset)).")
        }
    }
}
