import AsyncHTTPClient
public import Foundation

/// A headless Chromium of a test's own, driven as a person would: pages, labels, buttons, texts.
///
/// Whatever looks for something waits for it, at most `patience`; the driver itself does the waiting. No name outside
/// this machine resolves, so a page that wants an asset from elsewhere is seen to.
public final class Chromium: Sendable {
    public struct Options: Sendable {
        public var isJavaScriptOn = true
        public var isDark = false
        public var width = 1280
        public var height = 900

        public init(isJavaScriptOn: Bool = true, isDark: Bool = false, width: Int = 1280, height: Int = 900) {
            self.isJavaScriptOn = isJavaScriptOn
            self.isDark = isDark
            self.width = width
            self.height = height
        }

        public static let phone = Options(width: 390, height: 844)
    }

    /// How long a search waits for what it looks for.
    public static let patience: Duration = .seconds(15)

    let driver: WebDriver
    private let server: ChildProcess
    private let address: String
    /// What driver and browser leave lying about.
    private let folder: URL

    /// Starts a browser, hands it to `body` and closes it whatever happens.
    public static func browse<Result>(
        _ options: Options = Options(), _ body: (Chromium) async throws -> Result
    ) async throws -> Result {
        let browser = try await Chromium(options)
        do {
            let result = try await body(browser)
            await browser.quit()
            return result
        } catch {
            await browser.quit()
            throw error
        }
    }

