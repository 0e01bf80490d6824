/// The older way to say for which alerts an action is: predicates that are joined by AND or OR. Ignored where there are
/// conditions.
public struct AlertActionFilter: Equatable, Sendable {
    enum Field: String, Sendable {
        case summary = "ALERT_SUMMARY"
        case details = "ALERT_DETAILS"
        case policy = "ESCALATION_POLICY"
        case priority = "ALERT_PRIORITY"
    }

    enum Criterion: String, Sendable, CaseIterable {
        case anyWords = "CONTAINS_ANY_WORDS"
        case noWords = "CONTAINS_NOT_WORDS"
        case contains = "CONTAINS_STRING"
        case containsNot = "CONTAINS_NOT_STRING"
        case equals = "IS_STRING"
        case equalsNot = "IS_NOT_STRING"
        case matches = "MATCHES_REGEX"
        case matchesNot = "MATCHES_NOT_REGEX"
    }

    struct Predicate: Equatable, Sendable {
        var field: Field
        var criterion: Criterion
        var value: String
        var pattern: Pattern?
    }

    private let isAny: Bool
    private let predicates: [Predicate]
    private static let most = 50

    /// - Returns: `nil` for no filter: null, or without predicates.
    /// - Throws: `Failure.invalid` that names the member.
    public init?(_ json: JSONValue?) throws(Failure) {
        guard let json, !json.isNull, let items = json["predicates"]?.array, !items.isEmpty else { return nil }
        let word = json["operator"]?.string?.uppercased() ?? "AND"
        guard ["AND", "OR"].contains(word) else { throw Self.wrong("alertFilter.operator", "must be AND or OR.") }
        guard items.count <= Self.most else { throw Self.wrong("alertFilter.predicates", "has too many.") }
        isAny = word == "OR"
        var read: [Predicate] = []
        for (index, item) in items.enumerated() { read.append(try Self.predicate(item, index)) }
        predicates = read
    }

    public func fits(_ snapshot: AlertSnapshot) -> Bool {
        isAny ? predicates.contains { $0.fits(snapshot) } : predicates.allSatisfy { $0.fits(snapshot) }
    }

    private static func predicate(_ json: JSONValue, _ index: Int) throws(Failure) -> Predicate {
        let path = "alertFilter.predicates[\(index)]"
        guard let field = json["field"]?.string.flatMap(Field.init) else {
            throw wrong("\(path).field", "must be ALERT_SUMMARY, ALERT_DETAILS, ESCALATION_POLICY or ALERT_PRIORITY.")
        }
        guard let criterion = json["criteria"]?.string.flatMap(Criterion.init) else {
            let names = Criterion.allCases.map(\.rawValue).joined(separator: ", ")
            throw wrong("\(path).criteria", "must be one of \(names).")
        }
        var predicate = Predicate(field: field, criterion: criterion, value: json["value"]?.scalarText ?? "")
        if criterion == .matches || criterion == .matchesNot {
            do throws(PatternError) {
                predicate.pattern = try Pattern(predicate.value, ignoresCase: true)
            } catch {
                throw wrong("\(path).value", "in the regular expression, \(error.reason).")
            }
        }
        return predicate
    }

    private static func wrong(_ field: String, _ sentence: String) -> Failure {
        Failure(.invalid, "\(field): \(sentence)")
    }
}

extension AlertActionFilter.Predicate {
    fileprivate func fits(_ snapshot: AlertSnapshot) -> Bool {
        let text = text(of: snapshot)
        let (folded, wanted) = (text.lowercased(), value.lowercased())
        switch criterion {
        case .anyWords: return hasWord(folded, wanted)
        case .noWords: return !hasWord(folded, wanted)
        case .contains: return folded.contains(wanted)
        case .containsNot: return !folded.contains(wanted)
        case .equals: return folded == wanted
        case .equalsNot: return folded != wanted
        // One that takes too long matches nothing.
        case .matches: return (try? pattern?.matches(text)) == true
        case .matchesNot: return (try? pattern?.matches(text)) != true  // Likewise.
        }
    }

    private func hasWord(_ text: String, _ wanted: String) -> Bool {
        let words = Set(text.split { !$0.isLetter && !$0.isNumber })
        return wanted.split { $0.isWhitespace || $0 == "," }.contains { words.contains($0) }
    }

    private func text(of snapshot: AlertSnapshot) -> String {
        switch field {
        case .summary: snapshot.alert.summary
        case .details: snapshot.alert.details
        case .policy: snapshot.policyName
        case .priority: snapshot.alert.priority.rawValue
        }
    }
}
