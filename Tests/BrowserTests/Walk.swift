import Foundation
import TestSupport

/// What a person does in the browser, step by step, by the words that they read.
struct Walk {
    let browser: Chromium
    let server: RunningServer

    static func failing(_ label: String = "Home") -> String { payload("failing", label) }
    static func passing(_ label: String = "Home") -> String { payload("passing", label) }

    /// RapidSpike's guessed body, as in the fixtures.
    private static func payload(_ state: String, _ label: String) -> String {
        """
        {"status": "\(state)", "message": "Shop - \(label) is \(state)",
         "monitor": {"uuid": "67f71e26-6d76-4d6b-9b6b-\(label)", "type": "http", "label": "\(label)", "target": "/"},
         "website": {"uuid": "30031b9b-5df8-4b19-8dfe-17bf5bac7654", "label": "Shop",
                     "domain_name": "https://shop.example.com"}}
        """
    }

    func signIn() async throws {
        try await browser.open(server.url + "/sign-in")
        try await browser.field("Email address").fill(RunningServer.email)
        try await browser.field("Password").fill(RunningServer.password)
        try await browser.button("Sign in").click()
        _ = try await browser.find(".signed-in")
    }

    /// The one-time link on standard output, and the form behind it.
    func setUp() async throws {
        let line = try await server.process.waitForLine(containing: "/setup/")
        let link = line.split(separator: " ").first { $0.contains("/setup/") } ?? ""
        try await browser.open(String(link))
        try await browser.field("First name").fill("Alice")
        try await browser.field("Last name").fill("Archer")
        try await browser.field("Email address").fill(RunningServer.email)
        try await browser.field("Password").fill(RunningServer.password)
        try await browser.button("Set up Nightbell").click()
        try await browser.waitFor(text: "Connect your first monitoring tool")
    }

    /// From the empty list of alerts through the wizard to the alert source's page.
    ///
    /// - Returns: the path of the URL to give to RapidSpike.
    func createSource(named name: String = "Shop") async throws -> String {
        try await browser.open(server.url + "/alert-sources")
        try await browser.button("Create new alert source").click()
        try await browser.find("input[value=RAPIDSPIKE]").click()
        try await browser.button("Next").click()
        try await browser.field("Name").fill(name)
        try await browser.button("Next").click()
        try await browser.waitFor(text: "Generate a new escalation policy")
        try await browser.button("Next").click()
        try await browser.button("Continue setup").click()
        try await browser.waitFor(text: "Notification priority")
        try await browser.button("Finish setup").click()
        return try await sourcePath()
    }

    /// What the page of an alert source says is to be pasted.
    func sourcePath() async throws -> String {
        let url = try await browser.find("#url").value()
        return String(url.dropFirst(server.url.count))
    }

    func post(_ body: String, to path: String) async throws {
        let answer = try await server.client.post(path, json: body)
        guard (200..<300).contains(answer.status) else { throw Refused(status: answer.status) }
    }

    struct Refused: Error { let status: Int }

    /// Whether nothing on the page is wider than the screen.
    func fits() async throws -> Bool {
        try await browser.executeScript("return document.documentElement.scrollWidth <= window.innerWidth")
    }

    /// Presses a key where the focus is.
    func press(_ key: Key) async throws {
        try await browser.find(":focus").type(key.rawValue)
    }

    /// Tabs until the focus is on what the selector finds, and makes sure that one sees where it is.
    func tab(to css: String) async throws {
        for _ in 0..<80 {
            let isThere: Bool = try await browser.executeScript(
                "return document.activeElement.matches(arguments[0])", [css])
            if isThere { return }
            // Looked for at once: between two looks another page may come, on which nothing has the focus yet.
            try await browser.find(":focus, body:not(:has(:focus))").type(Key.tab.rawValue)
        }
        throw NotReached(css: css)
    }

    struct NotReached: Error { let css: String }

    enum Key: String {
        case tab = "\u{E004}"
        case enter = "\u{E007}"
        case space = " "
        case down = "\u{E015}"
    }
}
