import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

struct EventFlowPagesTests {
    private static func make(_ visitor: PageVisitor) async throws -> String {
        try await visitor.post("/event-flows", [("name", "Front <door>")]).location
    }

    /// The first link on a page that begins with something.
    private static func link(_ text: String, _ beginning: String) throws -> String {
        let start = try #require(text.firstRange(of: "href=\"\(beginning)"))
        let rest = text[start.lowerBound...].dropFirst(6)
        return String(rest.prefix { $0 != "\"" }).replacing("&amp;", with: "&")
    }

    @Test func `given an empty flow, when nodes are added and changed in the outline, then the page shows the tree`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop(type: "API")
        try await server.browse { visitor in
            let empty = try await visitor.signIn().get("/event-flows")
            let link = try await Self.make(visitor)
            let page = try await visitor.get(link)
            let place = try Self.link(page.text, link + "/nodes/new?branch=")
            let branch = String(place.drop { $0 != "=" }.dropFirst().prefix { $0 != "&" })
            let form = try await visitor.get(link + "/nodes/new?branch=\(branch)&type=DEFINE_BRANCHES")
            let saved = try await visitor.post(
                link + "/nodes",
                [
                    ("type", "DEFINE_BRANCHES"), ("branch", branch), ("name", "Which"), ("branch-id", ""),
                    ("branch-name", "Shop"), ("branch-condition", "context.event.summary contains shop"),
                ])
            let withBranches = try await visitor.get(link)
            let routePlace = try Self.link(withBranches.text, link + "/nodes/new?branch=")
            let routeBranch = String(routePlace.drop { $0 != "=" }.dropFirst().prefix { $0 != "&" })
            let flow = try #require(
                try await server.administration.flows.list(page: Page(limit: 1), by: server.caller).first)
            let tree = FlowTree(flow.root)
            let node = try #require(tree.root["branches"]?[0]?["target"])
            let shopBranch = try #require(node["branches"]?[0]?["id"]?.integer)
            _ = try await visitor.post(
                link + "/nodes",
                [
                    ("type", "ROUTE_EVENT"), ("branch", "\(shopBranch)"), ("name", ""), ("source", "\(shop.id)"),
                    ("priority", "LOW"), ("policy", ""),
                ])
            let done = try await visitor.get(link)
            let edit = try await visitor.get(link + "/nodes/\(node["id"]?.integer ?? 0)")

