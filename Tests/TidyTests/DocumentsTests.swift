import Foundation
import Testing

struct DocumentsTests {
    @Test func `given the repository, then every relative link leads somewhere`() {
        let pages = Repository.files.filter { $0.path.hasSuffix(".md") }

        let findings = pages.flatMap { page in
            Documents.linkFindings(in: page) {
                FileManager.default.fileExists(atPath: Repository.root.appending(path: $0).path())
            }
        }

        #expect(findings == [])
    }

    @Test func `given the repository, then every decision is in the list of decisions`() {
        let decisions = Repository.files.filter { $0.path.hasPrefix("docs/decisions/") }
        let list = decisions.first { $0.path.hasSuffix("/README.md") }?.text ?? ""
        let pages = decisions.map { String($0.path.dropFirst("docs/decisions/".count)) }.filter { $0 != "README.md" }

        #expect(Documents.decisionFindings(pages: pages, list: list) == [])
    }

    @Test func `given the program's version, then the change log has a part for it`() {
        let changes = Repository.files.first { $0.path == "CHANGELOG.md" }?.text ?? ""
        let program = Repository.sources.filter { $0.path.hasPrefix("Sources/nightbell/") }

        for version in program.flatMap({ Documents.declaredVersions(in: $0.text) }) {
            #expect(changes.contains("## \(version)"), "CHANGELOG.md has no part for \(version)")
        }
    }

    @Test func `given the repository, then nothing in it is for its writer only`() {
        #expect(Repository.files.flatMap(Documents.privateWordFindings) == [])
    }

    @Test func `given every integration, then it has recorded requests`() {
        let fixtures = Set(
            Repository.files.compactMap { file -> String? in
                let parts = file.path.split(separator: "/")
                return file.path.hasPrefix("Tests/IntegrationsTests/Fixtures/") && parts.count > 4
                    ? String(parts[3]) : nil
            })
        let integrations = Repository.sources.filter { $0.path.hasPrefix("Sources/Integrations/") }

        #expect(Integrations.findings(in: integrations, fixtures: fixtures) == [])
    }

    @Test func `given a link to nowhere, then it is reported`() {
        let page = SourceFile(
            path: "docs/guide/backup.md",
            text: """
                [one](../STYLE.md) [two](missing.md#top) [three](https://example.org/x) [four](#here)
                ```
                [five](in-code.md)
                ```
                """)

        let findings = Documents.linkFindings(in: page) { $0 == "docs/STYLE.md" }

        #expect(findings == [Finding(path: page.path, line: 1, message: "missing.md leads nowhere")])
    }

    @Test func `given a decision that is not listed or not numbered, then it is reported`() {
        let list = "- [one](0001-one.md)\n- [two](0002-two.md)"

        #expect(Documents.decisionFindings(pages: ["0001-one.md", "0002-two.md"], list: list) == [])
        #expect(Documents.decisionFindings(pages: ["0001-one.md", "0002-other.md"], list: list).count == 1)
        #expect(Documents.decisionFindings(pages: ["0002-two.md"], list: list) == [])
        #expect(Documents.decisionFindings(pages: ["0001-one.md", "0001-uno.md"], list: list).count == 1)
        #expect(Documents.decisionFindings(pages: ["two.md"], list: list).count == 1)
    }

    @Test func `given ways to write a version, then it is found`() {
        #expect(Documents.declaredVersions(in: "version: \"0.1.0\"") == ["0.1.0"])
        #expect(Documents.declaredVersions(in: "static let version = \"1.20.3\"") == ["1.20.3"])
        #expect(Documents.declaredVersions(in: "let conversion = \"1.2.3\"") == [])
    }

    @Test(arguments: ["see /wo" + "rk/notes", "// TO" + "DO: later", "/ho" + "me/alice/nightbell"])
    func `given a path of somebody's machine or a promise, then it is reported`(line: String) {
        #expect(Documents.privateWordFindings(in: SourceFile(path: "a.md", text: line)).count == 1)
    }

    @Test func `given an integration without recorded requests, then it is reported`() {
        var file = SourceFile(
            path: "Sources/Integrations/UptimeKuma.swift",
            text: """
                public enum UptimeKuma: Integration {
                    static let kind = Kind(path: "kuma", category: .websites)
                }
                """)

        #expect(Integrations.findings(in: [file], fixtures: ["uptime-kuma"]) == [])
        #expect(Integrations.findings(in: [file], fixtures: ["kuma"]) == [])
        #expect(Integrations.findings(in: [file], fixtures: ["grafana"]).map(\.path) == [file.path])

        file.text.replace(".websites", with: ".custom")
        #expect(Integrations.findings(in: [file], fixtures: []) == [])
    }
}
