import Alerting
import Engine
import Foundation
import HTTPTypes
import Storage
import Testing

@testable import Web

struct RulesPagesTests {
    private static let payload = """
        {"eventType":"ALERT","alertKey":"disk-1","summary":"Disk full","customDetails":{"host":"web1","level":"crit",
         "odd key":{"it's":[{"n":1}]}},"labels":{"team":"shop"}}
        """

    /// "Shop" with one event that came.
    private static func source(_ server: PageServer, _ visitor: PageVisitor) async throws -> AlertSourceRecord {
        let shop = try await server.addShop(type: "API")
        let answer = try await visitor.postRaw(
            "/api/v1/events/api/\(shop.integrationKey)", payload, headers: [.contentType: "application/json"])
        #expect(answer.status == .accepted)
        return shop
    }

    private static func fields(
        of source: AlertSourceRecord, _ server: PageServer
    ) async throws -> JSONValue {
        try await server.administration.sources.find(source.id, by: server.caller).fields
    }

    @Test func `given rules that are typed, when they are previewed, then the last events show what they would be`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let shop = try await Self.source(server, visitor)
            let link = "/alert-sources/\(shop.id)/rules"
            let before = try await visitor.signIn().get(link).text
            let preview = try await visitor.post(
                link,
                [
                    ("summaryTemplate", "{{ host }}: {{ event.summary }}"), ("severityTemplate", "{{ level }}"),
                    ("severityMappings", "crit = 1"), ("priorityTemplate", "{{ level }}"),
                    ("priorityMappings", "crit=LOW"), ("linkText0", "Graph"),
                    ("linkHref0", "https://g.example/{{ host }}"), ("do", "preview"),
                ]
            ).text

