import Alerting
import Engine
import Foundation
import HTTPTypes
import Storage
import Testing

@testable import Web

struct AlertPagesTests {
    @Test func `given a pending alert, when it is accepted, commented on and resolved, then its page tells it all`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        let alert = try await server.raise("Checkout down", of: shop)
        try await server.browse { visitor in
            let link = "/alerts/\(alert)"
            let accepted = try await visitor.follow(try await visitor.signIn().post(link + "/acceptance")).text
            let commented = try await visitor.follow(
                try await visitor.post(link + "/comments", [("text", "Line 1\r\nLine 2")])
            ).text
            let resolved = try await visitor.follow(try await visitor.post(link + "/resolution")).text

            #expect(accepted.contains("You have accepted this alert.") && accepted.contains(">Accepted<"))
            #expect(commented.contains("Alice Archer wrote: Line 1\nLine 2"))
            #expect(resolved.contains("Resolved by Alice Archer"))
            #expect(!resolved.contains("/acceptance\""))
            let again = try await visitor.follow(try await visitor.post(link + "/resolution")).text
            #expect(again.contains("This alert is resolved already."))
        }
    }

    @Test func `given a long history, when the list is read, then it is counted in part and read to its end`()
        async throws
    {
        let server = try await PageServer()
        let alert = try await server.raise("Once down", of: try await server.addShop())
        try await server.browse { visitor in
            _ = try await visitor.signIn().post("/alerts/\(alert)/resolution")
            try await server.engine.store.write { change in
                try change.transaction.execute(
                    """
                    WITH RECURSIVE more (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM more WHERE id < 10059)
                    INSERT INTO alerts (id, account_id, alert_source_id, alert_key, status, priority, summary, details,
                        extras, escalation_policy_id, structure, escalation_state, is_last_resort, raised_at_ms,
                        event_count, last_event_at_ms)
                    SELECT a.id + more.id, a.account_id, a.alert_source_id, a.alert_key, a.status, a.priority,
                        a.summary, a.details, a.extras, a.escalation_policy_id, a.structure, a.escalation_state,
                        a.is_last_resort, a.raised_at_ms, a.event_count, a.last_event_at_ms
                    FROM more CROSS JOIN alerts a WHERE a.id = :id
                    """, ["id": .init(alert)])
            }

            let open = try await visitor.get("/alerts").text
            let resolved = try await visitor.get("/alerts?state=resolved").text
            let last = try await visitor.get("/alerts?state=resolved&page=201").text

            #expect(open.contains(#">0</span>"#) && open.contains(#">10000+</span>"#))
            #expect(resolved.contains("1–50 of 10000 or more") && resolved.contains("page=1\""))
            #expect(last.contains("10051–10060 of 10000 or more") && !last.contains("page=202\""))
        }
    }

    @Test func `given two people, when both accept, then the second is told who was first`() async throws {
        let server = try await PageServer()
        _ = try await server.addUser("Bob", role: .responder)
        let alert = try await server.raise("Down", of: try await server.addShop())
        try await server.browse { visitor in
            _ = try await visitor.signIn().post("/alerts/\(alert)/acceptance")
            let bob = try await visitor.another().signIn("bob@example.com")
            let answer = try await bob.follow(try await bob.post("/alerts/\(alert)/acceptance"))

            #expect(answer.text.contains("This alert was accepted already by Alice Archer."))
        }
    }

    @Test func `given an alert, when it is handed to a person or a policy, then the page names them`() async throws {
        let server = try await PageServer()
        let bob = try await server.addUser("Bob", role: .responder)
        let shop = try await server.addShop()
        let alert = try await server.raise("Down", of: shop)
        try await server.browse { visitor in
            let link = "/alerts/\(alert)/assignment"
            let nobody = try await visitor.follow(try await visitor.signIn().post(link, [("target", "x")])).text
            let person = try await visitor.follow(try await visitor.post(link, [("target", "user:\(bob.id)")])).text
            let policy = try await visitor.follow(
                try await visitor.post(link, [("target", "policy:\(shop.policy)")])
            ).text

            #expect(nobody.contains("choose a person or an escalation policy"))
            #expect(person.contains("Assigned to Bob Baker by Alice Archer."))
            #expect(policy.contains("Assigned to escalation policy Shop policy by Alice Archer."))
        }
    }

    @Test func `given many alerts, then the list has pages, tabs with counts and a search`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        for number in 1...52 { _ = try await server.raise("Problem \(number).", of: shop) }
        try await server.browse { visitor in
            let first = try await visitor.signIn().get("/alerts").text
            let second = try await visitor.get("/alerts?state=open&page=1").text
            let found = try await visitor.get("/alerts?state=open&text=PROBLEM%2017.").text
            let none = try await visitor.get("/alerts?state=accepted").text

            #expect(first.contains("1–50 of 52") && first.contains("<title>(52) Alerts"))
            #expect(first.contains(">Problem 52.<") && !first.contains(">Problem 2.<"))
            #expect(second.contains("51–52 of 52") && second.contains(">Problem 2.<"))
            #expect(found.contains(">Problem 17.<") && found.contains("1–1 of 1"))
            #expect(none.contains("There are no accepted alerts."))
        }
    }

    @Test func `given the form, when an alert is raised by hand, then it is there; an empty one is refused`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let fields = [("source", "\(shop.id)"), ("details", "Seen <by> Bob"), ("priority", "low")]
            let refused = try await visitor.signIn().post("/alerts", fields)
            let raised = try await visitor.post("/alerts", fields + [("summary", "Smoke in room 2")])
            let page = try await visitor.follow(raised).text

            #expect(refused.status == .unprocessableContent)
            #expect(refused.text.contains("Seen &lt;by&gt; Bob"))
            #expect(page.contains("Smoke in room 2") && page.contains("Low priority"))
        }
    }

    @Test func `given the link of a mail, when it is opened, then nothing happens before its button is pressed`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        let alert = try await server.raise("Down", of: shop)
        let message = try await Self.page(server.alice, about: alert, on: server)
        let link = "/m/\(server.engine.links.token(for: message))"
        try await server.browse { visitor in
            let opened = try await visitor.get(link + "?do=resolve").text
            let before = try await server.engine.store.read { try Alerts.find(alert, in: $0)?.alert.status }
            let accepted = try await visitor.postRaw(link, "do=accept")
            let unknown = try await visitor.get("/m/1-0000")

            #expect(opened.contains("You answer as <strong>Alice Archer</strong>"))
            #expect(before == .pending)
            #expect(accepted.status == .ok && accepted.text.contains("You have accepted this alert."))
            #expect(unknown.status == .notFound)
            let after = try await server.engine.store.read { try Alerts.find(alert, in: $0)?.alert.status }
            #expect(after == .accepted)
        }
    }

    /// Queues a mail as paging does.
    private static func page(
        _ user: UserRecord, about alert: Alert.ID, on server: PageServer
    ) async throws -> MessageRecord.ID {
        try await server.engine.store.write { change in
            let message = MessageRecord(
                id: try change.newID(), account: user.account, alert: alert, user: user.id, contact: nil,
                channel: .email, target: user.email, level: 0, intended: change.now, due: change.now,
                deadline: change.now + .hours(1), createdAt: change.now)
            _ = try Messages.insert(message, in: change.transaction)
            return message.id
        }
    }
}
