import Foundation
import TestSupport
import Testing

/// The integration guide, walked in a browser from the first start to the resolved alert.
@Suite(.serialized, .timeLimit(.minutes(3))) struct GuideTests {
    @Test func `given a new server, when the guide is followed, then the alert comes and goes without a reload`()
        async throws
    {
        let server = try await RunningServer.start(hasOwner: false)
        try await Chromium.browse { browser in
            let walk = Walk(browser: browser, server: server)
            try await walk.setUp()
            let path = try await walk.createSource()
            try await browser.open(server.url + "/alerts")
            try await browser.waitFor(text: "All quiet")

            try await walk.post(Walk.failing(), to: path)
            try await browser.waitFor(text: "Shop - Home is failing")
            #expect(try await browser.title().hasPrefix("(1) Alerts"))

            try await browser.button("Shop - Home is failing").click()
            try await browser.waitFor(text: "Escalated to level 1.")
            try await browser.button("Accept").click()
            try await browser.waitFor(text: "You have accepted this alert.")
            #expect(try await browser.find("#alert-head .status").text() == "Accepted")

            try await walk.post(Walk.passing(), to: path)
            try await browser.waitFor(text: "Resolved by the alert source.")
            #expect(try await browser.find("#alert-head .status").text() == "Resolved")
            #expect(try await browser.find("#announcements").text().contains("resolved"))
        }
        #expect(try await server.stop() == .status(0))
    }

    @Test func `given no scripts, when the guide is followed, then it works with reloads`() async throws {
        let server = try await RunningServer.start(hasOwner: false)
        try await Chromium.browse(.init(isJavaScriptOn: false)) { browser in
            let walk = Walk(browser: browser, server: server)
            try await walk.setUp()
            let path = try await walk.createSource()
            try await walk.post(Walk.failing(), to: path)
            try await browser.open(server.url + "/alerts")
            try await browser.button("Shop - Home is failing").click()
            try await browser.button("Accept").click()
            try await browser.waitFor(text: "You have accepted this alert.")
            try await walk.post(Walk.passing(), to: path)
            try await browser.reload()

            #expect(try await browser.find("#alert-head .status").text() == "Resolved")
        }
    }

    @Test func `given the wizard, when nothing is chosen, then Next is off; the filter finds RapidSpike`() async throws
    {
        let server = try await RunningServer.start()
        try await Chromium.browse { browser in
            try await Walk(browser: browser, server: server).signIn()
            try await browser.open(server.url + "/alert-sources/new")
            #expect(try await browser.button("Next").isEnabled() == false)
            #expect(try await browser.findAll(".tile-featured").count == 3)

            try await browser.field("Filter integrations").fill("rapid")
            let shown: Int = try await browser.executeScript(
                "return document.querySelectorAll('.tile:not([hidden])').length")
            try await browser.find("input[value=RAPIDSPIKE]").click()

            #expect(shown == 1)
            #expect(try await browser.button("Next").isEnabled())
        }
    }

    @Test
    func `given half a wizard, when the server is killed and the way back is taken, then what was typed is there`()
        async throws
    {
        let server = try await RunningServer.start()
        try await Chromium.browse { browser in
            try await Walk(browser: browser, server: server).signIn()
            try await browser.open(server.url + "/alert-sources/new?step=name&type=RAPIDSPIKE")
            try await browser.field("Name").fill("Shop at night")
            try await browser.button("Next").click()
            try await browser.waitFor(text: "Generate a new escalation policy")
            try await server.kill()
            try await server.restart()
            try await browser.button("Next").click()
            try await browser.button("Back").click()
            #expect(
                try await browser.field("Name of the new escalation policy").value()
                    == "Escalation policy for Shop at night")
            try await browser.button("Back").click()
            #expect(try await browser.field("Name").value() == "Shop at night")
            try await browser.back()

            try await browser.waitFor(text: "Generate a new escalation policy")
        }
    }

    @Test func `given only a keyboard, when the wizard is walked, then it ends on the source's page`() async throws {
        let server = try await RunningServer.start()
        try await Chromium.browse { browser in
            let walk = Walk(browser: browser, server: server)
            try await walk.signIn()
            try await browser.open(server.url + "/alert-sources/new")
            try await walk.tab(to: "a.skip")
            try await walk.press(.enter)
            try await walk.tab(to: "input[type=radio]")
            try await walk.press(.space)
            try await walk.tab(to: "button[data-next]")
            let outline: String = try await browser.executeScript(
                "return getComputedStyle(document.activeElement).outlineStyle")
            try await walk.press(.enter)
            try await walk.tab(to: "#name")
            try await browser.find("#name").type("Keys only" + Walk.Key.enter.rawValue)
            for step in ["grouping", "settings"] {
                try await walk.tab(to: "button[name=step][value=\(step)]")
                try await walk.press(.enter)
            }
            try await browser.waitFor(text: "Notification priority")
            try await walk.tab(to: "form.card .button-primary")
            try await walk.press(.enter)

            #expect(outline == "solid")
            #expect(try await walk.sourcePath().hasPrefix("/api/v1/events/rapidspike/nb1rapi"))
            #expect(try await browser.find("h1").text() == "Keys only")
        }
    }
}
