/// Size and the things that Swift files must not say; docs/STYLE.md gives the reasons.
enum Style {
    static let longestFile = 400
    static let longestLine = 120
    static let longestFunction = 60

    static func sizeFindings(in file: SourceFile) -> [Finding] {
        var findings: [Finding] = []
        let count = file.lines.count - (file.text.hasSuffix("\n") ? 1 : 0)
        if count > longestFile {
            findings.append(Finding(path: file.path, message: "\(count) lines, \(longestFile) at most"))
        }
        guard file.isSwift else { return findings }
        let text = SwiftText(file.text)
        for (index, line) in file.lines.enumerated() where line.count > longestLine {
            // A literal that fills its line, such as a recorded body, is left in one piece.
            let isLiteral = !text.literals[index].isEmpty && text.comments[index].isEmpty
            if isLiteral && text.code[index].allSatisfy({ " \"#),".contains($0) }) { continue }
            findings.append(Finding(path: file.path, line: index + 1, message: "over \(longestLine) columns"))
        }
        return findings + functionFindings(in: file)
    }

    /// Counts the lines between a function's braces.
    static func functionFindings(in file: SourceFile) -> [Finding] {
        let lines = SwiftText(file.text).code
        return lines.indices.compactMap { start in
            guard beginsFunction(lines[start]), let body = body(from: start, in: lines) else { return nil }
            let count = body.upperBound - body.lowerBound - 1
            guard count > longestFunction else { return nil }
            let message = "a function of \(count) lines, \(longestFunction) at most"
            return Finding(path: file.path, line: start + 1, message: message)
        }
    }

    private static func beginsFunction(_ line: String) -> Bool {
        if line.contains(word: "func") { return true }
        let words = line.split { $0 == " " || $0 == "(" || $0 == "<" || $0 == "?" }
        let declaration = words.drop { $0.hasPrefix("@") || modifiers.contains(String($0)) }
        return declaration.first.map { ["init", "subscript", "deinit"].contains($0) } ?? false
    }

    private static let modifiers: Set<String> = [
        "public", "package", "internal", "fileprivate", "private", "static", "class", "final", "override", "mutating",
        "nonmutating", "nonisolated", "isolated", "convenience", "required", "borrowing", "consuming", "async",
    ]

    /// The lines of the first opening brace and of its partner; nil for a requirement, which has no body.
    private static func body(from start: Int, in lines: [String]) -> ClosedRange<Int>? {
        var parentheses = 0
        var braces = 0
        var opened: Int?
        for index in start..<lines.count {
            for character in lines[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{" where opened != nil || parentheses == 0:
                    opened = opened ?? index
                    braces += 1
                case "}" where opened != nil:
                    braces -= 1
                    if braces == 0, let opened { return opened...index }
                case "}" where parentheses == 0: return nil
                default: continue
                }
            }
            if opened == nil, parentheses == 0, !continues(after: index, in: lines) { return nil }
        }
        return nil
    }

    /// Whether the next line still belongs to the signature.
    private static func continues(after index: Int, in lines: [String]) -> Bool {
        guard index + 1 < lines.count else { return false }
        let next = lines[index + 1].drop { $0 == " " }
        return ["{", "->", "where", "throws", "async", "rethrows", ")"].contains { next.hasPrefix($0) }
    }

    /// Words that no Swift file of ours, no source, or no test may contain, with what to do instead; one a line.
    static func wordFindings(in file: SourceFile) -> [Finding] {
        let text = SwiftText(file.text)
        var rules = everywhere
        if file.path.hasPrefix("Sources/") { rules += inSources }
        if file.path.hasPrefix("Sources/StoragePostgres/") { rules.removeAll { $0.word == "@unchecked" } }
        if file.path.hasPrefix("Tests/") { rules += inTests }
        if isPure(file.path) { rules += inPureCode }
        let words = text.code.enumerated().compactMap { index, line -> Finding? in
            guard let broken = rules.first(where: { line.contains(word: $0.word) && !isExempt($0.word, line: line) })
            else { return nil }
            return Finding(path: file.path, line: index + 1, message: "\(broken.word): \(broken.instead)")
        }
        return words + lostErrors(in: text, path: file.path)
    }

    private static func isPure(_ path: String) -> Bool {
        path.hasPrefix("Sources/Alerting/") || path.hasPrefix("Sources/Integrations/")
    }

    private typealias Rule = (word: String, instead: String)

    private static let everywhere: [Rule] = [
        ("import XCTest", "tests are Swift Testing's"),
        ("fatalError(", "use precondition for our own mistakes, an error for others'"),
    ]

    private static let inSources: [Rule] = [
        ("@unchecked", "let the compiler check what is sendable"),
        ("print(", "log it, or write it through the command line's output"),
    ]

    private static let inTests: [Rule] = [
        ("sleep(", "wait for the thing itself"), ("usleep(", "wait for the thing itself"),
        ("nanosleep(", "wait for the thing itself"),
        ("Task.sleep", "wait for the thing itself"), ("Date()", "time comes from the test"),
        ("Date.now", "time comes from the test"),
    ]

    private static let inPureCode: [Rule] = [
        ("Date()", "now is an argument"), ("Date.now", "now is an argument"), ("Timestamp.now", "now is an argument"),
        ("ContinuousClock", "now is an argument"), ("SuspendingClock", "now is an argument"),
        ("SystemRandomNumberGenerator", "chance is an argument"), (".random(", "chance is an argument"),
        (".randomElement(", "chance is an argument"), (".shuffled(", "chance is an argument"),
        (".shuffle(", "chance is an argument"), ("UUID()", "ids are arguments"),
        ("await", "values decide, they do not wait"), ("async", "values decide, they do not wait"),
        ("Task", "values decide, they do not wait"), ("Codable", "rooms further out write and read"),
        ("Encodable", "rooms further out write and read"), ("Decodable", "rooms further out write and read"),
        ("JSONDecoder", "read with JSONValue"), ("Logger", "return the reason, the engine logs it"),
        ("FileManager", "no files here"), ("URLSession", "no connections here"),
    ]

    /// Chance that comes in as an argument is welcome.
    private static func isExempt(_ word: String, line: String) -> Bool {
        line.contains("using: &") && word.hasPrefix(".")
    }

    /// `try?` without a comment on its line or the one before; a test's clean-up needs none.
    private static func lostErrors(in text: SwiftText, path: String) -> [Finding] {
        text.code.indices.compactMap { index in
            guard text.code[index].contains(word: "try?") else { return nil }
            let isCleanUp = path.hasPrefix("Tests/") && text.code[index].contains("defer { try?")
            if isCleanUp { return nil }
            let isExplained = !text.comments[index].isEmpty || (index > 0 && !text.comments[index - 1].isEmpty)
            if isExplained { return nil }
            return Finding(
                path: path, line: index + 1, message: "try? needs a comment that says why losing the error is right")
        }
    }
}
