import Foundation
import HTTPTypes
import Integrations
import Testing

@testable import Web

@Suite struct IntegrationGuideTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let entries = IntegrationCatalog.entries.sorted { $0.name.lowercased() < $1.name.lowercased() }

    /// What `docs/guide/integrations.md` has to say, made of what the product's own pages are made of.
    private static var document: String {
        let columns: [(String, IntegrationKind.Feature)] = [
            ("resolves", .alertResolution), ("accepts", .alertAcknowledgement), ("routing", .dynamicRouting),
            ("links", .links), ("images", .images), ("comments", .comments),
        ]
        var lines = [
            "# Integrations", "",
            "An alert source speaks one of these formats. Its page shows the address to paste and the steps in the",
            "tool; so do the product's own guide pages. Templates and conditions work with each, and each webhook",
            "may be given a mapping.",
            "", "| tool | URL | " + columns.map(\.0).joined(separator: " | ") + " | signature |",
            "|---|---|" + columns.map { _ in "---|" }.joined() + "---|",
        ]
        for entry in entries {
            let ticks = columns.map { entry.kind.features.contains($0.1) ? "yes" : "" }.joined(separator: " | ")
            let path = entry.kind.isMail ? "by mail" : "`/api/v1/events/\(entry.path)/…`"
            let name = entry.kind.guide.map { "[\(entry.name)](\($0).md)" } ?? entry.name
            lines.append("| \(name) | \(path) | \(ticks) | \(entry.signing.isEmpty ? "" : "`\(entry.signing)`") |")
        }
        lines += [
            "",
            "The signature is checked once a webhook secret is set on the source's edit page. Tools that do not",
            "sign can send the secret itself as `Authorization: Bearer …`, as the password of `Authorization: Basic …`",
            "or as `X-Webhook-Secret`.",
            "", "# How each is read", "",
            "What cannot be read raises an alert about itself and is kept in the source's event explorer.",
        ]
        for entry in entries {
            guard let facts = IntegrationFacts.all[entry.type] else { continue }
            lines += ["", "## \(entry.name)"]
            lines += facts.list.map { "- \($0.name): \($0.text)" }
            if let note = facts.note { lines += ["", note] }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test func `given the catalogue, when the guide's page is compared with it, then they agree`() throws {
        let path = Self.repository.appending(path: "docs/guide/integrations.md").path
        let found = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }

        if found != Self.document {
            let wanted = NSTemporaryDirectory() + "nightbell-integrations.md"
            try Data(Self.document.utf8).write(to: URL(filePath: wanted))
            Issue.record("docs/guide/integrations.md is out of date; it should be \(wanted)")
        }
    }

    @Test func `given the catalogue, when pages are named for it, then each is there`() {
        for entry in Self.entries {
            #expect(IntegrationFacts.all[entry.type] != nil, "\(entry.type)")
            guard let guide = entry.kind.guide else { continue }
            let path = Self.repository.appending(path: "docs/guide/\(guide).md").path
            #expect(FileManager.default.fileExists(atPath: path), "\(entry.type): \(guide)")
        }
        #expect(Set(IntegrationFacts.all.keys) == Set(Self.entries.map(\.type)))
    }

    @Test func `given a vendor's reader, when its file is looked at, then it names the vendor's page and the day`()
        throws
    {
        let folder = Self.repository.appending(path: "Sources/Integrations").path
        // These read no vendor's format, or one that is published nowhere.
        let others: Set<String> = [
            "EventLimits.swift", "GenericWebhook.swift", "Integration.swift", "IntegrationCatalog.swift",
            "IntegrationTypes.swift", "WebhookRequest.swift", "WebhookSignature.swift",
        ]
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
        #expect(files.count > 45)
        for file in files where !others.contains(file) && !file.hasPrefix("RapidSpike") {
            let text = String(
                decoding: FileManager.default.contents(atPath: "\(folder)/\(file)") ?? Data(), as: UTF8.self)
            let comment = text.split(separator: "\n").filter { $0.hasPrefix("///") }.map { $0.dropFirst(3) }
                .joined(separator: " ")
            let words = comment.split(separator: " ").joined(separator: " ")
            #expect(words.contains("Source: "), "\(file)")
            #expect(words.firstMatch(of: #/read 20\d\d-\d\d-\d\d/#) != nil, "\(file)")
        }
    }

    @Test(arguments: entries.map(\.path))
    func `given an integration, when its guide page is opened, then it says how it is set up and read`(path: String)
        async throws
    {
        let entry = try #require(IntegrationCatalog.entry(path: path))
        let facts = try #require(IntegrationFacts.all[entry.type])
        let server = try await PageServer()
        try await server.browse { visitor in
            let page = try await visitor.signIn().get("/guide/integrations/\(path)")

            #expect(page.status == .ok)
            #expect(page.text.contains("type=\(entry.type)&amp;step=type"))
            #expect(page.text.contains("Raises an alert"))
            #expect(page.text.contains("<h2>Features</h2>"))
            #expect(page.text.components(separatedBy: "<li class=\"yes\">").count - 1 >= entry.kind.features.count)
            if let signature = entry.kind.signature { #expect(page.text.contains(signature.header)) }
            #expect(!facts.key.isEmpty)
            let overview = try await visitor.get("/guide/integrations").text
            #expect(overview.contains(GuidePages.link(for: entry)))
        }
    }
}
