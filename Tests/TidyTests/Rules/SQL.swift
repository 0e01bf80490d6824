/// What keeps one SQL text good for both databases, and a released migration as it was.
enum SQL {
    /// Looks at `.sql` files and at the literals of the storage targets.
    static func findings(in file: SourceFile) -> [Finding] {
        let lines =
            file.isSwift
            ? SwiftText(file.text).literals
            : file.text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { String($0.prefix(upTo: $0.firstRange(of: "--")?.lowerBound ?? $0.endIndex)) }
        return lines.enumerated().flatMap { index, line -> [Finding] in
            let text = line.uppercased().split(separator: " ").joined(separator: " ")
            let broken = forbidden.filter { text.contains(word: $0.text) }
            return broken.map { Finding(path: file.path, line: index + 1, message: "\($0.text): \($0.instead)") }
        }
    }

    private static let forbidden: [(text: String, instead: String)] = [
        ("NOW()", "time comes from the caller"), ("CURRENT_TIMESTAMP", "time comes from the caller"),
        ("UNIXEPOCH(", "time comes from the caller"), ("STRFTIME(", "time comes from the caller"),
        ("RANDOM()", "chance comes from the caller"),
        ("SERIAL", "ids come from the caller"), ("BIGSERIAL", "ids come from the caller"),
        ("AUTOINCREMENT", "ids come from the caller"),
        ("SELECT *", "list the columns"), ("RETURNING *", "list the columns"),
        ("INSERT OR", "write ON CONFLICT"), ("REPLACE INTO", "write ON CONFLICT"),
        ("IFNULL(", "PostgreSQL has coalesce(…)"), ("INSTR(", "PostgreSQL has no instr: LIKE, or search in Swift"),
        ("GROUP_CONCAT(", "join in Swift"), ("STRING_AGG(", "join in Swift"), ("JSON_EXTRACT(", "read JSON in Swift"),
        ("JSON_EACH(", "read JSON in Swift"), ("JSON_AGG(", "read JSON in Swift"), ("ROWID", "ids are columns of ours"),
        ("GLOB", "PostgreSQL has LIKE"), ("ILIKE", "SQLite has lower(x) LIKE"),
        ("FOR UPDATE", "repeat the claim's condition outside the subquery"),
        ("GREATEST(", "SQLite has CASE"), ("LEAST(", "SQLite has CASE"),
        ("BOOLEAN", "booleans are BIGINT 0 and 1"),
    ]

    /// Reports migrations that are not called like `M0007-what-it-does.sql`, or whose numbers repeat.
    static func numberingFindings(_ paths: [String]) -> [Finding] {
        var seen: Set<Substring> = []
        return paths.sorted().compactMap { path in
            let name = path.split(separator: "/").last ?? Substring(path)
            let number = name.prefix(6)
            let digits = number.dropFirst().dropLast()
            let isNumbered = number.first == "M" && number.last == "-" && digits.allSatisfy(\.isNumber)
            guard isNumbered, number.count == 6, name.hasSuffix(".sql"), name.count > 10 else {
                return Finding(path: path, message: "should be called like M0007-what-it-does.sql")
            }
            return seen.insert(number).inserted ? nil : Finding(path: path, message: "this number is taken")
        }
    }

    /// Reports released migrations that are gone or differ from what `released` remembers of them.
    static func releaseFindings(_ files: [SourceFile], released: [String: UInt64]) -> [Finding] {
        released.sorted { $0.key < $1.key }.compactMap { name, fingerprint in
            guard let file = files.first(where: { $0.path.hasSuffix("/" + name) }) else {
                return Finding(path: name, message: "this migration was released and must stay")
            }
            guard SQL.fingerprint(of: file.text) != fingerprint else { return nil }
            return Finding(path: file.path, message: "this migration was released and must not change: add another")
        }
    }

    /// FNV-1a over the text's bytes: nobody attacks it, it only has to notice an edit.
    static func fingerprint(of text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
