/// The functions of templates, by the names that they are called by.
///
/// Indexes count from 0 and `substring`'s end is included (decision 24). Texts are compared with case. A missing
/// value is an empty text.
public enum TemplateFunction: String, Sendable, CaseIterable {
    case substring, lowerCase, upperCase, replaceAll, splitTakeAt
    case formatUnixMs, formatUnixSec, formatDateString
    case join, joinFromObjectArr, extractRegex, extractRegexGroups
    case startsWithTake, startsWithTakeOrDrop, startsWithElse, startsWithElseOrDrop
    case equalsTake, equalsTakeOrDrop, equalsElse, equalsElseOrDrop
    case endsWithTake, endsWithTakeOrDrop, endsWithElse, endsWithElseOrDrop
    case containsTake, containsTakeOrDrop, containsElse, containsElseOrDrop

    /// How many arguments it takes.
    var arity: ClosedRange<Int> {
        switch self {
        case .lowerCase, .upperCase: 0...0
        case .formatUnixMs, .formatUnixSec, .formatDateString, .join: 0...1
        case .extractRegex, .extractRegexGroups: 1...1
        case .substring, .joinFromObjectArr: 1...2
        case .replaceAll, .splitTakeAt, .startsWithTake, .startsWithTakeOrDrop, .startsWithElse,
            .startsWithElseOrDrop, .equalsTake, .equalsTakeOrDrop, .equalsElse, .equalsElseOrDrop, .endsWithTake,
            .endsWithTakeOrDrop, .endsWithElse, .endsWithElseOrDrop, .containsTake, .containsTakeOrDrop,
            .containsElse, .containsElseOrDrop:
            2...2
        }
    }

    /// Checks the arguments once, when the template is read.
    func call(_ arguments: [TemplateArgument]) throws(LanguageFault) -> TemplateCall {
        guard arity.contains(arguments.count) else {
            let count = arity.count == 1 ? "\(arity.lowerBound)" : "\(arity.lowerBound) or \(arity.upperBound)"
            throw LanguageFault(reason: "\(rawValue) takes \(count) argument\(count == "1" ? "" : "s")")
        }
        var call = TemplateCall(function: self, arguments: arguments)
        switch self {
        case .substring:
            guard arguments.allSatisfy({ $0.number != nil }) else {
                throw LanguageFault(reason: "\(rawValue) takes whole numbers")
            }
        case .splitTakeAt:
            guard arguments[1].number != nil else {
                throw LanguageFault(reason: "\(rawValue) takes a text and a whole number")
            }
        case .formatUnixMs, .formatUnixSec, .formatDateString:
            guard arguments.allSatisfy({ TemplateDateStyle(rawValue: $0.text) != nil }) else {
                throw LanguageFault(reason: "\(rawValue) takes F, L, M or S")
            }
        case .extractRegex, .extractRegexGroups:
            do throws(PatternError) {
                call.pattern = try Pattern(arguments[0].text)
            } catch {
                throw LanguageFault(reason: "in the regular expression, \(error.reason)")
            }
        default: break
        }
        return call
    }

    /// - Parameter budget: of regular expressions.
    func apply(_ call: TemplateCall, to value: JSONValue?, budget: inout Int) throws(TemplateFailure) -> String {
        let arguments = call.arguments
        switch self {
        case .join: return value?.listed.map(\.templateText).joined(separator: arguments.first?.text ?? ", ") ?? ""
        case .joinFromObjectArr:
            let path = ValuePath(arguments[0].text.split(separator: ".").map { .member(String($0)) })
            let texts = value?.listed.compactMap { $0.value(at: path)?.templateText } ?? []
            return texts.joined(separator: arguments.count > 1 ? arguments[1].text : "\n")
        case .formatUnixMs, .formatUnixSec, .formatDateString: return formatted(value, call)
        default: break
        }
        let text = value?.templateText ?? ""
        switch self {
        case .substring: return Self.substring(of: text, arguments)
        case .lowerCase: return text.lowercased()
        case .upperCase: return text.uppercased()
        case .replaceAll: return try Self.replace(arguments[0].text, by: arguments[1].text, in: text)
        case .splitTakeAt: return Self.piece(of: text, arguments)
        case .extractRegex, .extractRegexGroups: return try extracted(from: text, call, &budget)
        default: return chosen(text, arguments[0].text, arguments[1].text)
        }
    }

