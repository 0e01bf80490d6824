import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

struct ServicePagesTests {
    @Test func `given nothing yet, when a service is made, said to be down and deleted, then pages show each`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            try await visitor.signIn()
            let empty = try await visitor.get("/services")
            let made = try await visitor.post(
                "/services",
                [
                    ("name", "Check <out>"), ("alias", "checkout"), ("details", "Carts\nbecome orders"),
                    ("status", "operational"), ("showsUptimeHistory", "true"),
                ])
            let page = try await visitor.follow(made)
            server.clock.advance(by: .minutes(20))
            let said = try await visitor.post(
                made.location + "/status", [("status", "major_outage"), ("text", "Power cut")])
            server.clock.advance(by: .minutes(20))
            let down = try await visitor.follow(said)
            let list = try await visitor.get("/services")

            #expect(empty.text.contains("No services yet"))
            #expect(page.text.contains("Check &lt;out&gt;") && page.text.contains("Created by Alice Archer"))
            #expect(down.text.contains("Set by Alice Archer: Power cut") && down.text.contains("20 min until now"))
            #expect(down.text.contains("50 %") && list.text.contains("Major outage"))
            #expect(down.text.contains("down for 20 min"))
            #expect(try await visitor.post(made.location + "/status", [("status", "fine")]).status != .seeOther)

            let wrong = try await visitor.post(made.location + "/deletion", [("name", "Checkout")])
            let gone = try await visitor.post(made.location + "/deletion", [("name", "Check <out>")])
            #expect(wrong.status == .unprocessableContent && gone.status == .seeOther)
            #expect(try await visitor.get(made.location).status == .notFound)
            let audit = try await visitor.get("/audit-log")
            for action in ["service created", "service status", "service deleted"] {
                #expect(audit.text.contains(action))
            }
        }
    }

    @Test func `given a form with a taken alias, when it is saved, then it comes back with what was typed`()
        async throws
    {
        let server = try await PageServer()
        _ = try await server.administration.services.create(
            ServiceDraft(name: "Shop", alias: "SHOP"), by: server.caller)
        try await server.browse { visitor in
            let answer = try await visitor.signIn().post("/services", [("name", "Other"), ("alias", "shop")])

            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains("another service has it") && answer.text.contains("value=\"Other\""))
        }
    }

    @Test func `given people of other roles, when they open a service, then they see and may what theirs allows`()
        async throws
    {
        let server = try await PageServer()
        let service = try await server.administration.services.create(ServiceDraft(name: "Shop"), by: server.caller)
        _ = try await server.addUser("Rita", role: .responder)
        _ = try await server.addUser("Vera", role: .viewer)
        let link = "/services/\(service.id)"
        try await server.browse { visitor in
            let responder = try await visitor.another().signIn("rita@example.com")
            let viewer = try await visitor.another().signIn("vera@example.com")
            let seen = try await responder.get(link)
            let said = try await responder.post(link + "/status", [("status", "degraded")])
            let watched = try await viewer.get(link)

            #expect(seen.text.contains("Say how it is") && !seen.text.contains("/edit"))
            #expect(said.status == .seeOther && watched.text.contains("Degraded"))
            #expect(!watched.text.contains("Say how it is"))
            #expect(try await viewer.post(link + "/status", [("status", "degraded")]).status == .forbidden)
            #expect(try await responder.get(link + "/edit").status == .forbidden)
            #expect(try await viewer.post(link + "/subscription", [("on", "true")]).status == .seeOther)
            #expect(try await viewer.get(link).text.contains("Unsubscribe"))
        }
    }

    @Test func `given an alert that holds a service, when both are opened, then each leads to the other's story`()
        async throws
    {
        let server = try await PageServer()
        let source = try await server.addShop()
        let service = try await server.administration.services.create(ServiceDraft(name: "Checkout"), by: server.caller)
        try await server.browse { visitor in
            try await visitor.signIn()
            let form = try await visitor.get("/alert-actions/new?kind=automation_rule")
            let saved = try await visitor.post(
                "/alert-actions",
                [
                    ("kind", "automation_rule"), ("name", "Hold"), ("param-alertType", "CREATED"),
                    ("param-serviceStatus", "PARTIAL_OUTAGE"), ("param-serviceIds", "\(service.id)"),
                    ("mode", "automatic"),
                ])
            let alert = try await server.raise("Cart fails", of: source)
            while try await server.engine.actionLoop.runOnce() > 0 {}
            let page = try await visitor.get("/services/\(service.id)")
            let story = try await visitor.get("/alerts/\(alert)")
            let edit = try await visitor.get(saved.location + "/edit")

            #expect(form.text.contains("Checkout") && form.text.contains("is accepted"))
            #expect(saved.status == .seeOther)
            #expect(page.text.contains("Partial outage") && page.text.contains("/alerts/\(alert)"))
            #expect(story.text.contains("Holds the service “Checkout” (partial outage)."))
            #expect(edit.text.contains("value=\"\(service.id)\" checked"))
            let trial = try await visitor.post(saved.location + "/trial")
            #expect(trial.text.contains("An alert would hold the services: Partial outage."))
        }
    }
}
