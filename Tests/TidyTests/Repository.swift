import Foundation

/// A text file of the repository, by its path from the top.
struct SourceFile {
    var path: String
    var text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    var isSwift: Bool { path.hasSuffix(".swift") }

    /// The target a file belongs to: `Alerting` for `Sources/Alerting/Alerts/Alert.swift`.
    var target: String {
        let parts = path.split(separator: "/")
        guard parts.count > 2 else { return "" }
        return parts[0] == "Tests" && parts[1] == "Support" ? "TestSupport" : String(parts[1])
    }
}

/// The files that the rules look at.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// All text files but build results, the server's own data and what others wrote; by path.
    static let files: [SourceFile] = list(in: root, below: "").sorted { $0.path < $1.path }

    static var swiftFiles: [SourceFile] { files.filter(\.isSwift) }

    static var sources: [SourceFile] { swiftFiles.filter { $0.path.hasPrefix("Sources/") } }

    private static let textKinds: Set<String> = [
        "swift", "md", "sql", "mustache", "css", "js", "py", "sh", "json", "xml", "form", "query", "txt", "yml", "yaml",
        "lua", "c", "h", "",
    ]

    private static let skipped: Set<String> = [".git", ".swiftpm", ".tools", "data", "LICENSE", "Package.resolved"]

    private static func list(in folder: URL, below path: String) -> [SourceFile] {
        // A folder that vanishes while we look holds nothing to check.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.filter { !skipped.contains($0) && !$0.hasPrefix(".build") }.flatMap { name -> [SourceFile] in
            let url = folder.appending(path: name)
            let isFolder = (try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) ?? false  // gone: skipped
            if isFolder { return list(in: url, below: path + name + "/") }
            guard textKinds.contains(url.pathExtension) else { return [] }
            // Not UTF-8: not text, so no rule applies.
            guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [] }
            return [SourceFile(path: path + name, text: text)]
        }
    }
}

/// Something that a rule found, with the place to go to.
struct Finding: Equatable, CustomStringConvertible {
    var path: String
    /// Counted from 1; 0 speaks of the whole file.
    var line: Int = 0
    var message: String

    var description: String { line == 0 ? "\(path): \(message)" : "\(path):\(line): \(message)" }
}

extension String {
    /// Whether `word` occurs with no letter, digit or underscore at those of its ends that are one themselves.
    func contains(word: String) -> Bool {
        guard contains(word) else { return false }
        let text = Array(utf8)
        let wanted = Array(word.utf8)
        guard let first = wanted.first, let last = wanted.last, text.count >= wanted.count else { return false }
        return (0...(text.count - wanted.count)).contains { start in
            let end = start + wanted.count
            guard text[start] == first, text[start..<end].elementsEqual(wanted) else { return false }
            let isFreeBefore = !first.isIdentifier || start == 0 || !text[start - 1].isIdentifier
            let isFreeAfter = !last.isIdentifier || end == text.count || !text[end].isIdentifier
            return isFreeBefore && isFreeAfter
        }
    }
}

extension UInt8 {
    var isIdentifier: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: self >= 128
        }
    }
}