    /// The families of `…Take`, `…TakeOrDrop`, `…Else`, `…ElseOrDrop`.
    private func chosen(_ text: String, _ looked: String, _ given: String) -> String {
        let search = TextSearch(looked, ignoresCase: false)
        let name = rawValue
        let isMatch =
            if name.hasPrefix("startsWith") { search.starts(text) } else if name.hasPrefix("equals") {
                search.equals(text)
            } else if name.hasPrefix("endsWith") { search.ends(text) } else { search.isContained(in: text) }
        let isElse = name.hasSuffix("Else") || name.hasSuffix("ElseOrDrop")
        if isMatch != isElse { return given }
        return name.hasSuffix("OrDrop") ? "" : text
    }

    private func formatted(_ value: JSONValue?, _ call: TemplateCall) -> String {
        guard let value else { return "" }
        let style = call.arguments.first.flatMap { TemplateDateStyle(rawValue: $0.text) } ?? .medium
        let text = value.templateText
        let number = value.integer ?? Int64(text) ?? value.double.flatMap { Int64(exactly: $0.rounded(.down)) }
        let time: Timestamp? =
            switch self {
            case .formatUnixMs: number.map { Timestamp(milliseconds: $0) }
            case .formatUnixSec:
                number.flatMap { $0.multipliedReportingOverflow(by: 1000).overflow ? nil : $0 * 1000 }
                    .map { Timestamp(milliseconds: $0) }
            default: Timestamp(iso8601: text)
            }
        // What is no time stays as it is.
        guard let time, abs(time.milliseconds / 1000) < 250_000_000_000 else { return text }
        return style.text(of: time)
    }

    private static func substring(of text: String, _ arguments: [TemplateArgument]) -> String {
        let first = max(0, Int(clamping: arguments[0].number ?? 0))
        let last = arguments.count > 1 ? Int(clamping: arguments[1].number ?? 0) : Int.max - 1
        guard last >= first else { return "" }
        let rest = text.dropFirst(first)
        return String(rest.prefix(last - first < Int.max ? last - first + 1 : Int.max))
    }

    private static func replace(
        _ old: String, by new: String, in text: String
    ) throws(TemplateFailure) -> String {
        let (needle, bytes) = (Array(old.utf8), Array(text.utf8))
        guard !needle.isEmpty else { return text }
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position] == needle[0], bytes[position...].starts(with: needle) {
                result += Array(new.utf8)
                position += needle.count
            } else {
                result.append(bytes[position])
                position += 1
            }
            guard result.count <= Limits.templateOutput else { throw .outputTooLong }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func piece(of text: String, _ arguments: [TemplateArgument]) -> String {
        let (separator, bytes) = (Array(arguments[0].text.utf8), Array(text.utf8))
        guard let wanted = arguments[1].number, wanted >= 0 else { return "" }
        guard !separator.isEmpty else { return wanted == 0 ? text : "" }
        var (piece, start, position) = (Int64(0), 0, 0)
        while position < bytes.count {
            guard bytes[position] == separator[0], bytes[position...].starts(with: separator) else {
                position += 1
                continue
            }
            if piece == wanted { break }
            position += separator.count
            (piece, start) = (piece + 1, position)
        }
        return piece == wanted ? String(decoding: bytes[start..<position], as: UTF8.self) : ""
    }

    private func extracted(
        from text: String, _ call: TemplateCall, _ budget: inout Int
    ) throws(TemplateFailure) -> String {
        let match: PatternMatch?
        do throws(PatternLimit) {
            match = try call.pattern?.firstMatch(in: text, budget: &budget)
        } catch {
            throw .patternTooSlow
        }
        guard let match else { return "" }
        return self == .extractRegex ? match.whole : match.groups.compactMap { $0 }.joined()
    }
}

extension JSONValue {
    /// A list's items; a value that is no list stands for itself.
    fileprivate var listed: [JSONValue] {
        switch self {
        case .array(let items): items
        case .null: []
        case .bool, .integer, .number, .literal, .string, .object: [self]
        }
    }
}
