/// The types of the web target with their stored properties: what a template can see.
///
/// The template library looks with a mirror, which shows stored properties only, unless a type answers by itself
/// (`MustacheParent`): then its computed ones count as well.
struct PageTypes {
    struct PageType {
        /// The types it is nested in and its own name: `AlertPage.Row`.
        var name: String
        /// Property names and their types as written.
        var properties: [String: String] = [:]
    }

    private(set) var types: [String: PageType] = [:]

    init(_ files: [SourceFile]) {
        for file in files { read(SwiftText(file.text).code) }
    }

    /// The type that `name` means inside `scope`, in the way of the language: from the inside out.
    func type(named name: String, in scope: String = "") -> PageType? {
        var scopes = scope.split(separator: ".")
        while true {
            if let type = types[(scopes + [Substring(name)]).joined(separator: ".")] { return type }
            if scopes.popLast() == nil { break }
        }
        let nested = types.values.filter { $0.name.hasSuffix("." + name) }
        return nested.count == 1 ? nested.first : nil
    }

    private struct Scope {
        var name: String
        var depth: Int
        var answersItself: Bool
        var isExtension: Bool
    }

    private mutating func read(_ lines: [String]) {
        var scopes: [Scope] = []
        var depth = 0
        for line in lines.flatMap(Self.splitAfterOpening) {
            var words = line.split { $0 == " " || $0 == "\t" }[...]
            while let word = words.first, word.hasPrefix("@") || Self.modifiers.contains(String(word)) {
                words.removeFirst()
            }
            if let keyword = words.first, Self.scopeKeywords.contains(String(keyword)), words.count > 1,
                line.contains("{")
            {
                let own = String(words[words.startIndex + 1].prefix { $0.isLetter || $0.isNumber || "._".contains($0) })
                let name = (scopes.last.map { $0.name + "." } ?? "") + own
                scopes.append(
                    Scope(
                        name: name, depth: depth + 1, answersItself: line.contains(word: "MustacheParent"),
                        isExtension: keyword == "extension"))
                types[name, default: PageType(name: name)] = types[name] ?? PageType(name: name)
            } else if let keyword = words.first, keyword == "let" || keyword == "var", let scope = scopes.last,
                depth == scope.depth
            {
                let rest = words.dropFirst().joined(separator: " ")
                for (name, type) in Self.properties(in: rest, computedToo: scope.answersItself) where !scope.isExtension
                {
                    types[scope.name]?.properties[name] = type
                }
            }
            depth += line.count { $0 == "{" } - line.count { $0 == "}" }
            while let scope = scopes.last, depth < scope.depth { scopes.removeLast() }
        }
    }

    /// A type on one line as the two or more lines it could be.
    private static func splitAfterOpening(_ line: String) -> [String] {
        let isType = scopeKeywords.contains { line.contains(word: $0) }
        guard isType, let brace = line.firstIndex(of: "{") else { return [line] }
        let after = line.index(after: brace)
        return [String(line[..<after])] + line[after...].split(separator: ";").map(String.init)
    }

    private static let modifiers: Set<String> = [
        "public", "package", "internal", "fileprivate", "private", "final", "indirect",
    ]
    private static let scopeKeywords: Set<String> = ["struct", "class", "enum", "actor", "extension"]

    /// The names and types in what follows `let` or `var`; a type that is not written is empty.
    private static func properties(in text: String, computedToo: Bool) -> [(String, String)] {
        let declaration = text.prefix { $0 != "=" }
        let isComputed = declaration.contains("{") && !text.contains(word: "didSet") && !text.contains(word: "willSet")
        if isComputed && !computedToo { return [] }
        var found: [(String, String)] = []
        var depth = 0
        var parts: [String] = [""]
        for character in declaration.prefix(while: { !"{}".contains($0) }) {
            if "[(<".contains(character) { depth += 1 }
            if "])>".contains(character) { depth -= 1 }
            if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
        }
        var type = ""
        for part in parts.reversed() {
            let halves = part.split(separator: ":", maxSplits: 1)
            if halves.count == 2 { type = halves[1].filter { $0 != " " } }
            if let name = halves.first { found.append((name.filter { $0 != " " }, type)) }
        }
        return found
    }
}
