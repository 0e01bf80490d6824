import Alerting
import Engine
import HTTPTypes
import Simulation
import Storage
import Testing

@testable import Web

struct MonitorPagesTests {
    @Test func `given a URL that is pasted, when it is saved and checked, then its pages tell`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let empty = try await visitor.signIn().get("/monitors")
            let saved = try await visitor.post(
                "/monitors",
                [
                    ("target", "shop.example.com/<cart>"), ("name", ""), ("kind", ""), ("interval", "30"),
                    ("retests", "0"),
                    ("source", "\(shop.id)"),
                ])
            let wrong = try await visitor.post(
                "/monitors", [("target", "https://a b"), ("interval", "30"), ("retests", "0")])
            let plain = try await visitor.post(
                "/monitors", [("target", "https://shop.example.com/cart/"), ("interval", "30"), ("retests", "0")])
            let page = try await visitor.follow(plain)
            let list = try await visitor.get("/monitors")
            let edit = try await visitor.get(plain.location + "/edit")

            #expect(empty.text.contains("No monitors yet"))
            #expect(saved.status == .seeOther)
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("without blanks"))
            #expect(page.text.contains("shop.example.com/cart") && page.text.contains("Pending"))
            #expect(list.text.contains("2 monitors, 0 failing") && list.text.contains("&lt;cart&gt;"))
            #expect(edit.text.contains("value=\"https://shop.example.com/cart/\""))
        }
    }

    @Test func `given the integrations page, when a webhook and a group are added, then they are shown`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let empty = try await visitor.signIn().get("/integrations")
            let hook = try await visitor.post(
                "/integrations/webhooks",
                [
                    ("label", "Other"), ("url", "https://other.example/hook"), ("requestType", "post"),
                    ("headers", "X-Token: abc\nX-Site: shop"),
                ])
            let id = try #require(try await server.administration.webhooks.list(by: server.caller).first?.id)
            let group = try await visitor.post(
                "/integrations/groups",
                [
                    ("label", "Ops"), ("sensitivity", "5"), ("webhook", "\(id)"),
                    ("emails", "ops@example.com"),
                ])
            _ = try await visitor.post("/integrations/webhooks/\(id)/test", [])
            let page = try await visitor.get("/integrations")
            let wrong = try await visitor.post("/integrations/webhooks", [("label", "x"), ("url", "file:///etc")])

            #expect(empty.text.contains("No integration configured to display"))
            #expect(hook.status == .seeOther && group.status == .seeOther)
            #expect(page.text.contains("POST https://other.example/hook") && page.text.contains("After 5 minutes"))
            #expect(page.text.contains("Other, ops@example.com"))
            #expect(page.text.contains("On its way"))
            #expect(wrong.status == .unprocessableContent)
        }
    }

    @Test func `given a webhook, a group and a rule, when they are edited, then the forms are filled and keep`()
        async throws
    {
        let server = try await PageServer()
        let shop = try await server.addShop()
        let administration = server.administration
        let hook = try await administration.webhooks.create(
            .init(
                label: "Other <1>", url: "https://other.example/hook", method: .get,
                headers: [.init(name: "X-Token", value: "abc")]), by: server.caller)
        let group = try await administration.deliveryGroups.create(
            .init(
                label: "Ops", sensitivity: .minutes(5), emails: ["a@example.com", "b@example.com"],
                webhooks: [hook.id], sources: [shop.id]), by: server.caller)
        let rule = try await administration.monitorRules.create(
            .init(label: "Sites", area: .server, isActive: false, groups: [group.id]), by: server.caller)
        try await server.browse { visitor in
            let webhookForm = try await visitor.signIn().get("/integrations/webhooks/\(hook.id)").text
            let groupForm = try await visitor.get("/integrations/groups/\(group.id)").text
            let ruleForm = try await visitor.get("/integrations/rules/\(rule.id)").text
            let saved = try await visitor.post(
                "/integrations/groups/\(group.id)", [("label", "Night"), ("sensitivity", "10"), ("colour", "#112233")])
            let wrong = try await visitor.post(
                "/integrations/webhooks/\(hook.id)", [("label", "New"), ("url", "ftp://x"), ("requestType", "post")])
            let switched = try await visitor.post(
                "/integrations/rules/\(rule.id)",
                [("label", "Tools"), ("area", "tools"), ("isActive", "true"), ("group", "\(group.id)")])
            let page = try await visitor.get("/integrations").text

            #expect(webhookForm.contains("value=\"Other &lt;1&gt;\"") && webhookForm.contains("X-Token: abc"))
            #expect(webhookForm.contains("<option value=\"get\" selected>"))
            #expect(groupForm.contains("a@example.com, b@example.com") && groupForm.contains("value=\"5\""))
            #expect(
                groupForm.contains("value=\"\(hook.id)\" checked") && groupForm.contains("value=\"\(shop.id)\" checked")
            )
            #expect(
                ruleForm.contains("<option value=\"server\" selected>") && !ruleForm.contains("value=\"true\" checked"))
            #expect(saved.status == .seeOther && switched.status == .seeOther)
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("value=\"ftp://x\""))
            #expect(page.contains("Night") && page.contains("After 10 minutes") && page.contains("All tools"))
            #expect(page.contains("Microsoft Teams") && page.contains("Jira") && page.contains("Email"))
            #expect(try await visitor.get("/integrations/rules/999").status == .notFound)
        }
        #expect(try await administration.deliveryGroups.find(group.id, by: server.caller).sources == [])
        #expect(try await administration.webhooks.find(hook.id, by: server.caller).label == "Other <1>")
        #expect(try await administration.monitorRules.find(rule.id, by: server.caller).isActive)
    }

    @Test func `given one field, when a URL is pasted, then the rest is guessed and told`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let made = try await visitor.signIn().post("/monitors/quick", [("target", "https://shop.example.com/cart")])
            let page = try await visitor.follow(made)
            let wrong = try await visitor.post("/monitors/quick", [("target", "https://a b")])

            #expect(page.text.contains("Guessed: HTTP every 1 minute") && page.text.contains("14 days"))
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("https://a b"))
        }
    }

    @Test func `given monitors with a history, when sites, wallboard and certificates are shown, then they tell`()
        async throws
    {
        let server = try await PageServer()
        let monitors = server.administration.monitors
        let made = try await monitors.create(
            MonitorDraft(name: "Home <b>", subject: .http(HTTPCheck(url: "https://shop.example.com/"))),
            by: server.caller)
        let now = server.engine.store.clock.now
        try await server.engine.store.write { change in
            var monitor = made
            monitor.watch = MonitorWatch(state: .failing, failingSince: now, changedAt: now)
            monitor.last = .init(
                at: now, total: .milliseconds(40), reason: "the status is 500", validUntil: now + .days(9))
            monitor.due = now + .seconds(60)
            #expect(try Monitors.finish(monitor, in: change.transaction))
            for minute in 0..<50 {
                let result = MonitorResult(
                    monitor: made.id, at: now - .minutes(minute), late: .zero, total: .milliseconds(40 + minute),
                    phases: .init(lookUp: .milliseconds(1), connect: .milliseconds(9), firstByte: .milliseconds(20)),
                    status: 200, reason: minute == 0 ? "the status is 500" : nil)
                try MonitorHistory.insert(result, in: change.transaction)
            }
            for (age, state): (Int, MonitorWatch.State) in [(3, .failing), (2, .passing), (0, .failing)] {
                try MonitorHistory.insert(
                    MonitorEvent(
                        id: change.newID(), monitor: made.id, at: now - .hours(age), state: state, reason: "why not"),
                    in: change.transaction)
            }
            try MonitorScreenshots.insert([0x89, 0x50], of: made.id, at: now, in: change.transaction)
        }
        try await server.browse { visitor in
            let page = try await visitor.signIn().get("/monitors/\(made.id)")
            let site = try await visitor.get("/monitors/sites/shop%2Eexample%2Ecom")
            let wall = try await visitor.get("/wallboard")
            let certificates = try await visitor.get("/monitors/certificates")
            let picture = try await visitor.get("/monitors/\(made.id)/screenshots/\(now.milliseconds)")
            let list = try await visitor.get("/monitors")

            #expect(page.text.contains("phase-connect") && page.text.contains("Pictures of failures"))
            #expect(page.text.contains("Home &lt;b&gt;"))
            #expect(site.text.contains("1 of 1 failing") && site.text.contains("Goes on"))
            #expect(site.text.contains("1 h") && site.text.contains("why not"))
            #expect(wall.text.contains("1 of 1 failing") && wall.text.contains("the status is 500"))
            #expect(certificates.text.contains("9 days") && certificates.text.contains("ends-pending"))
            #expect(picture.status == .ok)
            #expect(list.text.contains("/monitors/sites/shop%2Eexample%2Ecom"))
            #expect(try await visitor.get("/monitors/sites/other%2Eexample").status == .notFound)
            #expect(try await visitor.get("/monitors/\(made.id)/screenshots/1").status == .notFound)
        }
    }

    @Test func `given monitors in all states, when a wall is shown, then what is paused is last and has no say`()
        async throws
    {
        let server = try await PageServer()
        var drafts = ["Alpha", "Beta"].map { name in
            MonitorDraft(name: name, subject: .http(HTTPCheck(url: "https://\(name.lowercased()).example.com/")))
        }
        drafts[0].isPaused = true
        for draft in drafts { _ = try await server.administration.monitors.create(draft, by: server.caller) }
        try await server.browse { visitor in
            let wall = try await visitor.signIn().get("/wallboard").text
            let list = try await visitor.get("/monitors").text
            let names = wall.split(separator: "<strong title=").dropFirst().map { $0.prefix(6) }
            let paused = try await visitor.get("/monitors/sites/alpha%2Eexample%2Ecom").text

            #expect(names == ["\"Beta\"", "\"Alpha"])
            #expect(wall.contains(">Pending</span></header>") && wall.contains("Paused"))
            #expect(paused.contains(">Paused</span>") && !paused.contains("All passing"))
            #expect(!list.contains("All passing"))
        }
    }

    @Test func `given rules and probes, when they are added on the page, then they are shown and the token once`()
        async throws
    {
        let server = try await PageServer()
        let group = try await server.administration.deliveryGroups.create(.init(label: "Ops"), by: server.caller)
        try await server.browse { visitor in
            let rule = try await visitor.signIn().post(
                "/integrations/rules",
                [("label", "All sites"), ("area", "website"), ("isActive", "true"), ("group", "\(group.id)")])
            let none = try await visitor.post("/integrations/rules", [("label", "No"), ("area", "website")])
            let probe = try await visitor.post("/integrations/probes", [("probeName", "Office"), ("region", "office")])
            let page = try await visitor.get("/integrations")

            #expect(rule.status == .seeOther && none.status == .unprocessableContent)
            #expect(probe.text.contains("nightbell probe --server") && probe.text.contains("--token nbp_"))
            #expect(page.text.contains("All sites") && page.text.contains("All websites"))
            #expect(page.text.contains("Never seen") && !page.text.contains("nbp_"))
        }
    }

    @Test func `given steps of a journey, when written and read, then they are the same, and nonsense is named`() throws
    {
        let steps: [JourneyCheck.Step] = [
            .open(url: "https://a.example/in"), .fill(selector: "#a", text: "x = y"), .click(selector: "button.go"),
            .expect(selector: "", text: "Hello you"), .expect(selector: "#total", text: "12"),
        ]

        #expect(try JourneyText.read(JourneyText.write(steps)) == steps)
        #expect(throws: Failure.self) { try JourneyText.read("open https://a\njump") }
        #expect(throws: Failure.self) { try JourneyText.read("fill #a") }
    }

    @Test
    func `given hours with and without failures, when bars are made, then each has its colour and the sum is right`() {
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let hour = Timestamp(milliseconds: now.milliseconds / 3_600_000 * 3_600_000)
        let sums = [(3, 0), (2, 60), (1, 1), (0, 0)].map { back, failures in
            MonitorSum(
                start: hour - .hours(back), checks: 60, failures: failures, total: .seconds(6), slowest: .seconds(1))
        }

        let bars = UptimeBars("24 hours", sums, count: 24, hours: 1, moments: Moments(zoneName: "UTC", now: now))

        #expect(bars.bars.count == 24)
        #expect(bars.bars.suffix(4).map(\.style) == ["up", "down", "partly", "up"])
        #expect(bars.bars[0].style == "none")
        #expect(bars.uptime == "74.58 %")
    }
}
