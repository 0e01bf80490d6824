import Alerting
import Integrations

/// The rules for mails as they are typed.
struct MailRulesForm {
    struct Row: Equatable {
        var field: String
        var criterion: String
        var value: String
    }

    var isFiltered: Bool
    var needsAll: Bool
    var rows: [Row]
    var resolves: Bool
    var resolveNeedsAll: Bool
    var resolveRows: [Row]
    var extractField: String
    var extraction: String
    var extractValue: String

    init(_ form: Form) {
        isFiltered = form["filtered"] == "yes"
        needsAll = form["operator"] != "OR"
        rows = Self.rows(form, "filter")
        resolves = form["resolves"] == "yes"
        resolveNeedsAll = form["resolveOperator"] != "OR"
        resolveRows = Self.rows(form, "resolve")
        extractField = form["extractField"]
        extraction = form["extraction"]
        extractValue = form["extractValue"]
    }

    /// - Parameter fields: of an alert source.
    init(_ fields: JSONValue) {
        isFiltered = fields["emailFiltered"]?.bool ?? false
        needsAll = fields["filterOperator"]?.string?.uppercased() != "OR"
        rows = Self.rows(fields["emailPredicates"])
        resolves = fields["emailResolveFiltered"]?.bool ?? false
        resolveNeedsAll = fields["resolveFilterOperator"]?.string?.uppercased() != "OR"
        resolveRows = Self.rows(fields["emailResolvePredicates"])
        let extractor = fields["resolveKeyExtractor"]
        extractField = extractor?["field"]?.string ?? ""
        extraction = extractor?["criteria"]?.string ?? ""
        extractValue = extractor?["value"]?.string ?? ""
    }

    /// The fields of the alert source with these rules in them.
    func write(over fields: JSONValue) -> JSONValue {
        var members = fields.object ?? [:]
        members["emailFiltered"] = .bool(isFiltered)
        members["filterOperator"] = .string(needsAll ? "AND" : "OR")
        members["emailPredicates"] = Self.json(rows)
        members["emailResolveFiltered"] = .bool(resolves)
        members["resolveFilterOperator"] = .string(resolveNeedsAll ? "AND" : "OR")
        members["emailResolvePredicates"] = Self.json(resolveRows)
        members["resolveKeyExtractor"] =
            extractField.isEmpty
            ? nil
            : .object([
                "field": .string(extractField), "criteria": .string(extraction), "value": .string(extractValue),
            ])
        return .object(members)
    }

    /// Rows without a value are there to be filled in.
    private static func rows(_ form: Form, _ name: String) -> [Row] {
        let (fields, criteria, values) = (
            form.all(name + "Field"), form.all(name + "Criterion"), form.all(name + "Value")
        )
        return zip(zip(fields, criteria), values).prefix(Limits.mailPredicates).compactMap { pair, value in
            value.allSatisfy(\.isWhitespace) ? nil : Row(field: pair.0, criterion: pair.1, value: value)
        }
    }

    private static func rows(_ json: JSONValue?) -> [Row] {
        (json?.array ?? []).prefix(Limits.mailPredicates).map { item in
            Row(
                field: item["field"]?.string ?? "", criterion: item["criteria"]?.string ?? "",
                value: item["value"]?.string ?? "")
        }
    }

    private static func json(_ rows: [Row]) -> JSONValue {
        .array(
            rows.map {
                .object(["field": .string($0.field), "criteria": .string($0.criterion), "value": .string($0.value)])
            })
    }
}

/// One row of the form, with what can be chosen in it.
struct MailPredicateRow {
    let index: Int
    let number: Int
    /// Begins the names of its fields.
    let name: String
    let fields: [Choice]
    let criteria: [Choice]
    let value: String

    /// The rows that are there and two to be filled in.
    static func rows(_ rows: [MailRulesForm.Row], name: String) -> [MailPredicateRow] {
        let empty = MailRulesForm.Row(field: "EMAIL_SUBJECT", criterion: "CONTAINS_STRING", value: "")
        let shown = rows + Array(repeating: empty, count: min(2, max(0, Limits.mailPredicates - rows.count)))
        return shown.enumerated().map { index, row in
            MailPredicateRow(
                index: index, number: index + 1, name: name, fields: MailWords.fields(chosen: row.field),
                criteria: MailRules.Criterion.allCases.map {
                    Choice($0.rawValue, $0.words, isChosen: $0.rawValue == row.criterion)
                }, value: row.value)
        }
    }
}

/// The words of the rules for mails.
enum MailWords {
    static func fields(chosen: String) -> [Choice] {
        MailRules.Field.allCases.map { Choice($0.rawValue, $0.words, isChosen: $0.rawValue == chosen) }
    }

    static func extractions(chosen: String) -> [Choice] {
        MailRules.Extraction.allCases.map { Choice($0.rawValue, $0.words, isChosen: $0.rawValue == chosen) }
    }
}

extension MailRules.Field {
    var words: String {
        switch self {
        case .from: "Sender"
        case .subject: "Subject"
        case .body: "Body"
        }
    }
}

extension MailRules.Criterion {
    var words: String {
        switch self {
        case .containsAnyWords: "contains any of the words"
        case .containsNotWords: "contains none of the words"
        case .containsString: "contains the text"
        case .containsNotString: "does not contain the text"
        case .isString: "is"
        case .isNotString: "is not"
        case .matchesRegex: "matches the regular expression"
        case .matchesNotRegex: "does not match the regular expression"
        }
    }
}

extension MailRules.Extraction {
    var words: String {
        switch self {
        case .textBefore: "all text before"
        case .textAfter: "all text after"
        case .regex: "what matches the regular expression"
        }
    }
}