            #expect(before.contains("Raises an alert") && before.contains(">Disk full<"))
            #expect(before.contains("<option value=\"event.customDetails.host\">web1</option>"))
            #expect(before.contains("event.customDetails[&#39;odd key&#39;][&#39;it\\&#39;s&#39;][0].n"))
            #expect(preview.contains("<strong>web1: Disk full</strong>"))
            #expect(preview.contains("<strong>1</strong>"))
            #expect(preview.contains("Graph: https://g.example/web1"))
            #expect(preview.contains("<dt>Priority</dt>") && preview.contains("LOW"))
            #expect(try await Self.fields(of: shop, server) == .object([:]))
        }
    }

    @Test func `given rules that are typed, when they are saved, then the next event follows them`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let shop = try await Self.source(server, visitor)
            let link = "/alert-sources/\(shop.id)/rules"
            let saved = try await visitor.signIn().post(
                link,
                [
                    ("eventFilter", "event.customDetails.host != web2"), ("summaryTemplate", "On {{ host }}"),
                    ("alertKeyTemplate", "{{ host }}"), ("servicesTemplate", "a\n\nb"), ("do", "save"),
                ])
            let page = try await visitor.follow(saved).text
            _ = try await visitor.postRaw(
                "/api/v1/events/api/\(shop.integrationKey)", Self.payload, headers: [.contentType: "application/json"])
            let explorer = try await visitor.get("/alert-sources/\(shop.id)/events").text

            #expect(saved.status == .seeOther && page.contains("Saved."))
            #expect(page.contains("event.customDetails.host != web2"))
            let alerts = try await server.engine.store.read { transaction in
                try AlertList.list(
                    AlertFilter(), scope: server.caller.scope, page: Page(limit: 9), in: transaction)
            }
            #expect(alerts.map(\.alert.summary).contains("On web1"))
            #expect(explorer.contains("Raised a new alert."))
            let fields = try await Self.fields(of: shop, server)
            #expect(fields["servicesTemplate"]?.array?.count == 2)
        }
    }

    @Test func `given a mistake in a condition, when it is saved, then the page says where and keeps the text`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let shop = try await Self.source(server, visitor)
            let link = "/alert-sources/\(shop.id)/rules"
            let text = "event.summary == x\nand event.x is 3"
            for action in ["save", "preview"] {
                let answer = try await visitor.signIn().post(
                    link, [("eventFilter", text), ("detailsTemplate", "{{ <b>"), ("do", action)])

                #expect(answer.status == .unprocessableContent)
                #expect(answer.text.contains("Line 2, column 13"))
                #expect(answer.text.contains("event.summary == x\nand event.x is 3"))
                #expect(answer.text.contains("{{ &lt;b&gt;"))
            }
            #expect(try await Self.fields(of: shop, server) == .object([:]))
        }
    }

    @Test(arguments: [
        ("contains", "disk", "event.summary contains 'disk'"), ("==", "5", "event.summary == 5"),
        ("in", "a, it's", "event.summary in ['a', 'it\\'s']"), ("empty", "", "event.summary == nil"),
        ("filled", "x", "event.summary != nil"), ("regex", "^a\\d", "event.summary regex '^a\\\\d'"),
        ("contains_any", "a,b", "event.summary contains_any ['a', 'b']"), ("nonsense", "x", "event.summary == 'x'"),
        (">", "nil", "event.summary > nil"),
    ])
    func `given rows of the builder, when they are added, then they are a condition that is understood`(
        comparator: String, value: String, expected: String
    ) throws {
        var form = Form()
        for (name, value) in [("rowField0", "summary"), ("rowComparator0", comparator), ("rowValue0", value)] {
            form.add(name, value)
        }

        let condition = try #require(ConditionBuilder(form).condition)

        #expect(condition == expected)
        _ = try Condition(condition)
        _ = try Condition(ConditionBuilder(form).added(to: "event.priority == HIGH or event.severity == 1"))
    }

    @Test func `given rows of the builder, when they are added to a condition, then the preview follows it at once`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let shop = try await Self.source(server, visitor)
            let link = "/alert-sources/\(shop.id)/rules"
            let rows = [
                ("eventFilter", "event.priority == LOW or event.severity == nil"), ("rowJoin", "or"),
                ("rowField0", "event.customDetails.host"), ("rowComparator0", "=="), ("rowValue0", "db1"),
                ("rowField1", "event.summary"), ("rowComparator1", "starts_with"), ("rowValue1", "cart"),
                ("rowTarget", "eventFilter"), ("do", "build"),
            ]
            let page = try await visitor.signIn().post(link, rows).text

            let condition =
                "(event.priority == LOW or event.severity == nil) and "
                + "(event.customDetails.host == &#39;db1&#39; or event.summary starts_with &#39;cart&#39;)"
            #expect(page.contains(condition))
            #expect(page.contains("Dropped by the source&#39;s event filter."))
            #expect(try await Self.fields(of: shop, server) == .object([:]))
        }
    }

    @Test func `given rules that came by API, when the page saves them unchanged, then they stay as they were sent`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let shop = try await Self.source(server, visitor)
            let sent = try JSONValue.parse(
                """
                {"summaryTemplate":{"elements":[{"type":"VAR","val":"host","func":"upperCase","args":[]}]},
                 "eventFilter":"event.summary != nil\\n","scoreThreshold":0.5,
                 "linkTemplates":[{"text":"Open","hrefTemplate":{"textTemplate":"https://x.example"}}],
                 "priorityTemplate":{"valueTemplate":{"textTemplate":"{{ p }}"},"mappings":[{"value":"a=b","priority":"LOW"}]},
                 "servicesTemplate":[{"textTemplate":"{{ s }}"}]}
                """)
            var draft = AlertSourceDraft(shop)
            draft.fields = sent
            _ = try await server.administration.sources.update(shop.id, with: draft, by: server.caller)
            let page = try await visitor.signIn().get("/alert-sources/\(shop.id)/rules").text
            let typed = [
                ("summaryTemplate", "{{ host.upperCase() }}"), ("eventFilter", "event.summary != nil"),
                ("linkText0", "Open"), ("linkHref0", "https://x.example"), ("priorityTemplate", "{{ p }}"),
                ("priorityMappings", "a=b = LOW"), ("servicesTemplate", "{{ s }}"), ("do", "save"),
            ]
            for (name, value) in typed.dropLast() { #expect(page.contains(value), "\(name)") }

            _ = try await visitor.post("/alert-sources/\(shop.id)/rules", typed)

            #expect(try await Self.fields(of: shop, server) == sent)
        }
    }

    @Test func `given somebody who may not configure, then the rules are not theirs to see or change`() async throws {
        let server = try await PageServer()
        _ = try await server.addUser("Bob", role: .responder)
        try await server.browse { visitor in
            let shop = try await Self.source(server, visitor)
            let link = "/alert-sources/\(shop.id)/rules"

            #expect(try await visitor.signIn("bob@example.com").get(link).status == .forbidden)
            #expect(try await visitor.post(link, [("eventFilter", "true"), ("do", "save")]).status == .forbidden)
            #expect(try await !visitor.get("/alert-sources/\(shop.id)").text.contains(">Rules<"))
        }
    }

    @Test(arguments: ["conditions", "templates", "grouping"])
    func `given the rules page, then the guide that it points to is there`(name: String) async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let page = try await visitor.signIn().get("/guide/\(name)")

            let title = name.prefix(1).uppercased() + name.dropFirst()
            #expect(page.status == .ok && page.text.contains("<h1>\(title)</h1>"))
            #expect(try await visitor.get("/guide").text.contains("/guide/\(name)"))
        }
    }
}
