/// The pages around the code: links that lead somewhere, nothing that only its writer's machine knows.
enum Documents {
    /// Reports relative links of a Markdown page to files that are not there.
    ///
    /// - Parameter exists: whether there is a file or a folder of that path, seen from the top.
    static func linkFindings(in page: SourceFile, exists: (String) -> Bool) -> [Finding] {
        var isCode = false
        var findings: [Finding] = []
        for (index, line) in page.lines.enumerated() {
            if line.drop(while: { $0 == " " }).hasPrefix("```") { isCode.toggle() }
            if isCode { continue }
            for target in linkTargets(in: line) where !exists(path(of: target, from: page.path)) {
                findings.append(Finding(path: page.path, line: index + 1, message: "\(target) leads nowhere"))
            }
        }
        return findings
    }

    /// What stands in `](…)`, but for addresses elsewhere and places on the same page.
    private static func linkTargets(in line: Substring) -> [String] {
        line.split(separator: "](", omittingEmptySubsequences: false).dropFirst().compactMap { rest in
            guard let end = rest.firstIndex(of: ")") else { return nil }
            let target = rest[..<end].prefix { $0 != "#" && $0 != " " }
            return target.isEmpty || target.contains(":") ? nil : String(target)
        }
    }

    private static func path(of target: String, from page: String) -> String {
        var parts = target.hasPrefix("/") ? [] : page.split(separator: "/").dropLast()
        for part in target.split(separator: "/") {
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    /// Reports decision pages that the list of decisions does not link, and pages with another kind of name.
    static func decisionFindings(pages: [String], list: String) -> [Finding] {
        var seen: Set<Substring> = []
        return pages.sorted().compactMap { name in
            let number = name.prefix(5)
            guard number.count == 5, number.last == "-", number.dropLast().allSatisfy(\.isNumber) else {
                return Finding(path: name, message: "should be called like 0007-what-was-decided.md")
            }
            if !seen.insert(number).inserted { return Finding(path: name, message: "this number is taken") }
            return list.contains("](\(name))") ? nil : Finding(path: name, message: "is not in the list of decisions")
        }
    }

    /// The version that the program says of itself: a literal of three numbers that a name `version` stands before.
    static func declaredVersions(in text: String) -> [String] {
        text.matches(of: /\bversion\b[^"\n]{0,20}"(\d+\.\d+\.\d+)"/).map { String($0.1) }
    }

    /// Reports text that says something only its writer understands.
    static func privateWordFindings(in file: SourceFile) -> [Finding] {
        file.lines.enumerated().flatMap { index, line -> [Finding] in
            let broken = privateWords.filter { String(line).contains(word: $0) }
            return broken.map { Finding(path: file.path, line: index + 1, message: "\($0) means nothing to others") }
        }
    }

    /// In pieces, so that this file passes its own test.
    private static let privateWords = [
        "/wo" + "rk/", "/ro" + "ot/", "/Us" + "ers/", "/ho" + "me/", "TO" + "DO", "FIX" + "ME",
    ]
}