    private init(_ options: Options) async throws {
        // Short, whatever TMPDIR says: the browser puts a socket below it, whose path may have 107 bytes.
        folder = URL(filePath: "/tmp/nightbell-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let line: String
        (server, line) = try await Self.startDriver(in: folder)
        address = "http://127.0.0.1:\(line.filter(\.isNumber))"
        driver = try await WebDriver(server: address, capabilities: Capabilities(options))
        try await driver.post("/timeouts", ["implicit": Int(Self.patience / .milliseconds(1))])
        try await setScreen(width: options.width, height: options.height)
        if options.isDark { try await setDark() }
    }

    private static let driverPath = "/usr/bin/chromedriver"
    /// A driver takes its port twice, for IPv4 and for IPv6, and ends when somebody else has it by then.
    /// Source: https://github.com/vaadin/flow/pull/13090, read 2026-11-29.
    private static let driverStarts = 3

    /// - Returns: the driver, and the line that tells its port.
    private static func startDriver(in folder: URL) async throws -> (ChildProcess, String) {
        for number in 1... {
            let driver = try ChildProcess(driverPath, ["--port=0"], environment: ["TMPDIR": folder.path()])
            do {
                return (driver, try await driver.waitForLine(containing: "started successfully on port"))
            } catch let error as ChildProcess.NotSeen {
                guard number < driverStarts, error.description.contains("before the program ended") else { throw error }
            }
        }
        preconditionFailure("an endless count ends")
    }

    public func open(_ url: String) async throws { try await driver.post("/url", ["url": url]) }
    public func reload() async throws { try await driver.post("/refresh") }
    public func back() async throws { try await driver.post("/back") }

    /// The address of the page on show.
    public func url() async throws -> String { try await driver.get("/url") }
    public func title() async throws -> String { try await driver.get("/title") }
    public func source() async throws -> String { try await driver.get("/source") }

    /// The first element that the selector finds.
    public func find(_ css: String) async throws -> Element { try await find(.css(css)) }

    /// The innermost element with this text in it, in the page's source; not necessarily visible.
    @discardableResult
    public func waitFor(text: String) async throws -> Element { try await find(.text(text)) }

    /// Waits until the text is nowhere on the page.
    public func waitUntilGone(text: String) async throws { _ = try await find(.pageWithout(text)) }

    /// The form field that this label is for.
    public func field(_ label: String) async throws -> Element { try await find(.field(label)) }

    /// The button or link that says exactly this.
    public func button(_ name: String) async throws -> Element { try await find(.button(name)) }

    /// All elements that the selector finds now, without waiting.
    public func findAll(_ css: String) async throws -> [Element] {
        let found: [Element.Reference] = try await WebDriver.onStandingPage { _ in
            try await executeScript("return Array.from(document.querySelectorAll(arguments[0]))", [css])
        }
        return found.indices.map { index in
            Element(driver: driver, id: found[index].id) { [self] in
                let again = try await findAll(css)
                guard again.indices.contains(index) else { throw NotOnThePage(css: css, index: index) }
                return again[index]
            }
        }
    }

    /// The page that followed has fewer of what the selector finds.
    struct NotOnThePage: Error {
        let css: String
        let index: Int
    }

    /// Runs the body of a function in the page; even when pages may not run scripts of their own.
    public func executeScript<Value: Decodable & Sendable>(
        _ script: String, _ arguments: [String] = [], as type: Value.Type = Value.self
    ) async throws -> Value {
        try await driver.post("/execute/sync", Script(script: script, args: arguments))
    }

    /// Gives the page a screen of this size; a narrow one is a phone's.
    public func setScreen(width: Int, height: Int) async throws {
        try await command(
            "Emulation.setDeviceMetricsOverride", Screen(width: width, height: height, mobile: width < 600))
    }

    /// Cuts the page off from the server, or connects it again.
    public func setNetwork(isOn: Bool) async throws {
        try await command("Network.enable", WebDriver.Nothing())
        try await command("Network.emulateNetworkConditions", NetworkConditions(offline: !isOn))
    }

    /// Writes a picture of the window, as a PNG.
    public func screenshot(to file: URL) async throws {
        let encoded: String = try await driver.get("/screenshot")
        guard let picture = Data(base64Encoded: encoded) else { throw CocoaError(.fileReadCorruptFile) }
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try picture.write(to: file)
    }

    private func quit() async {
        do {
            try await driver.end()
            try await WebDriver.shutDown(server: address)
            try await server.waitForExit(within: .seconds(5))
        } catch {
            server.send(signal: SIGKILL)
        }
        // Left behind, it is in nobody's way.
        try? FileManager.default.removeItem(at: folder)
    }

    private func find(_ place: Locator) async throws -> Element {
        let look: @Sendable () async throws -> Element = { [driver] in
            let found: Element.Reference = try await driver.post("/element", place)
            return Element(driver: driver, id: found.id)
        }
        var element = try await WebDriver.onStandingPage { _ in try await look() }
        element.refind = look
        return element
    }

    private func setDark() async throws {
        let feature = ["name": "prefers-color-scheme", "value": "dark"]
        try await command("Emulation.setEmulatedMedia", ["features": [feature]])
    }

    /// A command of the browser's own protocol.
    private func command(_ name: String, _ parameters: some Encodable & Sendable) async throws {
        let _: WebDriver.Nothing = try await driver.post("/goog/cdp/execute", Command(cmd: name, params: parameters))
    }
}

private struct Command<Parameters: Encodable & Sendable>: Encodable, Sendable {
    var cmd: String
    var params: Parameters
}

private struct Screen: Encodable, Sendable {
    var width: Int
    var height: Int
    var deviceScaleFactor = 1
    var mobile: Bool
}

private struct NetworkConditions: Encodable, Sendable {
    var offline: Bool
    var latency = 0
    var downloadThroughput = -1
    var uploadThroughput = -1
}

private struct Script: Encodable, Sendable {
    var script: String
    var args: [String]
}

/// What the driver is asked for at the start.
private struct Capabilities: Encodable, Sendable {
    struct Chrome: Encodable, Sendable {
        var binary = "/usr/bin/chromium"
        var args: [String]
    }

    var browserName = "chrome"
    var chrome: Chrome

    enum CodingKeys: String, CodingKey {
        case browserName
        case chrome = "goog:chromeOptions"
    }

    init(_ options: Chromium.Options) {
        var arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--lang=en-GB",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        ]
        if !options.isJavaScriptOn { arguments.append("--blink-settings=scriptEnabled=false") }
        chrome = Chrome(args: arguments)
    }
}
