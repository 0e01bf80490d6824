import Foundation
import TestSupport
import Testing

/// Pages on a phone, in the dark, and told to load nothing from elsewhere.
@Suite(.serialized, .timeLimit(.minutes(3))) struct AppearanceTests {
    @Test(arguments: [360, 390, 800])
    func `given a narrow screen, then no page is wider than it`(width: Int) async throws {
        let server = try await RunningServer.start()
        try await Chromium.browse(.init(width: width, height: 800)) { browser in
            let walk = Walk(browser: browser, server: server)
            try await walk.signIn()
            let path = try await walk.createSource(named: "Shop with a rather long name that has to go somewhere")
            let source = try await browser.url()
            try await walk.post(Walk.failing("A-label-without-any-place-to-break-it-that-goes-on-and-on"), to: path)
            try await walk.post("not readable at all", to: path)
            try await browser.open(server.url + "/alerts")
            let alert = try await browser.find(".cell-main a").attribute("href") ?? ""
            let base = source.split(separator: "?")[0].dropFirst(server.url.count)
            let paths = [
                "/alerts", alert, "/alerts/new", "/alert-sources", "\(base)", "\(base)/edit", "\(base)/events",
                "\(base)/mapping", "/alert-sources/new", "/escalation-policies", "/escalation-policies/new", "/users",
                "/users/new", "/profile", "/profile/security", "/teams", "/teams/new", "/account", "/audit-log",
                "/nodes",
                "/guide/rapidspike", "/guide/events-api",
            ]
            for path in paths {
                try await browser.open(server.url + path)
                #expect(try await walk.fits(), "\(path)")
            }
        }
    }

    @Test(arguments: [false, true])
    func `given a preference for light or dark, then the page follows it and text stands out`(isDark: Bool)
        async throws
    {
        let server = try await RunningServer.start()
        try await Chromium.browse(.init(isDark: isDark)) { browser in
            let walk = Walk(browser: browser, server: server)
            try await walk.signIn()
            let path = try await walk.createSource()
            let source = try await browser.url()
            try await walk.post(Walk.failing(), to: path)
            for page in [source, server.url + "/alerts", server.url + "/alert-sources/new", server.url + "/users/new"] {
                try await browser.open(page)
                let contrast: Double = try await browser.executeScript(Self.contrast)
                let ground: Double = try await browser.executeScript(
                    "return Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")

                #expect(isDark ? ground < 60 : ground > 200)
                #expect(contrast >= 4.5, "\(page)")
            }
        }
    }

    /// The least contrast between a text and what is behind it, by WCAG 2.2.
    private static let contrast = """
        const rgb = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
        const light = (color) => {
          const [r, g, b] = color.slice(0, 3).map((v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
          return .2126 * r + .7152 * g + .0722 * b;
        };
        let least = 21;
        for (const element of document.querySelectorAll('h1, h2, p, a, button, label, span')) {
          if (!element.textContent.trim() || !element.checkVisibility() || element.closest('.unseen, .skip')) continue;
          let behind = element, ground = [255, 255, 255];
          for (; behind; behind = behind.parentElement) {
            const color = rgb(getComputedStyle(behind).backgroundColor);
            if (color.length === 3 || color[3] === 1) { ground = color; break; }
          }
          const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground)].sort((x, y) => y - x);
          least = Math.min(least, (a + .05) / (b + .05));
        }
        return least;
        """

    @Test func `given a change while somebody types a comment, then what they typed stays`() async throws {
        let server = try await RunningServer.start()
        try await Chromium.browse { browser in
            let walk = Walk(browser: browser, server: server)
            try await walk.signIn()
            let path = try await walk.createSource()
            try await walk.post(Walk.failing(), to: path)
            try await browser.open(server.url + "/alerts")
            try await browser.button("Shop - Home is failing").click()
            try await browser.field("Your comment").fill("Half a sentence")
            try await walk.post(Walk.passing(), to: path)
            try await browser.waitFor(text: "Resolved by the alert source.")

            #expect(try await browser.field("Your comment").value() == "Half a sentence")
        }
    }

    @Test func `given a lost connection, then the page says so, and catches up when it is back`() async throws {
        let server = try await RunningServer.start()
        try await Chromium.browse { browser in
            let walk = Walk(browser: browser, server: server)
            try await walk.signIn()
            let path = try await walk.createSource()
            try await browser.open(server.url + "/alerts")
            try await browser.waitFor(text: "All quiet")
            try await server.kill()
            _ = try await browser.find("#offline:not([hidden])")
            try await server.restart()
            try await walk.post(Walk.failing(), to: path)

            try await browser.waitFor(text: "Shop - Home is failing")
            _ = try await browser.find("#offline[hidden]")
        }
    }

    @Test func `given two browsers, when one accepts, then the other's list shows it by itself`() async throws {
        let server = try await RunningServer.start()
        try await Chromium.browse { first in
            let walk = Walk(browser: first, server: server)
            try await walk.signIn()
            let path = try await walk.createSource()
            try await walk.post(Walk.failing(), to: path)
            try await Chromium.browse { second in
                try await Walk(browser: second, server: server).signIn()
                try await second.waitFor(text: "Shop - Home is failing")
                try await first.open(server.url + "/alerts")
                try await first.button("Shop - Home is failing").click()
                try await first.button("Accept").click()

                try await second.waitFor(text: "by Alice Archer")
            }
        }
    }
}