            #expect(empty.text.contains("No event flows yet"))
            #expect(page.text.contains("Front &lt;door&gt;") && page.text.contains("dropped"))
            #expect(form.text.contains("branch-condition"))
            #expect(saved.status == .seeOther && saved.location == link)
            #expect(withBranches.text.contains("If “Shop”") && withBranches.text.contains("Otherwise"))
            #expect(!routeBranch.isEmpty)
            #expect(done.text.contains("Shop, priority low"))
            #expect(edit.text.contains("value=\"Shop\"") && edit.text.contains("context.event.summary contains shop"))
        }
    }

    @Test func `given a node with a fault, when it is saved, then the form comes back with what was typed`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let link = try await Self.make(visitor.signIn())
            let answer = try await visitor.post(
                link + "/nodes",
                [
                    ("type", "DEFINE_BRANCHES"), ("branch", "2"), ("branch-id", ""), ("branch-name", "Shop"),
                    ("branch-condition", "context.event.summary =="),
                ])
            let gone = try await visitor.get(link + "/nodes/99")

            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains("Line 1, column") && answer.text.contains("context.event.summary =="))
            #expect(gone.status == .notFound)
        }
    }

    @Test
    func `given a flow, when a pasted and a past event are traced, then the way is marked and nothing is written`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop(type: "API")
        try await server.browse { visitor in
            let link = try await Self.make(visitor.signIn())
            _ = try await visitor.post(
                link + "/nodes",
                [("type", "ROUTE_EVENT"), ("branch", "2"), ("source", "\(shop.id)"), ("priority", ""), ("policy", "")])
            let body = #"{"eventType":"ALERT","summary":"Shop is <down>"}"#
            let traced = try await visitor.post(link + "/trace", [("format", "API"), ("body", body)])
            let wrong = try await visitor.post(link + "/trace", [("format", "API"), ("body", "{")])
            let flow = try #require(
                try await server.administration.flows.list(page: Page(limit: 1), by: server.caller).first)
            let key = try #require(
                try await server.administration.flows.integrations(of: flow.id, page: Page(limit: 1), by: server.caller)
                    .first)
            let before = try await visitor.get(link)
            let posted = try await visitor.postRaw("/api/v1/events/api/\(key.key)", body)
            let page = try await visitor.get(link)
            let past = try await visitor.get(try Self.link(page.text, link + "?event="))

            #expect(traced.text.contains("Goes to Shop") && traced.text.contains("outline-visited"))
            #expect(traced.text.contains("Shop is &lt;down&gt;"))
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("cannot be read"))
            #expect(before.text.contains("Nothing yet."))
            #expect(posted.status == .accepted)
            #expect(page.text.contains("Routed to an alert source. Raised a new alert."))
            #expect(past.text.contains("Goes to Shop"))
        }
    }

    @Test func `given two nodes in a row, when the first is removed, then the second moves up`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop(type: "API")
        try await server.browse { visitor in
            let link = try await Self.make(visitor.signIn())
            _ = try await visitor.post(
                link + "/nodes",
                [("type", "ROUTE_EVENT"), ("branch", "2"), ("source", "\(shop.id)"), ("priority", ""), ("policy", "")])
            _ = try await visitor.post(
                link + "/nodes", [("type", "WAIT"), ("branch", "2"), ("amount", "5"), ("unit", "M")])
            let flow = try #require(
                try await server.administration.flows.list(page: Page(limit: 1), by: server.caller).first)
            let wait = try #require(flow.root["branches"]?[0]?["target"])
            let page = try await visitor.get(link)

            let removed = try await visitor.post(link + "/nodes/\(wait["id"]?.integer ?? 0)/removal")
            let after = try await server.administration.flows.find(flow.id, by: server.caller)

            #expect(wait["metadata"]?["waitForDuration"]?.string == "PT5M")
            #expect(page.text.contains("for 5 minutes"))
            #expect(removed.status == .seeOther)
            #expect(after.root["branches"]?[0]?["target"]?["nodeType"]?.string == "ROUTE_EVENT")
        }
    }

    @Test func `given rules of a transform, when they are typed and shown, then they are the same`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let link = try await Self.make(visitor.signIn())
            let rule = [
                ("type", "TRANSFORM"), ("branch", "2"), ("condition", ""), ("rule-name", "level"),
                ("rule-target", "context.event.priority"), ("rule-operation", "MAP"), ("rule-value", ""),
                ("rule-source", "context.event.customDetails.level"), ("rule-mapping", "warn = LOW\nerror = HIGH"),
                ("rule-otherwise", "HIGH"),
            ]
            _ = try await visitor.post(link + "/nodes", rule)
            let flow = try #require(
                try await server.administration.flows.list(page: Page(limit: 1), by: server.caller).first)
            let node = try #require(flow.root["branches"]?[0]?["target"])
            let form = try await visitor.get(link + "/nodes/\(node["id"]?.integer ?? 0)")

            let stored = node["metadata"]?["rules"]?[0]
            #expect(stored?["mapping"] == .object(["warn": .string("LOW"), "error": .string("HIGH")]))
            #expect(stored?["default"]?.string == "HIGH" && stored?["operator"]?.string == "MAP")
            #expect(form.text.contains("warn = LOW") && form.text.contains("context.event.customDetails.level"))
        }
    }

    @Test func `given a responder, when they look, then they see the flow without its secrets and change nothing`()
        async throws
    {
        let server = try await PageServer()
        _ = try await server.addUser("Bob", role: .responder)
        try await server.browse { visitor in
            let link = try await Self.make(visitor.signIn())
            let bob = try await visitor.another().signIn("bob@example.com")
            let page = try await bob.get(link)
            let change = try await bob.post(
                link + "/nodes", [("type", "WAIT"), ("branch", "2"), ("amount", "5"), ("unit", "M")])

            #expect(page.status == .ok && !page.text.contains("nb1flow") && !page.text.contains("/nodes/new"))
            #expect(change.status == .forbidden)
        }
    }
}
