import Alerting
import Engine
import Foundation
import HTTPTypes
import Storage
import Testing

@testable import Web

struct WizardTests {
    private static let new = "/alert-sources/new"
    private static let complete = [
        ("type", "RAPIDSPIKE"), ("name", "Shop"), ("escalation", "new"),
        ("policyName", "Escalation policy for Shop"), ("grouping", "none"), ("window", "10"),
        ("autoResolution", "0"), ("priority", "HIGH"),
    ]

    private static func link(_ step: String, _ fields: [(String, String)]) -> String {
        new + "?" + PageVisitor.encode([("step", step)] + fields)
    }

    @Test func `given the guide, when each step is answered, then the source and its policy are there`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let type = try await visitor.signIn().get(Self.new).text
            #expect(type.contains("Filter integrations"))
            #expect(type.components(separatedBy: "tile-featured").count == 4)
            #expect(type.contains("name=\"type\" value=\"RAPIDSPIKE\" required"))
            let name = try await visitor.get(Self.link("name", [("type", "RAPIDSPIKE")])).text
            #expect(name.contains("<h2>Name your alert source</h2>"))
            let escalation = try await visitor.get(Self.link("escalation", Array(Self.complete.prefix(2)))).text
            #expect(escalation.contains("Generate a new escalation policy"))
            #expect(escalation.contains("value=\"Escalation policy for Shop\""))
            let grouping = try await visitor.get(Self.link("grouping", Array(Self.complete.prefix(4)))).text
            #expect(grouping.contains("Do not group alerts") && grouping.contains(">Continue setup<"))
            let settings = try await visitor.get(Self.link("settings", Array(Self.complete.prefix(7)))).text
            #expect(settings.contains("Notification priority") && settings.contains(">Finish setup<"))

            let answer = try await visitor.post("/alert-sources", Self.complete)
            let page = try await visitor.follow(answer).text

            #expect(page.contains("https://nightbell.example.com/api/v1/events/rapidspike/nb1rapi"))
            #expect(page.contains(">Rotate API key<") && page.contains(">Send a test event<"))
            let policies = try await server.administration.policies.list(page: .init(limit: 9), by: server.caller)
            #expect(policies.map(\.name) == ["Escalation policy for Shop"])
            #expect(policies[0].policy.levels[0].targets == [.user(server.alice.id)])
        }
    }

    @Test(arguments: [
        ("name", 0, "Choose an integration."), ("escalation", 1, "Enter a name for the alert source."),
        ("settings", 4, "Choose how alerts are grouped."), ("grouping", 1, "Enter a name for the alert source."),
    ])
    func `given a step that is not complete, when Next is pressed, then it comes back and says why`(
        next: String, filled: Int, sentence: String
    ) async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let fields = Array(Self.complete.prefix(filled))
            let answer = try await visitor.signIn().get(Self.link(next, fields))

            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains(sentence))
        }
    }

    @Test(arguments: [
        ("type", "NONSENSE", "Choose an integration."), ("name", "   ", "Enter a name for the alert source."),
        ("policyName", "", "Enter a name for the escalation policy."),
        ("grouping", "", "Choose how alerts are grouped."),
        ("autoResolution", "-5", "Choose a time for the auto-resolution."),
        ("priority", "URGENT", "Alert priority rule"),
    ])
    func `given one wrong field, when the setup is finished, then nothing is made and the page says why`(
        field: String, value: String, sentence: String
    ) async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let fields = Self.complete.map { $0.0 == field ? ($0.0, value) : $0 }
            let answer = try await visitor.signIn().post("/alert-sources", fields)

            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains(sentence))
            let sources = try await server.administration.sources.list(page: .init(limit: 9), by: server.caller)
            #expect(sources.isEmpty)
        }
    }

    @Test func `given a policy that exists, when it is assigned, then no other is made`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let fields = Self.complete.filter { !["escalation", "policyName"].contains($0.0) }
            let existing = [("escalation", "existing"), ("policy", "\(shop.policy)")]
            let wrong = try await visitor.signIn().post("/alert-sources", fields + [("policy", "999999")])
            let answer = try await visitor.post("/alert-sources", fields + existing)

            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.text.contains("Choose an escalation policy."))
            #expect(answer.status == .seeOther)
            let policies = try await server.administration.policies.list(page: .init(limit: 9), by: server.caller)
            #expect(policies.count == 1)
        }
    }

    @Test func `given the last page, when Back is pressed, then all that was typed comes along`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let typed = Self.complete.map { $0.0 == "name" ? ("name", "Läden & \"Co\"") : $0 }
            let answer = try await visitor.signIn().post("/alert-sources", typed + [("back", "grouping")])
            let grouping = try await visitor.follow(answer).text

            #expect(grouping.contains("Alert grouping"))
            #expect(grouping.contains("name=\"name\" value=\"Läden &amp; &quot;Co&quot;\""))
            #expect(grouping.contains("name=\"priority\" value=\"HIGH\""))
            #expect(!answer.location.contains("csrf"))
        }
    }

    @Test func `given a filter, when it is applied without scripts, then only what fits is listed`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let some = try await visitor.signIn().get(Self.new + "?step=type&filter=rapid").text
            let none = try await visitor.get(Self.new + "?step=type&filter=%3Cb%3E").text

            #expect(some.contains("value=\"RAPIDSPIKE\"") && !some.contains("value=\"ZABBIX\""))
            #expect(none.contains("No integration is called “&lt;b&gt;”"))
        }
    }
}
