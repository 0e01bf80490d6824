import Alerting
import Engine
import Simulation
import Storage
import Testing

@testable import Web

/// Buttons to subscribe, and where it is shown whether a page would arrive.
struct SubscriptionPagesTests {
    @Test func `given an alert and its source, when somebody subscribes, then the pages and the profile say so`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        let alert = try await server.raise("Shop is down", of: shop)
        try await server.browse { visitor in
            try await visitor.signIn()
            for link in ["/alerts/\(alert)", "/alert-sources/\(shop.id)"] {
                #expect(try await visitor.get(link).text.contains(">Subscribe</button>"))
                let answer = try await visitor.post("\(link)/subscription", [("on", "true")])
                #expect(answer.location.hasPrefix(link))
                #expect(try await visitor.get(link).text.contains(">Unsubscribe</button>"))
            }
            let profile = "/users/\(server.alice.id)/notifications"
            let text = try await visitor.get(profile).text
            #expect(text.contains("Subscribed to") && text.contains("Shop is down"))
            let answer = try await visitor.post(
                "/alerts/\(alert)/subscription", [("on", "false"), ("back", profile)])
            #expect(answer.location.hasPrefix(profile))
            #expect(try await !visitor.get(profile).text.contains("/alerts/\(alert)"))
        }
    }

    @Test func `given a wish for subscriptions, then it is added and removed on the profile`() async throws {
        let server = try await PageServer()
        let contact = try await server.administration.contacts.list(of: server.alice.id, by: server.caller)[0]
        try await server.browse { visitor in
            try await visitor.signIn()
            let link = "/users/\(server.alice.id)"
            _ = try await visitor.post(
                "\(link)/preferences", [("area", "subscriptions"), ("kind", ""), ("way", "email:\(contact.id)")])
            let wishes = try await server.administration.preferences.list(
                of: server.alice.id, area: .subscriptions, by: server.caller)
            #expect(wishes.map(\.contact) == [contact.id])
            let text = try await visitor.get("\(link)/notifications").text
            #expect(text.contains("Email to alice@example.com</strong> at once"))
        }
    }

    @Test func `given a policy and a schedule, then their pages say who would be reached now`() async throws {
        let server = try await PageServer()
        let bob = try await server.addUser("Bob", role: .responder)
        _ = try await server.administration.users.mute(bob.id, until: server.clock.now + .hours(1), by: server.caller)
        let policy = try await server.administration.policies.create(
            EscalationPolicyDraft(
                name: "Two levels",
                levels: [server.alice.id, bob.id].map {
                    EscalationLevel(targets: [.user($0)], timeout: .minutes(5))
                }), by: server.caller)
        let schedule = try await server.administration.schedules.create(
            ScheduleDraft(
                name: "Night", timeZone: "UTC",
                layers: [
                    .init(startsOn: "2026-01-01T00:00", users: [server.alice.id, bob.id], rotation: "P7D")
                ]), by: server.caller)
        try await server.browse { visitor in
            try await visitor.signIn()
            let page = try await visitor.get("/escalation-policies/\(policy.id)").text
            #expect(page.contains("Would a page arrive now?"))
            #expect(page.contains("Level 1 <span class=\"status status-active\">reachable"))
            #expect(page.contains("Level 2 <span class=\"status status-pending\">not reachable"))
            #expect(page.contains("quiet time"))
            let calendar = try await visitor.get("/on-call-schedules/\(schedule.id)").text
            #expect(calendar.contains("Would a page arrive?") && calendar.contains("quiet time"))
        }
    }

    @Test func `given a plan of fire drills, then the report shows when the next one is, and it can be removed`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            try await visitor.signIn()
            _ = try await visitor.post(
                "/readiness/plans", [("name", "Every month"), ("start", "2031-05-05T10:00"), ("weeks", "4")])
            let text = try await visitor.get("/readiness").text
            #expect(text.contains("Every month</strong> every 4 weeks"))
            let plan = try #require(try await server.engine.readiness.plans(by: server.caller).first)
            _ = try await visitor.post("/readiness/plans/\(plan.id)/deletion")
            #expect(try await !visitor.get("/readiness").text.contains("Every month"))
            let wrong = try await visitor.post(
                "/readiness/plans", [("name", "Past"), ("start", "2001-05-05T10:00"), ("weeks", "4")])
            #expect(try await visitor.follow(wrong).text.contains("must be in the future"))
        }
    }
}
