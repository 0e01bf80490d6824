import Foundation
import TestSupport
import Testing

/// On-call schedules as a person makes and changes them.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ScheduleTests {
    /// From the empty list to a saved schedule with a second layer, by the words on the page.
    private func create(_ browser: Chromium, _ server: RunningServer) async throws {
        try await Walk(browser: browser, server: server).signIn()
        try await browser.open(server.url + "/on-call-schedules")
        try await browser.button("Create on-call schedule").click()
        try await browser.field("Name").fill("Shop rota")
        try await browser.find("#zone").selectOption("Europe/Berlin")
        try await browser.find("#every-0").fill("1")
        try await browser.find("#unit-0").selectOption("days")
        try await browser.find("button[value=weekly-0]").click()
        try await browser.find("button[name=do][value=preview]:not(.unseen)").click()
        try await browser.waitFor(text: "What saving would do")
        try await browser.waitFor(text: "Nobody would be on call in these times of the next 30 days")
        try await browser.find("button[value=save]").click()
        try await browser.waitFor(text: "The on-call schedule is saved.")
    }

    @Test(arguments: [true, false])
    func `given no schedule, when one is made, handed over and offered, then the page shows it, scripts or not`(
        hasScripts: Bool
    ) async throws {
        let server = try await RunningServer.start()
        try await Chromium.browse(.init(isJavaScriptOn: hasScripts)) { browser in
            try await create(browser, server)
            try await browser.waitFor(text: "Nobody is on call in these times of the next 30 days")
            #expect(try await browser.findAll("svg.rota .shift-gap").isEmpty == false)

            // The last one lies ahead.
            let last = try #require(try await browser.findAll("svg.rota a[href]:has(.shift-gap)").last)
            try await last.click()
            try await browser.waitFor(text: "Put somebody on call")
            try await browser.find("#user").selectOption("Alice Archer")
            try await browser.button("Put on call").click()
            try await browser.waitFor(text: "The schedule is changed for that time.")
            try await browser.waitFor(text: "Overrides that are not over")
            #expect(try await browser.findAll("svg.rota .shift-override").isEmpty == false)

            try await browser.open(server.url + "/on-call/mine")
            try await browser.waitFor(text: "Shop rota")
            try await browser.find("td a.button").click()
            try await browser.button("Offer the shift").click()
            try await browser.waitFor(text: "Offered shifts")
            try await browser.find("form[action$=withdraw] button").click()
            try await browser.waitFor(text: "The offer is withdrawn.")
        }
    }

    @Test(arguments: [360, 800])
    func `given a narrow screen, then no page of schedules is wider than it`(width: Int) async throws {
        let server = try await RunningServer.start()
        try await Chromium.browse(.init(width: width, height: 800)) { browser in
            try await create(browser, server)
            let link = try await String(browser.url().split(separator: "?")[0].dropFirst(server.url.count))
            let walk = Walk(browser: browser, server: server)
            let paths = [
                link, "\(link)?range=day&from=2026-10-25", "\(link)?range=month&from=2026-03-01", "\(link)/edit",
                "\(link)/load", "\(link)/shift?at=1793000000000", "/on-call-schedules",
                "/on-call-schedules/new?kind=static",
                "/on-call-schedules/import", "/on-call", "/on-call/mine",
            ]
            for path in paths {
                try await browser.open(server.url + path)
                #expect(try await walk.fits(), "\(path)")
            }
        }
    }
}
