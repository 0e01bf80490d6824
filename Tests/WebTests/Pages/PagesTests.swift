import Alerting
import Engine
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import Web

/// What holds for all pages.
struct PagesTests {
    @Test func `given an account with everything in it, then every page renders whole`() async throws {
        let server = try await PageServer()
        let bob = try await server.addUser("Bob", role: .responder)
        let shop = try await server.addShop()
        let alert = try await server.raise("Down", of: shop)
        let team = try await server.administration.teams.create(TeamDraft(name: "Web"), by: server.caller)
        try await server.browse { visitor in
            _ = try await visitor.signIn().post("/alert-sources/\(shop.id)/test-events", [("state", "failing")])
            let events = try await server.engine.store.read {
                try EventLog.list(source: shop.id, limit: 1, in: $0)
            }
            let event = try #require(events.first)
            let (source, policy) = ("/alert-sources/\(shop.id)", "/escalation-policies/\(shop.policy)")
            let paths = [
                "/alerts", "/alerts?state=all&text=x&source=\(shop.id)", "/alerts/new", "/alerts/\(alert)",
                "/alert-sources", "/alert-sources/new", source, source + "/edit", source + "/actions",
                source + "/deletion", source + "/events", source + "/events/\(event.id)", source + "/mapping",
                "/escalation-policies", "/escalation-policies/new", policy, policy + "/edit", policy + "/deletion",
                "/users", "/users/new", "/users/\(bob.id)", "/users/\(bob.id)/notifications",
                "/users/\(bob.id)/deletion", "/users/\(server.alice.id)", "/profile/security", "/teams", "/teams/new",
                "/teams/\(team.id)", "/teams/\(team.id)/edit", "/teams/\(team.id)/deletion", "/account", "/audit-log",
                "/nodes", "/retention",
                "/guide", "/guide/rapidspike", "/guide/events-api",
            ]
            for path in paths {
                let answer = try await visitor.get(path)
                #expect(answer.status == .ok, "\(path)")
                #expect(answer.text.hasSuffix("</html>\n") && answer.text.contains("<h1"), "\(path)")
                #expect(!answer.text.contains("{{") && !answer.text.contains("Optional("), "\(path)")
                #expect(answer.text.components(separatedBy: "<main").count == 2, "\(path)")
                Self.checkLabels(answer.text, path)
            }
        }
    }

    /// Each field that is typed into has a label; ids occur once.
    private static func checkLabels(_ page: String, _ path: String) {
        let labels = Set(page.matches(of: /<label for="([^"]+)"/).map { String($0.output.1) })
        for field in page.matches(of: /<(?:input|select|textarea) id="([^"]+)"([^>]*)>/) {
            let isNamed = labels.contains(String(field.output.1)) || field.output.2.contains("aria-label")
            #expect(isNamed, "\(path): \(field.output.1) has no label")
        }
        let ids = page.matches(of: /\sid="([^"]+)"/).map { String($0.output.1) }
        #expect(Set(ids).count == ids.count, "\(path): an id occurs twice")
    }

    @Test func `given the folder of templates, then every file is in the product`() throws {
        let folder = TestTools.packageRoot.appending(path: "Sources/Web/Templates").path()
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        let names = files.filter { $0.hasSuffix(".mustache") }.map {
            String($0.split(separator: "/").last?.dropLast(".mustache".count) ?? "")
        }

        #expect(names.count > 30)
        #expect(names.sorted() == TemplateList.names.sorted())
    }

    @Test func `given hostile words from a tool, then they are shown as words`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        let hostile = "<script>alert(1)</script>\"'&{{frame.formToken}}"
        let links = [AlertLink(href: "javascript:alert(1)", text: "click"), AlertLink(href: "https://example.com/a")]
        let alert = try await server.raise(hostile, details: hostile, links: links, of: shop)
        try await server.browse { visitor in
            for path in ["/alerts", "/alerts/\(alert)"] {
                let text = try await visitor.signIn().get(path).text
                #expect(!text.contains("<script>alert"))
                #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;{{frame.formToken}}"))
                #expect(!text.contains("href=\"javascript:"))
            }
            #expect(try await visitor.get("/alerts/\(alert)").text.contains("href=\"https://example.com/a\""))
        }
    }

    @Test func `given an address where nothing is, then the page says so`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            for path in ["/nowhere", "/alerts/999", "/alerts/x", "/alert-sources/0", "/guide/none", "/users/77/a"] {
                let answer = try await visitor.signIn().get(path)
                #expect(answer.status == .notFound, "\(path)")
                #expect(answer.text.contains("Not found"), "\(path)")
            }
        }
    }

    @Test func `given a viewer, then nothing offers to act and acting is refused`() async throws {
        let server = try await PageServer()
        _ = try await server.addUser("Carol", role: .viewer)
        let shop = try await server.addShop()
        let alert = try await server.raise("Down", of: shop)
        try await server.browse { visitor in
            try await visitor.signIn("carol@example.com")
            let page = try await visitor.get("/alerts/\(alert)").text
            let source = try await visitor.get("/alert-sources/\(shop.id)").text

            #expect(!page.contains("/acceptance"))
            #expect(!source.contains(shop.integrationKey))
            #expect(try await visitor.post("/alerts/\(alert)/acceptance").status == .forbidden)
            #expect(try await visitor.get("/alert-sources/new").status == .forbidden)
            #expect(try await visitor.post("/alert-sources/\(shop.id)/integration-key").status == .forbidden)
            #expect(try await visitor.get("/account").status == .forbidden)
            #expect(try await visitor.get("/audit-log").status == .forbidden)
        }
    }

    @Test func `given a private team's source, then others see neither it nor its alerts`() async throws {
        let server = try await PageServer()
        _ = try await server.addUser("Bob", role: .user)
        let team = try await server.administration.teams.create(
            TeamDraft(name: "Secret", visibility: .closed), by: server.caller)
        let shop = try await server.addShop(teams: [team.id])
        let alert = try await server.raise("Secret down", of: shop)
        try await server.browse { visitor in
            try await visitor.signIn("bob@example.com")

            #expect(try await visitor.get("/alerts/\(alert)").status == .notFound)
            #expect(try await visitor.get("/alert-sources/\(shop.id)/events").status == .notFound)
            #expect(try await visitor.post("/alerts/\(alert)/resolution").status == .notFound)
            #expect(!(try await visitor.get("/alerts").text.contains("Secret")))
            #expect(!(try await visitor.get("/alert-sources").text.contains("Shop")))
            #expect(!(try await visitor.get("/teams").text.contains("Secret")))
        }
    }
}
