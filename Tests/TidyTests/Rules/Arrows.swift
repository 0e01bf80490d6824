/// Which target may import what; the table of ARCHITECTURE.md.
enum Arrows {
    /// Our own targets that each target may import. A target that is not listed here is unknown and reported.
    static let ours: [String: Set<String>] = [
        "Alerting": [],
        "Integrations": ["Alerting"],
        "Storage": ["Alerting"],
        "StorageSQLite": ["Storage", "Alerting"],
        "StoragePostgres": ["Storage", "Alerting"],
        "Engine": ["Integrations", "Storage", "Alerting"],
        "Outbound": ["Engine", "Alerting"],
        "Web": ["Engine", "Integrations", "Storage", "Alerting"],
        "Simulation": ["Engine", "Integrations", "Storage", "Alerting"],
        "nightbell": [
            "Alerting", "Integrations", "Storage", "StorageSQLite", "StoragePostgres", "Engine", "Outbound", "Web",
            "Simulation",
        ],
    ]

    /// Libraries that live behind a fence, and the targets inside it.
    static let fences: [String: Set<String>] = [
        "GRDB": ["StorageSQLite"],
        "GRDBSQLite": ["StorageSQLite"],
        "CCurl": ["Outbound"],
        "CLibPQ": ["StoragePostgres"],
        "AsyncHTTPClient": ["Outbound", "nightbell", "TestSupport"],
        "Hummingbird": ["Web", "nightbell", "WebTests"],
        "HummingbirdTesting": ["WebTests"],
        "Mustache": ["Web", "WebTests"],
        "ArgumentParser": ["nightbell"],
        "Yams": ["nightbell"],
        "Configuration": ["nightbell"],
        "Crypto": ["Engine", "Outbound", "Web", "EngineTests", "OutboundTests"],
        "CryptoExtras": ["Engine", "Outbound", "Web"],
        "_CryptoExtras": ["Engine", "Outbound", "Web"],
    ]

    /// Targets that import nothing but ours, and what of the system's modules they may use all the same.
    static let pure: [String: Set<String>] = ["Alerting": [], "Integrations": ["Foundation"], "Storage": []]

    static let mayImportFoundation = "Sources/Alerting/OnCall/"

    static func findings(in file: SourceFile) -> [Finding] {
        imports(of: file.text).compactMap { module, line in
            refusal(of: module, in: file).map { Finding(path: file.path, line: line, message: $0) }
        }
    }

    private static func refusal(of module: String, in file: SourceFile) -> String? {
        let target = file.target
        guard ["Sources/", "Tests/"].contains(where: { file.path.hasPrefix($0) }) else { return nil }
        if let fence = fences[module], !fence.contains(target) {
            return "\(module) is for \(fence.sorted().joined(separator: ", ")) only"
        }
        guard file.path.hasPrefix("Sources/") else { return nil }
        guard let allowed = ours[target] else { return "\(target) is not in the table of targets" }
        if ours[module] != nil { return allowed.contains(module) ? nil : "\(target) must not import \(module)" }
        guard let modules = pure[target], !modules.contains(module) else { return nil }
        if module == "Foundation", file.path.hasPrefix(mayImportFoundation) { return nil }
        return "\(target) is pure and must not import \(module)"
    }

    /// The modules of all import lines, whatever stands before the word, with their lines.
    static func imports(of text: String) -> [(module: String, line: Int)] {
        SwiftText(text).code.enumerated().compactMap { index, line in
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let at = words.firstIndex(of: "import"), at + 1 < words.count else { return nil }
            guard words[..<at].allSatisfy({ $0.hasPrefix("@") || accessLevels.contains(String($0)) }) else {
                return nil
            }
            let named = kinds.contains(String(words[at + 1])) && at + 2 < words.count ? words[at + 2] : words[at + 1]
            let module = named.prefix { $0 != "." && $0 != ";" }
            return (String(module), index + 1)
        }
    }

    private static let accessLevels: Set<String> = ["public", "package", "internal", "fileprivate", "private"]
    private static let kinds: Set<String> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
}
