import Alerting
import Engine
import Foundation
import HTTPTypes
import Storage
import Testing

@testable import Web

struct AlertSourcePagesTests {
    // Splunk never says that something is over, and of mails the owner's rules say it.
    @Test(arguments: WizardTypePage.types.filter { !["SPLUNK", "EMAIL", "EMAIL2"].contains($0) })
    func
        `given a source of any kind, when a test event is sent, then an alert is raised and the second one resolves it`(
            type: String
        ) async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop(type: type)
        try await server.browse { visitor in
            let link = "/alert-sources/\(shop.id)/test-events"
            let first = try await visitor.follow(try await visitor.signIn().post(link, [("state", "failing")])).text
            let second = try await visitor.follow(try await visitor.post(link, [("state", "passing")])).text

            #expect(first.contains("Raised a new alert.") && first.contains(">Send the resolving event<"))
            #expect(second.contains("Resolved the alert."))
            let explorer = try await visitor.get("/alert-sources/\(shop.id)/events").text
            #expect(explorer.contains("Raised a new alert.") && explorer.contains("Resolved the alert."))
        }
    }

    @Test func `given a stored request, when it is replayed, then it is handed in once more`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            _ = try await visitor.signIn().post("/alert-sources/\(shop.id)/test-events", [("state", "failing")])
            let events = try await server.engine.store.read { try EventLog.list(source: shop.id, limit: 9, in: $0) }
            let link = "/alert-sources/\(shop.id)/events/\(events[0].id)"
            let page = try await visitor.get(link).text
            let answer = try await visitor.follow(try await visitor.post(link + "/replay"))

            #expect(page.contains("&quot;status&quot;: &quot;failing&quot;"))
            #expect(page.contains("Nightbell test event") && page.contains("POST /api/v1/events/"))
            #expect(page.contains("curl -i &#39;") && page.contains("--data-binary &#39;{"))
            #expect(page.contains("There is no event filter.") && page.contains("Raised a new alert."))
            #expect(answer.text.contains("Added to the open alert with the same key."))
        }
    }

    @Test func `given a key that leaked, when it is rotated, then the page shows another`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let answer = try await visitor.signIn().post("/alert-sources/\(shop.id)/integration-key")
            let page = try await visitor.follow(answer).text

            #expect(page.contains("The API key was rotated."))
            #expect(!page.contains(shop.integrationKey))
        }
    }

    @Test func `given a source, when it is deleted, then its name has to be typed`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let link = "/alert-sources/\(shop.id)/deletion"
            let refused = try await visitor.signIn().post(link, [("name", "shop")])
            let answer = try await visitor.post(link, [("name", "Shop")])

            #expect(refused.status == .unprocessableContent)
            #expect(answer.location == "/alert-sources")
            #expect(try await visitor.get("/alert-sources/\(shop.id)").status == .notFound)
        }
    }

    @Test func `given a source, when it is edited and switched off, then the list says so`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let link = "/alert-sources/\(shop.id)"
            let fields = [
                ("name", "Shop 2"), ("policy", "\(shop.policy)"), ("grouping", "window"), ("window", "30"),
                ("autoResolution", "60"), ("priority", "LOW"), ("severity", "2"),
            ]
            let saved = try await visitor.signIn().post(link, fields)
            _ = try await visitor.post(link + "/activity", [("isActive", "false")])
            let page = try await visitor.follow(saved).text
            let list = try await visitor.get("/alert-sources?status=DISABLED").text
            let others = try await visitor.get("/alert-sources?status=PENDING").text

            #expect(page.contains("Time-based, 30 minutes") && page.contains("After 1 hour"))
            #expect(list.contains("Shop 2") && list.contains(">Disabled<"))
            #expect(!others.contains("Shop 2"))
        }
    }

    @Test func `given an unknown payload, when a mapping is typed, then the preview reads it and Save keeps it`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let link = "/alert-sources/\(shop.id)/mapping"
            _ = try await visitor.postRaw(
                "/api/v1/events/rapidspike/\(shop.integrationKey)", #"{"thing":{"condition":"kaputt","ref":"m-1"}}"#,
                headers: [.contentType: "application/json"])
            let before = try await visitor.signIn().get(link).text
            let fields = [
                ("stateField", "thing.condition"), ("keyField", "thing.ref"), ("failingWords", "kaputt, aus"),
            ]
            let preview = try await visitor.post(link, fields + [("do", "preview")]).text
            let unsaved = try await server.administration.sources.find(shop.id, by: server.caller)
            let saved = try await visitor.post(link, fields + [("do", "save")])
            let wrong = try await visitor.post(link, fields + [("passingWords", "Kaputt"), ("do", "save")])

            #expect(before.contains("Cannot be read"))
            #expect(preview.contains("Raises an alert") && preview.contains("m-1"))
            #expect(unsaved.mapping == nil)
            #expect(saved.location == link)
            #expect(wrong.status == .unprocessableContent)
            let source = try await server.administration.sources.find(shop.id, by: server.caller)
            #expect(source.mapping?["stateField"] == .string("thing.condition"))
        }
    }
}
