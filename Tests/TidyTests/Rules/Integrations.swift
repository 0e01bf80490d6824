/// Each vendor's file has a folder of recorded requests.
enum Integrations {
    /// - Parameter fixtures: the names of the folders that have something in them.
    static func findings(in files: [SourceFile], fixtures: Set<String>) -> [Finding] {
        let folders = Set(fixtures.map(plain))
        return files.compactMap { file in
            let names = names(in: file.text)
            guard let name = names.first, !names.contains(where: { folders.contains(plain($0)) }) else { return nil }
            return Finding(path: file.path, message: "\(name) has no folder in Tests/IntegrationsTests/Fixtures")
        }
    }

    /// What the integration in `text` is called: its type and the segment of its URL; none for our own format.
    private static func names(in text: String) -> [String] {
        let code = SwiftText(text).code.joined(separator: "\n")
        guard let type = code.firstMatch(of: /(?:enum|struct) (\w+): (?:\w+, )*Integration\b/),
            !code.contains("category: .custom")
        else { return [] }
        return [String(type.1)] + text.matches(of: /\bpath: "([a-z0-9-]+)"/).map { String($0.1) }
    }

    /// `UptimeKuma` and `uptime-kuma` are the same name.
    private static func plain(_ name: String) -> String { name.lowercased().filter { $0 != "-" && $0 != "_" } }
}
