/// A Swift file taken apart into three texts of the same lines: what the compiler runs, comments, and literals.
///
/// A rule about code is then not misled by a word in a sentence, nor one about SQL by an identifier. It is a scanner,
/// not a parser: strings in all their forms, interpolations, nested comments, raw identifiers and most regular
/// expression literals.
struct SwiftText {
    private(set) var code: [String] = []
    private(set) var comments: [String] = []
    private(set) var literals: [String] = []

    private enum Context {
        /// `depth` counts open parentheses, so that an interpolation knows its end.
        case code(depth: Int)
        case string(hashes: Int, isMultiline: Bool)
        case lineComment
        case blockComment(depth: Int)
        case rawIdentifier
        case pattern
    }

    private enum Part { case code, comment, literal }

    private let bytes: [UInt8]
    private var index = 0
    private var contexts: [Context] = [.code(depth: 0)]
    private var codeLine: [UInt8] = []
    private var commentLine: [UInt8] = []
    private var literalLine: [UInt8] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
        while index < bytes.count { step() }
        endLine()
    }

    private mutating func step() {
        if bytes[index] == UInt8(ascii: "\n") {
            if case .lineComment = contexts.last { contexts.removeLast() }
            endLine()
            index += 1
            return
        }
        switch contexts[contexts.count - 1] {
        case .code(let depth): stepCode(depth: depth)
        case .string(let hashes, let isMultiline): stepString(hashes: hashes, isMultiline: isMultiline)
        case .lineComment: take(1, as: .comment)
        case .blockComment(let depth): stepBlockComment(depth: depth)
        case .rawIdentifier: stepUntil("`", takeAs: .literal)
        case .pattern: stepUntil("/", takeAs: .literal)
        }
    }

    private mutating func stepCode(depth: Int) {
        guard Self.special.contains(bytes[index]) else { return take(1, as: .code) }
        if starts("//") { return enter(.lineComment, taking: 2, as: .comment) }
        if starts("/*") { return enter(.blockComment(depth: 1), taking: 2, as: .comment) }
        if starts("`") { return enter(.rawIdentifier, taking: 1, as: .code) }
        if starts("/"), beginsPattern { return enter(.pattern, taking: 1, as: .code) }
        let hashes = bytes[index...].prefix { $0 == UInt8(ascii: "#") }.count
        if starts("\"\"\"", after: hashes) {
            return enter(.string(hashes: hashes, isMultiline: true), taking: hashes + 3, as: .code)
        }
        if starts("\"", after: hashes) {
            return enter(.string(hashes: hashes, isMultiline: false), taking: hashes + 1, as: .code)
        }
        if starts("(") { contexts[contexts.count - 1] = .code(depth: depth + 1) }
        if starts(")") {
            if depth == 1, contexts.count > 1 { return leave(taking: 1, as: .code) }
            contexts[contexts.count - 1] = .code(depth: depth - 1)
        }
        take(max(hashes, 1), as: .code)
    }

    private mutating func stepString(hashes: Int, isMultiline: Bool) {
        guard bytes[index] == UInt8(ascii: "\\") || bytes[index] == UInt8(ascii: "\"") else {
            return take(1, as: .literal)
        }
        let escape = "\\" + String(repeating: "#", count: hashes)
        if starts(escape + "(") { return enter(.code(depth: 1), taking: hashes + 2, as: .code) }
        if starts(escape) { return take(hashes + 2, as: .literal) }
        let end = (isMultiline ? "\"\"\"" : "\"") + String(repeating: "#", count: hashes)
        if starts(end) { return leave(taking: end.utf8.count, as: .code) }
        take(1, as: .literal)
    }

    /// What may open or close something in code.
    private static let special = Array("/`#\"()".utf8)

    private mutating func stepBlockComment(depth: Int) {
        if starts("/*") {
            contexts[contexts.count - 1] = .blockComment(depth: depth + 1)
            return take(2, as: .comment)
        }
        guard starts("*/") else { return take(1, as: .comment) }
        if depth == 1 { return leave(taking: 2, as: .comment) }
        contexts[contexts.count - 1] = .blockComment(depth: depth - 1)
        take(2, as: .comment)
    }

    private mutating func stepUntil(_ end: String, takeAs part: Part) {
        if starts(end) { return leave(taking: 1, as: .code) }
        take(starts("\\") ? 2 : 1, as: part)
    }

    /// A slash opens a regular expression where an operand is expected and another slash follows on the line.
    private var beginsPattern: Bool {
        let before = codeLine.last { $0 != UInt8(ascii: " ") }
        guard before == nil || "(,=:[{".utf8.contains(before ?? 0), index + 1 < bytes.count else { return false }
        let rest = bytes[(index + 1)...].prefix { $0 != UInt8(ascii: "\n") }
        return rest.first != UInt8(ascii: " ") && rest.contains(UInt8(ascii: "/"))
    }

    private func starts(_ text: String, after offset: Int = 0) -> Bool {
        bytes[min(index + offset, bytes.count)...].starts(with: text.utf8)
    }

    private mutating func enter(_ context: Context, taking count: Int, as part: Part) {
        take(count, as: part)
        contexts.append(context)
    }

    private mutating func leave(taking count: Int, as part: Part) {
        contexts.removeLast()
        take(count, as: part)
    }

    /// Moves on by `count` bytes, but never over the end of a line.
    private mutating func take(_ count: Int, as part: Part) {
        for _ in 0..<count where index < bytes.count && bytes[index] != UInt8(ascii: "\n") {
            switch part {
            case .code: codeLine.append(bytes[index])
            case .comment: commentLine.append(bytes[index])
            case .literal: literalLine.append(bytes[index])
            }
            index += 1
        }
    }

    private mutating func endLine() {
        code.append(String(decoding: codeLine, as: UTF8.self))
        comments.append(String(decoding: commentLine, as: UTF8.self))
        literals.append(String(decoding: literalLine, as: UTF8.self))
        codeLine.removeAll(keepingCapacity: true)
        commentLine.removeAll(keepingCapacity: true)
        literalLine.removeAll(keepingCapacity: true)
    }
}
