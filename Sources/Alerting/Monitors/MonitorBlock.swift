/// The members of a kind's block; null is as good as absent.
struct MonitorBlock {
    private let name: String
    private let value: JSONValue?

    init(_ name: String, _ value: JSONValue?) {
        self.name = name
        self.value = value
    }

    private func member(_ field: String) -> JSONValue? {
        value?[field].flatMap { $0.isNull ? nil : $0 }
    }

    private func wrong(_ field: String, _ sentence: String) -> Failure { .field("\(name).\(field)", sentence) }

    func text(_ field: String, limit: Int) throws(Failure) -> String? {
        guard let value = member(field) else { return nil }
        guard let text = value.string else { throw wrong(field, "must be a text.") }
        guard text.utf8.count <= limit else { throw wrong(field, "may have at most \(limit) bytes.") }
        return text
    }

    func texts(_ field: String, most: Int, limit: Int) throws(Failure) -> [String] {
        guard let value = member(field) else { return [] }
        guard let items = value.array, items.count <= most else {
            throw wrong(field, "must be a list of at most \(most) texts.")
        }
        var texts: [String] = []
        for item in items {
            guard let text = item.string, (1...limit).contains(text.utf8.count) else {
                throw wrong(field, "must be texts of 1 to \(limit) bytes.")
            }
            texts.append(text)
        }
        return texts
    }

    func bool(_ field: String) throws(Failure) -> Bool? {
        guard let value = member(field) else { return nil }
        guard let isTrue = value.bool else { throw wrong(field, "must be true or false.") }
        return isTrue
    }

    func integer(_ field: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
        guard let value = member(field) else { return nil }
        guard let number = value.integer, let exact = Int(exactly: number), range.contains(exact) else {
            throw wrong(field, "must be \(range.lowerBound) to \(range.upperBound).")
        }
        return exact
    }

    func headers() throws(Failure) -> [HTTPCheck.Header] {
        try MonitorHeaders.read(member("headers"), "\(name).headers")
    }

    /// The steps of a journey: `[{"action","selector","value"}]`.
    func steps() throws(Failure) -> [JourneyCheck.Step] {
        guard let items = member("steps")?.array, (1...50).contains(items.count) else {
            throw wrong("steps", "must be a list of 1 to 50 objects {\"action\", \"selector\", \"value\"}.")
        }
        var steps: [JourneyCheck.Step] = []
        for (index, item) in items.enumerated() {
            let (selector, value) = (item["selector"]?.string ?? "", item["value"]?.string ?? "")
            guard selector.utf8.count <= Limits.monitorText, value.utf8.count <= Limits.monitorTarget else {
                throw wrong("steps[\(index)]", "is too long.")
            }
            switch item["action"]?.string?.uppercased() {
            case "OPEN" where value.hasPrefix("http://") || value.hasPrefix("https://"): steps.append(.open(url: value))
            case "CLICK" where !selector.isEmpty: steps.append(.click(selector: selector))
            case "FILL" where !selector.isEmpty: steps.append(.fill(selector: selector, text: value))
            case "EXPECT" where !selector.isEmpty || !value.isEmpty:
                steps.append(.expect(selector: selector, text: value))
            default:
                throw wrong(
                    "steps[\(index)]",
                    "must be OPEN with a URL as value, CLICK or FILL with a selector, EXPECT with one of them."
                )
            }
        }
        return steps
    }
}

extension JourneyCheck.Step {
    /// As it is on the wire.
    public var json: JSONValue {
        func object(_ action: String, _ selector: String?, _ value: String?) -> JSONValue {
            var members: [String: JSONValue] = ["action": .string(action)]
            members["selector"] = selector.map(JSONValue.string)
            members["value"] = value.map(JSONValue.string)
            return .object(members)
        }
        return switch self {
        case .open(let url): object("OPEN", nil, url)
        case .click(let selector): object("CLICK", selector, nil)
        case .fill(let selector, let text): object("FILL", selector, text)
        case .expect(let selector, let text): object("EXPECT", selector, text)
        }
    }

    /// For a person who reads why it stopped there.
    public var words: String {
        switch self {
        case .open(let url): "open \(url)"
        case .click(let selector): "click \(selector)"
        case .fill(let selector, _): "fill \(selector)"
        case .expect("", let text): "expect “\(text)”"
        case .expect(let selector, ""): "expect \(selector)"
        case .expect(let selector, let text): "expect “\(text)” in \(selector)"
        }
    }
}
