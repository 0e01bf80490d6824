/// A text with places that are filled from an event (ITL): `{{ event.summary }}`, sections, loops and functions.
///
/// Nothing is escaped for HTML. A place whose value is missing is filled with nothing. Parsing and rendering have
/// limits (`Limits.template…`), so that neither a template nor a payload can hold up an event.
///
/// Source: ilert's template language, https://docs.ilert.com/rest-api/developing-ilert-apps/itl, read 2026-08-22.
public struct Template: Equatable, Sendable {
    public let text: String
    let nodes: [TemplateNode]

    /// - Throws: `LanguageError` for text that is no template.
    public init(_ text: String) throws(LanguageError) {
        guard text.utf8.count <= Limits.template else {
            throw LanguageError("a template may have at most \(Limits.template) bytes", line: 1, column: 1)
        }
        self.text = text
        var parser = TemplateParser(text)
        let tokens = try parser.tokens()
        nodes = try TemplateTree(tokens: TemplateLines.trimmed(tokens), bytes: parser.bytes).nodes
    }

    /// The text filled in.
    ///
    /// - Throws: `TemplateFailure` when it would be too long or take too long.
    public func render(over scope: some ValueScope) throws(TemplateFailure) -> String {
        if case .text(let text) = nodes.first, nodes.count == 1 { return text }
        var renderer = TemplateRenderer(scope: scope)
        try renderer.render(nodes)
        return renderer.output
    }
}

/// Why a template that was understood could not be filled in.
public enum TemplateFailure: String, Error, Equatable, Sendable, CaseIterable {
    case tooManySteps = "template_too_many_steps"
    case outputTooLong = "template_output_too_long"
    case patternTooSlow = "template_pattern_too_slow"
    /// What came out is blank where a text is needed.
    case blank = "template_blank"
    /// It was stored by another version and is not understood by this one.
    case unreadable = "template_unreadable"

    /// A part of a sentence.
    public var words: String {
        switch self {
        case .tooManySteps: "it takes too many steps"
        case .outputTooLong: "its text is too long"
        case .patternTooSlow: "its regular expression takes too long"
        case .blank: "its text is blank"
        case .unreadable: "it is not understood"
        }
    }
}

/// Where a place is filled from.
struct TemplateReference: Equatable, Sendable {
    var path: ValuePath
    /// Begins with a dot: only the innermost item is looked at.
    var isRelative: Bool
}

struct TemplateCall: Equatable, Sendable {
    var function: TemplateFunction
    var arguments: [TemplateArgument]
    /// The function's regular expression, ready to be used.
    var pattern: Pattern?
}

/// What stands between a function's parentheses.
public enum TemplateArgument: Equatable, Sendable {
    case text(String)
    case number(Int64)

    var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        }
    }

    var number: Int64? {
        switch self {
        case .text(let text): Int64(text)
        case .number(let number): number
        }
    }
}

indirect enum TemplateNode: Equatable, Sendable {
    case text(String)
    case value(TemplateReference, [TemplateCall])
    case section(TemplateReference, isInverted: Bool, [TemplateNode])
}
