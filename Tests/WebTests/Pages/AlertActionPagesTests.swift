import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

struct AlertActionPagesTests {
    private static let fields = [
        ("kind", "webhook"), ("name", "Tell <ops>"), ("param-webhookUrl", "https://hook.example"),
        ("param-bodyTemplate", "{{ alertSummary }}"), ("param-headers", "X-Team: ops\nX-Two: b:c"),
        ("param-secret", "s3cret"), ("mode", "automatic"), ("trigger", "alert-created"), ("notResolved", "0"),
        ("escalationEnded", "0"), ("conditions", ""),
    ]

    @Test func `given the form, when an action is made and changed, then its secret stays and is never shown`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let empty = try await visitor.signIn().get("/alert-actions")
            let form = try await visitor.get("/alert-actions/new?kind=webhook")
            let saved = try await visitor.post("/alert-actions", Self.fields)
            let page = try await visitor.get(saved.location)
            let edit = try await visitor.get(saved.location + "/edit")
            var changed = Self.fields
            changed[1].1 = "Renamed"
            changed[5].1 = ""
            _ = try await visitor.post(saved.location, changed)
            let action = try #require(
                try await server.administration.actions.list(page: Page(limit: 1), by: server.caller).first)

            #expect(empty.text.contains("No alert actions yet"))
            #expect(form.text.contains("param-webhookUrl") && form.text.contains("type=\"password\""))
            #expect(page.text.contains("Tell &lt;ops&gt;") && page.text.contains("was raised"))
            #expect(!edit.text.contains("s3cret") && edit.text.contains("X-Two: b:c"))
            #expect(action.name == "Renamed" && action.params["secret"]?.string == "s3cret")
            #expect(action.params["headers"]?[1]?["value"]?.string == "b:c")
        }
    }

    @Test func `given a missing setting, when it is saved, then the form comes back with what was typed`() async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            var fields = Self.fields
            fields[2].1 = ""
            let answer = try await visitor.signIn().post("/alert-actions", fields)

            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains("{{ alertSummary }}") && answer.text.contains("is needed"))
        }
    }

    @Test func `given an action, when it is tried with a sample alert, then the page shows the answer`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let hook = try await visitor.signIn().post("/alert-actions", Self.fields)
            let refused = try await visitor.post(hook.location + "/trial")
            let mail = try await visitor.post(
                "/alert-actions",
                [
                    ("kind", "email"), ("name", "Mail"), ("param-recipients", "ops@example.com, b@example.com"),
                    ("mode", "automatic"), ("trigger", "alert-created"),
                ])
            let good = try await visitor.post(mail.location + "/trial")

            // This server sends nothing out.
            #expect(refused.text.contains("It did not work"))
            #expect(good.text.contains("It worked") && good.text.contains("ops@example.com, b@example.com"))
        }
    }

    @Test func `given a manual action, when its button on an alert is pressed, then the timeline says so`() async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        let alert = try await server.raise("Shop is down", of: shop)
        _ = try await server.addUser("Bob", role: .responder)
        try await server.browse { visitor in
            _ = try await visitor.signIn().post(
                "/alert-actions",
                [
                    ("kind", "email"), ("name", "Tell the boss"), ("param-recipients", "boss@example.com"),
                    ("mode", "manual"),
                ])
            let bob = try await visitor.another().signIn("bob@example.com")
            let page = try await bob.get("/alerts/\(alert)")
            let start = try #require(page.text.firstRange(of: "action=\"/alerts/\(alert)/actions/"))
            let link = String(page.text[start.lowerBound...].dropFirst(8).prefix { $0 != "\"" })
            let pressed = try await bob.post(link)
            let after = try await bob.get("/alerts/\(alert)")

            #expect(page.text.contains("Pass it on") && page.text.contains("Tell the boss"))
            #expect(pressed.status == .seeOther)
            #expect(after.text.contains("Alert action “Tell the boss” was done"))
            #expect(try await bob.get("/alert-actions/new?kind=email").status == .forbidden)
        }
    }

    @Test func `given a connector, when it is made and shown, then its secret is not`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let saved = try await visitor.signIn().post(
                "/connectors",
                [
                    ("kind", "slack"), ("name", "Slack"), ("param-apiKey", "xoxb-hidden"), ("param-secret", "s3cret"),
                    ("param-url", ""),
                ])
            let connector = try #require(
                try await server.administration.connectors.list(page: Page(limit: 1), by: server.caller).first)
            let page = try await visitor.get("/connectors/\(connector.id)")
            let wrong = try await visitor.get("/connectors/new?kind=webhook")

            #expect(saved.status == .seeOther)
            #expect(!page.text.contains("xoxb-hidden") && !page.text.contains("s3cret"))
            #expect(page.text.contains("/api/v1/slack/\(connector.id)"))
            #expect(wrong.status == .notFound)
        }
    }

    @Test func `given a link from a chat, when it is opened nothing changes, and its form says who somebody is`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let page = try await visitor.signIn().get("/chat-identity?token=abc")
            let refused = try await visitor.post("/chat-identity", [("token", "abc")])

            #expect(page.text.contains("does not act any more"))
            #expect(try await visitor.follow(refused).text.contains("does not act any more"))
        }
    }
}
