import Testing

struct ArrowsTests {
    @Test func `given the repository, then no import turns an arrow back or climbs a fence`() {
        #expect(Repository.swiftFiles.flatMap(Arrows.findings) == [])
    }

    @Test(arguments: [
        "import Engine", "public import Engine", "internal import Engine", "@testable import Engine",
        "@preconcurrency public import Engine", "import struct Engine.Ingestion", "  private import Engine",
    ])
    func `given an import in any form, then its module is found`(line: String) {
        let found = Arrows.imports(of: "// import Web\n\(line)\nlet text = \"import Storage\"")

        #expect(found.map(\.module) == ["Engine"])
        #expect(found.map(\.line) == [2])
    }

    @Test(arguments: [
        ("Sources/Alerting/Alerts/Alert.swift", "Storage"),
        ("Sources/Alerting/Alerts/Alert.swift", "Foundation"),
        ("Sources/Alerting/Alerts/Alert.swift", "Logging"),
        ("Sources/Storage/Alerts.swift", "Engine"),
        ("Sources/Storage/Alerts.swift", "GRDB"),
        ("Sources/Engine/Ingestion.swift", "Web"),
        ("Sources/Engine/Ingestion.swift", "Hummingbird"),
        ("Sources/Outbound/Email.swift", "Storage"),
        ("Sources/Web/Pages/AlertPage.swift", "Outbound"),
        ("Sources/Web/Pages/AlertPage.swift", "AsyncHTTPClient"),
        ("Sources/Common/Helpers.swift", "Alerting"),
        ("Tests/EngineTests/IngestionTests.swift", "GRDB"),
    ])
    func `given an import that the table forbids, then it is reported`(path: String, module: String) {
        #expect(Arrows.findings(in: SourceFile(path: path, text: "import \(module)")).count == 1)
    }

    @Test(arguments: [
        ("Sources/Alerting/OnCall/Rotation.swift", "Foundation"),
        ("Sources/Integrations/RapidSpike.swift", "Foundation"),
        ("Sources/StorageSQLite/SQLiteDatabase.swift", "GRDB"),
        ("Sources/Engine/Ingestion.swift", "Storage"),
        ("Sources/Web/Pages/AlertPage.swift", "Mustache"),
        ("Tests/Support/WebDriver.swift", "AsyncHTTPClient"),
    ])
    func `given an import that the table allows, then nothing is reported`(path: String, module: String) {
        #expect(Arrows.findings(in: SourceFile(path: path, text: "import \(module)")) == [])
    }
}
