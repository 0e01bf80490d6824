import Integrations

/// One integration: what to do on both sides, how its requests are read, what it can do.
struct IntegrationGuidePage: HTMLPage {
    static let template = "guide-integration"
    let frame: Frame
    let name: String
    let newLink: String
    let steps: [IntegrationStep]
    let facts: [Fact]
    let note: String?
    let signing: String?
    let features: [AlertSourcePage.Feature]
    let isMail: Bool

    struct Fact {
        let name: String
        let text: String
    }

    init(_ entry: IntegrationCatalog.Entry, _ facts: IntegrationFacts, publicURL: String, frame: Frame) {
        self.frame = frame
        name = entry.name
        newLink = Links.newSource + "?type=\(entry.type)&step=type"
        isMail = entry.kind.isMail
        let url = isMail ? "your-source@your.domain" : "\(publicURL)/api/v1/events/\(entry.path)/YOUR-KEY"
        steps = IntegrationStep.steps(for: entry.type, key: "YOUR-KEY", name: entry.name, url: url)
        self.facts = facts.list.map { Fact(name: $0.name, text: $0.text) }
        note = facts.note
        signing = entry.signing.isEmpty ? nil : entry.signing
        features = IntegrationKind.Feature.allCases.map { feature in
            AlertSourcePage.Feature(
                name: feature.name, isThere: feature == .templates || entry.kind.features.contains(feature))
        }
    }
}

extension IntegrationFacts {
    /// What there is to say, in its order.
    var list: [(name: String, text: String)] {
        [
            ("Raises an alert", raises), ("Resolves it", resolves), ("Accepts it", accepts),
            ("Does nothing", ignores), ("Alert key", key),
        ].compactMap { name, text in text.map { (name, $0) } }
    }
}

extension IntegrationCatalog.Entry {
    /// What proves that a request is the tool's own; empty: nothing of its own.
    var signing: String { kind.signature?.header ?? (isAmazon ? "Amazon's certificate" : "") }
}
