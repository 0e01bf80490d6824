internal import Alerting

/// What of an alert source's mails counts: which raise alerts, which resolve them, and what names the problem.
///
/// The fields are those of the API's alert source: `emailFiltered`, `filterOperator`, `emailPredicates`,
/// `emailResolveFiltered`, `resolveFilterOperator`, `emailResolvePredicates`, `resolveKeyExtractor` (ilert-go 3.19,
/// alert_source.go; terraform-provider-ilert, docs of `ilert_alert_source`; iLert/docs,
/// email-key-extraction-and-resolve-examples.md, read 2026-11-27). Words and texts are compared in any case of letters,
/// regular expressions as they are written.
public struct MailRules: Equatable, Sendable {
    public enum Field: String, Sendable, CaseIterable {
        case from = "EMAIL_FROM"
        case subject = "EMAIL_SUBJECT"
        case body = "EMAIL_BODY"
    }

    public enum Criterion: String, Sendable, CaseIterable {
        case containsAnyWords = "CONTAINS_ANY_WORDS"
        case containsNotWords = "CONTAINS_NOT_WORDS"
        case containsString = "CONTAINS_STRING"
        case containsNotString = "CONTAINS_NOT_STRING"
        case isString = "IS_STRING"
        case isNotString = "IS_NOT_STRING"
        case matchesRegex = "MATCHES_REGEX"
        case matchesNotRegex = "MATCHES_NOT_REGEX"
    }

    public enum Extraction: String, Sendable, CaseIterable {
        case textBefore = "ALL_TEXT_BEFORE"
        case textAfter = "ALL_TEXT_AFTER"
        /// The first group, or all that matches when there is none.
        case regex = "MATCHES_REGEX"
    }

    struct Predicate: Equatable, Sendable {
        var field: Field
        var criterion: Criterion
        var value: String
        var pattern: Pattern?
    }

    struct Filter: Equatable, Sendable {
        var needsAll: Bool
        var predicates: [Predicate]
    }

    struct Extractor: Equatable, Sendable {
        var field: Field
        var extraction: Extraction
        var value: String
        var pattern: Pattern?
    }

    /// `nil`: every mail counts.
    var filter: Filter?
    /// `nil`: no mail resolves.
    var resolveFilter: Filter?
    var extractor: Extractor?

    /// What a mail means.
    public enum Meaning: Equatable, Sendable {
        case alert(key: String?)
        case resolve(key: String?)
        /// No filter lets it pass.
        case dropped
    }

    /// Mails that resolve come first: they need not pass the filter for alerts.
    public func meaning(of mail: MailMessage) -> Meaning {
        if let resolveFilter, resolveFilter.lets(mail) { return .resolve(key: key(in: mail) ?? mail.inReplyTo) }
        if let filter, !filter.lets(mail) { return .dropped }
        return .alert(key: key(in: mail) ?? mail.messageID)
    }

    private func key(in mail: MailMessage) -> String? { extractor.flatMap { $0.key(in: mail) } }
}

extension MailRules.Field {
    func text(of mail: MailMessage) -> String {
        switch self {
        case .from: mail.from
        case .subject: mail.subject
        case .body: mail.text
        }
    }
}

extension MailRules.Filter {
    fileprivate func lets(_ mail: MailMessage) -> Bool {
        needsAll ? predicates.allSatisfy { $0.fits(mail) } : predicates.contains { $0.fits(mail) }
    }
}

extension MailRules.Predicate {
    fileprivate func fits(_ mail: MailMessage) -> Bool {
        let text = field.text(of: mail)
        switch criterion {
        case .containsAnyWords: return hasWord(text)
        case .containsNotWords: return !hasWord(text)
        case .containsString: return text.lowercased().contains(value.lowercased())
        case .containsNotString: return !text.lowercased().contains(value.lowercased())
        case .isString: return isWhole(text, mail)
        case .isNotString: return !isWhole(text, mail)
        case .matchesRegex: return matches(text)
        case .matchesNotRegex: return !matches(text)
        }
    }

    /// One of the value's words is a word of the text.
    private func hasWord(_ text: String) -> Bool {
        let wanted = value.lowercased().split { $0.isWhitespace || $0 == "," }
        let words = Set(text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "-" })
        return wanted.contains { word in
            words.contains(word)
                // A word with signs in it, such as an address, is none of these: it is looked for as it is.
                || word.contains { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "-" }
                    && text.lowercased().contains(word)
        }
    }

    /// Of a sender the address alone is enough.
    private func isWhole(_ text: String, _ mail: MailMessage) -> Bool {
        let wanted = value.trimmed.lowercased()
        return text.trimmed.lowercased() == wanted || field == .from && mail.fromAddress == wanted
    }

    /// A text that is too long to be tried does not match.
    private func matches(_ text: String) -> Bool {
        guard let pattern else { return false }
        return (try? pattern.matches(text)) ?? false  // Too long to be tried is no match.
    }
}

extension MailRules.Extractor {
    fileprivate func key(in mail: MailMessage) -> String? {
        let text = field.text(of: mail)
        switch extraction {
        case .textBefore: return text.range(folded: value).flatMap { text[..<$0.lowerBound].nonEmpty }
        case .textAfter: return text.range(folded: value).flatMap { text[$0.upperBound...].nonEmpty }
        case .regex:
            guard let pattern, let match = try? pattern.firstMatch(in: text) else { return nil }  // As above.
            return (match.groups.first { $0 != nil }?.flatMap { $0 } ?? match.whole).nonEmpty
        }
    }
}

extension String {
    /// Where another text is first found, in any case of ASCII's letters; `nil` for an empty one.
    fileprivate func range(folded needle: String) -> Range<String.Index>? {
        let (bytes, wanted) = (Array(utf8), needle.utf8.map(\.folded))
        guard let first = wanted.first, bytes.count >= wanted.count else { return nil }
        for start in 0...(bytes.count - wanted.count)
        where bytes[start].folded == first
            && bytes[start..<(start + wanted.count)].lazy.map(\.folded).elementsEqual(wanted)
        {
            let from = utf8.index(utf8.startIndex, offsetBy: start)
            return from..<utf8.index(from, offsetBy: wanted.count)
        }
        return nil
    }
}
