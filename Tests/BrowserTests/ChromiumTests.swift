import Foundation
import TestSupport
import Testing

/// That the browser itself does what the other tests rely on.
@Suite(.serialized) struct ChromiumTests {
    private static let page = """
        data:text/html,<!doctype html><html lang=en><title>Try</title>
        <meta name=viewport content="width=device-width">
        <style>body { background: white } @media (prefers-color-scheme: dark) { body { background: black } }</style>
        <h1>Hello Alice's "night"</h1>
        <p id=state>without script</p>
        <form action="about:blank"><label for=name>Your name</label><input id=name value=old>
        <label>Colour <select id=colour><option>red<option>blue</select></label>
        <button type=button id=go onclick="later()">Go on</button></form>
        <script>
        document.getElementById('state').textContent = 'with script';
        function later() {
          requestAnimationFrame(() => { document.getElementById('state').textContent = 'went on' })
        }
        </script>
        """.replacingOccurrences(of: "\n", with: " ")

    @Test func `given a page with a script, when fields and buttons are used, then it changes as for a person`()
        async throws
    {
        try await Chromium.browse { browser in
            try await browser.open(Self.page)
            try await browser.field("Your name").fill("Bob's \"x\" ü")
            try await browser.find("#colour").selectOption("blue")
            try await browser.button("Go on").click()
            try await browser.waitFor(text: "went on")
            try await browser.waitUntilGone(text: "with script")

            #expect(try await browser.title() == "Try")
            #expect(try await browser.find("#name").value() == "Bob's \"x\" ü")
            #expect(try await browser.find("#colour").value() == "blue")
            #expect(try await browser.find("#go").accessibleName() == "Go on")
            #expect(try await browser.find("#go").role() == "button")
            #expect(try await browser.find("#go").attribute("disabled") == nil)
            #expect(try await browser.find("h1").text() == "Hello Alice's \"night\"")
            #expect(try await browser.waitFor(text: "Hello Alice's \"night\"").isDisplayed())
            #expect(try await browser.findAll("option").count == 2)
            #expect(try await browser.findAll("video").isEmpty)
        }
    }

    @Test func `given elements that a page replaced meanwhile, when they are used, then those in their places are`()
        async throws
    {
        try await Chromium.browse { browser in
            try await browser.open(Self.page)
            let (name, colour) = try await (browser.find("#name"), browser.find("#colour"))
            let label = try #require(try await browser.findAll("label").last)
            let _: Bool = try await browser.executeScript(
                "for (const old of document.querySelectorAll('label, input')) old.replaceWith(old.cloneNode(true));"
                    + "return true")

            try await name.fill("Bob")
            try await colour.selectOption("blue")
            #expect(try await name.value() == "Bob")
            #expect(try await colour.value() == "blue")
            #expect(try await label.text().contains("Colour"))
        }
    }

    @Test func `given a browser without JavaScript, then the page's script does not run and the tests still see it`()
        async throws
    {
        try await Chromium.browse(.init(isJavaScriptOn: false)) { browser in
            try await browser.open(Self.page)
            try await browser.waitFor(text: "without script")
            try await browser.field("Your name").fill("Bob")

            #expect(try await browser.find("#state").text() == "without script")
            #expect(try await browser.find("#name").value() == "Bob")
        }
    }

    @Test func `given a dark phone, then the page is asked for that and a picture shows it`() async throws {
        var options = Chromium.Options.phone
        options.isDark = true
        try await Chromium.browse(options) { browser in
            let picture = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).png")
            defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: picture) } }
            try await browser.open(Self.page)
            try await browser.screenshot(to: picture)

            let colour: String = try await browser.executeScript(
                "return getComputedStyle(document.body).backgroundColor")
            let width: Int = try await browser.executeScript("return window.innerWidth")
            #expect(colour == "rgb(0, 0, 0)")
            #expect(width == 390)
            #expect(try Data(contentsOf: picture).starts(with: [0x89, 0x50, 0x4E, 0x47]))
        }
    }

    @Test func `given no network, then the page says that it is offline until it is back`() async throws {
        try await Chromium.browse { browser in
            try await browser.open(Self.page)
            try await browser.setNetwork(isOn: false)
            #expect(try await browser.executeScript("return navigator.onLine") == false)

            try await browser.setNetwork(isOn: true)
            #expect(try await browser.executeScript("return navigator.onLine") == true)
        }
    }
}
