import Testing

struct StyleTests {
    private static let sized = [".swift", ".mustache", ".css", ".js"]

    @Test func `given the repository, then files, lines and functions are short`() {
        let files = Repository.files.filter { file in
            ["Sources/", "Tests/"].contains { file.path.hasPrefix($0) }
                && Self.sized.contains { file.path.hasSuffix($0) }
        }

        #expect(files.flatMap(Style.sizeFindings) == [])
    }

    @Test func `given the repository, then no Swift file says what it must not`() {
        #expect(Repository.swiftFiles.flatMap(Style.wordFindings) == [])
    }

    @Test func `given a file of one line more than allowed, then it is reported`() {
        let line = "let a = 1\n"

        #expect(Style.sizeFindings(in: source(String(repeating: line, count: 400))) == [])
        #expect(Style.sizeFindings(in: source(String(repeating: line, count: 401))).count == 1)
    }

    @Test func `given a line of one column more than allowed, then it is reported`() {
        #expect(Style.sizeFindings(in: source(String(repeating: "é", count: 120))) == [])
        #expect(Style.sizeFindings(in: source(String(repeating: "é", count: 121))).map(\.line) == [1])
        #expect(
            Style.sizeFindings(in: source("    #\"{\"a\":\"" + String(repeating: "b", count: 121) + "\"}\"#)")) == [])
        #expect(Style.sizeFindings(in: source("// " + String(repeating: "b", count: 121))).map(\.line) == [1])
    }

    @Test(arguments: [
        "func a() {", "    public static func a<T>(\n    b: T = { 1 }()\n) async throws -> T\nwhere T: Sendable {",
        "init?(b: Int) {", "@Test(arguments: [1]) func `given { one, then two`(a: Int) {",
    ])
    func `given a function of one line more than allowed, then it is reported`(signature: String) {
        let body = String(repeating: "\n    if a { b() }", count: 60)

        #expect(Style.functionFindings(in: source(signature + body + "\n}")) == [])
        #expect(Style.functionFindings(in: source(signature + body + "\n    b()\n}")).count == 1)
    }

    @Test func `given requirements without bodies before a long type, then nothing is reported`() {
        let requirements = "protocol A {\n    func a() -> Int\n    init(b: Int)\n}\nenum B {"
        let body = String(repeating: "\n    case a", count: 61)

        #expect(Style.functionFindings(in: source(requirements + body + "\n}")) == [])
    }

    @Test(arguments: [
        ("Sources/Engine/Loop.swift", "final class Box: @unchecked Sendable {}"),
        ("Sources/Engine/Loop.swift", "print(alert)"),
        ("Sources/Engine/Loop.swift", "let text = try? read()"),
        ("Tests/EngineTests/LoopTests.swift", "try await Task.sleep(for: .seconds(1))"),
        ("Tests/EngineTests/LoopTests.swift", "sleep(1)"),
        ("Tests/EngineTests/LoopTests.swift", "let now = Date()"),
        ("Sources/Alerting/Alerts/Alert.swift", "let now = Date()"),
        ("Sources/Alerting/Alerts/Alert.swift", "let id = Int.random(in: 1...9)"),
        ("Sources/Alerting/Alerts/Alert.swift", "struct Alert: Codable {}"),
        ("Sources/Integrations/Grafana.swift", "let payload = await read()"),
        ("Sources/Integrations/Grafana.swift", "struct Payload: Decodable {}"),
    ])
    func `given a word that is not allowed there, then it is reported`(path: String, line: String) {
        #expect(Style.wordFindings(in: SourceFile(path: path, text: line)).count == 1)
    }

    @Test(arguments: [
        ("Sources/Engine/Loop.swift", "/// Never `@unchecked Sendable`, nor print(it)."),
        ("Sources/Engine/Loop.swift", "// Nobody waits for it.\nlet text = try? read()"),
        ("Sources/Engine/Loop.swift", "let text = try? read()  // Nobody waits for it."),
        ("Sources/Engine/Loop.swift", "func load() -> SourceEntry? { nil }"),
        ("Tests/EngineTests/LoopTests.swift", "defer { try? FileManager.default.removeItem(at: folder) }"),
        ("Sources/Alerting/Alerts/Alert.swift", "let first = people.shuffled(using: &generator)"),
        ("Sources/Alerting/Alerts/Alert.swift", "let text = \"await Date()\""),
        ("Tests/EngineTests/LoopTests.swift", "@Test func `given sleep(1), then Date() is right`() {}"),
    ])
    func `given the word where it does no harm, then nothing is reported`(path: String, line: String) {
        #expect(Style.wordFindings(in: SourceFile(path: path, text: line)) == [])
    }

    private func source(_ text: String) -> SourceFile { SourceFile(path: "Sources/Engine/Loop.swift", text: text) }
}
