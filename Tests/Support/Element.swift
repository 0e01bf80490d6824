/// Something on a page.
public struct Element: Sendable {
    let driver: WebDriver
    let id: String
    /// Looks for it again, when it was found on a page that was just being left; `nil`: it is not looked for.
    var refind: (@Sendable () async throws -> Element)?

    /// As the driver writes one.
    struct Reference: Codable, Sendable {
        var id: String

        enum CodingKeys: String, CodingKey {
            /// The name that the standard gives to element references.
            case id = "element-6066-11e4-a52e-4f735466cecf"
        }
    }

    /// What a reader sees of its text.
    public func text() async throws -> String { try await read("/text") }

    public func isDisplayed() async throws -> Bool { try await read("/displayed") }
    public func isEnabled() async throws -> Bool { try await read("/enabled") }
    /// Whether a box is ticked or an option chosen.
    public func isSelected() async throws -> Bool { try await read("/selected") }

    /// `nil`: it has no such attribute.
    public func attribute(_ name: String) async throws -> String? { try await read("/attribute/\(name)") }

    /// The value that a field holds now.
    public func value() async throws -> String { try await read("/property/value") }

    /// Its name and role as assistive technology is told them.
    public func accessibleName() async throws -> String { try await read("/computedlabel") }
    public func role() async throws -> String { try await read("/computedrole") }

    /// Scrolls to it and clicks; a click that loads a page returns when it is loaded.
    public func click() async throws { try await fresh { try await driver.post($0.path("/click")) } }

    /// Types at the end of what is there.
    public func type(_ text: String) async throws {
        try await fresh { try await driver.post($0.path("/value"), ["text": text]) }
    }

    public func clear() async throws { try await fresh { try await driver.post($0.path("/clear")) } }

    /// Clears a field and types.
    public func fill(_ text: String) async throws {
        try await clear()
        try await type(text)
    }

    /// Chooses the option of a list that reads so.
    public func selectOption(_ text: String) async throws {
        try await fresh { list in
            let found: Reference = try await driver.post(list.path("/element"), Locator.option(text))
            try await Element(driver: driver, id: found.id).click()
        }
    }

    private func read<Value: Decodable & Sendable>(_ command: String) async throws -> Value {
        try await fresh { try await driver.get($0.path(command)) }
    }

    /// Gives a command to this element, or to the one that has taken its place meanwhile.
    private func fresh<Result>(_ body: (Element) async throws -> Result) async throws -> Result {
        guard let refind else { return try await body(self) }
        return try await WebDriver.onStandingPage { isAgain in try await body(isAgain ? refind() : self) }
    }

    private func path(_ command: String) -> String { "/element/\(id)" + command }
}

/// How to find something on a page.
struct Locator: Encodable, Sendable {
    var using: String
    var value: String

    static func css(_ selector: String) -> Locator { Locator(using: "css selector", value: selector) }

    static func text(_ text: String) -> Locator {
        let holds = "contains(normalize-space(.), \(quoted(text)))"
        return xpath("//body//*[not(self::script or self::style)][\(holds)][not(*[\(holds)])]")
    }

    /// The whole page, once no piece of its text holds `text`.
    static func pageWithout(_ text: String) -> Locator {
        let visible = "not(ancestor::script or ancestor::style)"
        return xpath("//body[not(.//text()[\(visible)][contains(normalize-space(.), \(quoted(text)))])]")
    }

    static func field(_ label: String) -> Locator {
        let label = "label[normalize-space(.) = \(quoted(label))]"
        return xpath("//*[@id = //\(label)/@for] | //\(label)//*[self::input or self::select or self::textarea]")
    }

    static func button(_ name: String) -> Locator {
        let name = quoted(name)
        let says = "[normalize-space(.) = \(name) or @aria-label = \(name)]"
        return xpath("//button\(says) | //a\(says) | //summary\(says) | //input[@type = 'submit'][@value = \(name)]")
    }

    static func option(_ text: String) -> Locator { xpath(".//option[normalize-space(.) = \(quoted(text))]") }

    private static func xpath(_ path: String) -> Locator { Locator(using: "xpath", value: path) }

    /// The language has no escapes: a text with both kinds of quotes is put together from pieces.
    private static func quoted(_ text: String) -> String {
        if !text.contains("'") { return "'\(text)'" }
        if !text.contains("\"") { return "\"\(text)\"" }
        return "concat("
            + text.split(separator: "'", omittingEmptySubsequences: false).map { "'\($0)'" }
            .joined(separator: ", \"'\", ") + ")"
    }
}
