/// Takes away the lines that hold nothing but block tags.
enum TemplateLines {
    static func trimmed(_ tokens: [TemplateToken]) -> [TemplateToken] {
        var result: [TemplateToken] = []
        var line: [TemplateToken] = []
        for token in tokens.flatMap(split) {
            line.append(token)
            if case .text(let text) = token.kind, text.utf8.last == UInt8(ascii: "\n") {
                result += finished(line)
                line = []
            }
        }
        return result + finished(line)
    }

    /// A text as one token a line, each with its line break.
    private static func split(_ token: TemplateToken) -> [TemplateToken] {
        guard case .text(let text) = token.kind, text.utf8.contains(UInt8(ascii: "\n")) else { return [token] }
        var pieces: [TemplateToken] = []
        var rest = Substring(text)
        while let end = rest.utf8.firstIndex(of: UInt8(ascii: "\n")) {
            let next = rest.utf8.index(after: end)
            pieces.append(TemplateToken(kind: .text(String(rest[..<next])), range: token.range))
            rest = rest[next...]
        }
        if !rest.isEmpty { pieces.append(TemplateToken(kind: .text(String(rest)), range: token.range)) }
        return pieces
    }

    private static func finished(_ line: [TemplateToken]) -> [TemplateToken] {
        guard line.contains(where: \.isBlock), line.allSatisfy({ $0.isBlock || isBlank($0) }) else { return line }
        return line.filter(\.isBlock)
    }

    private static func isBlank(_ token: TemplateToken) -> Bool {
        guard case .text(let text) = token.kind else { return false }
        return text.utf8.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
    }
}

/// Puts tokens into the sections that they belong to.
struct TemplateTree {
    private(set) var nodes: [TemplateNode] = []

    private struct Open {
        var reference: TemplateReference
        var isInverted: Bool
        var start: Int
        var outside: [TemplateNode]
    }

    init(tokens: [TemplateToken], bytes: [UInt8]) throws(LanguageError) {
        var open: [Open] = []
        for token in tokens {
            switch token.kind {
            case .comment: break
            case .text(let text): append(text)
            case .value(let reference, let calls): nodes.append(.value(reference, calls))
            case .open(let reference, let isInverted):
                guard open.count < Limits.languageDepth else {
                    throw LanguageError("blocks are nested too deeply", at: token.range.lowerBound, in: bytes)
                }
                open.append(
                    Open(
                        reference: reference, isInverted: isInverted, start: token.range.lowerBound, outside: nodes))
                nodes = []
            case .close(let reference):
                guard let last = open.popLast(), last.reference == reference else {
                    throw LanguageError(
                        "this closes a block that is not the one that is open", at: token.range.lowerBound, in: bytes)
                }
                nodes = last.outside + [.section(last.reference, isInverted: last.isInverted, nodes)]
            }
        }
        if let last = open.last { throw LanguageError("this block is not closed", at: last.start, in: bytes) }
    }

    private mutating func append(_ text: String) {
        if case .text(let before) = nodes.last {
            nodes[nodes.count - 1] = .text(before + text)
        } else if !text.isEmpty {
            nodes.append(.text(text))
        }
    }
}

/// Fills a template in.
struct TemplateRenderer<Scope: ValueScope> {
    private let scope: Scope
    private(set) var output = ""
    private var steps = 0
    /// Of all its regular expressions together.
    private var budget = Limits.patternSteps
    /// The items of the sections that are open, the innermost last.
    private var items: [JSONPlace] = []

    init(scope: Scope) {
        self.scope = scope
        output.reserveCapacity(256)
    }

    mutating func render(_ nodes: [TemplateNode]) throws(TemplateFailure) {
        for node in nodes {
            steps += 1
            guard steps <= Limits.templateSteps else { throw .tooManySteps }
            switch node {
            case .text(let text): output += text
            case .value(let reference, let calls):
                if calls.isEmpty {
                    append(place(of: reference)?.value)
                } else {
                    output += try applied(calls, to: absolute(reference))
                }
            case .section(let reference, let isInverted, let body):
                try render(body, for: place(of: reference), isInverted: isInverted)
            }
            guard output.utf8.count <= Limits.templateOutput else { throw .outputTooLong }
        }
    }

    private mutating func render(
        _ body: [TemplateNode], for place: JSONPlace?, isInverted: Bool
    ) throws(TemplateFailure) {
        guard let place, place.isFilled else {
            if isInverted { try render(body) }
            return
        }
        guard !isInverted else { return }
        guard !place.isAnswer else { return try render(body) }
        for item in place.items ?? [place] {
            items.append(item)
            try render(body)
            items.removeLast()
        }
    }

    /// An item's own member comes before the event's.
    private func place(of reference: TemplateReference) -> JSONPlace? {
        let steps = reference.path.steps[...]
        if reference.isRelative { return items.last?.place(at: steps) }
        if !items.isEmpty, let root = reference.path.root {
            for item in items.reversed() where item.hasMember(root) { return item.place(at: steps) }
        }
        return scope.place(at: reference.path)
    }

    /// Functions look at the event first.
    private func absolute(_ reference: TemplateReference) -> JSONPlace? {
        reference.isRelative ? place(of: reference) : scope.place(at: reference.path) ?? place(of: reference)
    }

    private mutating func applied(
        _ calls: [TemplateCall], to place: JSONPlace?
    ) throws(TemplateFailure) -> String {
        // A long value is as much work as many places.
        steps += place?.weight ?? 0
        guard steps <= Limits.templateSteps else { throw .tooManySteps }
        var value = place?.value
        var text = ""
        for call in calls {
            steps += 10 + text.utf8.count / 256
            guard steps <= Limits.templateSteps else { throw .tooManySteps }
            text = try call.function.apply(call, to: value, budget: &budget)
            guard text.utf8.count <= Limits.templateOutput else { throw .outputTooLong }
            value = .string(text)
        }
        return text
    }

    private mutating func append(_ value: JSONValue?) {
        switch value {
        case .string(let text): output += text
        case nil, .null: break
        case .some(let value): output += value.scalarText ?? value.text
        }
    }
}

extension JSONValue {
    /// As it stands in a template's text: nothing for null, JSON for lists and objects.
    var templateText: String {
        switch self {
        case .null: ""
        case .string(let text): text
        case .bool, .integer, .number, .literal: scalarText ?? ""
        case .array, .object: text
        }
    }
}
