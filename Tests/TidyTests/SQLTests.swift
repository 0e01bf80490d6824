import Testing

struct SQLTests {
    /// The migrations of released versions by file name; add a line for each when a version is released. The
    /// fingerprint is `SQL.fingerprint(of:)` of the file.
    private static let released: [String: UInt64] = [:]

    private var migrations: [SourceFile] {
        Repository.files.filter { $0.path.hasPrefix("Sources/Storage/Migrations/") && $0.path.hasSuffix(".sql") }
    }

    /// What the drivers say is for their own database alone.
    @Test func `given the repository, then its SQL runs on both databases`() {
        let storage = Repository.sources.filter { $0.path.hasPrefix("Sources/Storage/") }

        #expect((storage + migrations).flatMap(SQL.findings) == [])
    }

    @Test
    func `given the repository, then migrations are numbered without gaps and the released ones are as they were`() {
        let placeholder = "M0000.sql"
        let paths = migrations.map(\.path).filter { !$0.hasSuffix("/" + placeholder) }

        #expect(SQL.numberingFindings(paths) == [])
        #expect(SQL.releaseFindings(migrations, released: Self.released) == [])
    }

    @Test(arguments: [
        "SELECT * FROM alerts", "select  * from alerts", "INSERT OR IGNORE INTO alerts (id) VALUES (1)",
        "UPDATE alerts SET resolved_at_ms = now()", "CREATE TABLE alerts (id SERIAL PRIMARY KEY)",
        "CREATE TABLE alerts (id INTEGER PRIMARY KEY AUTOINCREMENT)", "SELECT id FROM alerts FOR UPDATE SKIP LOCKED",
    ])
    func `given SQL that only one database knows, then it is reported`(line: String) {
        let migration = SourceFile(path: "Sources/Storage/Migrations/M0001-alerts.sql", text: line)
        let query = SourceFile(path: "Sources/Storage/Alerts.swift", text: "let sql = \"\"\"\n    \(line)\n    \"\"\"")

        #expect(SQL.findings(in: migration).map(\.line) == [1])
        #expect(SQL.findings(in: query).map(\.line) == [2])
    }

    @Test(arguments: ["SELECT count(*) FROM alerts", "-- no SELECT * here", "SELECT serial_number FROM alerts"])
    func `given SQL that both know, then nothing is reported`(line: String) {
        #expect(SQL.findings(in: SourceFile(path: "Sources/Storage/Migrations/M0001-alerts.sql", text: line)) == [])
    }

    @Test func `given a repeated number or another name, then it is reported`() {
        #expect(SQL.numberingFindings(["a/M0001-first.sql", "a/M0003-third.sql"]) == [])
        #expect(SQL.numberingFindings(["a/M0001-first.sql", "a/M0001-second.sql"]).count == 1)
        #expect(SQL.numberingFindings(["a/0001-first.sql"]).count == 1)
    }

    @Test func `given a released migration that was edited or removed, then it is reported`() {
        let file = SourceFile(path: "Sources/Storage/Migrations/M0001-first.sql", text: "CREATE TABLE a (id BIGINT)")
        let released = ["M0001-first.sql": SQL.fingerprint(of: file.text)]
        var edited = file
        edited.text += "\n"

        #expect(SQL.releaseFindings([file], released: released) == [])
        #expect(SQL.releaseFindings([edited], released: released).count == 1)
        #expect(SQL.releaseFindings([], released: released).count == 1)
    }
}
